// Messages of system worlds: what VFIO, KVM and the IOMMU driver say to each other around the manager (x86).
//
// Kernel source: drivers/vfio/pci/vfio_pci_intrs.c, virt/kvm/eventfd.c, arch/x86/kvm/irq.c, drivers/iommu/, Linux 6.17
// (kernel-spec 3.1, 3.3, 4.1). The manager's own messages are in protocol.ts; this file is about the rest.
import type { Name } from '../engine/actors/name.ts';

/** System calls and device events that a thread of a system world may make. */
export type SystemOperation =
  'set_irqs' | 'clear_irqs' | 'irqfd_assign' | 'irqfd_deassign' | 'set_gsi_routing' | 'raise_msi';

const systemOperations: ReadonlySet<string> = new Set([
  'set_irqs',
  'clear_irqs',
  'irqfd_assign',
  'irqfd_deassign',
  'set_gsi_routing',
  'raise_msi',
]);

/** Is this a call into VFIO or KVM, or a device event, rather than one of the manager? */
export function isSystemOperation(op: string): op is SystemOperation {
  return systemOperations.has(op);
}

/** What an irqfd is doing with a lock or with an IRTE. */
export type Purpose = 'assign' | 'deassign' | 'add_producer' | 'del_producer' | 'routing';

/** To a vector: VFIO_DEVICE_SET_IRQS with an eventfd or with -1; a host interrupt. */
export type VectorMessage =
  | { readonly type: 'set_irqs'; readonly caller: Name; readonly eventfd: Name }
  | { readonly type: 'clear_irqs'; readonly caller: Name }
  | { readonly type: 'interrupt' };

/** To an irqfd: KVM_IRQFD; a lock that it asked for; an IRTE that was written; a routing update; a wake-up. */
export type IrqfdMessage =
  | { readonly type: 'irqfd_assign'; readonly caller: Name; readonly eventfd: Name }
  | { readonly type: 'irqfd_deassign'; readonly caller: Name }
  | { readonly type: 'locked'; readonly purpose: Purpose; readonly route: Name | null }
  | { readonly type: 'affinity_set'; readonly purpose: Purpose; readonly value: number }
  | { readonly type: 'update_routing'; readonly caller: Name; readonly route: Name | null }
  | { readonly type: 'pi_update_irte'; readonly caller: Name; readonly producer: Name }
  | { readonly type: 'wakeup' };

/** To a VM: a request for irqfds.lock, giving it back, KVM_SET_GSI_ROUTING, an irqfd that has the new route. */
export type VmMessage =
  | { readonly type: 'lock'; readonly caller: Name; readonly irqfd: Name; readonly purpose: Purpose }
  | { readonly type: 'unlock'; readonly irqfd: Name; readonly active: boolean }
  | { readonly type: 'set_gsi_routing'; readonly caller: Name; readonly route: Name | null }
  | { readonly type: 'routing_updated' };

/** To the IRTE of a host irq: irq_set_vcpu_affinity(), and the device's MSI. */
export type IommuMessage =
  | {
      readonly type: 'irq_set_vcpu_affinity';
      readonly caller: Name;
      readonly irqfd: Name;
      readonly purpose: Purpose;
      readonly vcpu: Name | null;
    }
  | { readonly type: 'raise_msi'; readonly caller: Name };

/** To an eventfd: references, the priority waiter, a signal. */
export type EventfdMessage =
  | { readonly type: 'eventfd_ctx_fdget' }
  | { readonly type: 'eventfd_ctx_put' }
  | { readonly type: 'add_wait_queue'; readonly waiter: Name }
  | { readonly type: 'remove_wait_queue' }
  | { readonly type: 'eventfd_signal' };

export type SystemMessage = VectorMessage | IrqfdMessage | VmMessage | IommuMessage | EventfdMessage;

/** What in the x86 callbacks was once otherwise; the values are those of Linux 6.17 with the fix of July 2026. */
export interface ArchPolicy {
  /** add_producer: is irqfd->producer taken back when the IRTE cannot be written (bug B1)? */
  readonly producerOnError: 'cleared' | 'left';
  /** Do add_producer and del_producer take irqfds.lock (bug B8)? */
  readonly irqfdsLock: 'taken' | 'not-taken';
  /** A new route that cannot be posted: is the IRTE given back to the host (bug B10)? */
  readonly unpostableRoute: 'resets' | 'skipped';
}

/** Nothing mutated. */
export const archPolicy: ArchPolicy = {
  producerOnError: 'cleared',
  irqfdsLock: 'taken',
  unpostableRoute: 'resets',
};
