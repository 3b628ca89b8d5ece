// Where machines and properties are declared: what list --json says of them for whoever wants to read or change one.
import type { Property } from '../engine/world/property.ts';
import * as arch from '../properties/arch.ts';
import * as callbacks from '../properties/callbacks.ts';
import * as interrupts from '../properties/interrupts.ts';
import * as knobs from '../properties/knobs.ts';
import * as lifetimes from '../properties/lifetimes.ts';
import * as liveness from '../properties/liveness.ts';
import * as locks from '../properties/locks.ts';
import * as managerSafety from '../properties/manager-safety.ts';
import * as outcomes from '../properties/outcomes.ts';
import * as posting from '../properties/posting.ts';
import type { MachineId } from '../scenarios/machines.ts';

/** Groups of properties, each a file of src/properties. */
const groups: Readonly<Record<string, object>> = {
  'manager-safety': managerSafety,
  callbacks,
  outcomes,
  locks,
  arch,
  posting,
  lifetimes,
  knobs,
  interrupts,
  liveness,
};

/** The group that a built-in property belongs to: its file in src/properties without the ending; undefined of others. */
export function groupOf(property: Property): string | undefined {
  return Object.entries(groups).find(([, file]) => Object.values(file).includes(property))?.[0];
}

/** Files of src that declare the built-in machines; a test holds that each says the id of its machine. */
const files: Readonly<Record<MachineId, string>> = {
  registry: 'registry/registry.ts',
  producer: 'machines/manager/producer-and-consumer.ts',
  consumer: 'machines/manager/producer-and-consumer.ts',
  thread: 'machines/manager/thread.ts',
  'vfio-vector': 'machines/vfio/vfio-vector.ts',
  'vfio-intx': 'machines/vfio/vfio-intx.ts',
  virqfd: 'machines/vfio/virqfd.ts',
  'virqfd-shutdown': 'machines/vfio/virqfd.ts',
  'vdpa-queue': 'machines/vdpa/vdpa-queue.ts',
  'vdpa-config': 'machines/vdpa/vdpa-config.ts',
  irqfd: 'machines/kvm/irqfd-x86.ts',
  'irqfd-svm': 'machines/kvm/irqfd-svm.ts',
  'irqfd-arm64': 'machines/kvm/irqfd-arm64.ts',
  'irqfd-arm64-hooked': 'machines/kvm/irqfd-arm64.ts',
  'irqfd-powerpc': 'machines/kvm/irqfd-powerpc.ts',
  vm: 'machines/kvm/vm.ts',
  irte: 'machines/iommu/irte.ts',
  'irte-amd': 'machines/iommu/irte-amd.ts',
  its: 'machines/iommu/its.ts',
  'its-device': 'machines/iommu/its.ts',
  'passthru-irq': 'machines/iommu/passthru-irq.ts',
  'vcpu-vmx': 'machines/vcpu/vcpu-vmx.ts',
  'vcpu-svm': 'machines/vcpu/vcpu-svm.ts',
  'vcpu-arm64': 'machines/vcpu/vcpu-arm64.ts',
  'vcpu-powerpc': 'machines/vcpu/vcpu-powerpc.ts',
  vgic: 'machines/kvm/vgic.ts',
  device: 'machines/device/device.ts',
  eventfd: 'machines/eventfd/eventfd.ts',
  'irqfd-shutdown': 'machines/kvm/irqfd-work.ts',
  'irqfd-inject': 'machines/kvm/irqfd-work.ts',
  mutex: 'machines/kernel/mutex.ts',
  spinlock: 'machines/kernel/spinlock.ts',
  cpu: 'machines/kernel/cpu.ts',
  srcu: 'machines/kernel/srcu.ts',
  'process-srcu': 'machines/kernel/srcu.ts',
  'wait-queue': 'machines/kernel/wait-queue.ts',
  workqueue: 'machines/kernel/workqueue.ts',
  work: 'machines/kernel/work.ts',
  refcount: 'machines/kernel/refcount.ts',
  allocator: 'machines/kernel/allocator.ts',
};

/** Where a built-in machine is declared: its file, and the part of the kernel that it belongs to. */
export function sourceOf(id: MachineId): { readonly subsystem: string; readonly source: string } {
  const file = files[id];
  const [first = '', second = ''] = file.split('/');
  return { subsystem: first === 'machines' ? second : first, source: `src/${file}` };
}
