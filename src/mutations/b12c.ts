// A signal of INTx by hand does not look whether there is a trigger.
import { call, show } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import type { IntxContext, IntxMessage } from '../machines/vfio/vfio-intx.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b12c: Mutation = {
  id: 'b12c',
  title: 'VFIO_IRQ_SET_DATA_NONE signals the trigger of INTx without looking whether there is one',
  source: 'CVE-2024-26812: a NULL context once the eventfd was deconfigured',
  patches: {
    'vfio-intx': (machine) => ({
      sends: ['return.ioctl'],
      guards: {
        loops: handlers<IntxContext, IntxMessage>().whenever(({ context }) => context.doing === 'intx_loopback'),
      },
      handlers: {
        signalByHand: changed(machine, 'signalByHand', (effects, { context }) => {
          const { self, trigger } = context as IntxContext;
          if (trigger !== null) return effects;
          return [
            show<Observation>({ kind: 'oops', what: 'eventfd_signal(NULL)' }),
            call(self, { type: 'return.ioctl', value: null }),
          ];
        }),
      },
    }),
  },
  shown: [{ scenario: 'intx-swap', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 23 }],
};
