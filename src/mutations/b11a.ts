// A route of another type with the same bytes left over counts as unchanged (x86).
import { handlers } from '../engine/actors/handlers.ts';
import type { Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';

const comparesPayload = (): Patch => ({
  guards: {
    isSame: handlers<IrqfdContext, IrqfdMessage>().whenever(
      ({ context: { oldEntry, entry } }) => oldEntry?.vcpu === entry?.vcpu,
    ),
  },
});

export const b11a: Mutation = {
  id: 'b11a',
  title: 'A route of another type with the same bytes left over counts as unchanged (x86)',
  source: 'came in with 515a0c79e796 (2021), bcda70c56f3e (2025) fixed it',
  patches: { irqfd: comparesPayload, 'irqfd-svm': comparesPayload },
  shown: [{ scenario: 'routing-race', revision: 'v2p8', breaks: ['i-irte'], steps: 19 }],
};
