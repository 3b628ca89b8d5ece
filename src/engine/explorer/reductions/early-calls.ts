// Partial order reduction: a call that nobody else can have to do with is made at once, and alone.
//
// Where all that a thread can do next commutes with whatever others can come to while it stands there, its calls are a persistent set
// (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996): every run has an equivalent one that begins
// with one of them, or, where the thread goes no further in it, a longer one that does. Nothing is ignored for ever: after such a call
// its thread waits, so in every cycle of states there is one of which more is expanded. Paths get longer, by calls that nothing comes
// of: what a search finds so it looks for again without.
//
// What others can come to is bounded by names: they are not made up, so where nobody knows the name of a thread nobody can come to do
// what takes that name, as to answer it or to hand a lock over to it, before the thread itself has done something.
//
// Which calls are such is not declared. It is computed (`Commutation`), optimistically, as with right movers: the search is started
// again without those of which a step that was met says otherwise. docs/decisions/015-early-calls.md.
import { abstract } from '../../world/abstract-names.ts';
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';
import type { Footprint, StepTable } from '../tables/step-table.ts';
import { REJECTED } from '../tables/step-table.ts';
import type { Commutation } from './commutation.ts';
import type { ThreadNameTables } from './thread-names.ts';
import { ThreadNames } from './thread-names.ts';

const NONE: ReadonlyMap<number, number> = new Map();

/** What worker threads know of early calls. */
export interface EarlyTables {
  /** By event: 1 where the call is made early, 0 where not, -1 where nobody has asked. */
  readonly isEarly: Int8Array;
  readonly names: ThreadNameTables;
}

/** Calls that are made early, as far as is known. */
export class EarlyCalls {
  readonly #world: World;
  readonly #steps: StepTable;
  readonly #commutation: Commutation;
  readonly #names: ThreadNames;
  /** Threads that stand and fall together; by actor. */
  readonly #classes: readonly number[];
  /** Calls that are none, by thread of a class and message but for names. */
  readonly #lost = new Set<string>();
  /** By event: the call as in `#lost`. */
  readonly #keys: string[] = [];
  /** By event, as far as was asked. */
  #isEarly: (0 | 1 | undefined)[] = [];

  /** Was any call taken for one? What was gathered then is kept, also where that was wrong, and the search started again. */
  any = false;

  constructor(world: World, packing: Packing, steps: StepTable, commutation: Commutation, classes: readonly number[]) {
    this.#world = world;
    this.#steps = steps;
    this.#commutation = commutation;
    this.#classes = classes;
    this.#names = new ThreadNames(world, packing);
  }

  /** Is a thread's call made early, by its event, where nobody knows the thread: 1 or 0? */
  isEarly(event: number): 0 | 1 {
    const known = this.#isEarly[event];
    if (known !== undefined) return known;
    const isEarly = this.#lost.has(this.#keyOf(event)) ? 0 : 1;
    this.#isEarly[event] = isEarly;
    this.any ||= isEarly === 1;
    return isEarly;
  }

  /** Does somebody know a thread's name in this state: 1 or 0? */
  isNamed(thread: number, words: Int32Array, base: number): 0 | 1 {
    return this.#names.isNamed(thread, words, base) ? 1 : 0;
  }

  /** The same for other threads. */
  get tables(): EarlyTables {
    const isEarly = Int8Array.from({ length: this.#isEarly.length }, (_, event) => this.#isEarly[event] ?? -1);
    return { isEarly, names: this.#names.tables };
  }

  /** Calls that are none, for a snapshot. */
  get lost(): readonly string[] {
    return [...this.#lost];
  }

  /** What an earlier part of a search knew. */
  adopt(lost: readonly string[]): void {
    for (const key of lost) this.#lost.add(key);
    // Whatever that part has found it may have found with some.
    this.any = true;
  }

  #keyOf(event: number): string {
    return (this.#keys[event] ??= this.#newKey(event));
  }

  #newKey(event: number): string {
    const { to, message } = this.#world.transitions.event(event);
    return `${this.#classes[this.#world.actor(to)] ?? ''} ${JSON.stringify(abstract(message, [], true))}`;
  }

  /**
   * Looks at all steps met so far and loses calls that do not commute with them. Answers whether one was lost that may have been made
   * early: then what was searched on that assumption has to be searched again.
   *
   * @param isMover - by actor: threads whose calls are made late instead
   */
  revise(isMover: Uint8Array): boolean {
    const told = new Set<number>();
    let dropped = false;
    const lose = (call: Footprint): void => {
      const event = this.#steps.eventOf(call.choice);
      if (isMover[call.source] === 1 || this.#lost.has(this.#keyOf(event))) return;
      this.#lost.add(this.#keyOf(event));
      dropped = true;
    };
    const calls: Footprint[] = [];
    for (const step of this.#commutation.footprints()) {
      if (step.isCall && isMover[step.source] !== 1) calls.push(step);
      for (const thread of this.#threads) {
        if (thread !== step.source && this.#names.isWrittenBy(step, thread) && !this.#isReadBy(step, thread, NONE))
          told.add(this.#classes[thread] as number);
      }
    }
    for (const call of calls) {
      // A thread that others know by heart may be met anywhere.
      if (told.has(this.#classes[call.source] as number) || !this.#isFree(call)) lose(call);
    }
    if (dropped) this.#isEarly = [];
    return dropped;
  }

  /** Does a call commute with whatever can come before it? One that others could allow does not. After it its thread has to wait. */
  #isFree(call: Footprint): boolean {
    // Where the call itself has left the name somebody who comes first does not find it.
    const canCome = (step: Footprint): boolean =>
      step.source !== call.source && !this.#isReadBy(step, call.source, call.writes);
    return (
      (call.leaf === REJECTED || this.#commutation.leavesMessage(call)) && this.#commutation.commutes(call, canCome)
    );
  }

  #isReadBy(step: Footprint, thread: number, but: ReadonlyMap<number, number>): boolean {
    return this.#names.isReadBy(step, this.#steps.eventOf(step.choice), thread, but);
  }

  get #threads(): number[] {
    return this.#world.actors.flatMap(({ actsByItself }, actor) => (actsByItself ? [actor] : []));
  }
}
