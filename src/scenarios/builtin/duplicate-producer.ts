// Two producers compete for one eventfd.
import type { Scenario } from '../define.ts';
import { consumerThread, registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const duplicateProducer: Scenario = defineScenario({
  id: 'duplicate-producer',
  title: 'Two producers compete for one eventfd',
  description:
    'The second one gets -EBUSY and must leave no trace, whether it unregisters or not; the winner stays connected.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerProducer('p0', 'e0')), step(unregisterProducer('p0'))],
      t1: [step(registerProducer('p1', 'e0')), step(unregisterProducer('p1'))],
      t2: consumerThread('c0', 'e0'),
    },
  }),
});
