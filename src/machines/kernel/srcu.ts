// SRCU: read sections that may sleep, and a writer that waits until all sections which began before are over.
//
// Kernel source: kernel/rcu/srcutree.c, Documentation/RCU/whatisRCU.rst. A writer waits for those who read when it asked, and for
// nobody who began later (the kernel may wait for some of them, too). Abstracted away: indices (a task's nested sections are over
// when the outermost is), call_srcu(). By default grace periods need no job: wired to one, they are worked out by it, on its workqueue (report N1).
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { acquire, attempt, classOf, mightSleep, unbalanced } from './lockdep.ts';
import type { Asks, AtOnce, Tells } from './request.ts';
import { answer, askerOf, primitiveSends, sleeps, taskOf, waitFor, wakes } from './request.ts';
import { give, tasks } from './task.ts';
import type { WorkFunction } from './work-of.ts';
import { createWorkOf } from './work-of.ts';
import type { WorkqueueMessage } from './workqueue.ts';

/** A task in read sections, so many within each other. */
type Reader = { readonly task: Name; readonly depth: number };
/** A task in synchronize_srcu(), and the readers that it still waits for. */
type Writer = { readonly task: Name; readonly readers: readonly Name[]; readonly isWorked: boolean };

export type SrcuContext = {
  readonly self: Name;
  readonly readers: readonly Reader[];
  readonly writers: readonly Writer[];
  /** The job that works grace periods out, and the workqueue that runs it, where they are modelled. */
  readonly process: Name | null;
  readonly process_wq: Name | null;
};

/** `grace_period` is its own: a writer that waits. */
export type SrcuMessage =
  | ({ readonly type: 'srcu_read_lock' | 'grace_period' } & Asks)
  | ({ readonly type: 'synchronize_srcu' } & Asks & AtOnce)
  | ({ readonly type: 'srcu_read_unlock' } & Tells)
  | WorkFunction<'process_srcu'>;

const { on, when } = handlers<SrcuContext, SrcuMessage>();

/** A section of a task is over: the outermost one ends what writers wait for. */
function without(
  { readers, writers }: Pick<SrcuContext, 'readers' | 'writers'>,
  task: Name,
): Pick<SrcuContext, 'readers' | 'writers'> {
  const depth = (readers.find((one) => one.task === task)?.depth ?? 0) - 1;
  if (depth > 0) return { readers: readers.map((one) => (one.task === task ? { task, depth } : one)), writers };
  return {
    readers: readers.filter((one) => one.task !== task),
    writers: writers.map((one) => ({ ...one, readers: one.readers.filter((reader) => reader !== task) })),
  };
}

/** The job that works grace periods out. */
export const processSrcu: Machine = createWorkOf(
  'process-srcu',
  'The job of an SRCU domain that works its grace periods out',
  { role: 'srcu', machine: 'srcu' },
  'process_srcu',
);

/** The machine of an SRCU domain. */
export const srcu: Machine = machine<SrcuContext, SrcuMessage>({
  id: 'srcu',
  title: 'An SRCU domain: read sections, and who waits for them',
  kinds: ['primitive', 'lock'],
  wiring: { 'process?': 'process-srcu', 'process_wq?': 'workqueue' },
  constants: { class: null },
  families: [tasks],
  sends: [...primitiveSends, 'grace_period', 'queue_work'],
  operations: {
    srcu_read_lock: { how: 'call', kernel: 'srcu_read_lock()' },
    srcu_read_unlock: { how: 'call', kernel: 'srcu_read_unlock()' },
    synchronize_srcu: { how: 'call', kernel: 'synchronize_srcu()' },
  },
  context: ({ self, wiring }) => ({
    self,
    readers: [],
    writers: [],
    process: wiring['process'] ?? null,
    process_wq: wiring['process_wq'] ?? null,
  }),
  guards: {
    isOver: when('grace_period', ({ context, event }) => {
      const task = taskOf(event);
      return context.writers.every((one) => one.task !== task || (one.readers.length === 0 && one.isWorked));
    }),
    isAtOnce: when(
      'synchronize_srcu',
      ({ context, event }) => event.atOnce === true && context.readers.length === 0 && context.process === null,
    ),
    reads: when('srcu_read_unlock', ({ context, event }) => {
      const task = taskOf(event);
      return context.readers.some((one) => one.task === task);
    }),
  },
  handlers: {
    readLock: on('srcu_read_lock', ({ context, event, cells }) => {
      const { self, readers } = context;
      const task = taskOf(event);
      const lockClass = classOf(cells, self);
      const seen = attempt(cells, task, lockClass, { reads: true });
      acquire(cells, task, lockClass, { reads: true });
      const isNested = readers.some((one) => one.task === task);
      const nested = readers.map((one) => (one.task === task ? { task, depth: one.depth + 1 } : one));
      return [set({ readers: isNested ? nested : [...readers, { task, depth: 1 }] }), seen, ...answer(event, null)];
    }),
    readUnlock: on('srcu_read_unlock', ({ context, event, cells }) => {
      const task = taskOf(event);
      give(cells, task, classOf(cells, context.self));
      return [set(without(context, task)), ...answer(event, null)];
    }),
    warn: on('srcu_read_unlock', ({ event }) => [unbalanced('srcu_read_unlock'), ...answer(event, null)]),
    /** Nobody reads: the grace period is over. */
    pass: on('synchronize_srcu', ({ context, event, cells }) => {
      const task = taskOf(event);
      return [
        ...mightSleep(cells, task, 'synchronize_srcu'),
        attempt(cells, task, classOf(cells, context.self), { syncs: true }),
        ...answer(event, null),
      ];
    }),
    synchronize: on('synchronize_srcu', ({ context, event, cells }) => {
      const { self, readers, writers, process, process_wq } = context;
      const task = taskOf(event);
      const isWorked = process === null;
      return [
        set({ writers: [...writers, { task, readers: readers.map((one) => one.task), isWorked }] }),
        ...(process === null || process_wq === null
          ? []
          : [call<WorkqueueMessage>(process_wq, { type: 'queue_work', work: process })]),
        ...mightSleep(cells, task, 'synchronize_srcu'),
        attempt(cells, task, classOf(cells, self), { syncs: true }),
        ...sleeps(cells, task),
        waitFor(self, { type: 'grace_period', ...askerOf(event) }),
      ];
    }),
    /** process_srcu(): the grace periods of all who wait so far. */
    process: on('process_srcu', ({ context: { writers }, event }) => [
      set<SrcuContext>({ writers: writers.map((one) => ({ ...one, isWorked: true })) }),
      ...answer(event, null),
    ]),
    goOn: on('grace_period', ({ context, event, cells }) => {
      const task = taskOf(event);
      const writers = context.writers.filter((one) => one.task !== task);
      return [set({ writers }), ...wakes(cells, task), ...answer(event, null)];
    }),
  },
  chart: {
    on: {
      srcu_read_lock: { actions: 'readLock' },
      srcu_read_unlock: [{ guard: 'reads', actions: 'readUnlock' }, { actions: 'warn' }],
      synchronize_srcu: [{ guard: 'isAtOnce', actions: 'pass' }, { actions: 'synchronize' }],
      grace_period: { guard: 'isOver', actions: 'goOn' },
      process_srcu: { actions: 'process' },
    },
  },
});
