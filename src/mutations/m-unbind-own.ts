// A disconnect clears only the binding of the object that is unregistered.
import { sideOf } from '../machines/manager/protocol.ts';
import { bind, operation } from '../registry/critical-section.ts';
import { inCriticalSection } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const mUnbindOwn: Mutation = {
  id: 'm-unbind-own',
  title: 'A disconnect clears only the binding of the object that is unregistered',
  source: 'invented: breaks i-pairsym',
  requires: { binding: 'used' },
  patches: {
    registry: () => ({
      handlers: {
        unbindOwn: inCriticalSection((handled) => {
          const own = sideOf(operation(handled.context).op) === 'producers' ? 'producer' : 'consumer';
          bind(handled, false, [own]);
          return [];
        }),
      },
      chart: (chart) =>
        changeTransitions(chart, 'locked.disconnected', 'always', (transitions) =>
          transitions.map((one) => ({ ...one, actions: 'unbindOwn' })),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-pairsym'], steps: 18 }],
};
