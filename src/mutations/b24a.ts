// L1: connect before the store and do not undo when the store fails.
import type { Mutation } from './mutation.ts';

export const b24a: Mutation = {
  id: 'b24a',
  title: 'L1: connect before the store and do not undo when the store fails',
  source: 'Like Xu v1, lore 20230801115646.33990',
  requires: { index: 'xarray' },
  policy: { order: 'connect-first', insertion: 'xa_store', undo: false },
  shown: [{ scenario: 'allocation-failure', revision: 'v2p8', breaks: ['i-notrace', 'i-err'], steps: 10 }],
};
