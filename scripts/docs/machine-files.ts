// The source files of each built-in machine, the one that declares it first.
import type { MachineId } from '../../src/scenarios/machines.ts';

const irqfd = ['kvm/irqfd.ts', 'kvm/irqfd-assign.ts', 'kvm/irqfd-shutdown.ts', 'kvm/irqfd-context.ts', 'kvm/route.ts'];
const struct = ['manager/producer-and-consumer.ts', 'manager/struct.ts', 'manager/protocol.ts'];

const files: Readonly<Record<Exclude<MachineId, 'registry'>, readonly string[]>> = {
  producer: struct,
  consumer: struct,
  thread: ['manager/thread.ts', 'manager/program.ts', 'manager/tokens.ts'],
  'vfio-vector': ['vfio/vfio-vector.ts', 'manager/struct.ts'],
  'vfio-intx': ['vfio/vfio-intx.ts'],
  virqfd: ['vfio/virqfd.ts'],
  'virqfd-shutdown': ['vfio/virqfd.ts', 'kernel/work-of.ts'],
  'vdpa-queue': ['vdpa/vdpa-queue.ts', 'manager/struct.ts'],
  'vdpa-config': ['vdpa/vdpa-config.ts'],
  irqfd: [...irqfd, 'kvm/irqfd-x86.ts'],
  'irqfd-svm': [...irqfd, 'kvm/irqfd-svm.ts', 'kvm/irqfd-x86.ts'],
  'irqfd-arm64': [...irqfd, 'kvm/irqfd-arm64.ts'],
  'irqfd-arm64-hooked': [...irqfd, 'kvm/irqfd-arm64.ts'],
  'irqfd-powerpc': [...irqfd, 'kvm/irqfd-powerpc.ts'],
  vm: ['kvm/vm.ts', 'kvm/route.ts'],
  irte: ['iommu/irte.ts'],
  'irte-amd': ['iommu/irte-amd.ts'],
  its: ['iommu/its.ts'],
  'its-device': ['iommu/its.ts'],
  'passthru-irq': ['iommu/passthru-irq.ts'],
  'vcpu-vmx': ['vcpu/vcpu-vmx.ts', 'vcpu/vcpu.ts'],
  'vcpu-svm': ['vcpu/vcpu-svm.ts', 'vcpu/vcpu.ts'],
  'vcpu-arm64': ['vcpu/vcpu-arm64.ts', 'vcpu/vcpu.ts'],
  'vcpu-powerpc': ['vcpu/vcpu-powerpc.ts', 'vcpu/vcpu.ts'],
  vgic: ['kvm/vgic.ts'],
  device: ['device/device.ts', 'device/interrupt.ts'],
  eventfd: ['eventfd/eventfd.ts'],
  'irqfd-shutdown': ['kvm/irqfd-work.ts', 'kernel/work-of.ts'],
  'irqfd-inject': ['kvm/irqfd-work.ts', 'kernel/work-of.ts'],
  mutex: ['kernel/mutex.ts', 'kernel/lockdep.ts'],
  spinlock: ['kernel/spinlock.ts', 'kernel/lockdep.ts'],
  cpu: ['kernel/cpu.ts'],
  srcu: ['kernel/srcu.ts'],
  'process-srcu': ['kernel/srcu.ts', 'kernel/work-of.ts'],
  'wait-queue': ['kernel/wait-queue.ts'],
  workqueue: ['kernel/workqueue.ts'],
  work: ['kernel/work.ts'],
  refcount: ['kernel/refcount.ts'],
  allocator: ['kernel/allocator.ts'],
};

/** Paths in the repository of what a machine is written in, its own file first. */
export function machineFiles(id: MachineId): readonly string[] {
  return id === 'registry'
    ? ['src/registry/registry.ts', 'src/registry/critical-section.ts', 'src/registry/revisions.ts']
    : files[id].map((file) => `src/machines/${file}`);
}
