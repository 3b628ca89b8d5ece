// The irqfd: KVM's end of an eventfd, with its embedded consumer, its cached route and its two work items.
//
// Kernel source: virt/kvm/eventfd.c, Linux 6.12 and 6.18. Several things go on at once, a region each: KVM_IRQFD, deassign, EPOLLHUP, the
// shutdown job; and what the architecture does in add_producer, del_producer and routing updates (irqfd-x86.ts, ...).
// What keeps them apart are irqfds.lock, SRCU and being in kvm->irqfds.items, which is what `active` means. Since Linux 6.17 the wait
// queue of the eventfd is entered under irqfds.lock, and only if nobody else waits there. An actor stands for one allocation:
// KVM_IRQFD waits until the one before is freed. Abstracted away: the wakeup is one step, the seqcount with it; allocation failures.
// `reports` and `no_bypass` are proposals; `has_irq_bypass` is kvm_arch_has_irq_bypass().
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { Guard, Handled, Handler } from '../../engine/actors/handlers.ts';
import { distinct, handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import { NotModelledError } from '../../engine/actors/machine-error.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { merged } from '../device/interrupt.ts';
import type { EventfdMessage, WaiterMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import { errno, returnTo } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import { answer, taskOf } from '../kernel/request.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import type { SrcuMessage } from '../kernel/srcu.ts';
import { tasks } from '../kernel/task.ts';
import type { WorkqueueMessage } from '../kernel/workqueue.ts';
import type { Policy } from '../manager/policy.ts';
import type { InTask, Observation } from '../manager/protocol.ts';
import { structCells, structConstants } from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import { halfSends, register, unregister } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';
import type { FromWork } from './irqfd-work.ts';
import type { ArchHalf } from './arch-half.ts';
import type { Route } from './route.ts';
import { isMsi } from './route.ts';
import type { FromVm, VmMessage } from './vm.ts';

export type IrqfdContext = StructContext & {
  readonly vm: Name;
  readonly gsi: Name;
  readonly irqfds_lock: Name;
  readonly irq_srcu: Name;
  readonly resampler_lock: Name;
  readonly cleanup_wq: Name;
  readonly inject_wq: Name;
  readonly shutdown: Name;
  readonly inject: Name;
  readonly eventfd: Name | null;
  /** Which eventfd its descriptor was, also once it is freed; and is it on the wait queue of that? */
  readonly fd: Name | null;
  /** The eventfd that tells user space of an EOI, of a resampling irqfd. */
  readonly resamplefd: Name | null;
  readonly queued: boolean;
  /** Is it in kvm->irqfds.items? */
  readonly active: boolean;
  /** irq_entry, the cached route. */
  readonly entry: Route | null;
  /** Interrupts that the inject job is to inject. */
  readonly injecting: readonly Interrupt[];
  /** The thread in KVM_IRQFD, what it asked for, and whether it holds a spinlock (it never should). */
  readonly caller: Name | null;
  readonly bypasses: boolean;
  /** What KVM_IRQFD returns. */
  readonly result: number;
  readonly atomic: boolean;
  /** Threads in deassign, in EPOLLHUP, and the shutdown job. */
  readonly deassigner: Name | null;
  readonly closer: Asks | null;
  readonly job: Name | null;
  /** The architecture's: irqfd->producer; where KVM believes the irq to be posted; the callback and the update in progress. */
  readonly producer: Name | null;
  readonly vcpu: Name | null;
  readonly peer: Name | null;
  readonly callbackTask: Name | null;
  readonly updateTask: Name | null;
  /** The host irq that the update is about. */
  readonly updateIrq: Name | null;
  readonly oldEntry: Route | null;
  /** arm64: the vGIC; powerpc: the vCPU that is the server of its source. */
  readonly vgic: Name | null;
  readonly server: Name | null;
};

/** KVM_IRQFD; the eventfd; the VM; the work items; the manager; answers, by what was asked for. */
export type IrqfdMessage =
  | {
      readonly type: 'irqfd_assign';
      readonly caller: Name;
      readonly eventfd: Name;
      readonly resamplefd?: Name;
      readonly no_bypass?: boolean;
      readonly atomic?: boolean;
    }
  | { readonly type: 'irqfd_deassign'; readonly caller: Name }
  | FromVm
  | FromWork
  | WaiterMessage
  | ({ readonly type: 'add_producer' | 'del_producer'; readonly producer: Name } & InTask)
  | ({ readonly type: 'stop' | 'start' } & InTask)
  | { readonly type: 'pi_update_irte'; readonly producer: Name }
  | Return<'assign' | 'deassign' | 'hang_up' | 'shutdown' | 'callback' | 'routing'>;

const { on, act, when, whenever } = handlers<IrqfdContext, IrqfdMessage>();
export type IrqfdHandling = Handled<IrqfdContext, IrqfdMessage>;
/** A region of the chart: one thing that may go on. */
export type IrqfdRegion = State<string, string, IrqfdMessage['type']>;
type Strand = 'assign' | 'deassign' | 'hang_up' | 'shutdown' | 'callback' | 'routing';

/** What must be there by now. */
export function there(what: Name | null, { self }: Pick<IrqfdContext, 'self'>): Name {
  if (what === null) throw new Error(`${self} is not assigned`);
  return what;
}

/** spin_lock_irq(&kvm->irqfds.lock) in a thread; the answer is `return.${as}`. */
export const takeLock = ({ self, irqfds_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irq', caller: self, task, as, atOnce: true });

/** The same where interrupts are off already, as in a wakeup. */
const takeLockIrqsave = ({ self, irqfds_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irqsave', caller: self, task, as, atOnce: true });

export const unlock = ({ irqfds_lock }: IrqfdContext, task: Name): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_unlock_irq', task });

/** An irqfd is deactivated: was it active? */
export type DeactivationObservation = {
  readonly kind: 'deactivated';
  readonly irqfd: Name;
  readonly wasActive: boolean;
};

/** irqfd_deactivate(): off the list, and the shutdown job is queued: once, since only an active one is. */
function deactivate({ self, vm, cleanup_wq, shutdown, active }: IrqfdContext) {
  const seen = show<DeactivationObservation>({ kind: 'deactivated', irqfd: self, wasActive: active });
  if (!active)
    return [seen, show<Observation>({ kind: 'warn', in: 'irqfd_deactivate', condition: 'it is not active' })];
  return [
    seen,
    set<IrqfdContext>({ active: false }),
    call<VmMessage>(vm, { type: 'list_del', irqfd: self }),
    call<WorkqueueMessage>(cleanup_wq, { type: 'queue_work', work: shutdown }),
  ];
}

/** schedule_work(&irqfd->inject), with what it is about. */
function schedule({ context, cells }: IrqfdHandling, interrupts: readonly Interrupt[]) {
  const { inject_wq, inject, injecting } = context;
  return [
    set<IrqfdContext>({ injecting: merged(cells, injecting, interrupts) }),
    call<WorkqueueMessage>(inject_wq, { type: 'queue_work', work: inject }),
  ];
}

/** A fresh allocation. */
const zeroed: Partial<IrqfdContext> = { eventfd: null, resamplefd: null, entry: null, producer: null, vcpu: null };

/** Both eventfds are put. */
const putEventfds = ({ self, eventfd, resamplefd }: IrqfdContext): HostEffect[] =>
  [resamplefd, eventfd].flatMap((one) =>
    one === null ? [] : [call<EventfdMessage>(one, { type: 'eventfd_ctx_put', holder: self })],
  );

const lockResampler = ({ self, resampler_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<MutexMessage>(resampler_lock, { type: 'mutex_lock', caller: self, task, as, atOnce: true });
const unlockResampler = ({ resampler_lock }: IrqfdContext, task: Name): HostEffect =>
  call<MutexMessage>(resampler_lock, { type: 'mutex_unlock', task });
/** With resampler_lock held, as the kernel has it (report N1). */
const synchronizeResampler = ({ self, irq_srcu }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SrcuMessage>(irq_srcu, { type: 'synchronize_srcu', caller: self, task, as, atOnce: true });

const srcuUnlock = ({ irq_srcu }: IrqfdContext, task: Name): HostEffect =>
  call<SrcuMessage>(irq_srcu, { type: 'srcu_read_unlock', task });

const askEntry = ({ vm, self, gsi, eventfd }: IrqfdContext): HostEffect =>
  call<VmMessage>(vm, { type: 'irqfd_update', caller: self, gsi, eventfd: there(eventfd, { self }) });

const guards = {
  failed: when('return.assign', ({ event }) => (event.value ?? 0) < 0),
  failedToGet: when('return.deassign', ({ event }) => (event.value ?? 0) < 0),
  wasNeverAssigned: when('irqfd_deassign', ({ context }) => context.fd === null),
  isTaken: when('irq_entry', ({ event }) => event.isTaken),
  isToBypass: whenever(
    ({ context, cells }) => context.bypasses && cells.constant(context.self, 'has_irq_bypass') === true,
  ),
  // KVM_IRQFD for the same eventfd once more, while the first one is there.
  isTwice: when(
    'irqfd_assign',
    ({ context, event }) => context.eventfd === event.eventfd && (context.active || context.queued),
  ),
  isAnother: when('irqfd_assign', ({ context, event }) => context.eventfd !== event.eventfd),
  resamples: whenever(({ context }) => context.resamplefd !== null),
  isFree: whenever(({ context }) => context.eventfd === null),
  // Of an inactive one the cached route may be old (b4d37cdb77a0); what is no MSI takes locks that sleep.
  mayInjectAtOnce: when('wakeup', ({ context }) => context.active && isMsi(context.entry)),
};

/** KVM_IRQFD, up to the manager and back. */
function assignHandlers(policy: Policy) {
  const isExclusive = isExclusiveIn(policy);
  const thread = (context: IrqfdContext): Name => there(context.caller, context);
  return {
    /** A zeroed irqfd; eventfd_ctx_fileget(). */
    allocate: on('irqfd_assign', ({ context, event, cells }) => {
      const { self } = context;
      const { eventfd, resamplefd = null, caller, no_bypass = false, atomic = false } = event;
      cells.store(self, 'freed', false);
      return [
        set<IrqfdContext>({ eventfd, fd: eventfd, resamplefd, caller, bypasses: !no_bypass, atomic }),
        call<EventfdMessage>(eventfd, {
          type: 'eventfd_ctx_fdget',
          holder: self,
          pins: true,
          caller: self,
          as: 'assign',
        }),
      ];
    }),
    refuseTwice: on('irqfd_assign', ({ event }) => returnTo(event.caller, -errno.EBUSY)),
    notModelled: on('irqfd_assign', ({ context, event }) => {
      throw new NotModelledError(
        `${context.self} is assigned to ${String(context.eventfd)} and gets ${event.eventfd}: that is another irqfd`,
        'declare a second irqfd for the second eventfd',
      );
    }),
    badFd: on('return.assign', ({ context, event, cells }) => {
      cells.store(context.self, 'freed', true);
      return [set<IrqfdContext>({ ...zeroed, caller: null }), returnTo(thread(context), event.value)];
    }),
    badResamplefd: on('return.assign', ({ context, event, cells }) => {
      cells.store(context.self, 'freed', true);
      return set<IrqfdContext>({ ...zeroed, result: event.value ?? 0 });
    }),
    /** The resamplefd, then under resampler_lock a place among those that resample this GSI, which readers see at once. */
    getResamplefd: act(({ context }) =>
      call<EventfdMessage>(there(context.resamplefd, context), {
        type: 'eventfd_ctx_fdget',
        holder: context.self,
        caller: context.self,
        as: 'assign',
      }),
    ),
    lockResampler: act(({ context }) => lockResampler(context, thread(context), 'assign')),
    addResampler: act(({ context }) => [
      call<VmMessage>(context.vm, {
        type: 'resampler_add',
        irqfd: context.self,
        gsi: context.gsi,
        resamplefd: there(context.resamplefd, context),
      }),
      synchronizeResampler(context, thread(context), 'assign'),
    ]),
    unlockResampler: act(({ context }) => unlockResampler(context, thread(context))),
    removeResampler: act(({ context }) => [
      call<VmMessage>(context.vm, { type: 'resampler_del', irqfd: context.self }),
      synchronizeResampler(context, thread(context), 'assign'),
    ]),
    putEventfd: act(({ context: { self, eventfd } }) =>
      call<EventfdMessage>(there(eventfd, { self }), { type: 'eventfd_ctx_put', holder: self }),
    ),
    putEventfds: act(({ context }) => putEventfds(context)),
    refused: act(({ context, cells }) => {
      cells.store(context.self, 'freed', true);
      return set<IrqfdContext>({ ...zeroed, atomic: false, result: -errno.EBUSY });
    }),
    /** Since 6.17 the read section comes first, and the lock is taken in the callback of vfs_poll(). */
    enterReadSection: act(({ context }) =>
      call<SrcuMessage>(context.irq_srcu, {
        type: 'srcu_read_lock',
        caller: context.self,
        task: thread(context),
        as: 'assign',
      }),
    ),
    lockItems: act(({ context }) => takeLock(context, thread(context), 'assign')),
    askEntry: act(({ context }) => askEntry(context)),
    /** irqfd_update(): the route has to be there before the irqfd can be signalled. */
    takeEntry: on('irq_entry', ({ event }) => set({ entry: event.route })),
    /** Into kvm->irqfds.items. */
    activate: act(({ context }) => [
      set<IrqfdContext>({ active: true, queued: true }),
      call<VmMessage>(context.vm, {
        type: 'list_add',
        irqfd: context.self,
        eventfd: there(context.eventfd, context),
      }),
    ]),
    /** Answered at once: whoever goes on holds it no more. */
    unlockItems: act(({ context }) => ({
      ...unlock(context, thread(context)),
      message: { type: 'spin_unlock_irq', caller: context.self, task: thread(context), as: 'assign' },
    })),
    /** vfs_poll(): enters the wait queue, looks at the counter. */
    poll: act(({ context }) =>
      call<EventfdMessage>(there(context.eventfd, context), {
        type: 'add_wait_queue',
        waiter: context.self,
        caller: context.self,
        task: thread(context),
        as: 'assign',
        ...(isExclusive ? { exclusive: true, nolockdep: true } : {}),
      }),
    ),
    register: act(({ context, cells }) => {
      const { self, atomic } = context;
      const eventfd = there(context.eventfd, context);
      prepare(policy, 'clean', 'register_consumer', self, { eventfd }, cells);
      const asked = { caller: self, task: thread(context), as: 'assign', eventfd, atomic };
      return register(policy, 'consumer', self, cells, asked);
    }),
    /** A failed bypass registration never fails the assignment; user space is told where that is proposed. */
    registered: on('return.assign', ({ context, event, cells }) => {
      const { self } = context;
      tidy(policy, 'clean', 'register_consumer', self, event.value, cells);
      const result = cells.constant(self, 'reports') === true ? (event.value ?? 0) : 0;
      return set<IrqfdContext>({ atomic: false, result });
    }),
    assigned: act(() => set({ atomic: false, result: 0 })),
    /** srcu_read_unlock(), then fdput(): whoever closed the descriptor meanwhile is heard of now. */
    putFile: act(({ context }) =>
      call<EventfdMessage>(there(context.fd, context), {
        type: 'fdput',
        caller: context.self,
        task: thread(context),
        as: 'assign',
      }),
    ),
    leave: act(({ context }) => [set<IrqfdContext>({ caller: null }), returnTo(thread(context), context.result)]),
    leaveReadSection: act(({ context }) => srcuUnlock(context, thread(context))),
    /** The eventfd has a waiter already (since 6.17), or this VM an irqfd on it (before): -EBUSY. */
    abort: act(({ context }) => unlock(context, thread(context))),
  };
}

/** Is an eventfd for one irqfd in the whole host (since Linux 6.17), or for one of each VM? */
export const isExclusiveIn = ({ irq }: Policy): boolean => irq === 'argument';

/** From KVM_IRQFD to kfree(). */
function lifeOf(policy: Policy): IrqfdRegion {
  const begins = ['irqfd_assign'] as const;
  const afterPoll = [
    { guard: 'isToBypass', target: 'registering', actions: 'register' },
    { target: 'leaving', actions: ['assigned', 'leaveReadSection', 'putFile'] },
  ];
  const before617: Record<string, IrqfdRegion> = {
    begun: { always: { target: 'locking', actions: 'lockItems' } },
    locking: { on: { 'return.assign': { target: 'updating', actions: 'askEntry' } } },
    updating: {
      on: {
        irq_entry: [
          { guard: 'isTaken', target: 'aborting', actions: 'abort' },
          { target: 'entering', actions: ['takeEntry', 'enterReadSection'] },
        ],
      },
    },
    entering: { on: { 'return.assign': { target: 'unlocking', actions: ['activate', 'unlockItems'] } } },
    unlocking: { on: { 'return.assign': { target: 'polling', actions: 'poll' } } },
    polling: { on: { 'return.assign': afterPoll } },
  };
  const since617: Record<string, IrqfdRegion> = {
    begun: { always: { target: 'entering', actions: 'enterReadSection' } },
    entering: { on: { 'return.assign': { target: 'locking', actions: 'lockItems' } } },
    locking: { on: { 'return.assign': { target: 'updating', actions: 'askEntry' } } },
    updating: { on: { irq_entry: { target: 'polling', actions: ['takeEntry', 'poll'] } } },
    polling: {
      on: {
        'return.assign': [
          { guard: 'failed', target: 'aborting', actions: ['leaveReadSection', 'abort'] },
          { target: 'unlocking', actions: ['activate', 'unlockItems'] },
        ],
      },
    },
    unlocking: { on: { 'return.assign': afterPoll } },
  };
  return {
    initial: 'unassigned',
    states: oneAtATime('unassigned', begins, {
      unassigned: { on: { irqfd_assign: { target: 'getting', actions: 'allocate' } } },
      getting: {
        on: {
          'return.assign': [
            { guard: 'failed', target: 'unassigned', actions: 'badFd' },
            { guard: 'resamples', target: 'gettingResamplefd', actions: 'getResamplefd' },
            { target: 'begun' },
          ],
        },
      },
      gettingResamplefd: {
        on: {
          'return.assign': [
            { guard: 'failed', target: 'leaving', actions: ['putEventfd', 'badResamplefd', 'putFile'] },
            { target: 'lockingResampler', actions: 'lockResampler' },
          ],
        },
      },
      lockingResampler: { on: { 'return.assign': { target: 'synchronizingResampler', actions: 'addResampler' } } },
      synchronizingResampler: { on: { 'return.assign': { target: 'begun', actions: 'unlockResampler' } } },
      ...(isExclusiveIn(policy) ? since617 : before617),
      // -EBUSY: what was set up goes again.
      aborting: {
        always: [
          { guard: 'resamples', target: 'lockingToAbort', actions: 'lockResampler' },
          { target: 'leaving', actions: ['putEventfds', 'refused', 'putFile'] },
        ],
      },
      lockingToAbort: { on: { 'return.assign': { target: 'synchronizingToAbort', actions: 'removeResampler' } } },
      synchronizingToAbort: {
        on: {
          'return.assign': { target: 'leaving', actions: ['unlockResampler', 'putEventfds', 'refused', 'putFile'] },
        },
      },
      registering: {
        on: { 'return.assign': { target: 'leaving', actions: ['registered', 'leaveReadSection', 'putFile'] } },
      },
      leaving: {
        on: {
          'return.assign': [
            { guard: 'isFree', target: 'unassigned', actions: 'leave' },
            { target: 'assigned', actions: 'leave' },
          ],
        },
      },
      assigned: {
        always: { guard: 'isFree', target: 'unassigned' },
        on: {
          irqfd_assign: [
            { guard: 'isTwice', actions: 'refuseTwice' },
            { guard: 'isAnother', actions: 'notModelled' },
          ],
        },
      },
    }),
  };
}

/** Deassign, EPOLLHUP, release: whoever finds it active deactivates it. */
const deactivationHandlers = {
  /** eventfd_ctx_fdget(): the irqfd is named by a descriptor. */
  getToDeassign: on('irqfd_deassign', ({ context: { self, fd }, event: { caller } }) => [
    set<IrqfdContext>({ deassigner: caller }),
    call<EventfdMessage>(there(fd, { self }), {
      type: 'eventfd_ctx_fdget',
      holder: caller,
      caller: self,
      as: 'deassign',
    }),
  ]),
  badFdToDeassign: on('return.deassign', ({ context, event }) => [
    set<IrqfdContext>({ deassigner: null }),
    returnTo(there(context.deassigner, context), event.value),
  ]),
  nothingToDeassign: on('irqfd_deassign', ({ event }) => returnTo(event.caller, null)),
  lockToDeassign: on('return.deassign', ({ context }) =>
    takeLock(context, there(context.deassigner, context), 'deassign'),
  ),
  /** kvm_irqfd_deassign(): then the jobs are waited for, its promise being that no interrupt comes after it. */
  deassign: on('return.deassign', ({ context }) => {
    const { self, cleanup_wq, deassigner } = context;
    const task = there(deassigner, context);
    return [
      ...(context.active ? deactivate(context) : []),
      unlock(context, task),
      call<EventfdMessage>(there(context.fd, context), { type: 'eventfd_ctx_put', holder: task }),
      call<WorkqueueMessage>(cleanup_wq, { type: 'flush_workqueue', caller: self, task, as: 'deassign', atOnce: true }),
    ];
  }),
  /** 0, whether anything matched or not. */
  deassigned: on('return.deassign', ({ context }) => [
    set<IrqfdContext>({ deassigner: null }),
    returnTo(there(context.deassigner, context), null),
  ]),
  lockToHangUp: on('hang_up', ({ context, event: { type: _type, ...asker } }) => [
    set<IrqfdContext>({ closer: asker }),
    takeLockIrqsave(context, taskOf(asker), 'hang_up'),
  ]),
  hangUp: on('return.hang_up', ({ context }) => {
    const { closer } = context;
    if (closer === null) throw new Error(`nobody closes the eventfd of ${context.self}`);
    return [
      set<IrqfdContext>({ closer: null }),
      ...(context.active ? deactivate(context) : []),
      call<SpinlockMessage>(context.irqfds_lock, { type: 'spin_unlock_irqrestore', task: taskOf(closer) }),
      ...answer(closer, null),
    ];
  }),
  release: on('deactivate', ({ context }) => deactivate(context)),
};

/** irqfd_wakeup() and the two jobs. */
function jobHandlers(policy: Policy) {
  const job = (context: IrqfdContext): Name => there(context.job, context);
  return {
    /** kvm_arch_set_irq_inatomic(): by the cached route. */
    injectAtOnce: on('wakeup', ({ context: { vm, entry }, event: { interrupts } }) =>
      call<VmMessage>(vm, { type: 'inject_route', route: entry as Route, interrupts }),
    ),
    /** What poll finds is injected as well; it stays in the counter. */
    scheduleInject: on(['wakeup', 'pending'], (handling) => schedule(handling, handling.event.interrupts)),
    /** irqfd_inject(): looks the route up. */
    inject: on('irqfd_inject', ({ context: { vm, gsi, injecting }, event }) => [
      set<IrqfdContext>({ injecting: [] }),
      ...(injecting.length === 0 ? [] : [call<VmMessage>(vm, { type: 'kvm_set_irq', gsi, interrupts: injecting })]),
      ...answer(event, null),
    ]),
    /** irqfd_shutdown(): waits for a KVM_IRQFD that is under way, ... */
    synchronize: on('irqfd_shutdown', ({ context: { self, irq_srcu }, event: { caller } }) => [
      set<IrqfdContext>({ job: caller }),
      call<SrcuMessage>(irq_srcu, {
        type: 'synchronize_srcu',
        caller: self,
        task: caller,
        as: 'shutdown',
        atOnce: true,
      }),
    ]),
    /** ... leaves the wait queue, which cuts the software path before the bypass path, ... */
    leaveWaitQueue: act(({ context }) => {
      const { self } = context;
      const asked = { waiter: self, caller: self, task: job(context), as: 'shutdown' } as const;
      return [
        set<IrqfdContext>({ queued: false }),
        call<EventfdMessage>(there(context.eventfd, context), { type: 'remove_wait_queue', ...asked }),
      ];
    }),
    /** ... waits for the inject job, ... */
    flushInject: act(({ context }) => {
      const { self, inject_wq, inject } = context;
      const asked = { caller: self, task: job(context), as: 'shutdown', atOnce: true };
      return call<WorkqueueMessage>(inject_wq, { type: 'flush_work', work: inject, ...asked });
    }),
    /** ... is no resampler any more, ... */
    lockToLeaveResampler: act(({ context }) => lockResampler(context, job(context), 'shutdown')),
    leaveResampler: act(({ context }) => [
      call<VmMessage>(context.vm, { type: 'resampler_del', irqfd: context.self }),
      synchronizeResampler(context, job(context), 'shutdown'),
    ]),
    leftResampler: act(({ context }) => unlockResampler(context, job(context))),
    /** ... unregisters, ... */
    unregister: act(({ context, cells }) =>
      unregister(policy, 'consumer', context.self, cells, {
        caller: context.self,
        task: job(context),
        as: 'shutdown',
      }),
    ),
    /** ... puts the eventfd, frees itself. */
    free: on('return.shutdown', ({ context, cells }) => {
      const { self } = context;
      tidy(policy, 'clean', 'unregister_consumer', self, null, cells);
      cells.store(self, 'freed', true);
      return [set<IrqfdContext>({ ...zeroed, job: null }), ...putEventfds(context), returnTo(job(context), null)];
    }),
  };
}

const deassigning: IrqfdRegion = {
  initial: 'idle',
  states: oneAtATime('idle', ['irqfd_deassign'], {
    idle: {
      on: {
        irqfd_deassign: [
          { guard: 'wasNeverAssigned', actions: 'nothingToDeassign' },
          { target: 'getting', actions: 'getToDeassign' },
        ],
      },
    },
    getting: {
      on: {
        'return.deassign': [
          { guard: 'failedToGet', target: 'idle', actions: 'badFdToDeassign' },
          { target: 'locking', actions: 'lockToDeassign' },
        ],
      },
    },
    locking: { on: { 'return.deassign': { target: 'flushing', actions: 'deassign' } } },
    flushing: { on: { 'return.deassign': { target: 'idle', actions: 'deassigned' } } },
  }),
};

const hangingUp: IrqfdRegion = {
  initial: 'idle',
  states: {
    idle: { on: { hang_up: { target: 'locking', actions: 'lockToHangUp' } } },
    locking: { on: { 'return.hang_up': { target: 'idle', actions: 'hangUp' } } },
  },
};

const shuttingDown: IrqfdRegion = {
  initial: 'idle',
  states: {
    idle: { on: { irqfd_shutdown: { target: 'synchronizing', actions: 'synchronize' } } },
    synchronizing: { on: { 'return.shutdown': { target: 'leaving', actions: 'leaveWaitQueue' } } },
    leaving: { on: { 'return.shutdown': { target: 'flushing', actions: 'flushInject' } } },
    flushing: {
      on: {
        'return.shutdown': [
          { guard: 'resamples', target: 'lockingResampler', actions: 'lockToLeaveResampler' },
          { target: 'unregistering', actions: 'unregister' },
        ],
      },
    },
    lockingResampler: { on: { 'return.shutdown': { target: 'synchronizingResampler', actions: 'leaveResampler' } } },
    synchronizingResampler: { on: { 'return.shutdown': { target: 'leftResampler', actions: 'leftResampler' } } },
    leftResampler: { always: { target: 'unregistering', actions: 'unregister' } },
    unregistering: { on: { 'return.shutdown': { target: 'idle', actions: 'free' } } },
  },
};

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
    wiring: {
      vm: 'vm',
      gsi: '*',
      irqfds_lock: 'spinlock',
      irq_srcu: 'srcu',
      resampler_lock: 'mutex',
      cleanup_wq: 'workqueue',
      inject_wq: 'workqueue',
      shutdown: 'irqfd-shutdown',
      inject: 'irqfd-inject',
      ...arch.wiring,
    },
    usual: {
      irqfds_lock: 'vm.irqfds_lock',
      irq_srcu: 'vm.irq_srcu',
      resampler_lock: 'vm.resampler_lock',
      cleanup_wq: 'vm.cleanup_wq',
      inject_wq: { part: 'systemwq', machine: 'workqueue', constants: { unbound: true }, shared: true },
      shutdown: { part: 'shutdown', machine: 'irqfd-shutdown', wiring: { irqfd: '.' } },
      inject: { part: 'inject', machine: 'irqfd-inject', wiring: { irqfd: '.' } },
    },
    cells: structCells,
    constants: { ...structConstants('consumer'), ...arch.constants, has_irq_bypass: true, reports: false },
    families: [tasks],
    slots: 2,
    sends: [
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
      ...arch.sends,
    ],
    operations: {
      irqfd_assign: {
        arguments: ['eventfd!:eventfd', 'resamplefd:eventfd?', 'no_bypass?', 'atomic?'],
        how: 'post',
        kernel: 'KVM_IRQFD; no_bypass is the proposed KVM_IRQFD_FLAG_NO_IRQBYPASS',
      },
      irqfd_deassign: { how: 'post', kernel: 'KVM_IRQFD with KVM_IRQFD_FLAG_DEASSIGN' },
    },
    context: ({ self, wiring }) => ({
      self,
      added: [],
      vm: wiring['vm'] as Name,
      gsi: wiring['gsi'] as Name,
      irqfds_lock: wiring['irqfds_lock'] as Name,
      irq_srcu: wiring['irq_srcu'] as Name,
      resampler_lock: wiring['resampler_lock'] as Name,
      cleanup_wq: wiring['cleanup_wq'] as Name,
      inject_wq: wiring['inject_wq'] as Name,
      shutdown: wiring['shutdown'] as Name,
      inject: wiring['inject'] as Name,
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
      vgic: wiring['vgic'] ?? null,
      server: null,
    }),
    guards: distinct<Guard<IrqfdContext>>(guards, arch.guards as Record<string, Guard<IrqfdContext>>),
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
