// Where threads are named: nobody can do anything to a thread whose name he does not know, and names are not made up.
import { isName } from '../../world/abstract-names.ts';
import type { World } from '../../world/world.ts';
import type { Layout } from '../store/layout.ts';
import type { Packing } from '../store/packing.ts';
import type { Footprint } from '../tables/step-table.ts';

/** A set of threads is a number, of which operators take 32 bits with a sign. */
const THREADS_MAX = 31;

/** What another thread needs to know: bits of threads by actor, columns that can change, and whom each of their codes names. */
export interface ThreadNameTables {
  readonly bits: Int32Array;
  /** Where an actor's channel begins and ends: pairs, by actor. */
  readonly channels: Int32Array;
  readonly columns: Int32Array;
  readonly named: readonly Int32Array[];
}

/**
 * The same as `ThreadNames.isNamed`, by what it has handed out.
 *
 * @returns 1 or 0; -1 where a column has a value that was not known then
 */
export function isNamedBy(
  { bits, channels, columns, named }: ThreadNameTables,
  layout: Layout,
  thread: number,
  words: Int32Array,
  base: number,
): 1 | 0 | -1 {
  const bit = bits[thread] as number;
  const [start, end] = [channels[2 * thread] as number, channels[2 * thread + 1] as number];
  if (bit === 0 || layout.read(words, base, start) !== 0) return 1;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as number;
    const threads = (named[i] as Int32Array)[layout.read(words, base, column)];
    if (threads === undefined) return -1;
    if ((threads & bit) !== 0 && column !== thread && (column < start || column >= end)) return 1;
  }
  return 0;
}

/** Threads that the values of a world's columns name. */
export class ThreadNames {
  readonly #world: World;
  readonly #packing: Packing;
  /** By actor; 0 for what is no thread. */
  readonly #bits: Int32Array;
  /** First column of messages in flight. */
  readonly #channels: number;
  /** Columns of shared memory that hold numbers. */
  readonly #numbers: ReadonlySet<number>;
  /** By column, then code. */
  readonly #named: number[][];
  /** By event: threads that its message names. */
  readonly #namedIn: number[] = [];
  /** Columns in which some code names a thread. */
  #columns: number[] = [];
  /** Values of all columns that were looked at. */
  #looked = 0;

  constructor(world: World, packing: Packing) {
    this.#world = world;
    this.#packing = packing;
    let next = 0;
    this.#bits = Int32Array.from(world.actors, ({ actsByItself }) =>
      actsByItself && next < THREADS_MAX ? 1 << next++ : 0,
    );
    this.#channels = world.channelColumns[0] ?? world.width;
    this.#numbers = new Set(
      world.layout.families.flatMap(({ start, family }) =>
        family.columns.flatMap(({ holds }, i) => (holds === 'plain' ? [start + i] : [])),
      ),
    );
    this.#named = Array.from({ length: world.width }, () => []);
  }

  /**
   * Is a thread named anywhere in a state but in its own columns, or is something of it in flight? One that there is no bit for always is.
   *
   * @param thread - its number as an actor
   * @param words - packed rows
   * @param base - where the state's row begins
   */
  isNamed(thread: number, words: Int32Array, base: number): boolean {
    this.#look();
    const bit = this.#bits[thread] as number;
    if (bit === 0 || this.#packing.read(words, base, this.#world.channel(thread).start) !== 0) return true;
    for (const column of this.#columns) {
      const code = this.#packing.read(words, base, column);
      if (((this.#named[column] as number[])[code] as number) & bit && !this.isOwn(thread, column)) return true;
    }
    return false;
  }

  /** Has a thread a bit? Of one that has none it is not known who has read or written its name. */
  isTracked(thread: number): boolean {
    return this.#bits[thread] !== 0;
  }

  /** Is a column a thread's own: its state, or its channel? */
  isOwn(thread: number, column: number): boolean {
    const { start, slots } = this.#world.channel(thread);
    return column === thread || (column >= start && column < start + slots);
  }

  /**
   * Has a step read a thread's name, anywhere but in the thread's own columns, or in the message that it delivers?
   *
   * @param step - what it has read and written
   * @param event - what it delivers
   * @param thread - the number of the thread as an actor
   * @param except - columns that do not count, either
   * @returns false where the thread has no bit
   */
  isReadBy(step: Footprint, event: number, thread: number, except: ReadonlyMap<number, number>): boolean {
    const isDelivered = !step.isCall && !this.isOwn(thread, step.column) && this.#isNamedIn(event, thread);
    return isDelivered || this.#isIn(step.path, thread, except);
  }

  #isNamedIn(event: number, thread: number): boolean {
    const threads = (this.#namedIn[event] ??= this.#threadsOf(this.#world.transitions.event(event)));
    return (threads & (this.#bits[thread] as number)) !== 0;
  }

  /** Has it written the name? */
  isWrittenBy(step: Footprint, thread: number): boolean {
    return this.#isIn(step.writes, thread);
  }

  #isIn(codes: ReadonlyMap<number, number>, thread: number, except?: ReadonlyMap<number, number>): boolean {
    this.#look();
    const bit = this.#bits[thread] as number;
    for (const [column, code] of codes) {
      if (this.isOwn(thread, column) || except?.has(column) === true) continue;
      if ((((this.#named[column] as number[])[code] as number) & bit) !== 0) return true;
    }
    return false;
  }

  get tables(): ThreadNameTables {
    this.#look();
    // All that can change: one in which nobody was named so far may get a value that names somebody. And what names somebody for good.
    const columns = [...this.#packing.mask.entries()].flatMap(([column, mask]) =>
      mask === 0 && !this.#columns.includes(column) ? [] : [column],
    );
    return {
      bits: this.#bits,
      channels: Int32Array.from(
        this.#world.actors.flatMap((_, actor) => {
          const { start, slots } = this.#world.channel(actor);
          return [start, start + slots];
        }),
      ),
      columns: Int32Array.from(columns),
      named: columns.map((column) => Int32Array.from(this.#named[column] as number[])),
    };
  }

  /** Looks at values that are new. */
  #look(): void {
    if (this.#looked === this.#packing.values) return;
    this.#looked = this.#packing.values;
    for (const [column, named] of this.#named.entries()) {
      for (let code = named.length; code < this.#packing.cardinality(column); code++)
        named.push(this.#threadsIn(column, this.#packing.raw(column, code)));
    }
    this.#columns = [...this.#named.entries()].flatMap(([column, named]) =>
      named.some((one) => one !== 0) ? [column] : [],
    );
  }

  #threadsIn(column: number, raw: number): number {
    const { transitions, values, actors } = this.#world;
    if (column < actors.length) {
      const { value, context } = transitions.local(raw);
      return this.#threadsOf([value, context]);
    }
    if (column >= this.#channels) return raw === 0 ? 0 : this.#threadsOf(transitions.event(raw - 1));
    return this.#numbers.has(column) ? 0 : this.#threadsOf(values.value(raw));
  }

  #threadsOf(data: unknown): number {
    if (isName(data)) {
      const actor = this.#world.actors.findIndex(({ address }) => address === data);
      return actor < 0 ? 0 : (this.#bits[actor] as number);
    }
    if (typeof data !== 'object' || data === null) return 0;
    return Object.values(data).reduce((found: number, item) => found | this.#threadsOf(item), 0);
  }
}
