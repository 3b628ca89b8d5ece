// A disconnect clears only the binding of the object that is unregistered.
import type { Mutation } from './mutation.ts';

export const mUnbindOwn: Mutation = {
  id: 'm-unbind-own',
  title: 'A disconnect clears only the binding of the object that is unregistered',
  source: 'invented: breaks i-pairsym',
  policy: { unbind: 'own' },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-pairsym'] }],
};
