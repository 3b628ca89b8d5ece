// Producers and consumers without their optional callbacks.
import type { Scenario } from '../define.ts';
import { END, go, producerThread, registerConsumer, step, unregisterConsumer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const optionalCallbacks: Scenario = defineScenario({
  id: 'optional-callbacks',
  title: 'Producers and consumers without their optional callbacks',
  description:
    'Passive producers (as VFIO and vDPA have them), a producer that cannot roll back, a consumer that is never stopped: absent callbacks are skipped, the others keep their order.',
  parameters: {},
  script: () => ({
    producers: [
      { name: 'p0', lacks: ['stop', 'start', 'add_consumer', 'del_consumer'] },
      { name: 'p1', lacks: ['del_consumer'] },
    ],
    consumers: [{ name: 'c0', lacks: ['stop', 'start'], failures: [-5] }],
    eventfds: ['e0'],
    threads: {
      t0: producerThread('p0', 'e0'),
      t1: [go(step(registerConsumer('c0', 'e0')), { error: END }), step(unregisterConsumer('c0'))],
      t2: producerThread('p1', 'e0'),
    },
  }),
});
