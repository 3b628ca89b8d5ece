// The kick of blocked vCPUs comes before the count that it is about.
import { post } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { VmContext, VmMessage } from '../machines/kvm/vm.ts';
import { unblock } from '../machines/vcpu/vcpu-vmx.ts';
import type { Mutation } from './mutation.ts';
import { inTurn } from './patching.ts';

type Message = VmMessage | { readonly type: 'count_bypass' };
const { on } = handlers<VmContext, Message>();

export const b13b: Mutation = {
  id: 'b13b',
  title: 'Blocked vCPUs are kicked before the first possible bypass irq is counted: they go back to sleep as before',
  source: 'invented: the order that pi_start_bypass() relies on, turned round (a2486020a82e)',
  patches: {
    vm: () => ({
      handlers: {
        startBypass: on('start_bypass', ({ context: { self, vcpus }, event: { kicks }, cells }) => [
          ...(kicks && Number(cells.load(self, 'nr_possible_bypass_irqs')) === 0
            ? vcpus.map((vcpu) => unblock(vcpu))
            : []),
          post(self, { type: 'count_bypass' }),
        ]),
        countLate: on('count_bypass', ({ context: { self }, cells }) => {
          const irqs = Number(cells.load(self, 'nr_possible_bypass_irqs'));
          cells.store(self, 'nr_possible_bypass_irqs', irqs + 1);
          return [];
        }),
      },
      sends: ['count_bypass'],
      chart: (chart) => inTurn(chart, (one) => ({ ...one, on: { ...one.on, count_bypass: { actions: 'countLate' } } })),
    }),
  },
  shown: [{ scenario: 'block-and-wake', revision: 'v2p8', breaks: ['l-wake'], steps: 21 }],
};
