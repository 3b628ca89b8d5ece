// Deassign walks the list without the lock, and what it unlinks still looks active.
import { call } from '../engine/actors/effects.ts';
import type { Machine, Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const walksUnlocked = (machine: Machine): Patch => ({
  handlers: {
    lockToDeassign: changed(machine, 'lockToDeassign', (_, { context }) => [
      call((context as IrqfdContext).self, { type: 'return.deassign', value: null }),
    ]),
    deassign: changed(machine, 'deassign', (effects) =>
      effects.flatMap((effect): (typeof effect)[] => {
        if (effect.do === 'call' && effect.message.type === 'spin_unlock_irq') return [];
        if (effect.do !== 'set') return [effect];
        const { active: _active, ...context } = effect.context as { readonly active?: boolean };
        return [{ ...effect, context }];
      }),
    ),
  },
});

export const n8a: Mutation = {
  id: 'n8a',
  title: 'Deassign walks the list without irqfds.lock, and the unlinked irqfd still looks active',
  source: "a4bc97d5bd01 fixed it in Hyper-V's irqfd (2026)",
  patches: {
    irqfd: walksUnlocked,
    'irqfd-svm': walksUnlocked,
    'irqfd-arm64': walksUnlocked,
    'irqfd-powerpc': walksUnlocked,
  },
  shown: [{ scenario: 'deassign-hup', revision: 'v2p8', breaks: ['i-once'], steps: 16 }],
};
