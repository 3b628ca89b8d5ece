// KVM_IRQFD_FLAG_NO_IRQBYPASS, as it is proposed, is ignored.
import type { Patch } from '../engine/actors/machine.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';

const ignoresFlag = (): Patch => ({
  guards: {
    isToBypass: handlers<IrqfdContext, IrqfdMessage>().whenever(
      ({ context, cells }) => cells.constant(context.self, 'has_irq_bypass') === true,
    ),
  },
});

export const mOptOutIgnored: Mutation = {
  id: 'm-opt-out-ignored',
  title: 'An irqfd that opted out of bypass is registered all the same',
  source: 'invented: what the proposed KVM_IRQFD_FLAG_NO_IRQBYPASS promises',
  patches: { irqfd: ignoresFlag, 'irqfd-svm': ignoresFlag, 'irqfd-arm64': ignoresFlag, 'irqfd-powerpc': ignoresFlag },
  shown: [{ scenario: 'opt-out', revision: 'v2p8', breaks: ['i-nobypass'], steps: 9 }],
};
