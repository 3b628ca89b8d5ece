// A failing add_producer does not roll add_consumer back.
import type { Mutation } from './mutation.ts';

export const mNoRollBack: Mutation = {
  id: 'm-no-roll-back',
  title: 'A failing add_producer does not roll add_consumer back',
  source: 'invented: breaks i-adddel',
  policy: { rollBack: false },
  shown: [{ scenario: 'connect-failure', revision: 'v2p8', breaks: ['i-adddel'] }],
};
