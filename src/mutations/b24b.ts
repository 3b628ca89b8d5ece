// L2: store before the connect and do not erase when the connect fails.
import type { Mutation } from './mutation.ts';

export const b24b: Mutation = {
  id: 'b24b',
  title: 'L2: store before the connect and do not erase when the connect fails',
  source: 'Like Xu v2, lore 20230802051700.52321',
  requires: { order: 'insert-first', undo: true },
  policy: { undo: false },
  shown: [{ scenario: 'connect-failure', revision: 'v2p8', breaks: ['i-notrace', 'i-leak'], steps: 9 }],
};
