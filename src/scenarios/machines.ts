// The built-in machines: what scenarios make actors of, `list machines` shows and `diagram` draws.
import type { Machine } from '../engine/actors/machine.ts';
import { device } from '../machines/device/device.ts';
import { createEventfd } from '../machines/eventfd/eventfd.ts';
import { amdIrte } from '../machines/iommu/irte-amd.ts';
import { irte } from '../machines/iommu/irte.ts';
import { its, itsDevice } from '../machines/iommu/its.ts';
import { passthruIrq } from '../machines/iommu/passthru-irq.ts';
import { allocator } from '../machines/kernel/allocator.ts';
import { cpu } from '../machines/kernel/cpu.ts';
import { mutex } from '../machines/kernel/mutex.ts';
import { refcount } from '../machines/kernel/refcount.ts';
import { spinlock } from '../machines/kernel/spinlock.ts';
import { processSrcu, srcu } from '../machines/kernel/srcu.ts';
import { waitQueue } from '../machines/kernel/wait-queue.ts';
import { createWork } from '../machines/kernel/work.ts';
import { workqueue } from '../machines/kernel/workqueue.ts';
import { createIrqfd } from '../machines/kvm/irqfd.ts';
import { irqfdInject, irqfdShutdown } from '../machines/kvm/irqfd-work.ts';
import { arm64Half } from '../machines/kvm/irqfd-arm64.ts';
import { powerpcHalf } from '../machines/kvm/irqfd-powerpc.ts';
import { svmHalf } from '../machines/kvm/irqfd-svm.ts';
import { vmxHalf } from '../machines/kvm/irqfd-x86.ts';
import { vgic } from '../machines/kvm/vgic.ts';
import { vm } from '../machines/kvm/vm.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { createStruct } from '../machines/manager/producer-and-consumer.ts';
import { createThread } from '../machines/manager/thread.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import { vdpaConfig } from '../machines/vdpa/vdpa-config.ts';
import { createVdpaQueue } from '../machines/vdpa/vdpa-queue.ts';
import { vfioIntx } from '../machines/vfio/vfio-intx.ts';
import { virqfd, virqfdShutdown } from '../machines/vfio/virqfd.ts';
import { createVfioVector } from '../machines/vfio/vfio-vector.ts';
import { arm64Vcpu } from '../machines/vcpu/vcpu-arm64.ts';
import { powerpcVcpu } from '../machines/vcpu/vcpu-powerpc.ts';
import { svmVcpu } from '../machines/vcpu/vcpu-svm.ts';
import { vmxVcpu } from '../machines/vcpu/vcpu-vmx.ts';
import { createRegistry } from '../registry/registry.ts';

/** Ids of the built-in machines, in the order in which to read them. */
export const machineIds = [
  'registry',
  'producer',
  'consumer',
  'thread',
  'vfio-vector',
  'vfio-intx',
  'virqfd',
  'virqfd-shutdown',
  'vdpa-queue',
  'vdpa-config',
  'irqfd',
  'irqfd-svm',
  'irqfd-arm64',
  'irqfd-arm64-hooked',
  'irqfd-powerpc',
  'vm',
  'irte',
  'irte-amd',
  'its',
  'its-device',
  'passthru-irq',
  'vcpu-vmx',
  'vcpu-svm',
  'vcpu-arm64',
  'vcpu-powerpc',
  'vgic',
  'device',
  'eventfd',
  'irqfd-shutdown',
  'irqfd-inject',
  'mutex',
  'spinlock',
  'cpu',
  'srcu',
  'process-srcu',
  'wait-queue',
  'workqueue',
  'work',
  'refcount',
  'allocator',
] as const;
export type MachineId = (typeof machineIds)[number];

/** The machines of one revision; two of them in worlds where tasks are known as well. */
export type Machines = Readonly<Record<MachineId | 'registry of tasks' | 'eventfd of tasks', Machine>>;

/** An object whose values are made when they are asked for. */
function lazily<K extends string>(
  makers: Readonly<Record<K, Machine | (() => Machine)>>,
): Readonly<Record<K, Machine>> {
  const machines = {} as Record<K, Machine>;
  for (const [key, maker] of Object.entries<Machine | (() => Machine)>(makers)) {
    let made: Machine | undefined;
    const get = (): Machine => (made ??= typeof maker === 'function' ? maker() : maker);
    Object.defineProperty(machines, key, { get, enumerable: true });
  }
  return machines;
}

const eventfd = createEventfd();
const eventfdOfTasks = createEventfd(true);
const made = new Map<string, Machines>();

/**
 * The machines of a revision; the same objects each time, so that worlds share what is remembered of them.
 *
 * @param policy - the revision's row
 * @param discipline - how threads treat tokens that they own
 */
export function machinesOf(policy: Policy, discipline: Discipline): Machines {
  const key = JSON.stringify([policy, discipline]);
  let machines = made.get(key);
  if (machines === undefined) {
    machines = lazily({
      registry: () => createRegistry(policy),
      'registry of tasks': () => createRegistry(policy, true),
      producer: () => createStruct('producer', policy),
      consumer: () => createStruct('consumer', policy),
      thread: () => createThread({ policy, discipline }),
      'vfio-vector': () => createVfioVector(policy),
      'vfio-intx': vfioIntx,
      virqfd,
      'virqfd-shutdown': virqfdShutdown,
      'vdpa-queue': () => createVdpaQueue(policy),
      'vdpa-config': vdpaConfig,
      irqfd: () => createIrqfd(policy, vmxHalf),
      'irqfd-svm': () => createIrqfd(policy, svmHalf),
      'irqfd-arm64': () => createIrqfd(policy, arm64Half(policy)),
      'irqfd-arm64-hooked': () => createIrqfd(policy, arm64Half(policy, true)),
      'irqfd-powerpc': () => createIrqfd(policy, powerpcHalf),
      'irqfd-shutdown': irqfdShutdown,
      'irqfd-inject': irqfdInject,
      vm,
      irte,
      'irte-amd': amdIrte,
      its,
      'its-device': itsDevice,
      'passthru-irq': passthruIrq,
      'vcpu-vmx': vmxVcpu,
      'vcpu-svm': svmVcpu,
      'vcpu-arm64': arm64Vcpu,
      'vcpu-powerpc': powerpcVcpu,
      vgic,
      device,
      eventfd,
      'eventfd of tasks': eventfdOfTasks,
      mutex,
      spinlock,
      cpu,
      srcu,
      'process-srcu': processSrcu,
      'wait-queue': waitQueue,
      workqueue,
      work: () => createWork({ policy, discipline }),
      refcount,
      allocator,
    });
    made.set(key, machines);
  }
  return machines;
}

/** The thread of worlds without a manager: it owns no tokens. */
export const plainThread: Machine = createThread(null);

/** Is this the id of a built-in machine? */
export function isMachineId(id: string): id is MachineId {
  return (machineIds as readonly string[]).includes(id);
}
