// unregister does not clear the key.
import type { Mutation } from './mutation.ts';

export const mKeepKey: Mutation = {
  id: 'm-keep-key',
  title: 'unregister does not clear the key',
  source: 'invented: breaks i-keysync',
  policy: { clearKey: false },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-keysync'] }],
};
