// The mutex is given back before the last start callback has run.
import { changeState } from '../engine/actors/machine.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { RegistryMessage } from '../machines/manager/protocol.ts';
import type { RegistryContext } from '../registry/critical-section.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions, inTurn } from './patching.ts';

export const mStartNotAwaited: Mutation = {
  id: 'm-start-not-awaited',
  title: 'The mutex is given back before the last start callback has run',
  source: 'invented: breaks i-serial',
  patches: {
    registry: () => ({
      handlers: { ignore: handlers<RegistryContext, RegistryMessage>().on('callback_return', () => []) },
      chart: (chart) =>
        inTurn(
          chart,
          (one) =>
            changeState(one, 'locked.connecting.startProducer', ({ entry = [] }) => ({
              entry,
              always: { target: 'started' },
            })),
          (one) => changeTransitions(one, 'unlocked', 'callback_return', () => [{ actions: 'ignore' }]),
          (one) =>
            one.states?.['corrupted'] === undefined
              ? one
              : changeTransitions(one, 'corrupted', 'callback_return', () => [{ actions: 'ignore' }]),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-serial'], steps: 9 }],
};
