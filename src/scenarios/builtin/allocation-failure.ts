// Node allocations fail during registration.
import type { Scenario } from '../define.ts';
import { go, registerConsumer, registerProducer, step, unregisterConsumer, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const allocationFailure: Scenario = defineScenario({
  id: 'allocation-failure',
  title: 'Node allocations fail during registration',
  description: 'A registration that cannot allocate returns -ENOMEM before any callback runs and can be tried again.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0'],
    allocationFaults: true,
    threads: {
      t0: [go(step(registerProducer('p0', 'e0')), { error: 0 }), step(unregisterProducer('p0'))],
      t1: [go(step(registerConsumer('c0', 'e0')), { error: 0 }), step(unregisterConsumer('c0'))],
    },
  }),
});
