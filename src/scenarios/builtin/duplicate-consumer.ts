// Two consumers compete for one eventfd.
import type { Scenario } from '../define.ts';
import { producerThread, registerConsumer, step, unregisterConsumer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const duplicateConsumer: Scenario = defineScenario({
  id: 'duplicate-consumer',
  title: 'Two consumers compete for one eventfd',
  description:
    'The second one gets -EBUSY and must leave no trace, whether it unregisters or not; the winner stays connected.',
  parameters: {},
  script: () => ({
    consumers: ['c0', 'c1'],
    producers: ['p0'],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerConsumer('c0', 'e0')), step(unregisterConsumer('c0'))],
      t1: [step(registerConsumer('c1', 'e0')), step(unregisterConsumer('c1'))],
      t2: producerThread('p0', 'e0'),
    },
  }),
});
