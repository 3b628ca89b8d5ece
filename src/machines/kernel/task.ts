// What the kernel knows of each task: the locks that it holds, by class, and what it runs in. A family of cells.
//
// Kernel source: struct task_struct (held_locks, lockdep_depth, hardirqs_enabled), preempt_count(), kernel/workqueue.c. Any actor
// may be a task: a thread, a work item, an interrupt's handler, a machine of a script. All of it is part of the state, a few
// words a task: a task only ever looks at its own, so two tasks do not meet here.
import type { Cells } from '../../engine/actors/cells.ts';
import type { Family, FamilyColumn, FamilyHost, FamilyWords } from '../../engine/actors/family.ts';
import { kindsOf } from '../../engine/actors/machine.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import { MachineError } from '../../engine/actors/machine-error.ts';
import type { World } from '../../engine/world/world.ts';
import { WorldLimitError } from '../../engine/world/world-limit.ts';

/** Locks that one task may hold at once. */
export const HELD_MAX = 8;

/** Words of a task after the classes that it holds: how each of them is held (two bits), counters, its pool. */
const MANNERS = HELD_MAX;
const PREEMPT = HELD_MAX + 1;
const IRQS_OFF = HELD_MAX + 2;
const HARDIRQ = HELD_MAX + 3;
const POOL = HELD_MAX + 4;
const WORDS = HELD_MAX + 5;

/** Counters of a task: preemption disabled so many times, interrupts likewise, interrupt handlers entered. */
export const counters = { preempt: PREEMPT, irqsOff: IRQS_OFF, hardirq: HARDIRQ } as const;
export type Counter = keyof typeof counters;

/** A lock that a task holds: its class, is it held for reading, was it had by trylock? */
export interface Held {
  readonly class: Value;
  readonly reads: boolean;
  readonly tried: boolean;
}

/** How a lock is held, in two bits. */
const READS = 1;
const TRIED = 2;
const BITS = 2;

const operations = [
  { name: 'take', values: [true, true, false], reads: false },
  { name: 'give', values: [true, true], reads: false },
  { name: 'class', values: [true, false], reads: true },
  { name: 'manner', values: [true, false], reads: true },
  { name: 'count', values: [true, false, false], reads: false },
  { name: 'counter', values: [true, false], reads: true },
  { name: 'run', values: [true, true], reads: false },
  { name: 'pool', values: [true], reads: true },
] as const;

/** The words of all tasks. Kernel primitives share it; so does a machine of a script that asks about its own task. */
export const tasks: Family = {
  id: 'task',
  operations,
  layOut({ actors, actorsOf }, { idOf }) {
    // A struct is no task: code that is about it runs in somebody's thread.
    const others = new Set([...actorsOf('primitive'), ...actorsOf('object')]);
    const able = actors.filter((actor) => !others.has(actor));
    const first = new Map(able.map((task, i) => [idOf(task), i * WORDS]));
    const columns = able.flatMap((owner): FamilyColumn[] =>
      Array.from({ length: WORDS }, (_, word) => ({
        holds: word < HELD_MAX || word === POOL ? 'value' : 'plain',
        owner,
      })),
    );
    return {
      columns,
      perform(words, host, operation, task, b, c) {
        const start = first.get(task);
        if (start === undefined)
          throw new MachineError('memory', `${String(host.valueOf(task))} is no task: it takes no locks`);
        return perform(new TaskWords(words, host, start, task), operation, b, c);
      },
    };
  },
};

/** Performs an operation, by its place in `operations`; answers a value's number. */
function perform(task: TaskWords, operation: number, b: number, c: number): number {
  switch (operations[operation]?.name) {
    case 'take':
      return task.take(b, c);
    case 'give':
      return task.give(b);
    case 'class':
      return task.get(b);
    case 'manner':
      return task.host.idOf((task.get(MANNERS) >> (b * BITS)) & (READS | TRIED));
    case 'count':
      task.set(b, Math.max(0, task.get(b) + c));
      return 0;
    case 'counter':
      return task.host.idOf(task.get(b));
    case 'run':
      task.set(POOL, b);
      return 0;
    case 'pool':
      return task.get(POOL);
    default:
      throw new RangeError(`no operation ${operation} of tasks`);
  }
}

/** The words of one task. */
class TaskWords {
  readonly host: FamilyHost;
  readonly #words: FamilyWords;
  readonly #start: number;
  readonly #task: number;

  constructor(words: FamilyWords, host: FamilyHost, start: number, task: number) {
    this.#words = words;
    this.host = host;
    this.#start = start;
    this.#task = task;
  }

  get(word: number): number {
    return this.#words.get(this.#start + word);
  }

  set(word: number, value: number): void {
    this.#words.set(this.#start + word, value);
  }

  /** Enters a class as the last one taken. */
  take(lockClass: number, manner: number): number {
    let place = 0;
    while (place < HELD_MAX && this.get(place) !== 0) place += 1;
    if (place === HELD_MAX)
      throw new WorldLimitError(`${String(this.host.valueOf(this.#task))} holds more than ${HELD_MAX} locks`);
    this.set(place, lockClass);
    this.set(MANNERS, this.get(MANNERS) | (manner << (place * BITS)));
    return 0;
  }

  /** Takes out the class that was entered last, perhaps from between others. Answers whether it was there. */
  give(lockClass: number): number {
    let place = HELD_MAX - 1;
    while (place >= 0 && this.get(place) !== lockClass) place -= 1;
    if (place < 0) return this.host.idOf(false);
    const below = (1 << (place * BITS)) - 1;
    const manners = this.get(MANNERS);
    this.set(MANNERS, (manners & below) | ((manners >> BITS) & ~below));
    for (; place < HELD_MAX; place++) this.set(place, place + 1 < HELD_MAX ? this.get(place + 1) : 0);
    return this.host.idOf(true);
  }
}

/** The actors of a world that may be tasks. */
export function tasksOf({ definition: { actors } }: Pick<World, 'definition'>): Name[] {
  return actors.flatMap(({ name, machine }) =>
    kindsOf(machine).some((kind) => kind === 'primitive' || kind === 'object') ? [] : [name as Name],
  );
}

/**
 * The locks that a task holds.
 *
 * @param cells - the memory of the delivery under way, or a state (`WorldView`)
 * @param task - the task, by name
 * @returns the locks, in the order in which it took them
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 */
export function heldBy(cells: Pick<Cells, 'ask'>, task: Name): Held[] {
  const held: Held[] = [];
  for (let place = 0; place < HELD_MAX; place++) {
    const lockClass = cells.ask('task', 'class', task, place);
    if (lockClass === null) break;
    const manner = Number(cells.ask('task', 'manner', task, place));
    held.push({ class: lockClass, reads: (manner & READS) !== 0, tried: (manner & TRIED) !== 0 });
  }
  return held;
}

/** A task has a lock of a class. */
export function take(cells: Cells, task: Name, { class: lockClass, reads, tried }: Held): void {
  cells.ask('task', 'take', task, lockClass, (reads ? READS : 0) | (tried ? TRIED : 0));
}

/**
 * A task gives a lock of a class back: of several of the class, the one that it took last.
 *
 * @param cells - the memory of the delivery under way
 * @param task - the task, by name
 * @param lockClass - the class of the lock
 * @returns whether it had one
 * @throws MachineError where the actor is no task: kernel primitives take no locks
 */
export function give(cells: Cells, task: Name, lockClass: Value): boolean {
  return cells.ask('task', 'give', task, lockClass) === true;
}

/** A counter of a task. */
export function counterOf(cells: Pick<Cells, 'ask'>, task: Name, counter: Counter): number {
  return Number(cells.ask('task', 'counter', task, counters[counter]));
}

/** Changes a counter of a task; it never falls below 0. */
export function count(cells: Cells, task: Name, counter: Counter, change: number): void {
  cells.ask('task', 'count', task, counters[counter], change);
}

/** The workqueue that runs a task; null where it is no work item. */
export function poolOf(cells: Pick<Cells, 'ask'>, task: Name): Name | null {
  return cells.ask('task', 'pool', task) as Name | null;
}
