// The mutex is given back before the last start callback has run.
import type { Mutation } from './mutation.ts';

export const mStartNotAwaited: Mutation = {
  id: 'm-start-not-awaited',
  title: 'The mutex is given back before the last start callback has run',
  source: 'invented: breaks i-serial',
  policy: { lastStart: 'posted' },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-serial'] }],
};
