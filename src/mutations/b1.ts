// irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory.
import { set } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd.ts';
import { leaveCallback } from '../machines/kvm/irqfd.ts';
import type { Mutation } from './mutation.ts';

export const b1: Mutation = {
  id: 'b1',
  title: 'irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory',
  source: 'Fixes 77e1b8332d1d; leixiang, 2026-06 (20260622075103.35164-1)',
  patches: {
    irqfd: () => ({
      handlers: {
        addFailed: handlers<IrqfdContext, IrqfdMessage>().on('affinity_set.add_producer', ({ context, event }) => [
          // The pointer is left.
          set<IrqfdContext>({ peer: null, vcpu: null }),
          ...leaveCallback(context, 'add_producer', event.value),
        ]),
      },
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-archptr', 'i-nocorrupt'] }],
};
