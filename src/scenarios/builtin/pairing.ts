// A producer and a consumer meet on one eventfd, in both orders.
import type { Scenario } from '../define.ts';
import { consumerThread, producerThread } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const pairing: Scenario = defineScenario({
  id: 'pairing',
  title: 'A producer and a consumer meet on one eventfd, in both orders',
  description:
    'Whoever comes second finds the other one and is connected; whoever leaves first disconnects. The textbook case: start here.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: { t0: producerThread('p0', 'e0'), t1: consumerThread('c0', 'e0') },
  }),
});
