// A disconnect calls del_consumer before del_producer.
import type { Mutation } from './mutation.ts';

export const mDelConsumerFirst: Mutation = {
  id: 'm-del-consumer-first',
  title: 'A disconnect calls del_consumer before del_producer',
  source: 'invented: breaks i-order',
  policy: { delOrder: 'consumer-then-producer' },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
