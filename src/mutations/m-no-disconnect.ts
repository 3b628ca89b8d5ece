// unregister forgets to disconnect.
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const mNoDisconnect: Mutation = {
  id: 'm-no-disconnect',
  title: 'unregister forgets to disconnect',
  source: 'invented: breaks i-pairkey',
  patches: {
    registry: () => ({
      chart: (chart) =>
        changeTransitions(chart, 'locked.finding', 'always', (transitions) =>
          transitions.filter(({ guard }) => guard !== 'isPaired'),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-pairkey'], steps: 12 }],
};
