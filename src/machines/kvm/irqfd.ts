// The irqfd: KVM's end of an eventfd, with its embedded consumer, its cached route and its two work items.
//
// Kernel source: virt/kvm/eventfd.c, Linux 6.12 and 6.18. Several things go on at once, a region each: KVM_IRQFD, deassign, EPOLLHUP, the
// shutdown job; and what the architecture does in add_producer, del_producer and routing updates (irqfd-x86.ts, ...).
// What keeps them apart are irqfds.lock, SRCU and being in kvm->irqfds.items, which is what `active` means. Since Linux 6.17 the wait
// queue of the eventfd is entered under irqfds.lock, and only if nobody else waits there. An actor stands for one allocation:
// KVM_IRQFD waits until the one before is freed. Abstracted away: the wakeup is one step, the seqcount with it; allocation failures.
// `reports` and `no_bypass` are proposals; `has_irq_bypass` is kvm_arch_has_irq_bypass().
import type { Guard, Handler } from '../../engine/actors/handlers.ts';
import { distinct } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { tasks } from '../kernel/task.ts';
import type { Policy } from '../manager/policy.ts';
import { structCells, structConstants } from '../manager/protocol.ts';
import { halfSends } from '../manager/struct.ts';
import type { ArchHalf } from './arch-half.ts';
import type { IrqfdContext, IrqfdMessage } from './irqfd-context.ts';
import { assignGuards, assignHandlers, lifeOf } from './irqfd-assign.ts';
import {
  deactivationHandlers,
  deassigning,
  hangingUp,
  jobGuards,
  jobHandlers,
  shuttingDown,
} from './irqfd-shutdown.ts';

const wiring = {
  vm: 'vm',
  gsi: '*',
  irqfds_lock: 'spinlock',
  irq_srcu: 'srcu',
  resampler_lock: 'mutex',
  cleanup_wq: 'workqueue',
  inject_wq: 'workqueue',
  shutdown: 'irqfd-shutdown',
  inject: 'irqfd-inject',
} as const;

const usual: NonNullable<Machine['declaration']['usual']> = {
  irqfds_lock: 'vm.irqfds_lock',
  irq_srcu: 'vm.irq_srcu',
  resampler_lock: 'vm.resampler_lock',
  cleanup_wq: 'vm.cleanup_wq',
  inject_wq: { part: 'systemwq', machine: 'workqueue', constants: { unbound: true }, shared: true },
  shutdown: { part: 'shutdown', machine: 'irqfd-shutdown', wiring: { irqfd: '.' } },
  inject: { part: 'inject', machine: 'irqfd-inject', wiring: { irqfd: '.' } },
};

const sends = [
  ...halfSends,
  'callback_return',
  'spin_lock_irq',
  'spin_unlock_irq',
  'spin_lock_irqsave',
  'spin_unlock_irqrestore',
  'srcu_read_lock',
  'srcu_read_unlock',
  'synchronize_srcu',
  'mutex_lock',
  'mutex_unlock',
  'resampler_add',
  'resampler_del',
  'queue_work',
  'flush_work',
  'flush_workqueue',
  'irqfd_update',
  'list_add',
  'list_del',
  'eventfd_ctx_fdget',
  'eventfd_ctx_put',
  'fdput',
  'add_wait_queue',
  'remove_wait_queue',
  'inject_route',
  'kvm_set_irq',
  'routing_updated',
] as const;

/** An irqfd before its first KVM_IRQFD. */
const zeroedContext = (self: Name, wired: Readonly<Record<string, Name>>): IrqfdContext => ({
  self,
  added: [],
  vm: wired['vm'] as Name,
  gsi: wired['gsi'] as Name,
  irqfds_lock: wired['irqfds_lock'] as Name,
  irq_srcu: wired['irq_srcu'] as Name,
  resampler_lock: wired['resampler_lock'] as Name,
  cleanup_wq: wired['cleanup_wq'] as Name,
  inject_wq: wired['inject_wq'] as Name,
  shutdown: wired['shutdown'] as Name,
  inject: wired['inject'] as Name,
  eventfd: null,
  fd: null,
  resamplefd: null,
  queued: false,
  active: false,
  entry: null,
  injecting: [],
  caller: null,
  bypasses: false,
  result: 0,
  atomic: false,
  deassigner: null,
  closer: null,
  job: null,
  producer: null,
  vcpu: null,
  peer: null,
  callbackTask: null,
  updateTask: null,
  updateIrq: null,
  oldEntry: null,
  vgic: wired['vgic'] ?? null,
  server: null,
});

/**
 * The machine of an irqfd. Regions: `life` (KVM_IRQFD), `deassigning`, `hangingUp`, `shuttingDown`, and those of the architecture: `bypass`
 * and `routing`.
 *
 * @param policy - the revision's row: it says which kernel's KVM_IRQFD it is
 * @param arch - what the architecture does in callbacks and routing updates
 */
export function createIrqfd(policy: Policy, arch: ArchHalf): Machine {
  return machine<IrqfdContext, IrqfdMessage>({
    id: arch.id,
    title: arch.title,
    kinds: ['consumer', 'object', 'irqfd'],
    wiring: { ...wiring, ...arch.wiring },
    usual,
    cells: structCells,
    constants: { ...structConstants('consumer'), ...arch.constants, has_irq_bypass: true, reports: false },
    families: [tasks],
    slots: 2,
    sends: [...sends, ...arch.sends],
    operations: {
      irqfd_assign: {
        arguments: ['eventfd!:eventfd', 'resamplefd:eventfd?', 'no_bypass?', 'atomic?'],
        how: 'post',
        kernel: 'KVM_IRQFD; no_bypass is the proposed KVM_IRQFD_FLAG_NO_IRQBYPASS',
      },
      irqfd_deassign: { how: 'post', kernel: 'KVM_IRQFD with KVM_IRQFD_FLAG_DEASSIGN' },
    },
    context: ({ self, wiring: wired }) => zeroedContext(self, wired),
    guards: distinct<Guard<IrqfdContext>>(assignGuards, jobGuards, arch.guards as Record<string, Guard<IrqfdContext>>),
    handlers: distinct<Handler<IrqfdContext>>(
      assignHandlers(policy),
      deactivationHandlers,
      jobHandlers(policy),
      arch.handlers as Record<string, Handler<IrqfdContext>>,
    ),
    chart: {
      type: 'parallel',
      on: {
        pending: { actions: 'scheduleInject' },
        wakeup: [{ guard: 'mayInjectAtOnce', actions: 'injectAtOnce' }, { actions: 'scheduleInject' }],
        irqfd_inject: { actions: 'inject' },
        deactivate: { actions: 'release' },
      },
      states: { life: lifeOf(policy), deassigning, hangingUp, shuttingDown, ...arch.regions },
    },
  });
}
