// A NULL key is accepted.
import type { Mutation } from './mutation.ts';

export const b25: Mutation = {
  id: 'b25',
  title: 'A NULL key is accepted: registered for good',
  source: 'b52f3ed02220 (2016) refused it, 2b521d86ee80 (2025) dropped that with the token',
  policy: { keyOwner: 'manager', nullKey: 'accepted' },
  shown: [{ scenario: 'null-key', revision: 'v2p2', breaks: ['i-leak'], steps: 3 }],
};
