// The IRTE of one host irq: it delivers the device's MSI to the host, or posts it to a vCPU.
//
// Kernel source: irq_set_vcpu_affinity() and drivers/iommu/intel/irq_remapping.c, Linux 6.17.
// Abstracted away: descriptors, vectors, the host's own posted MSIs.
import { call, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Observation } from '../manager/protocol.ts';
import { returnTo } from '../kernel/call.ts';

export type IrteContext = {
  readonly self: Name;
  /** The VFIO vector whose handler the host irq has. */
  readonly vector: Name;
  /** The vCPU to which the irq is posted; null in host mode. */
  readonly vcpu: Name | null;
};

/** What an irqfd is told when its IRTE was written, by what it was about. */
export type AffinitySet = 'affinity_set.add_producer' | 'affinity_set.del_producer' | 'affinity_set.routing';

/** irq_set_vcpu_affinity() for an irqfd, which is told by `reply`; the device's MSI. */
export type IrteMessage =
  | {
      readonly type: 'irq_set_vcpu_affinity';
      readonly irqfd: Name;
      readonly vcpu: Name | null;
      readonly reply: AffinitySet;
      readonly answer?: number;
    }
  | { readonly type: 'raise_msi'; readonly caller: Name };

const { on } = handlers<IrteContext, IrteMessage>();

/** The machine of an IRTE. */
export const irte: Machine = machine<IrteContext, IrteMessage>({
  id: 'irte',
  title: 'The IRTE of one host irq',
  wiring: { vector: 'vfio-vector' },
  sends: ['affinity_set.add_producer', 'affinity_set.del_producer', 'affinity_set.routing', 'interrupt', 'return'],
  operations: { raise_msi: { how: 'post', kernel: "the device's MSI" } },
  variants: {
    // Posting anew may fail; going back to the host, or from one vCPU to another, does not.
    irq_set_vcpu_affinity: ({ reply }, { failures }) =>
      reply === 'affinity_set.add_producer' ? failures.map((answer) => ({ answer })) : [],
  },
  context: ({ self, wiring }) => ({ self, vector: wiring['vector'] as Name, vcpu: null }),
  handlers: {
    /** A NULL argument brings host mode back. On an error the IRTE stays as it was. */
    setVcpuAffinity: on('irq_set_vcpu_affinity', ({ event }) => {
      const { irqfd, vcpu, reply, answer: value = 0 } = event;
      return [...(value === 0 ? [set<IrteContext>({ vcpu })] : []), call(irqfd, { type: reply, value })];
    }),
    /** The device writes its MSI. */
    raise: on('raise_msi', ({ context, event }) => {
      const { vcpu, vector } = context;
      const delivered =
        vcpu === null
          ? call(vector, { type: 'interrupt' })
          : show<Observation>({ kind: 'interrupt', how: 'posted', vcpu });
      return [delivered, returnTo(event.caller, null)];
    }),
  },
  chart: {
    on: { irq_set_vcpu_affinity: { actions: 'setVcpuAffinity' }, raise_msi: { actions: 'raise' } },
  },
});
