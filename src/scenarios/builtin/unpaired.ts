// A producer and a consumer on different eventfds.
import type { Scenario } from '../define.ts';
import { consumerThread, producerThread } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const unpaired: Scenario = defineScenario({
  id: 'unpaired',
  title: 'A producer and a consumer on different eventfds',
  description: 'Nothing connects, no callback runs.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0', 'e1'],
    threads: { t0: producerThread('p0', 'e0'), t1: consumerThread('c0', 'e1') },
  }),
});
