// The IRTE of one host irq: it delivers the device's MSI to the host, or posts it to a vCPU.
//
// Kernel source: irq_set_vcpu_affinity() and drivers/iommu/intel/irq_remapping.c, Linux 6.17 (kernel-spec 4.1, 4.2).
// Abstracted away: descriptors, vectors, the host's own posted MSIs.
import { setup } from 'xstate';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Delivered, Name } from '../manager/protocol.ts';
import type { IommuMessage } from '../system-protocol.ts';

export type IommuContext = {
  readonly self: Name;
  /** The VFIO vector whose handler the host irq has. */
  readonly vector: Name;
  /** The vCPU to which the irq is posted; null in host mode. */
  readonly vcpu: Name | null;
};

type Event = Delivered<IommuMessage>;
type Args = Arguments<IommuContext, Event>;
type Done = Effect<IommuContext>;
const act = effect<IommuContext, Event>;

/** irq_set_vcpu_affinity(): a NULL argument brings host mode back. On an error the IRTE stays as it was. */
export function setVcpuAffinity({ event }: Args): Done {
  if (event.type !== 'irq_set_vcpu_affinity') return {};
  const { irqfd, purpose, vcpu } = event;
  const value = event.answer ?? 0;
  return {
    send: [{ to: irqfd, how: 'immediate', message: { type: 'affinity_set', purpose, value } }],
    ...(value === 0 ? { context: { vcpu } } : {}),
  };
}

/** The device writes its MSI. */
export function raise({ context, event }: Args): Done {
  if (event.type !== 'raise_msi') return {};
  const { vcpu, vector } = context;
  const returns = { to: event.caller, how: 'immediate', message: { type: 'return', value: null } } as const;
  if (vcpu !== null) return { observe: [{ kind: 'interrupt', how: 'posted', vcpu }], send: [returns] };
  return { send: [{ to: vector, how: 'immediate', message: { type: 'interrupt' } }, returns] };
}

/** The machine of an IRTE. */
export function createIommuMachine() {
  return setup({
    types: {
      context: {} as IommuContext,
      events: {} as Event,
      input: {} as { readonly self: Name; readonly vector: Name },
    },
    actions: { ...outputs, setVcpuAffinity: act(setVcpuAffinity), raise: act(raise) },
  }).createMachine({
    id: 'iommu',
    context: ({ input }) => ({ self: input.self, vector: input.vector, vcpu: null }),
    on: { irq_set_vcpu_affinity: { actions: 'setVcpuAffinity' }, raise_msi: { actions: 'raise' } },
  });
}
