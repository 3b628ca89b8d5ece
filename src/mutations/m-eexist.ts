// A taken key is reported with -EEXIST.
import type { Mutation } from './mutation.ts';

export const mEexist: Mutation = {
  id: 'm-eexist',
  title: 'A taken key is reported with -EEXIST',
  source: 'invented: breaks i-err',
  policy: { busyError: -17 },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['i-err'] }],
};
