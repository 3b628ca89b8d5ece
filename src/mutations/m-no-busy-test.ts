// A second object with the same key is accepted.
import type { Mutation } from './mutation.ts';

export const mNoBusyTest: Mutation = {
  id: 'm-no-busy-test',
  title: 'A second object with the same key is accepted',
  source: 'invented: breaks i-uniq',
  policy: { busyTest: false },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p6', breaks: ['i-uniq'] }],
};
