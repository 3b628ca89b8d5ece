// The wait queue: who is woken, in which order, and how many of them.
//
// Kernel source: kernel/sched/wait.c, include/linux/wait.h. Priority waiters stand first (first come, first served), then the
// others (the last one first), then exclusive ones (first come, first served). A wake-up goes down the queue and stops after the
// first exclusive waiter. A waiter is a task, which is taken off the queue when it is woken and then looks at the condition
// again, or a function, which is called there and then and stays (an irqfd on an eventfd). The condition is a cell: a script's
// machine may store what it likes there. A priority waiter that is exclusive, too, is refused with -EBUSY behind another
// (2cdd64cbf990, Linux 6.17).
// Abstracted away: signals, timeouts, wake functions that decline.
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { errno } from './call.ts';
import { mightSleep } from './lockdep.ts';
import type { Asks, MayAsk } from './request.ts';
import { answer, askerOf, primitiveSends, sleeps, taskOf, waitFor, wakes } from './request.ts';
import { tasks } from './task.ts';

/** How somebody waits. */
type Manner = { readonly exclusive?: boolean; readonly priority?: boolean };
/** Somebody on the queue: a task that sleeps, or a function that is called. */
type Waiter = { readonly waiter: Name; readonly is: 'task' | 'function' } & Manner;

export type WaitQueueContext = { readonly self: Name; readonly waiters: readonly Waiter[] };

/**
 * wait_event() returns once the condition is true; prepare_to_wait(), schedule() and finish_wait() are what it is made of.
 * `awake` is the queue's own: a task that sleeps.
 */
export type WaitQueueMessage =
  | ({ readonly type: 'wait_event' | 'prepare_to_wait' } & Asks & Manner)
  | ({ readonly type: 'schedule' | 'finish_wait' | 'test_condition' } & Asks)
  | ({ readonly type: 'awake'; readonly tests: boolean } & Asks & Manner)
  | ({ readonly type: 'add_wait_queue'; readonly waiter: Name } & MayAsk & Manner)
  | ({ readonly type: 'remove_wait_queue'; readonly waiter: Name } & MayAsk)
  | ({ readonly type: 'wake_up'; readonly nr?: number } & MayAsk)
  | ({ readonly type: 'wake_up_all' } & MayAsk)
  | ({ readonly type: 'set_condition'; readonly value: boolean } & MayAsk);

/** To a waiter that is a function. */
export type Wakeup = { readonly type: 'wakeup'; readonly queue: Name };

const { on, when } = handlers<WaitQueueContext, WaitQueueMessage>();

/** The queue with another waiter. */
function entered(waiters: readonly Waiter[], waiter: Waiter): readonly Waiter[] {
  if (waiter.priority !== true && waiter.exclusive === true) return [...waiters, waiter];
  const first = waiters.filter(({ priority }) => priority === true);
  return [...first, waiter, ...waiters.slice(first.length)];
}

const manner = ({ exclusive, priority }: Manner): Manner => ({
  ...(exclusive === true ? { exclusive } : {}),
  ...(priority === true ? { priority } : {}),
});

/** How far down the queue a wake-up of `nr` exclusive waiters goes; all the way for 0. */
function wokenBy(waiters: readonly Waiter[], nr: number): number {
  let left = nr;
  for (const [place, { exclusive }] of waiters.entries()) {
    if (exclusive === true) left -= 1;
    if (exclusive === true && left === 0) return place + 1;
  }
  return waiters.length;
}

/** Wakes: tasks leave the queue, functions are called. */
function wakeUp(
  { self, waiters }: WaitQueueContext,
  nr: number,
): readonly (ReturnType<typeof setWaiters> | HostEffect)[] {
  const end = wokenBy(waiters, nr);
  const called = waiters.slice(0, end).filter(({ is }) => is === 'function');
  return [
    setWaiters([...called, ...waiters.slice(end)]),
    ...called.map(({ waiter }) => call<Wakeup>(waiter, { type: 'wakeup', queue: self })),
  ];
}

const isTask = ({ waiter, is }: Waiter, task: Name): boolean => is === 'task' && waiter === task;
const setWaiters = (waiters: readonly Waiter[]) => set<WaitQueueContext>({ waiters });

/** The machine of a wait queue. */
export const waitQueue: Machine = machine<WaitQueueContext, WaitQueueMessage>({
  id: 'wait-queue',
  title: 'A wait queue: priority, shared and exclusive waiters, and the condition that they wait for',
  kinds: ['primitive'],
  cells: { condition: false },
  families: [tasks],
  sends: [...primitiveSends, 'awake', 'wakeup'],
  operations: {
    wait_event: { arguments: ['exclusive?', 'priority?'], how: 'call', kernel: 'wait_event()' },
    prepare_to_wait: { arguments: ['exclusive?', 'priority?'], how: 'call', kernel: 'prepare_to_wait()' },
    schedule: { how: 'call', kernel: 'schedule()' },
    finish_wait: { how: 'call', kernel: 'finish_wait()' },
    wake_up: { arguments: ['nr?'], how: 'call', kernel: 'wake_up()' },
    wake_up_all: { how: 'call', kernel: 'wake_up_all()' },
    set_condition: { arguments: ['value'], how: 'call', kernel: 'what the waiters wait for becomes so' },
    test_condition: { how: 'call', kernel: 'is it so? 0 or -EAGAIN' },
  },
  context: ({ self }) => ({ self, waiters: [] }),
  guards: {
    isAwake: when('awake', ({ context, event }) => {
      const task = taskOf(event);
      return !context.waiters.some((one) => isTask(one, task));
    }),
  },
  handlers: {
    waitEvent: on('wait_event', ({ context, event, cells }) => {
      const { self, waiters } = context;
      const task = taskOf(event);
      const seen = mightSleep(cells, task, 'wait_event');
      if (cells.load(self, 'condition') === true) return [...seen, ...answer(event, null)];
      const how = manner(event);
      return [
        setWaiters(entered(waiters, { waiter: task, is: 'task', ...how })),
        ...seen,
        ...sleeps(cells, task),
        waitFor(self, { type: 'awake', tests: true, ...askerOf(event), ...how }),
      ];
    }),
    prepare: on('prepare_to_wait', ({ context, event }) => {
      const task = taskOf(event);
      // Who is on the queue already stays where it is.
      if (context.waiters.some((one) => isTask(one, task))) return answer(event, null);
      const waiter = { waiter: task, is: 'task', ...manner(event) } as const;
      return [setWaiters(entered(context.waiters, waiter)), ...answer(event, null)];
    }),
    schedule: on('schedule', ({ context, event, cells }) => {
      const task = taskOf(event);
      return [
        ...mightSleep(cells, task, 'schedule'),
        ...sleeps(cells, task),
        waitFor(context.self, { type: 'awake', tests: false, ...askerOf(event) }),
      ];
    }),
    finish: on('finish_wait', ({ context, event }) => {
      const task = taskOf(event);
      return [setWaiters(context.waiters.filter((one) => !isTask(one, task))), ...answer(event, null)];
    }),
    /** A task was woken: in wait_event() it looks at the condition, and sleeps again where that is not so. */
    goOn: on('awake', ({ context, event, cells }) => {
      const { self, waiters } = context;
      const task = taskOf(event);
      if (!event.tests || cells.load(self, 'condition') === true)
        return [...wakes(cells, task), ...answer(event, null)];
      return [
        setWaiters(entered(waiters, { waiter: task, is: 'task', ...manner(event) })),
        waitFor(self, { type: 'awake', tests: true, ...askerOf(event), ...manner(event) }),
      ];
    }),
    add: on('add_wait_queue', ({ context, event }) => {
      const { waiter, exclusive, priority } = event;
      const isTaken = exclusive === true && priority === true && context.waiters[0]?.priority === true;
      if (isTaken) return answer(event, -errno.EBUSY);
      return [setWaiters(entered(context.waiters, { waiter, is: 'function', ...manner(event) })), ...answer(event, 0)];
    }),
    remove: on('remove_wait_queue', ({ context, event }) => [
      setWaiters(context.waiters.filter(({ waiter }) => waiter !== event.waiter)),
      ...answer(event, null),
    ]),
    wakeUp: on('wake_up', ({ context, event }) => [...wakeUp(context, event.nr ?? 1), ...answer(event, null)]),
    wakeUpAll: on('wake_up_all', ({ context, event }) => [...wakeUp(context, 0), ...answer(event, null)]),
    setCondition: on('set_condition', ({ context, event, cells }) => {
      cells.store(context.self, 'condition', event.value);
      return answer(event, null);
    }),
    testCondition: on('test_condition', ({ context, event, cells }) =>
      answer(event, cells.load(context.self, 'condition') === true ? 0 : -errno.EAGAIN),
    ),
  },
  chart: {
    on: {
      wait_event: { actions: 'waitEvent' },
      prepare_to_wait: { actions: 'prepare' },
      schedule: { actions: 'schedule' },
      finish_wait: { actions: 'finish' },
      awake: { guard: 'isAwake', actions: 'goOn' },
      add_wait_queue: { actions: 'add' },
      remove_wait_queue: { actions: 'remove' },
      wake_up: { actions: 'wakeUp' },
      wake_up_all: { actions: 'wakeUpAll' },
      set_condition: { actions: 'setCondition' },
      test_condition: { actions: 'testCondition' },
    },
  },
});
