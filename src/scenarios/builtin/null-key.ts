// Registering under a NULL eventfd.
import type { Scenario } from '../define.ts';
import { producerThread } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const nullKey: Scenario = defineScenario({
  id: 'null-key',
  title: 'Registering under a NULL eventfd',
  description:
    'Refused with -EINVAL before v1p3. From v1p3 on nothing tests the key: the producer is entered, but its key reads as not registered, so nobody can ever unregister it (D3.1).',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    eventfds: [],
    threads: { t0: producerThread('p0', null) },
  }),
});
