// How an irqfd ends, and its two jobs: deassign, EPOLLHUP, release; shutdown, inject.
//
// Kernel source: irqfd_deactivate(), kvm_irqfd_deassign(), irqfd_wakeup(), irqfd_shutdown(), irqfd_inject() of virt/kvm/eventfd.c,
// Linux 6.12 and 6.18.
import { oneAtATime } from '../../engine/actors/chart.ts';
import { call, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { merged } from '../device/interrupt.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import { returnTo } from '../kernel/call.ts';
import { answer, taskOf } from '../kernel/request.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import type { SrcuMessage } from '../kernel/srcu.ts';
import type { WorkqueueMessage } from '../kernel/workqueue.ts';
import type { Policy } from '../manager/policy.ts';
import type { Observation } from '../manager/protocol.ts';
import { unregister } from '../manager/struct.ts';
import { tidy } from '../manager/tokens.ts';
import type { Route } from './route.ts';
import { isMsi } from './route.ts';
import type { VmMessage } from './vm.ts';
import type {
  IrqfdContext,
  IrqfdMessage,
  IrqfdHandling,
  IrqfdRegion,
  DeactivationObservation,
} from './irqfd-context.ts';
import {
  there,
  takeLock,
  takeLockIrqsave,
  unlock,
  zeroed,
  putEventfds,
  lockResampler,
  unlockResampler,
  synchronizeResampler,
} from './irqfd-context.ts';

const { on, act, when } = handlers<IrqfdContext, IrqfdMessage>();

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

export const jobGuards = {
  failedToGet: when('return.deassign', ({ event }) => (event.value ?? 0) < 0),
  wasNeverAssigned: when('irqfd_deassign', ({ context }) => context.fd === null),
  // Of an inactive one the cached route may be old (b4d37cdb77a0); what is no MSI takes locks that sleep.
  mayInjectAtOnce: when('wakeup', ({ context }) => context.active && isMsi(context.entry)),
};

/** Deassign, EPOLLHUP, release: whoever finds it active deactivates it. */
export const deactivationHandlers = {
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
export function jobHandlers(policy: Policy) {
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

export const deassigning: IrqfdRegion = {
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

export const hangingUp: IrqfdRegion = {
  initial: 'idle',
  states: {
    idle: { on: { hang_up: { target: 'locking', actions: 'lockToHangUp' } } },
    locking: { on: { 'return.hang_up': { target: 'idle', actions: 'hangUp' } } },
  },
};

export const shuttingDown: IrqfdRegion = {
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
