// SRCU: read sections that may sleep, and a writer that waits until all sections which began before are over.
//
// Kernel source: kernel/rcu/srcutree.c, Documentation/RCU/whatisRCU.rst. A writer waits for those who read when it asked, and for
// nobody who began later (the kernel may wait for some of them, too). Abstracted away: indices (a task's nested sections are over
// when the outermost is), call_srcu(), on which workqueue grace periods are worked out.
import { set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { acquire, attempt, classOf, mightSleep, unbalanced } from './lockdep.ts';
import type { Asks, AtOnce, Tells } from './request.ts';
import { answer, askerOf, primitiveSends, sleeps, taskOf, waitFor, wakes } from './request.ts';
import { give, tasks } from './task.ts';

/** A task in read sections, so many within each other. */
type Reader = { readonly task: Name; readonly depth: number };
/** A task in synchronize_srcu(), and the readers that it still waits for. */
type Writer = { readonly task: Name; readonly readers: readonly Name[] };

export type SrcuContext = {
  readonly self: Name;
  readonly readers: readonly Reader[];
  readonly writers: readonly Writer[];
};

/** `grace_period` is its own: a writer that waits. */
export type SrcuMessage =
  | ({ readonly type: 'srcu_read_lock' | 'grace_period' } & Asks)
  | ({ readonly type: 'synchronize_srcu' } & Asks & AtOnce)
  | ({ readonly type: 'srcu_read_unlock' } & Tells);

const { on, when } = handlers<SrcuContext, SrcuMessage>();

/** A section of a task is over: the outermost one ends what writers wait for. */
function without({ readers, writers }: SrcuContext, task: Name): Pick<SrcuContext, 'readers' | 'writers'> {
  const depth = (readers.find((one) => one.task === task)?.depth ?? 0) - 1;
  if (depth > 0) return { readers: readers.map((one) => (one.task === task ? { task, depth } : one)), writers };
  return {
    readers: readers.filter((one) => one.task !== task),
    writers: writers.map((one) => ({ ...one, readers: one.readers.filter((reader) => reader !== task) })),
  };
}

/** The machine of an SRCU domain. */
export const srcu: Machine = machine<SrcuContext, SrcuMessage>({
  id: 'srcu',
  title: 'An SRCU domain: read sections, and who waits for them',
  kinds: ['primitive', 'lock'],
  constants: { class: null },
  families: [tasks],
  sends: [...primitiveSends, 'grace_period'],
  operations: {
    srcu_read_lock: { how: 'call', kernel: 'srcu_read_lock()' },
    srcu_read_unlock: { how: 'call', kernel: 'srcu_read_unlock()' },
    synchronize_srcu: { how: 'call', kernel: 'synchronize_srcu()' },
  },
  context: ({ self }) => ({ self, readers: [], writers: [] }),
  guards: {
    isOver: when('grace_period', ({ context, event }) => {
      const task = taskOf(event);
      return context.writers.every((one) => one.task !== task || one.readers.length === 0);
    }),
    isAtOnce: when('synchronize_srcu', ({ context, event }) => event.atOnce === true && context.readers.length === 0),
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
        attempt(cells, task, classOf(cells, context.self)),
        ...answer(event, null),
      ];
    }),
    synchronize: on('synchronize_srcu', ({ context, event, cells }) => {
      const { self, readers, writers } = context;
      const task = taskOf(event);
      return [
        set({ writers: [...writers, { task, readers: readers.map((one) => one.task) }] }),
        ...mightSleep(cells, task, 'synchronize_srcu'),
        attempt(cells, task, classOf(cells, self)),
        ...sleeps(cells, task),
        waitFor(self, { type: 'grace_period', ...askerOf(event) }),
      ];
    }),
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
    },
  },
});
