// Takes every choice from a state: the hot path, table look-ups only.
//
// The same code runs in the main thread, where what the tables do not know yet is computed, and in worker threads, which
// leave such a state to the main thread. A state is looked at first, then expanded: it is left or taken whole.
import type { EnabledIndex } from '../tables/enabled-table.ts';
import { NOTHING } from '../tables/enabled-table.ts';
import type { ExpanderParts, PartialOrderIndex, Oracle, StepIndex } from './lookups.ts';
import type { Layout } from '../store/layout.ts';
import type { Source } from '../tables/sources.ts';
import { HOLDS, REJECTED } from '../tables/step-table.ts';
import { Successors } from './successors.ts';

/** States of which it is looked up together what is enabled. */
const STATES_AHEAD = 64;
const NONE = new Int32Array(0);
/** Sources of movers: what calls, its channel, further slots of that. */
const KIND = { other: 0, call: 1, channel: 2, laterSlot: 3 };
/** No place, and a state that is left. */
const NONE_OPEN = -1;
const LEFT = -2;

/** Expands states one by one. */
export class Expander {
  readonly successors: Successors;
  readonly #layout: Layout;
  readonly #steps: StepIndex;
  readonly #enabled: EnabledIndex;
  readonly #partialOrder: PartialOrderIndex | undefined;
  readonly #oracle: Oracle;
  readonly #allSources: readonly Source[];
  /** Those that can offer something, by number. */
  #places: Int32Array = NONE;
  /** What they are to a partial order reduction, those whose calls may be made early, and whether there is one. */
  #kinds = new Uint8Array(0);
  #callers: readonly number[] = [];
  #reduces = false;
  /** Where their sets are, for some states in a row, and for the one at hand. */
  #sets: Int32Array = NONE;
  #own: Int32Array = NONE;
  #aheadFrom = 0;
  #aheadEnd = 0;
  /** Choices of the state at hand with their leaves. */
  #count = 0;
  #choices: Int32Array = new Int32Array(64);
  #found: Int32Array = new Int32Array(64);
  /** Choices that are put off, each with its leaf. */
  readonly #late: number[] = [];

  constructor(parts: ExpanderParts) {
    this.#layout = parts.layout;
    this.#steps = parts.steps;
    this.#enabled = parts.enabled;
    this.#partialOrder = parts.partialOrder;
    this.#oracle = parts.oracle;
    this.#allSources = parts.sources;
    this.successors = new Successors(parts);
    this.arrange();
  }

  /** After a change of the layout: new room, and only sources that can offer something. */
  arrange(): void {
    const { mask } = this.#layout;
    this.successors.arrange();
    // A column that never changes and offers nothing is left out.
    const canOffer = (source: Source): boolean => {
      const first = source.offered[0] ?? this.#oracle.offers(source, 0);
      return mask[source.column] !== 0 || first === undefined || first.length > 0;
    };
    this.#places = Int32Array.from(this.#allSources.flatMap((source, place) => (canOffer(source) ? [place] : [])));
    this.#sets = new Int32Array(this.#places.length * STATES_AHEAD);
    this.#own = new Int32Array(this.#places.length);
    this.#aheadEnd = 0;
    const isMover = this.#partialOrder?.isMover ?? new Uint8Array(0);
    const isCaller = this.#partialOrder?.isCaller ?? new Uint8Array(0);
    this.#reduces = isMover.includes(1) || isCaller.includes(1);
    this.#kinds = Uint8Array.from(this.#places, (place) => {
      const { slot, actor } = this.#allSources[place] as Source;
      if (isMover[actor] !== 1) return KIND.other;
      return slot < 0 ? KIND.call : slot === 0 ? KIND.channel : KIND.laterSlot;
    });
    // What a mover can call is made late.
    this.#callers = [...this.#places.keys()].filter((s) => {
      const { slot, actor } = this.#allSources[this.#places[s] as number] as Source;
      return slot < 0 && isMover[actor] !== 1 && isCaller[actor] === 1;
    });
  }

  /**
   * Takes every choice from a state. Answers false where the state was left. States up to `end` are stored, too, and are to be
   * expanded next.
   */
  expand(id: number, end: number): boolean {
    if (id >= this.#aheadEnd || id < this.#aheadFrom) this.#lookAhead(id, end);
    const sets = this.#sets;
    const many = this.#places.length;
    const at = (id - this.#aheadFrom) * many;
    const { successors } = this;
    const before = successors.transitions;
    if (this.#reduces || !isKnown(sets, at, many)) {
      if (!this.#expandSlowly(id, at)) return false;
    } else this.#takeSets(id, at);
    if (!successors.isLeft) return true;
    // Those that were added are added again by whoever takes the state: they are there already, and counted then.
    successors.isLeft = false;
    successors.transitions = before;
    return false;
  }

  /** Looks up what is enabled in some states. */
  #lookAhead(id: number, end: number): void {
    const count = Math.min(STATES_AHEAD, end - id);
    this.#aheadFrom = id;
    this.#aheadEnd = id + count;
    this.#enabled.findEach(this.#places, this.#rows, id * this.#layout.words, count, this.#sets);
  }

  /** The same for a state of which not every set is known, or of which not all is taken: its choices are collected first. */
  #expandSlowly(id: number, at: number): boolean {
    const many = this.#places.length;
    // Perhaps it was learnt for a state before.
    if (!isKnown(this.#sets, at, many)) {
      this.#enabled.findEach(this.#places, this.#rows, id * this.#layout.words, 1, this.#own);
    } else this.#own.set(this.#sets.subarray(at, at + many));
    const order = this.#reduces ? this.#partialOrder : undefined;
    if (!(order === undefined ? this.#collect(id) : this.#collectReduced(id, order))) return false;
    if (this.#count === 0) this.#oracle.stuck(id);
    for (let i = 0; i < this.#count && !this.successors.isStopped && !this.successors.isLeft; i++) {
      this.successors.add(id, this.#choices[i] as number, this.#found[i] as number);
    }
    return true;
  }

  /** Takes all that is enabled in a state, where the set of every source is known. */
  #takeSets(id: number, first: number): void {
    const { successors } = this;
    const before = successors.transitions;
    // Room may be made on the way: then there are new arrays for the states to come.
    const { sets } = this.#enabled;
    const places = this.#sets;
    for (let s = first, end = first + this.#places.length; s < end; s++) {
      const set = places[s] as number;
      if (set !== NOTHING) successors.addSet(id, sets, set);
    }
    if (successors.transitions === before) this.#oracle.stuck(id);
  }

  /** Collects all choices of a state of which not every set is known. Answers false where the state is left. */
  #collect(id: number): boolean {
    this.#count = 0;
    // What is learnt on the way may make room, and then there are new arrays for the states to come.
    const sets = this.#own;
    for (const [s, place] of this.#places.entries()) {
      const set = sets[s] as number;
      if (set >= 0) this.#addSet(set);
      else if (!this.#collectFrom(this.#allSources[place] as Source, place, id)) return false;
    }
    return true;
  }

  #addSet(set: number): void {
    const { sets } = this.#enabled;
    if (set === NOTHING) return;
    const end = sets[set] as number;
    for (let at = set + 1; at < end; at += 2) this.#add(sets[at] as number, sets[at + 1] as number);
  }

  #add(choice: number, leaf: number): void {
    const at = this.#count++;
    if (at === this.#choices.length) {
      this.#choices = grown(this.#choices);
      this.#found = grown(this.#found);
    }
    this.#choices[at] = choice;
    this.#found[at] = leaf;
  }

  /** Collects the choices of one source, one by one. Answers false where the state is left. */
  #collectFrom(source: Source, place: number, id: number): boolean {
    const first = this.#count;
    let offered = this.#offered(source, id);
    if (offered === undefined) return false;
    if (this.#isRepeated(source, offered, id)) offered = NONE;
    let holds = true;
    for (let k = 0; k < offered.length; k++) {
      const choice = offered[k] as number;
      const leaf = this.#leafOf(id, choice, source);
      if (leaf < 0) return false;
      if (leaf === REJECTED) continue;
      if (this.#steps.verdict(leaf, this.#rows, id * this.#layout.words) !== HOLDS) {
        holds = false;
        if (!this.#oracle.check(id, leaf, choice)) return false;
      }
      this.#add(choice, leaf);
    }
    if (holds) {
      const states = this.successors.store.size;
      const found = { offered, choices: this.#choices, leaves: this.#found, first, end: this.#count, states };
      this.#enabled.learn?.(place, this.#rows, id * this.#layout.words, found);
    }
    return true;
  }

  /** Equal messages of one channel are one choice: is it the same message as that in the slot before? */
  #isRepeated(source: Source, offered: Int32Array, id: number): boolean {
    if (source.slot <= 0 || offered.length === 0) return false;
    const before = this.#allSources[this.#allSources.indexOf(source) - 1] as Source;
    const [other] = this.#offered(before, id) ?? NONE;
    return other !== undefined && this.#steps.eventOf(other) === this.#steps.eventOf(offered[0] as number);
  }

  /**
   * Collects the choices of an ample set: where a mover has called and can have what it waits for, its message alone; where a
   * thread's calls concern nobody else, those alone; else all but the calls of movers that would have to wait; and those, too, where
   * nobody goes on but threads that have such calls, among others perhaps. Answers false where the state is left.
   */
  #collectReduced(id: number, order: PartialOrderIndex): boolean {
    // See #collect.
    const sets = this.#own;
    const places = this.#places;
    const kinds = this.#kinds;
    const open = this.#openTransaction(id, order);
    if (open === LEFT) return false;
    if (open < 0) {
      const early = this.#collectEarly(id, order);
      if (early === LEFT) return false;
      if (early > 0) return true;
    }
    this.#count = 0;
    this.#late.length = 0;
    // Does anybody go on but threads that could as well make a call that has to wait?
    let goesOn = false;
    for (let s = 0; s < places.length; s++) {
      const place = places[s] as number;
      const source = this.#allSources[place] as Source;
      if (open >= 0 && s !== open) {
        if (kinds[s] === KIND.call && (sets[s] as number) < 0 && !this.#lookAt(source, place, id)) return false;
        continue;
      }
      const first = this.#count;
      const late = this.#late.length;
      const set = sets[s] as number;
      // A call that is not made now is asked about, too: what the step properties say of it they say now.
      if (set >= 0) this.#addSet(set);
      else if (!this.#collectFrom(source, place, id)) return false;
      if (kinds[s] === KIND.call && this.#count > first) this.#putOff(first, id, order);
      goesOn ||= this.#count > first && this.#late.length === late;
    }
    if (goesOn) return true;
    for (let i = 0; i < this.#late.length; i += 2) this.#add(this.#late[i] as number, this.#late[i + 1] as number);
    return true;
  }

  /**
   * Looks at calls that are not made here: what the message that is taken does not commute with has to be known under the names of this
   * state. Answers false where the state is left.
   */
  #lookAt(source: Source, place: number, id: number): boolean {
    const count = this.#count;
    const isThere = this.#collectFrom(source, place, id);
    this.#count = count;
    return isThere;
  }

  /** Collects the calls of one thread, where all that it can do next is made early: how many there are, or LEFT. */
  #collectEarly(id: number, order: PartialOrderIndex): number {
    for (const s of this.#callers) {
      const set = this.#own[s] as number;
      if (set === NOTHING) continue;
      const place = this.#places[s] as number;
      const source = this.#allSources[place] as Source;
      const offered = this.#offered(source, id);
      if (offered === undefined) return LEFT;
      let early = Number(offered.length > 0);
      for (let k = 0; k < offered.length && early === 1; k++)
        early = order.isEarly(this.#steps.eventOf(offered[k] as number));
      if (early < 0) return LEFT;
      if (early === 0) continue;
      const isNamed = order.isNamed(source.actor, this.#rows, id * this.#layout.words);
      if (isNamed < 0) return LEFT;
      if (isNamed === 1) continue;
      this.#count = 0;
      if (set >= 0) this.#addSet(set);
      else if (!this.#collectFrom(source, place, id)) return LEFT;
      if (this.#count > 0) return this.#count;
    }
    return 0;
  }

  /** Takes calls that would have to wait out of the choices from `first` on. */
  #putOff(first: number, id: number, order: PartialOrderIndex): void {
    const end = this.#count;
    this.#count = first;
    for (let i = first; i < end; i++) {
      const choice = this.#choices[i] as number;
      const leaf = this.#found[i] as number;
      if (order.waits(leaf, this.#rows, id * this.#layout.words)) this.#late.push(choice, leaf);
      else this.#add(choice, leaf);
    }
  }

  /**
   * Which place has the one channel of a mover whose message can be delivered; NONE_OPEN where there is none, or several, or it
   * comes of no call.
   */
  #openTransaction(id: number, order: PartialOrderIndex): number {
    const sets = this.#own;
    const places = this.#places;
    const kinds = this.#kinds;
    let open = NONE_OPEN;
    for (let s = 0; s < places.length; s++) {
      if ((kinds[s] as number) < KIND.channel) continue;
      const set = sets[s] as number;
      // What equals the message before it is in no set, but is a message all the same.
      const canBe =
        set >= 0 && kinds[s] === KIND.channel
          ? Number(set !== NOTHING)
          : this.#canBeDelivered(this.#allSources[places[s] as number] as Source, id);
      if (canBe === LEFT) return LEFT;
      if (canBe === 0) continue;
      if (open >= 0) return NONE_OPEN;
      open = s;
    }
    if (open < 0) return NONE_OPEN;
    const [choice] = this.#offered(this.#allSources[places[open] as number] as Source, id) ?? NONE;
    return choice === undefined || order.isChained(this.#steps.eventOf(choice)) ? NONE_OPEN : open;
  }

  /** Can what is in flight be delivered: 1 or 0, or LEFT? */
  #canBeDelivered(source: Source, id: number): number {
    const offered = this.#offered(source, id);
    if (offered === undefined) return LEFT;
    const [choice] = offered;
    if (choice === undefined) return 0;
    const leaf = this.#leafOf(id, choice, source);
    return leaf < 0 ? LEFT : leaf === REJECTED ? 0 : 1;
  }

  /** What a source offers in a state. */
  #offered(source: Source, id: number): Int32Array | undefined {
    const code = this.#layout.read(this.#rows, id * this.#layout.words, source.column);
    const offered = source.offered[code] ?? this.#oracle.offers(source, code);
    if (offered === undefined || source.after.length === 0 || offered.length === 0) return offered;
    const done = this.#oracle.areDone(source.after, id);
    return done === undefined ? undefined : done ? offered : NONE;
  }

  /** Rows of all states; they may move when something is learnt. */
  get #rows(): Int32Array {
    return this.successors.store.rows;
  }

  #leafOf(id: number, choice: number, source: Source): number {
    const leaf = this.#steps.find(choice, this.#rows, id * this.#layout.words);
    return leaf >= 0 ? leaf : this.#oracle.leaf(id, choice, source);
  }
}

function isKnown(sets: Int32Array, from: number, count: number): boolean {
  let all = 0;
  for (let s = from; s < from + count; s++) all |= sets[s] as number;
  return all >= 0;
}

function grown(array: Int32Array): Int32Array {
  const wider = new Int32Array(array.length * 2);
  wider.set(array);
  return wider;
}
