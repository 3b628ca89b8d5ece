// KVM_IRQFD: from the descriptor to the bypass registration, in its form before Linux 6.17 and since.
//
// Kernel source: kvm_irqfd_assign(), irqfd_update(), kvm_irqfd_register() of virt/kvm/eventfd.c, Linux 6.12 and 6.18.
import { oneAtATime } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import { NotModelledError } from '../../engine/actors/machine-error.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import { errno, returnTo } from '../kernel/call.ts';
import type { SrcuMessage } from '../kernel/srcu.ts';
import type { Policy } from '../manager/policy.ts';
import { register } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';
import type { VmMessage } from './vm.ts';
import type { IrqfdContext, IrqfdMessage, IrqfdRegion } from './irqfd-context.ts';
import {
  there,
  takeLock,
  unlock,
  zeroed,
  putEventfds,
  lockResampler,
  unlockResampler,
  synchronizeResampler,
  srcuUnlock,
  isExclusiveIn,
} from './irqfd-context.ts';

const { on, act, when, whenever } = handlers<IrqfdContext, IrqfdMessage>();

const askEntry = ({ vm, self, gsi, eventfd }: IrqfdContext): HostEffect =>
  call<VmMessage>(vm, { type: 'irqfd_update', caller: self, gsi, eventfd: there(eventfd, { self }) });

/** Of KVM_IRQFD; `resamples` of the shutdown job, too. */
export const assignGuards = {
  failed: when('return.assign', ({ event }) => (event.value ?? 0) < 0),
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
};

/** The thread in KVM_IRQFD. */
const thread = (context: IrqfdContext): Name => there(context.caller, context);

/** KVM_IRQFD as far as the eventfds, and out again. */
const beginHandlers = {
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
};

/** The way out of KVM_IRQFD. */
const leaveHandlers = {
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

/** KVM_IRQFD, up to the manager and back. */
export function assignHandlers(policy: Policy) {
  const isExclusive = isExclusiveIn(policy);
  return {
    ...beginHandlers,
    ...leaveHandlers,
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
  };
}

const afterPoll = [
  { guard: 'isToBypass', target: 'registering', actions: 'register' },
  { target: 'leaving', actions: ['assigned', 'leaveReadSection', 'putFile'] },
];
/** Before Linux 6.17: irqfds.lock first, then the read section; a taken eventfd is looked for among those of this VM. */
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
/** Since: the read section first, irqfds.lock in the callback of vfs_poll(). */
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

/** From KVM_IRQFD to kfree(). */
export function lifeOf(policy: Policy): IrqfdRegion {
  const begins = ['irqfd_assign'] as const;
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
