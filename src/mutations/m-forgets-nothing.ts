// A disconnect clears no binding, unregister no key: a second one runs the callbacks again.
import type { Mutation } from './mutation.ts';

export const mForgetsNothing: Mutation = {
  id: 'm-forgets-nothing',
  title: 'A disconnect clears no binding, unregister no key: a second one runs the callbacks again',
  source: 'invented: breaks i-idemp',
  policy: { unbind: 'none', clearKey: false },
  shown: [{ scenario: 'double-unregister', revision: 'v2p8', breaks: ['i-idemp'] }],
};
