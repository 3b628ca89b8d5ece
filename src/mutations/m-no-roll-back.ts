// A failing add_producer does not roll add_consumer back.
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const mNoRollBack: Mutation = {
  id: 'm-no-roll-back',
  title: 'A failing add_producer does not roll add_consumer back',
  source: 'invented: breaks i-adddel',
  patches: {
    registry: () => ({
      chart: (chart) =>
        changeTransitions(chart, 'locked.connecting.addProducer', 'callback_return', (transitions) =>
          transitions.map((one) => (one.guard === 'answersError' ? { ...one, target: 'startConsumer' } : one)),
        ),
    }),
  },
  shown: [{ scenario: 'connect-failure', revision: 'v2p8', breaks: ['i-adddel'], steps: 10 }],
};
