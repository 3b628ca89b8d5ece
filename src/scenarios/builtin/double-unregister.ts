// Unregistering twice, one call after the other.
import type { Scenario } from '../define.ts';
import { consumerThread, producerThread, registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const doubleUnregister: Scenario = defineScenario({
  id: 'double-unregister',
  title: 'Unregistering twice, one call after the other',
  description: 'The second call finds nothing to do, also when somebody else has taken the eventfd meanwhile.',
  callers: 'vhost-vDPA does: vhost_vdpa_clean_irq() unregisters every queue on release, registered or not.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerProducer('p0', 'e0')), step(unregisterProducer('p0')), step(unregisterProducer('p0'))],
      t1: producerThread('p1', 'e0'),
      t2: consumerThread('c0', 'e0'),
    },
  }),
});
