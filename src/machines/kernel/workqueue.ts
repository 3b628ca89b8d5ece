// The workqueue: work items that are queued, and workers that run them: of a CPU, one runs at a time; unbound, all of them do.
//
// Kernel source: kernel/workqueue.c, Documentation/core-api/workqueue.rst. A pool of a CPU starts a queued item only while none of
// its workers runs: one that sleeps does not count, so the primitives tell the pool who sleeps and who runs again. An unbound pool
// does not count. Items begin in the order in which they were queued; one never runs twice at a time. A work item is any
// actor that takes `work` and in the end says `work_done` (`work`, or a machine of a script); it is the task that its function
// runs in. Abstracted away: the number of CPUs (one workqueue here is one pool), rescuers, delays, priorities,
// and what flush_work() and cancel_work_sync() answer: whether there was anything to wait for.
import type { Cells } from '../../engine/actors/cells.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { errno } from './call.ts';
import type { LockObservation } from './lockdep.ts';
import { acquire, attempt, classOf, contextOf, mightSleep } from './lockdep.ts';
import type { Asks, AtOnce } from './request.ts';
import { answer, askerOf, primitiveSends, sleeps, taskOf, waitFor, wakes } from './request.ts';
import { give, heldBy, tasks } from './task.ts';

/** A task that waits until some items have ended so many times each. */
type Flush = { readonly task: Name; readonly items: readonly { readonly work: Name; readonly ends: number }[] };

export type WorkqueueContext = {
  readonly self: Name;
  readonly isUnbound: boolean;
  readonly activeMax: number;
  /** Queued items, first come first. */
  readonly pending: readonly Name[];
  /** Items whose functions are under way, and those of them that sleep. */
  readonly active: readonly Name[];
  readonly asleep: readonly Name[];
  /** Is a worker on its way to the queue? */
  readonly isWoken: boolean;
  readonly flushes: readonly Flush[];
};

/** With a caller, it is told. */
type Asked = { readonly caller?: Name };

/**
 * queue_work() is answered 0, or -EBUSY where the item is queued already; a flush is answered when the items that it found have
 * ended. The others are of work items, of the primitives, and its own.
 */
export type WorkqueueMessage =
  | ({ readonly type: 'queue_work'; readonly work: Name } & Asked)
  | ({ readonly type: 'flush_work' | 'cancel_work_sync'; readonly work: Name } & Asks & AtOnce)
  | ({ readonly type: 'flush_workqueue' } & Asks & AtOnce)
  | ({ readonly type: 'flushed' } & Asks)
  | { readonly type: 'process_one_work' }
  | { readonly type: 'work_done'; readonly work: Name }
  | { readonly type: 'worker_sleeping' | 'worker_running'; readonly worker: Name };

/** To a work item: its function is called. */
export type Work = { readonly type: 'work'; readonly pool: Name };

const { on, when } = handlers<WorkqueueContext, WorkqueueMessage>();

/** The item that a worker would start; undefined where it may start none. */
function startable({ pending, active, asleep, isUnbound, activeMax }: WorkqueueContext): Name | undefined {
  if (active.length >= activeMax) return undefined;
  if (!isUnbound && active.length > asleep.length) return undefined;
  return pending.find((work) => !active.includes(work));
}

/** How many times an item ends until all that was asked of it so far is done. */
const endsLeft = ({ pending, active }: WorkqueueContext, work: Name): number =>
  Number(pending.includes(work)) + Number(active.includes(work));

/** A task waits for items to end, perhaps for none. */
function flush(context: WorkqueueContext, event: Asks & AtOnce, cells: Cells, works: readonly Name[]) {
  const task = taskOf(event);
  const items = works.flatMap((work) => {
    const ends = endsLeft(context, work);
    return ends === 0 ? [] : [{ work, ends }];
  });
  if (event.atOnce === true && items.length === 0) return answer(event, null);
  return [
    set<WorkqueueContext>({ flushes: [...context.flushes, { task, items }] }),
    ...(items.length === 0 ? [] : sleeps(cells, task)),
    waitFor(context.self, { type: 'flushed', ...askerOf(event) }),
  ];
}

/** The flushes once an item has ended. */
const ended = (flushes: readonly Flush[], work: Name): readonly Flush[] =>
  flushes.map(({ task, items }) => ({
    task,
    items: items.flatMap((item) => {
      const ends = item.work === work ? item.ends - 1 : item.ends;
      return ends === 0 ? [] : [{ work: item.work, ends }];
    }),
  }));

/** The flushes once an item that is queued was taken out again. */
const cancelled = (flushes: readonly Flush[], work: Name, isActive: boolean): readonly Flush[] =>
  flushes.map(({ task, items }) => ({
    task,
    items: items.flatMap((item) => {
      if (item.work !== work) return [item];
      return isActive ? [{ work, ends: 1 }] : [];
    }),
  }));

/** The machine of a workqueue. */
export const workqueue: Machine = machine<WorkqueueContext, WorkqueueMessage>({
  id: 'workqueue',
  title: 'A workqueue with the pool that runs its items',
  kinds: ['primitive'],
  constants: { class: null, unbound: false, max_active: 256 },
  families: [tasks],
  sends: [...primitiveSends, 'work', 'process_one_work', 'flushed'],
  operations: {
    queue_work: { arguments: ['work'], how: 'call', kernel: 'queue_work()' },
    flush_work: { arguments: ['work'], how: 'call', kernel: 'flush_work()' },
    cancel_work_sync: { arguments: ['work'], how: 'call', kernel: 'cancel_work_sync()' },
    flush_workqueue: { how: 'call', kernel: 'flush_workqueue()' },
  },
  context: ({ self, constants }) => ({
    self,
    isUnbound: constants['unbound'] === true,
    activeMax: Number(constants['max_active']),
    pending: [],
    active: [],
    asleep: [],
    isWoken: false,
    flushes: [],
  }),
  guards: {
    isPending: when('queue_work', ({ context, event }) => context.pending.includes(event.work)),
    // Where all was cancelled the worker finds nothing.
    mayStart: when(
      'process_one_work',
      ({ context }) => context.pending.length === 0 || startable(context) !== undefined,
    ),
    isFlushed: when('flushed', ({ context, event }) => {
      const task = taskOf(event);
      return context.flushes.every((one) => one.task !== task || one.items.length === 0);
    }),
  },
  handlers: {
    queue: on('queue_work', ({ context, event }) => [
      set({ pending: [...context.pending, event.work], isWoken: true }),
      ...(context.isWoken ? [] : [post(context.self, { type: 'process_one_work' })]),
      ...(event.caller === undefined ? [] : answer({ caller: event.caller }, 0)),
    ]),
    isQueued: on('queue_work', ({ event }) =>
      event.caller === undefined ? [] : answer({ caller: event.caller }, -errno.EBUSY),
    ),
    /** A worker takes the first item; another one is woken where more wait. */
    start: on('process_one_work', ({ context, cells }) => {
      const { self, pending, active } = context;
      const work = startable(context);
      if (work === undefined) return set({ isWoken: false });
      const left = pending.filter((one) => one !== work);
      const classes = [classOf(cells, self), work];
      const seen = classes.map((one) => {
        const shown = attempt(cells, work, one);
        acquire(cells, work, one);
        return shown;
      });
      cells.ask('task', 'run', work, self);
      return [
        set({ pending: left, active: [...active, work], isWoken: left.length > 0 }),
        ...seen,
        ...(left.length > 0 ? [post(self, { type: 'process_one_work' })] : []),
        call<Work>(work, { type: 'work', pool: self }),
      ];
    }),
    done: on('work_done', ({ context, event: { work }, cells }) => {
      for (const one of [work, classOf(cells, context.self)]) give(cells, work, one);
      cells.ask('task', 'run', work, null);
      const isLeft = heldBy(cells, work).length > 0 || contextOf(cells, work) !== 'process';
      return [
        set({
          active: context.active.filter((one) => one !== work),
          asleep: context.asleep.filter((one) => one !== work),
          flushes: ended(context.flushes, work),
        }),
        ...(isLeft
          ? [
              show<LockObservation>({
                kind: 'warn',
                in: 'process_one_work',
                condition: 'the work function leaks a lock',
              }),
            ]
          : []),
      ];
    }),
    sleep: on('worker_sleeping', ({ context: { active, asleep }, event: { worker } }) =>
      set({ asleep: active.filter((one) => one === worker || asleep.includes(one)) }),
    ),
    run: on('worker_running', ({ context, event: { worker } }) =>
      set({ asleep: context.asleep.filter((one) => one !== worker) }),
    ),
    seeFlush: on(['flush_work', 'cancel_work_sync'], ({ event, cells }) => {
      const task = taskOf(event);
      return [...mightSleep(cells, task, event.type), attempt(cells, task, event.work)];
    }),
    flushOne: on('flush_work', ({ context, event, cells }) => flush(context, event, cells, [event.work])),
    cancel: on('cancel_work_sync', ({ context, event, cells }) => {
      const { work } = event;
      const pending = context.pending.filter((one) => one !== work);
      const flushes = cancelled(context.flushes, work, context.active.includes(work));
      return [set({ pending }), ...flush({ ...context, pending, flushes }, event, cells, [work])];
    }),
    flushAll: on('flush_workqueue', ({ context, event, cells }) => {
      const task = taskOf(event);
      const works = [...new Set([...context.active, ...context.pending])];
      return [
        ...mightSleep(cells, task, event.type),
        attempt(cells, task, classOf(cells, context.self)),
        ...flush(context, event, cells, works),
      ];
    }),
    flushed: on('flushed', ({ context, event, cells }) => {
      const task = taskOf(event);
      const flushes = context.flushes.filter((one) => one.task !== task);
      return [set({ flushes }), ...wakes(cells, task), ...answer(event, null)];
    }),
  },
  chart: {
    on: {
      queue_work: [{ guard: 'isPending', actions: 'isQueued' }, { actions: 'queue' }],
      process_one_work: { guard: 'mayStart', actions: 'start' },
      work_done: { actions: 'done' },
      worker_sleeping: { actions: 'sleep' },
      worker_running: { actions: 'run' },
      flush_work: { actions: ['seeFlush', 'flushOne'] },
      cancel_work_sync: { actions: ['seeFlush', 'cancel'] },
      flush_workqueue: { actions: 'flushAll' },
      flushed: { guard: 'isFlushed', actions: 'flushed' },
    },
  },
});
