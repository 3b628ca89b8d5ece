// GSI 0 is taken for none.
import type { VmContext, VmMessage } from '../machines/kvm/vm.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const n8d: Mutation = {
  id: 'n8d',
  title: 'GSI 0 is taken for none: what its irqfd hands over goes nowhere, and nobody says so',
  source: "649dd1354919 fixed it in Hyper-V's irqfd (2026)",
  patches: {
    vm: (machine) => ({
      handlers: {
        setIrq: changed(machine, 'setIrq', (effects, { context, event }) =>
          // The first route of a VM stands for that of GSI 0.
          (event as Extract<VmMessage, { readonly type: 'kvm_set_irq' }>).gsi === (context as VmContext).routes[0]?.gsi
            ? []
            : effects,
        ),
      },
    }),
  },
  shown: [{ scenario: 'two-vms', revision: 'v2p8', breaks: ['i-noloss'], steps: 28 }],
};
