// One half leaves and another takes its place.
import type { Scenario } from '../define.ts';
import { consumerThread, producerThread, shifted } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const rePairing: Scenario = defineScenario({
  id: 're-pairing',
  title: 'One half leaves and another takes its place',
  description: 'The half that stays is disconnected, waits, and is connected with the newcomer.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0', 'c1'],
    eventfds: ['e0'],
    threads: {
      t0: [...producerThread('p0', 'e0'), ...shifted(producerThread('p1', 'e0'), 2)],
      t1: [...consumerThread('c0', 'e0'), ...shifted(consumerThread('c1', 'e0'), 2)],
    },
  }),
});
