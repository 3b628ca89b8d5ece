// add_consumer or add_producer fails.
import type { Scenario } from '../define.ts';
import {
  producerThread,
  registerConsumer,
  registerProducer,
  step,
  unregisterConsumer,
  unregisterProducer,
} from '../calls.ts';
import { defineScenario, fallible } from '../define.ts';

export const connectFailure: Scenario = defineScenario({
  id: 'connect-failure',
  title: 'add_consumer or add_producer fails',
  description:
    'The newcomer is refused with the error of the callback and leaves no trace; the other half stays registered and can be paired later.',
  parameters: {},
  script: () => ({
    producers: [fallible('p0'), 'p1'],
    consumers: [fallible('c0')],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerProducer('p0', 'e0')), step(unregisterProducer('p0'))],
      t1: [step(registerConsumer('c0', 'e0')), step(unregisterConsumer('c0'))],
      t2: producerThread('p1', 'e0'),
    },
  }),
});
