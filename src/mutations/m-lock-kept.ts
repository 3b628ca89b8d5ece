// A failing registration returns without giving the mutex back.
import type { Mutation } from './mutation.ts';

export const mLockKept: Mutation = {
  id: 'm-lock-kept',
  title: 'A failing registration returns without giving the mutex back',
  source: 'invented: breaks l-term',
  policy: { unlockOnError: false },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['l-term', 'l-unlock'] }],
};
