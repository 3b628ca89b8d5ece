// A disconnect clears no binding, unregister no key: a second one runs the callbacks again.
import { changeTransitions, inTurn } from './patching.ts';
import { keepsKey } from './m-keep-key.ts';
import type { Mutation } from './mutation.ts';

export const mForgetsNothing: Mutation = {
  id: 'm-forgets-nothing',
  title: 'A disconnect clears no binding, unregister no key: a second one runs the callbacks again',
  source: 'invented: breaks i-idemp',
  requires: { keyOwner: 'manager', binding: 'used' },
  patches: {
    registry: () => ({
      chart: (chart) =>
        inTurn(chart, keepsKey, (one) =>
          changeTransitions(one, 'locked.disconnected', 'always', (transitions) =>
            transitions.map(({ actions: _unbinds, ...transition }) => transition),
          ),
        ),
    }),
  },
  shown: [{ scenario: 'double-unregister', revision: 'v2p8', breaks: ['i-idemp'], steps: 8 }],
};
