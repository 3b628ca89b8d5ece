// Masking INTx by the config space takes no igate: it uses what SET_IRQS takes away.
import { show } from '../engine/actors/effects.ts';
import type { State } from '../engine/actors/chart.ts';
import { set } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import { changeState } from '../engine/actors/machine.ts';
import { returnTo } from '../machines/kernel/call.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import type { IntxContext, IntxMessage } from '../machines/vfio/vfio-intx.ts';
import type { Mutation } from './mutation.ts';

const { on } = handlers<IntxContext, IntxMessage>();

/** In whatever state SET_IRQS is. */
const takesNoLock = (chart: State): State =>
  changeState(chart, 'ioctl', (ioctl) => ({
    ...ioctl,
    states: Object.fromEntries(
      Object.entries(ioctl.states ?? {}).map(([name, state]) => [
        name,
        {
          ...state,
          on: { ...state.on, intx_mask: { actions: 'maskUnlocked' } },
          waits: (state.waits ?? []).filter((type) => type !== 'intx_mask'),
        },
      ]),
    ),
  }));

export const b12b: Mutation = {
  id: 'b12b',
  title: 'Masking INTx by the config space takes no igate: it uses what SET_IRQS frees',
  source: 'CVE-2024-26810',
  patches: {
    'vfio-intx': () => ({
      handlers: {
        maskUnlocked: on('intx_mask', ({ context: { self, enabled }, event }) => [
          enabled
            ? set<IntxContext>({ masked: true })
            : show<Observation>({ kind: 'use-after-free', object: self, what: 'vfio_pci_irq_ctx' }),
          returnTo(event.caller, null),
        ]),
      },
      chart: takesNoLock,
    }),
  },
  shown: [{ scenario: 'intx-swap', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 25 }],
};
