// unregister erases at the index that it read before it had the mutex.
import type { Mutation } from './mutation.ts';

export const b29a: Mutation = {
  id: 'b29a',
  title: 'unregister erases at an index that is stale by now: a newcomer is evicted (open on 6.17)',
  source: 'DERIVED: difference D7.5 of 8394b32faecd',
  policy: {
    binding: 'used',
    index: 'xarray',
    insertion: 'xa_insert',
    order: 'insert-first',
    unregisterProducer: 'by-index',
    unregisterConsumer: 'by-index',
    indexRead: 'before-lock',
  },
  shown: [{ scenario: 'double-unregister-race', revision: 'v2p4', breaks: ['i-owner'], steps: 28 }],
};
