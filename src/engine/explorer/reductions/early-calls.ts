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
// With symmetry the same is asked under all names (`CallImages`).
//
// Which calls are such is not declared. It is computed (`Commutation`), optimistically, as with right movers: the search is started
// again without those of which a step that was met says otherwise. docs/decisions/015-early-calls.md.
import { abstract } from '../../world/abstract-names.ts';
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';
import type { Footprint, StepTable } from '../tables/step-table.ts';
import { REJECTED } from '../tables/step-table.ts';
import type { CallImages } from './call-images.ts';
import type { Commutation } from './commutation.ts';
import type { ThreadNameTables } from './thread-names.ts';
import { ThreadNames } from './thread-names.ts';

const NONE: ReadonlyMap<number, number> = new Map();

/** What worker threads know of early calls. */
export interface EarlyTables {
  readonly isCaller: Uint8Array;
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
  readonly #images: CallImages | undefined;
  /** By actor: 1 where calls of this thread may be made early. */
  readonly isCaller: Uint8Array;
  readonly #classes: readonly number[];
  readonly #threads: readonly number[];
  /** Calls that are none, by thread of a class and message but for names. */
  readonly #lost = new Set<string>();
  /** By event: the call as in `#lost`. */
  readonly #keys: string[] = [];
  /** By event, as far as was asked. */
  #isEarly: (0 | 1 | undefined)[] = [];

  /** Was any call made early? What was gathered then is kept, also where that was wrong, and the search started again. */
  hasTaken = false;

  /**
   * @param isCaller - by actor: 1 where calls of this thread may be made early, as far as nobody has looked
   * @param classes - by actor: threads of one class stand and fall together
   * @param images - of calls, where states are merged by symmetry
   */
  constructor(
    world: World,
    packing: Packing,
    steps: StepTable,
    commutation: Commutation,
    isCaller: Uint8Array,
    classes: readonly number[],
    images?: CallImages,
  ) {
    this.#world = world;
    this.#steps = steps;
    this.#commutation = commutation;
    this.#names = new ThreadNames(world, packing);
    this.isCaller = isCaller;
    this.#classes = classes;
    this.#images = images;
    this.#threads = world.actors.flatMap(({ actsByItself }, actor) => (actsByItself ? [actor] : []));
  }

  /** Is a thread's call made early, by its event, where nobody knows the thread: 1 or 0? */
  isEarly(event: number): 0 | 1 {
    const known = this.#isEarly[event];
    if (known !== undefined) return known;
    const isEarly = this.#lost.has(this.#keyOf(event)) ? 0 : 1;
    this.#isEarly[event] = isEarly;
    return isEarly;
  }

  /** Does somebody know a thread's name in this state: 1 or 0? Asked last: where nobody does, its calls are made early. */
  isNamed(thread: number, words: Int32Array, base: number): 0 | 1 {
    if (this.#names.isNamed(thread, words, base)) return 1;
    this.hasTaken = true;
    return 0;
  }

  /** May any call be made early, as far as is known? */
  get any(): boolean {
    return this.isCaller.includes(1);
  }

  /** The same for other threads. */
  get tables(): EarlyTables {
    // What others do is not told.
    this.hasTaken ||= this.any;
    const isEarly = Int8Array.from({ length: this.#isEarly.length }, (_, event) => this.#isEarly[event] ?? -1);
    return { isCaller: this.isCaller, isEarly, names: this.#names.tables };
  }

  /** Calls that are none, for a snapshot. */
  get lost(): readonly string[] {
    return [...this.#lost];
  }

  /** What an earlier part of a search knew. */
  adopt(lost: readonly string[]): void {
    for (const key of lost) this.#lost.add(key);
    // Whatever that part has found it may have found with some.
    this.hasTaken = true;
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
    const knownByHeart = new Set<number>(
      this.#threads.flatMap((thread) => (this.#names.isTracked(thread) ? [] : [this.#classes[thread] as number])),
    );
    const calls: Footprint[] = [];
    for (const step of this.#commutation.footprints()) {
      if (step.isCall && isMover[step.source] !== 1 && this.isCaller[step.source] === 1) calls.push(step);
      for (const thread of this.#threads) {
        if (thread !== step.source && this.#names.isWrittenBy(step, thread) && !this.#isReadBy(step, thread, NONE))
          knownByHeart.add(this.#classes[thread] as number);
      }
    }
    // Of a class of which no call is left nothing more is asked: a search that has nothing to make early is as fast as one that does not.
    const left = new Set<number>();
    let isLess = false;
    for (const call of calls) {
      const key = this.#keyOf(this.#steps.eventOf(call.choice));
      if (this.#lost.has(key)) continue;
      const ofClass = this.#classes[call.source] as number;
      // A thread that others know by heart may be met anywhere.
      if (!knownByHeart.has(ofClass) && this.#isFree(call)) {
        left.add(ofClass);
        continue;
      }
      this.#lost.add(key);
      isLess = true;
    }
    if (isLess) {
      this.#isEarly = [];
      for (const { source } of calls) if (!left.has(this.#classes[source] as number)) this.isCaller[source] = 0;
    }
    return isLess;
  }

  /** Does a call commute with whatever can come before it? One that others could allow does not. After it its thread has to wait. */
  #isFree(call: Footprint): boolean {
    // Where the call itself has left the name somebody who comes first does not find it.
    const canCome = ({ source, writes }: Footprint, step: Footprint): boolean =>
      step.source !== source && !this.#isReadBy(step, source, writes);
    if (call.leaf !== REJECTED && !this.#commutation.leavesMessage(call)) return false;
    if (this.#commutation.isOrdered(call) || this.#commutation.leavesEnd(call)) return false;
    const images = this.#images === undefined ? [call] : this.#images.of(call);
    return images?.every((image) => this.#commutation.commutes(image, (step) => canCome(image, step))) === true;
  }

  #isReadBy(step: Footprint, thread: number, except: ReadonlyMap<number, number>): boolean {
    return this.#names.isReadBy(step, this.#steps.eventOf(step.choice), thread, except);
  }
}
