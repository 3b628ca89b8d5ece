// unregister forgets to disconnect.
import type { Mutation } from './mutation.ts';

export const mNoDisconnect: Mutation = {
  id: 'm-no-disconnect',
  title: 'unregister forgets to disconnect',
  source: 'invented: breaks i-pairkey',
  policy: { disconnect: false },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-pairkey'] }],
};
