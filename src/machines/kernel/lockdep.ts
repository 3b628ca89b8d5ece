// What lockdep sees: in which order and in which context the classes of locks are taken, and what sleeps where it must not.
//
// Kernel source: kernel/locking/lockdep.c, __might_sleep() in kernel/sched/core.c. A lock shows each attempt with what its task
// holds at that time; what comes of all attempts of a search together is the business of i-lockorder (properties/locks.ts).
// As in the kernel, the attempt counts, not whether the lock is had. Abstracted away: subclasses (give the inner lock a class of
// its own), cross-release, softirqs.
import type { Cells } from '../../engine/actors/cells.ts';
import type { ShowEffect } from '../../engine/actors/effects.ts';
import { show } from '../../engine/actors/effects.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import type { Held } from './task.ts';
import { counterOf, heldBy, take } from './task.ts';

/** What a task runs in; all but the first are atomic: it must not sleep. */
export type Context = 'process' | 'preemption off' | 'interrupts off' | 'interrupt handler';

/**
 * How a lock is taken: for reading (never waits for other readers); may its holder not sleep; by trylock, which does not wait; only
 * waited for and not held, as lock_sync() says of synchronize_srcu()?
 */
export interface Manner {
  readonly reads?: boolean;
  readonly spins?: boolean;
  readonly tries?: boolean;
  readonly syncs?: boolean;
}

/** What the primitives show. */
export type LockObservation =
  | {
      readonly kind: 'lock';
      readonly class: Value;
      readonly task: Name;
      readonly held: readonly Held[];
      readonly context: Context;
      readonly reads: boolean;
      readonly spins: boolean;
      readonly tries: boolean;
      readonly syncs?: true;
    }
  /** Interrupts come on while locks are held. */
  | { readonly kind: 'interrupts on'; readonly task: Name; readonly held: readonly Held[] }
  | { readonly kind: 'splat'; readonly in: string; readonly what: string }
  | { readonly kind: 'warn'; readonly in: string; readonly condition: string };

/**
 * What a task runs in.
 *
 * @param cells - the memory of the delivery under way, or a state (`WorldView`)
 * @param task - the task, by name
 * @returns the first of these that it is in: interrupt handler, interrupts off, preemption off; else `process`
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 */
export function contextOf(cells: Pick<Cells, 'ask'>, task: Name): Context {
  if (counterOf(cells, task, 'hardirq') > 0) return 'interrupt handler';
  if (counterOf(cells, task, 'irqsOff') > 0) return 'interrupts off';
  return counterOf(cells, task, 'preempt') > 0 ? 'preemption off' : 'process';
}

/** The class of a lock: the constant `class`, or the lock's own name where there is none. */
export function classOf(cells: Cells, lock: Name): Value {
  return cells.constant(lock, 'class') ?? lock;
}

/**
 * A task is about to take a lock of a class; it may have to wait for it. Nothing is written: `acquire` does that.
 *
 * @param cells - the memory of the delivery under way
 * @param task - the task, by name
 * @param lockClass - the class of the lock: its locks are all alike to lockdep
 * @param manner - how it is taken; where absent for writing, by a task that waits and may sleep while it holds it
 * @returns an effect that shows it, with the locks that the task holds and what it runs in
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 */
export function attempt(cells: Cells, task: Name, lockClass: Value, manner: Manner = {}): ShowEffect {
  const { reads = false, spins = false, tries = false, syncs } = manner;
  const held = heldBy(cells, task);
  const context = contextOf(cells, task);
  return show<LockObservation>({
    kind: 'lock',
    class: lockClass,
    task,
    held,
    context,
    reads,
    spins,
    tries,
    ...(syncs === true ? { syncs } : {}),
  });
}

/**
 * A task has a lock of a class: it is entered among those that the task holds.
 *
 * @param cells - the memory of the delivery under way
 * @param task - the task, by name
 * @param lockClass - the class of the lock
 * @param manner - how it was taken: only `reads` and `tries` are kept
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 * @throws WorldLimitError where the task holds eight locks already
 */
export function acquire(cells: Cells, task: Name, lockClass: Value, manner: Manner = {}): void {
  take(cells, task, { class: lockClass, reads: manner.reads === true, tried: manner.tries === true });
}

/**
 * might_sleep(): shows where a task that is in atomic context calls something that may sleep.
 *
 * @param cells - the memory of the delivery under way
 * @param task - the task, by name
 * @param what - the function that may sleep, as the report names it
 * @returns one effect that shows a `splat`; none where the task may sleep
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 */
export function mightSleep(cells: Cells, task: Name, what: string): readonly ShowEffect[] {
  const context = contextOf(cells, task);
  if (context === 'process') return [];
  const where = context === 'interrupt handler' ? 'in an interrupt handler' : `with ${context}`;
  return [show<LockObservation>({ kind: 'splat', in: what, what: `may sleep, is called ${where}` })];
}

/** A task gives back what it does not have. */
export function unbalanced(what: string): ShowEffect {
  return show<LockObservation>({ kind: 'warn', in: what, condition: 'the caller does not hold it' });
}
