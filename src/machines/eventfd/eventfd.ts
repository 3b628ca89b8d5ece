// The eventfd context: references, counter, wait queue.
//
// Kernel source: fs/eventfd.c, kernel/sched/wait.c and the waiters of virt/kvm/eventfd.c, Linux 6.12 and 6.18. What runs under
// wqh.lock is one step, but for EPOLLHUP: its waiter takes irqfds.lock, and wqh.lock is held meanwhile. The first priority waiter
// consumes each signal, counter and all. Since Linux 6.17 (2cdd64cbf990) KVM's are exclusive, too: one an eventfd in the whole host, a
// second one is refused with -EBUSY; before, it waits behind the first and gets nothing (bug B20). Abstracted away: what the counter
// counts (interrupts, as far as they differ), EFD_SEMAPHORE, readers that sleep.
import type { Cells } from '../../engine/actors/cells.ts';
import type { State } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, set, show } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { ledgerCells, lost, merged, raised } from '../device/interrupt.ts';
import type { Observation } from '../manager/protocol.ts';
import type { Return } from '../kernel/call.ts';
import { errno, returnTo } from '../kernel/call.ts';
import { acquire, attempt } from '../kernel/lockdep.ts';
import type { Asks } from '../kernel/request.ts';
import { answer, askerOf, taskOf, waitFor } from '../kernel/request.ts';
import type { ReleaseObservation } from '../kernel/refcount.ts';
import { count, give, tasks } from '../kernel/task.ts';

export type EventfdContext = {
  readonly self: Name;
  /** Is a descriptor open? It has a reference of its own. */
  readonly isOpen: boolean;
  /** How many system calls have the file: it is released when the last of them is done with it (fdput()). */
  readonly pins: number;
  /** Who else has a reference. */
  readonly holders: readonly Name[];
  /** Signals that nobody has consumed. */
  readonly counter: readonly Interrupt[];
  /** Signals in the counter that a poll has found: whoever polled has dealt with them. */
  readonly polled: readonly Interrupt[];
  /** The priority waiters, first come first. */
  readonly waiters: readonly Name[];
  /** Who releases the file, and the waiters that have yet to hear of it. */
  readonly closer: Asks | null;
  readonly hanging: readonly Name[];
};

/**
 * What an eventfd is asked. A program calls `eventfd_ctx_put` where an owner gives up the reference that keys stand for, and
 * `eventfd_ctx_alloc` where the same address is handed out again; owners in the kernel are `holder`s. `nolockdep`: wqh.lock is taken
 * where lockdep is not told (kvm_irqfd_register(), see kernel source).
 */
export type EventfdMessage =
  | ({ readonly type: 'eventfd_ctx_fdget'; readonly holder: Name; readonly pins?: true } & Asks)
  | ({ readonly type: 'fdput' } & Asks)
  | { readonly type: 'eventfd_ctx_put'; readonly holder?: Name; readonly caller?: Name }
  | { readonly type: 'eventfd_ctx_alloc'; readonly caller: Name }
  | { readonly type: 'close_eventfd'; readonly caller: Name }
  | ({ readonly type: 'add_wait_queue' | 'remove_wait_queue' } & Waiting)
  | ({ readonly type: 'eventfd_signal'; readonly interrupt?: Interrupt; readonly by?: Name } & Asks)
  | ({ readonly type: 'wqh_lock'; readonly what: 'add_wait_queue' | 'remove_wait_queue' } & Waiting)
  | Return<'hang_up'>;

/** Who enters or leaves the wait queue; `wqh_lock` is its own, of one who waits for wqh.lock. */
type Waiting = { readonly waiter: Name; readonly exclusive?: boolean; readonly nolockdep?: boolean } & Asks;

/** To a waiter: EPOLLIN with what was in the counter; what poll finds there as it begins to wait; EPOLLHUP, which it answers. */
export type WaiterMessage =
  | { readonly type: 'pending'; readonly interrupts: readonly Interrupt[] }
  | { readonly type: 'wakeup'; readonly interrupts: readonly Interrupt[]; readonly task: Name }
  | ({ readonly type: 'hang_up' } & Asks);

/** A signal, and whether the one who signals has a reference. */
export type SignalObservation = {
  readonly kind: 'signal';
  readonly eventfd: Name;
  readonly by: Name;
  readonly held: boolean;
};

const { on, when } = handlers<EventfdContext, EventfdMessage>();
type Handling = Handled<EventfdContext, EventfdMessage>;

/** Who is told when the file is released. */
const closerOf = (event: Extract<EventfdMessage, { readonly type: 'close_eventfd' | 'fdput' }>): Asks =>
  event.type === 'fdput' ? askerOf(event) : { caller: event.caller };

/** One reference less; somebody may have two, as who swaps an eventfd for itself. */
function without(holders: readonly Name[], holder: Name): readonly Name[] {
  const place = holders.indexOf(holder);
  return holders.filter((_, i) => i !== place);
}

/** Nobody has a reference any more: kfree(). */
function put({ context, cells }: Handling, change: Partial<Pick<EventfdContext, 'holders' | 'isOpen' | 'pins'>>) {
  const { self, isOpen, holders, counter } = { ...context, ...change };
  if (isOpen || holders.length > 0) return [set<EventfdContext>(change)];
  cells.store(self, 'put', true);
  return [
    set<EventfdContext>({ ...change, counter: [], polled: [] }),
    show<ReleaseObservation>({ kind: 'last reference', object: self }),
    ...lost(cells, counter, 'the eventfd is gone'),
  ];
}

/** spin_lock_irqsave(&ctx->wqh.lock): what lockdep sees, and the lock where it is kept over several steps. */
function lock(cells: Cells, self: Name, task: Name, keeps = false): HostEffect {
  const lockClass = cells.constant(self, 'class');
  count(cells, task, 'preempt', 1);
  count(cells, task, 'irqsOff', 1);
  const seen = attempt(cells, task, lockClass, { spins: true });
  if (keeps) acquire(cells, task, lockClass, { spins: true });
  else unlock(cells, self, task);
  return seen;
}

function unlock(cells: Cells, self: Name, task: Name): void {
  give(cells, task, cells.constant(self, 'class'));
  count(cells, task, 'irqsOff', -1);
  count(cells, task, 'preempt', -1);
}

/** A call under wqh.lock, as lockdep sees it: programs of worlds without locks have no tasks. */
const underLock = ({ context: { self }, cells }: Handling, asked: Asks, isSeen = true): readonly HostEffect[] =>
  isSeen && cells.constant(self, 'class') !== null ? [lock(cells, self, taskOf(asked))] : [];

const guards = {
  isClosed: when('eventfd_ctx_fdget', ({ context }) => !context.isOpen),
  isPinned: when('close_eventfd', ({ context }) => context.pins > 0),
  isStillOpen: when('fdput', ({ context }) => context.isOpen || context.pins > 1),
  isHangingUp: when(['close_eventfd', 'fdput'], ({ context }) => context.waiters.length > 0),
  isMore: when('return.hang_up', ({ context }) => context.hanging.length > 1),
  isGone: when('eventfd_signal', ({ context }) => !context.isOpen && context.holders.length === 0),
  isTaken: when(
    ['add_wait_queue', 'wqh_lock'],
    ({ context, event }) => event.exclusive === true && context.waiters.length > 0,
  ),
  leaves: when('wqh_lock', ({ event }) => event.what === 'remove_wait_queue'),
  isWaitedFor: when('eventfd_signal', ({ context }) => context.waiters.length > 0),
};

const eventfdHandlers = {
  get: on('eventfd_ctx_fdget', ({ context, event }) => [
    set({
      holders: [...context.holders, event.holder],
      pins: context.pins + Number(event.pins === true),
    }),
    ...answer(event, 0),
  ]),
  badFd: on('eventfd_ctx_fdget', ({ event }) => answer(event, -errno.EBADF)),
  put: on('eventfd_ctx_put', (handling) => {
    const { context, event, cells } = handling;
    const { holder, caller } = event;
    if (holder !== undefined) return put(handling, { holders: without(context.holders, holder) });
    cells.store(context.self, 'put', true);
    return caller === undefined ? [] : returnTo(caller, null);
  }),
  alloc: on('eventfd_ctx_alloc', ({ context, event, cells }) => {
    cells.store(context.self, 'put', false);
    return [set<EventfdContext>({ isOpen: true }), returnTo(event.caller, null)];
  }),
  /** The descriptor goes; a system call still has the file. */
  closeLater: on('close_eventfd', ({ event }) => [
    set<EventfdContext>({ isOpen: false }),
    returnTo(event.caller, null),
  ]),
  unpin: on('fdput', ({ context, event }) => [set({ pins: context.pins - 1 }), ...answer(event, null)]),
  /** eventfd_release(): nobody waits. */
  close: on(['close_eventfd', 'fdput'], (handling) => [
    ...put(handling, { isOpen: false, pins: 0 }),
    ...answer(closerOf(handling.event), null),
  ]),
  /** wake_up_poll(EPOLLHUP): all waiters, one after the other, under wqh.lock. */
  hangUp: on(['close_eventfd', 'fdput'], ({ context: { self, waiters }, event, cells }) => {
    const [first] = waiters as readonly [Name];
    const closer = closerOf(event);
    const task = taskOf(closer);
    const seen = cells.constant(self, 'class') === null ? [] : [lock(cells, self, task, true)];
    return [
      set<EventfdContext>({ isOpen: false, pins: 0, closer, hanging: waiters }),
      ...seen,
      call<WaiterMessage>(first, { type: 'hang_up', caller: self, task, as: 'hang_up' }),
    ];
  }),
  hangUpNext: on('return.hang_up', ({ context: { self, hanging, closer } }) => {
    const [, next, ...rest] = hanging as readonly [Name, Name];
    return [
      set<EventfdContext>({ hanging: [next, ...rest] }),
      call<WaiterMessage>(next, { type: 'hang_up', caller: self, task: taskOf(closer as Asks), as: 'hang_up' }),
    ];
  }),
  hungUp: on('return.hang_up', (handling) => {
    const { self, closer } = handling.context;
    if (closer === null) throw new Error(`nobody closes ${self}`);
    if (handling.cells.constant(self, 'class') !== null) unlock(handling.cells, self, taskOf(closer));
    return [
      set<EventfdContext>({ closer: null, hanging: [] }),
      ...put(handling, { isOpen: false }),
      ...answer(closer, null),
    ];
  }),
  /** A function call finds wqh.lock held. */
  spin: on(['add_wait_queue', 'remove_wait_queue'], ({ context: { self }, event: { type, ...asked } }) =>
    waitFor(self, { type: 'wqh_lock', what: type, ...asked }),
  ),
  wait: on(['add_wait_queue', 'wqh_lock'], (handling) => {
    const { context, event } = handling;
    const { counter, polled, waiters } = context;
    const { waiter, nolockdep } = event;
    const interrupts = [...polled, ...counter];
    return [
      set({ waiters: [...waiters, waiter], counter: [], polled: interrupts }),
      ...underLock(handling, event, nolockdep !== true),
      ...(interrupts.length === 0 ? [] : [call<WaiterMessage>(waiter, { type: 'pending', interrupts })]),
      ...answer(event, 0),
    ];
  }),
  refuse: on(['add_wait_queue', 'wqh_lock'], ({ event }) => answer(event, -errno.EBUSY)),
  /** eventfd_ctx_remove_wait_queue(): takes what is in the counter out as well. */
  leave: on(['remove_wait_queue', 'wqh_lock'], (handling) => {
    const { context, event, cells } = handling;
    return [
      set({ waiters: context.waiters.filter((waiter) => waiter !== event.waiter), counter: [], polled: [] }),
      ...underLock(handling, event),
      ...lost(cells, context.counter, 'the counter is emptied as the irqfd leaves the eventfd'),
      ...answer(event, null),
    ];
  }),
  touchFreed: on('eventfd_signal', ({ context: { self }, event }) => [
    show<Observation>({ kind: 'use-after-free', object: self, what: 'eventfd_signal()' }),
    ...answer(event, null),
  ]),
  /** Nobody waits: the event stays in the counter. */
  count: on('eventfd_signal', (handling) => {
    const { context, event, cells } = handling;
    const { self, counter } = context;
    const interrupt = event.interrupt ?? raised(cells, self);
    return [
      set({ counter: merged(cells, counter, [interrupt]) }),
      ...signalled(handling, event),
      show<Observation>({ kind: 'interrupt', how: 'pending', vcpu: null, ...interrupt }),
      ...answer(event, null),
    ];
  }),
  /** The first waiter consumes the signal, and what is in the counter. */
  wake: on('eventfd_signal', (handling) => {
    const { context, event, cells } = handling;
    const { self, counter, waiters } = context;
    const [first] = waiters as readonly [Name];
    const interrupts = merged(cells, counter, [event.interrupt ?? raised(cells, self)]);
    return [
      set({ counter: [], polled: [] }),
      ...signalled(handling, event),
      call<WaiterMessage>(first, { type: 'wakeup', interrupts, task: taskOf(event) }),
      ...answer(event, null),
    ];
  }),
};

const chart: State<string, string, EventfdMessage['type']> = {
  initial: 'unlocked',
  on: {
    eventfd_ctx_fdget: [{ guard: 'isClosed', actions: 'badFd' }, { actions: 'get' }],
    eventfd_ctx_put: { actions: 'put' },
    eventfd_ctx_alloc: { actions: 'alloc' },
  },
  states: {
    unlocked: {
      on: {
        close_eventfd: [
          { guard: 'isPinned', actions: 'closeLater' },
          { guard: 'isHangingUp', target: 'hangingUp', actions: 'hangUp' },
          { actions: 'close' },
        ],
        fdput: [
          { guard: 'isStillOpen', actions: 'unpin' },
          { guard: 'isHangingUp', target: 'hangingUp', actions: 'hangUp' },
          { actions: 'close' },
        ],
        add_wait_queue: [{ guard: 'isTaken', actions: 'refuse' }, { actions: 'wait' }],
        remove_wait_queue: { actions: 'leave' },
        wqh_lock: [{ guard: 'leaves', actions: 'leave' }, { guard: 'isTaken', actions: 'refuse' }, { actions: 'wait' }],
        eventfd_signal: [
          { guard: 'isGone', actions: 'touchFreed' },
          { guard: 'isWaitedFor', actions: 'wake' },
          { actions: 'count' },
        ],
      },
    },
    hangingUp: {
      on: {
        'return.hang_up': [
          { guard: 'isMore', actions: 'hangUpNext' },
          { target: 'unlocked', actions: 'hungUp' },
        ],
        add_wait_queue: { actions: 'spin' },
        remove_wait_queue: { actions: 'spin' },
      },
      waits: ['close_eventfd', 'wqh_lock', 'eventfd_signal'],
    },
  },
};

/**
 * The machine of an eventfd context. States: `unlocked`, `hangingUp` (EPOLLHUP, under wqh.lock).
 *
 * @param knowsTasks - is wqh.lock a lock class, in a world with locks of machines/kernel/?
 */
export function createEventfd(knowsTasks = false): Machine {
  return machine<EventfdContext, EventfdMessage>({
    id: 'eventfd',
    title: 'An eventfd context',
    kinds: ['object'],
    cells: { put: false, ...ledgerCells },
    constants: { class: knowsTasks ? ('wqh.lock' as Name) : null },
    families: knowsTasks ? [tasks] : [],
    sends: ['return', 'return.*', 'wakeup', 'pending', 'hang_up', 'wqh_lock'],
    operations: {
      eventfd_ctx_put: { how: 'call', kernel: 'eventfd_ctx_put() of the last reference' },
      eventfd_ctx_alloc: { how: 'call', kernel: 'eventfd() that gets the same address again' },
      eventfd_signal: { how: 'post', kernel: 'write() to the eventfd' },
      close_eventfd: { how: 'post', kernel: 'close() of the last descriptor' },
    },
    context: ({ self }) => ({
      self,
      isOpen: true,
      pins: 0,
      holders: [],
      counter: [],
      polled: [],
      waiters: [],
      closer: null,
      hanging: [],
    }),
    guards,
    handlers: eventfdHandlers,
    chart,
  });
}

/** What an onlooker sees of a signal. */
function signalled(
  handling: Handling,
  event: Extract<EventfdMessage, { readonly type: 'eventfd_signal' }>,
): readonly HostEffect[] {
  const { self, isOpen, holders } = handling.context;
  const { by } = event;
  return [
    ...underLock(handling, event),
    ...(by === undefined
      ? []
      : [show<SignalObservation>({ kind: 'signal', eventfd: self, by, held: isOpen || holders.includes(by) })]),
  ];
}
