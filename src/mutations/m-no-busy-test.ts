// A second object with the same key is accepted.
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const mNoBusyTest: Mutation = {
  id: 'm-no-busy-test',
  title: 'A second object with the same key is accepted',
  source: 'invented: breaks i-uniq',
  requires: { insertion: 'list_add' },
  patches: {
    registry: () => ({
      chart: (chart) =>
        changeTransitions(chart, 'locked.registering', 'always', (transitions) =>
          transitions.filter(({ actions }) => actions !== 'fail'),
        ),
    }),
  },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p6', breaks: ['i-uniq'], steps: 4 }],
};
