// The built-in machines: what scenarios make actors of, `list machines` shows and `diagram` draws.
import type { Machine } from '../engine/actors/machine.ts';
import { eventfd } from '../machines/eventfd/eventfd.ts';
import { irte } from '../machines/iommu/irte.ts';
import { allocator } from '../machines/kernel/allocator.ts';
import { cpu } from '../machines/kernel/cpu.ts';
import { mutex } from '../machines/kernel/mutex.ts';
import { refcount } from '../machines/kernel/refcount.ts';
import { spinlock } from '../machines/kernel/spinlock.ts';
import { srcu } from '../machines/kernel/srcu.ts';
import { waitQueue } from '../machines/kernel/wait-queue.ts';
import { createWork } from '../machines/kernel/work.ts';
import { workqueue } from '../machines/kernel/workqueue.ts';
import { createIrqfd } from '../machines/kvm/irqfd.ts';
import { vm } from '../machines/kvm/vm.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { createStruct } from '../machines/manager/producer-and-consumer.ts';
import { createThread } from '../machines/manager/thread.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import { createVfioVector } from '../machines/vfio/vfio-vector.ts';
import { createRegistry } from '../registry/registry.ts';

/** Ids of the built-in machines, in the order in which to read them. */
export const machineIds = [
  'registry',
  'producer',
  'consumer',
  'thread',
  'vfio-vector',
  'irqfd',
  'vm',
  'irte',
  'eventfd',
  'mutex',
  'spinlock',
  'cpu',
  'srcu',
  'wait-queue',
  'workqueue',
  'work',
  'refcount',
  'allocator',
] as const;
export type MachineId = (typeof machineIds)[number];

/** The machines of one revision. */
export type Machines = Readonly<Record<MachineId, Machine>>;

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
    machines = {
      registry: createRegistry(policy),
      producer: createStruct('producer', policy),
      consumer: createStruct('consumer', policy),
      thread: createThread({ policy, discipline }),
      'vfio-vector': createVfioVector(policy),
      irqfd: createIrqfd(policy),
      vm,
      irte,
      eventfd,
      mutex,
      spinlock,
      cpu,
      srcu,
      'wait-queue': waitQueue,
      workqueue,
      work: createWork({ policy, discipline }),
      refcount,
      allocator,
    };
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
