// A failing registration returns without giving the mutex back.
import { changeState } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions, inTurn } from './patching.ts';

export const mLockKept: Mutation = {
  id: 'm-lock-kept',
  title: 'A failing registration returns without giving the mutex back',
  source: 'invented: breaks l-term',
  patches: {
    registry: () => ({
      chart: (chart) =>
        inTurn(
          chart,
          (one) =>
            changeTransitions(one, 'locked.returning', 'always', (transitions) => [
              { guard: 'hasFailed', target: 'forgotten' },
              ...transitions,
            ]),
          // It returned to the caller without giving the mutex back.
          (one) =>
            changeState(one, 'locked', (locked) => ({
              ...locked,
              states: { ...locked.states, forgotten: { entry: 'giveBack' } },
            })),
        ),
    }),
  },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['l-term', 'l-unlock'], steps: 7 }],
};
