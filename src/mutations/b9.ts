// irqfd_shutdown() does not wait for KVM_IRQFD, which holds neither the file nor a read section that counts.
import { call } from '../engine/actors/effects.ts';
import type { Machine, Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const doesNotWait = (machine: Machine): Patch => ({
  handlers: {
    // The file may be released in the middle of it.
    allocate: changed(machine, 'allocate', (effects) =>
      effects.map((effect) => {
        if (effect.do !== 'call' || effect.message.type !== 'eventfd_ctx_fdget') return effect;
        const { pins: _pins, ...message } = effect.message as { readonly type: string; readonly pins?: true };
        return { ...effect, message };
      }),
    ),
    putFile: changed(machine, 'putFile', (_, { context }) => [
      call((context as IrqfdContext).self, { type: 'return.assign', value: 0 }),
    ]),
    // No grace period.
    synchronize: changed(machine, 'synchronize', (effects, { context }) =>
      effects.map((effect) =>
        effect.do === 'call' ? call((context as IrqfdContext).self, { type: 'return.shutdown', value: null }) : effect,
      ),
    ),
  },
});

export const b9: Mutation = {
  id: 'b9',
  title: 'The shutdown job does not wait for KVM_IRQFD: EPOLLHUP frees the irqfd under it',
  source: '9432a3175770 (2018) fixed it',
  patches: { irqfd: doesNotWait, 'irqfd-svm': doesNotWait, 'irqfd-arm64': doesNotWait, 'irqfd-powerpc': doesNotWait },
  shown: [{ scenario: 'deassign-hup', revision: 'v2p8', breaks: ['i-noshut'], steps: 11 }],
};
