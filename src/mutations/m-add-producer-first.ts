// add_producer is called before add_consumer.
import type { Mutation } from './mutation.ts';

export const mAddProducerFirst: Mutation = {
  id: 'm-add-producer-first',
  title: 'add_producer is called before add_consumer',
  source: 'invented: breaks i-order',
  policy: { addOrder: 'producer-then-consumer' },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
