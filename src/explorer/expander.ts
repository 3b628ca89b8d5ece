// Takes every choice from a state: the hot path, table look-ups only.
//
// The same code runs in the main thread, where what the tables do not know yet is computed, and in worker threads, which
// leave such a state to the main thread. A state is looked at first, then expanded: it is left or taken whole.
import type { EnabledIndex } from './enabled-table.ts';
import { NOTHING } from './enabled-table.ts';
import type { Layout } from './layout.ts';
import type { Source } from './sources.ts';
import type { StateStore } from './state-table.ts';
import { HOLDS, REJECTED } from './step-table.ts';

/** Steps by number, as far as they are known. */
export interface StepIndex {
  readonly writes: readonly Int32Array[];
  /** The leaf of a choice; -1 where it is not known. */
  find(choice: number, words: Int32Array, base: number): number;
  /** HOLDS, a number of violated properties, or -1 where it is not known. */
  verdict(leaf: number, words: Int32Array, base: number): number;
  eventOf(choice: number): number;
}

/** Claims about states by number, as far as they are known. */
export interface ClaimIndex {
  affectedBy(leaf: number, writes: Int32Array): Int32Array;
  /** Is it known to hold? */
  holds(claim: number, words: Int32Array, base: number): boolean;
  /** Are all claims that the leaf may affect known to hold? */
  holdsAll(leaf: number, words: Int32Array, base: number): boolean;
  /** Enters that they do. Workers learn nothing. */
  readonly learnAll?: (leaf: number, writes: Int32Array, words: Int32Array, base: number) => void;
}

/** Threads whose calls can wait (right-movers.ts). */
export interface MoverIndex {
  readonly isMover: Uint8Array;
  /** Would the call leave a message that is not taken now? */
  waits(leaf: number, words: Int32Array, base: number): boolean;
}

/** Who answers what the tables do not: by computing it (main thread), or not at all (workers). */
export interface Oracle {
  /** The leaf of a choice in a state; -1 leaves the state. */
  leaf(id: number, choice: number, source: Source): number;
  /** What a source offers; undefined leaves the state. */
  offers(source: Source, code: number): Int32Array | undefined;
  /** Are all these threads at the end of their programs? undefined leaves the state. */
  areDone(actors: readonly number[], id: number): boolean | undefined;
  /** A step of which the step properties are not known to hold; false leaves the state. */
  check(id: number, leaf: number, choice: number): boolean;
  /** A new state of which a claim is not known to hold. Its words are as the step left it. */
  claim(id: number, claim: number, words: Int32Array, base: number): void;
  /** Nothing can happen in this state. */
  stuck(id: number): void;
}

/** Symmetry, as the expander uses it: one row at a time. */
export interface CanonicalForm {
  /** Finds the canonical form of a packed row. Answers whether it is another row. */
  find(words: Int32Array, base: number): boolean;
  /** Packs the row as it was given. */
  packPlain(into: Int32Array, base: number): void;
  /** Packs its canonical form. Where that had no room, answers false: the expander was flushed, and the layout is another. */
  packImage(into: Int32Array, base: number): boolean;
}

/** What the expander is made of. */
export interface ExpanderParts {
  readonly layout: Layout;
  readonly store: StateStore;
  readonly sources: readonly Source[];
  readonly steps: StepIndex;
  readonly enabled: EnabledIndex;
  readonly claims: ClaimIndex;
  readonly movers: MoverIndex | undefined;
  readonly oracle: Oracle;
  readonly canonical?: CanonicalForm | undefined;
  readonly edge?: ((from: number, event: number, to: number) => void) | undefined;
}

/** Successors that are entered into the store together. */
export const BATCH = 256;
/** States of which it is looked up together what is enabled. */
const AHEAD = 64;
const NONE = new Int32Array(0);
/** Sources of movers: what calls, its channel, further slots of that. */
const KIND = { other: 0, call: 1, channel: 2, laterSlot: 3 };
/** No place, and a state that is left. */
const NONE_OPEN = -1;
const LEFT = -2;

/** Expands states one by one. */
export class Expander {
  transitions = 0;
  /** Set from outside: no more successors are taken. */
  isStopped = false;
  store: StateStore;
  /** Successors that are entered when the batch is full or this many states are stored. */
  maxStates = Infinity;
  readonly #layout: Layout;
  readonly #steps: StepIndex;
  readonly #enabled: EnabledIndex;
  readonly #claims: ClaimIndex;
  readonly #movers: MoverIndex | undefined;
  readonly #oracle: Oracle;
  readonly #canonical: CanonicalForm | undefined;
  readonly #edge: ExpanderParts['edge'];
  readonly #allSources: readonly Source[];
  /** Those that can offer something, by number. */
  #places: Int32Array = NONE;
  /** What they are to a partial order reduction, and whether there is one. */
  #kinds = new Uint8Array(0);
  #reduces = false;
  /** Where their sets are, for some states in a row, and for the one at hand. */
  #sets: Int32Array = NONE;
  #own: Int32Array = NONE;
  #aheadFrom = 0;
  #aheadEnd = 0;
  #batch: Int32Array = NONE;
  /** The same successors before they were made canonical; the batch itself where they are not. */
  #plain: Int32Array = NONE;
  #batched = 0;
  /** With so many successors the batch is entered. */
  #batchEnd = BATCH;
  readonly #parents = new Int32Array(BATCH);
  readonly #leaves = new Int32Array(BATCH);
  readonly #events = new Int32Array(BATCH);
  readonly #results = new Int32Array(BATCH);
  /** Choices of the state at hand with their leaves. */
  #count = 0;
  #choices: Int32Array = new Int32Array(64);
  #found: Int32Array = new Int32Array(64);
  /** What leaves write, as far as they were taken since the layout was made: by leaf and word, bits that stay and bits that are set. */
  #stamps: Int32Array = NONE;
  #stamped = 0;
  /** Choices that are put off, each with its leaf. */
  readonly #late: number[] = [];

  constructor(parts: ExpanderParts) {
    this.#layout = parts.layout;
    this.#steps = parts.steps;
    this.#enabled = parts.enabled;
    this.#claims = parts.claims;
    this.#movers = parts.movers;
    this.#oracle = parts.oracle;
    this.#canonical = parts.canonical;
    this.#edge = parts.edge;
    this.#allSources = parts.sources;
    this.store = parts.store;
    this.arrange();
  }

  /** After a change of the layout: new room, and only sources that can offer something. */
  arrange(): void {
    const { words, mask } = this.#layout;
    this.#batch = new Int32Array(BATCH * words);
    this.#plain = this.#canonical === undefined ? this.#batch : new Int32Array(BATCH * words);
    this.#stamps = NONE;
    this.#stamped = 0;
    // A column that never changes and offers nothing is left out.
    const canOffer = (source: Source): boolean => {
      const first = source.offered[0] ?? this.#oracle.offers(source, 0);
      return mask[source.column] !== 0 || first === undefined || first.length > 0;
    };
    this.#places = Int32Array.from(this.#allSources.flatMap((source, place) => (canOffer(source) ? [place] : [])));
    this.#sets = new Int32Array(this.#places.length * AHEAD);
    this.#own = new Int32Array(this.#places.length);
    this.#aheadEnd = 0;
    const isMover = this.#movers?.isMover ?? new Uint8Array(0);
    this.#reduces = isMover.includes(1);
    this.#kinds = Uint8Array.from(this.#places, (place) => {
      const { slot, actor } = this.#allSources[place] as Source;
      if (isMover[actor] !== 1) return KIND.other;
      return slot < 0 ? KIND.call : slot === 0 ? KIND.channel : KIND.laterSlot;
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
    if (this.#reduces || !isKnown(sets, at, many)) return this.#expandSlowly(id, at);
    this.#takeSets(id, at);
    return true;
  }

  /** Looks up what is enabled in some states. */
  #lookAhead(id: number, end: number): void {
    const count = Math.min(AHEAD, end - id);
    this.#aheadFrom = id;
    this.#aheadEnd = id + count;
    this.#enabled.findEach(this.#places, this.store.rows, id * this.#layout.words, count, this.#sets);
  }

  #expandSlowly(id: number, at: number): boolean {
    const many = this.#places.length;
    // Perhaps it was learnt for a state before.
    if (!isKnown(this.#sets, at, many)) {
      this.#enabled.findEach(this.#places, this.store.rows, id * this.#layout.words, 1, this.#own);
    } else this.#own.set(this.#sets.subarray(at, at + many));
    const movers = this.#reduces ? this.#movers : undefined;
    if (!(movers === undefined ? this.#collect(id) : this.#collectReduced(id, movers))) return false;
    if (this.#count === 0) this.#oracle.stuck(id);
    for (let i = 0; i < this.#count && !this.isStopped; i++) {
      this.#take(id, this.#choices[i] as number, this.#found[i] as number);
    }
    return true;
  }

  /** Enters what waits in the batch. */
  flush(): void {
    const count = this.#batched;
    this.#batched = 0;
    if (count === 0) return;
    const results = this.#results;
    this.store.addBatch(this.#batch, count, this.#parents, results);
    const plain = this.#plain;
    const claims = this.#claims;
    const { words } = this.#layout;
    for (let k = 0; k < count; k++) {
      const added = results[k] as number;
      const leaf = this.#leaves[k] as number;
      if (added >= 0 && !claims.holdsAll(leaf, plain, k * words)) this.#ask(added, leaf, k * words);
      this.#edge?.(this.#parents[k] as number, this.#events[k] as number, added >= 0 ? added : -1 - added);
    }
  }

  /** Asks the claims about a new state that are not known to hold together. */
  #ask(added: number, leaf: number, base: number): void {
    const plain = this.#plain;
    const writes = this.#steps.writes[leaf] as Int32Array;
    let holds = true;
    for (const claim of this.#claims.affectedBy(leaf, writes)) {
      if (this.#claims.holds(claim, plain, base)) continue;
      this.#oracle.claim(added, claim, plain, base);
      holds = false;
    }
    if (holds) this.#claims.learnAll?.(leaf, writes, plain, base);
  }

  /** Takes all that is enabled in a state, where the set of every source is known. */
  #takeSets(id: number, first: number): void {
    const before = this.transitions;
    // Room may be made on the way: then there are new arrays for the states to come.
    const { sets } = this.#enabled;
    const places = this.#sets;
    const isPlain = this.#canonical === undefined && this.#edge === undefined;
    for (let s = first, end = first + this.#places.length; s < end; s++) {
      const set = places[s] as number;
      if (set === NOTHING) continue;
      const setEnd = sets[set] as number;
      if (isPlain) this.#putAll(id, sets, set + 2, setEnd);
      else {
        for (let at = set + 1; at < setEnd && !this.isStopped; at += 2)
          this.#take(id, sets[at] as number, sets[at + 1] as number);
      }
    }
    if (this.transitions === before) this.#oracle.stuck(id);
  }

  /** Puts the successors by some leaves into the batch as they are: every other number of `sets`. See #take. */
  #putAll(id: number, sets: Int32Array, from: number, end: number): void {
    const { words } = this.#layout;
    const plain = this.#plain;
    const parents = this.#parents;
    const leaves = this.#leaves;
    let batched = this.#batched;
    let { rows } = this.store;
    let stamps = this.#stamps;
    const row = id * words;
    for (let at = from; at < end; at += 2) {
      if (batched === 0) {
        if (this.isStopped) return;
        ({ rows } = this.store);
        this.#batchEnd = this.#endOfBatch();
      }
      const leaf = sets[at] as number;
      if (leaf >= this.#stamped) {
        this.#stampUpTo(leaf);
        stamps = this.#stamps;
      }
      const to = batched * words;
      for (let i = 0, stamp = leaf * words * 2; i < words; i++, stamp += 2) {
        plain[to + i] = ((rows[row + i] as number) & (stamps[stamp] as number)) | (stamps[stamp + 1] as number);
      }
      parents[batched] = id;
      leaves[batched] = leaf;
      batched += 1;
      this.transitions += 1;
      if (batched >= this.#batchEnd) {
        this.#batched = batched;
        this.flush();
        batched = 0;
      }
    }
    this.#batched = batched;
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
      if (this.#steps.verdict(leaf, this.store.rows, id * this.#layout.words) !== HOLDS) {
        holds = false;
        if (!this.#oracle.check(id, leaf, choice)) return false;
      }
      this.#add(choice, leaf);
    }
    if (holds) {
      const states = this.store.size;
      const found = { offered, choices: this.#choices, leaves: this.#found, first, end: this.#count, states };
      this.#enabled.learn?.(place, this.store.rows, id * this.#layout.words, found);
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
   * Collects the choices of an ample set: where a mover has called and can have what it waits for, its message alone; else
   * all but the calls of movers that would have to wait; and those, too, where nothing else is left. Answers false where
   * the state is left.
   */
  #collectReduced(id: number, movers: MoverIndex): boolean {
    // See #collect.
    const sets = this.#own;
    const places = this.#places;
    const kinds = this.#kinds;
    const open = this.#openTransaction(id);
    if (open === LEFT) return false;
    this.#count = 0;
    this.#late.length = 0;
    for (let s = 0; s < places.length; s++) {
      if (open >= 0 && s !== open) continue;
      const place = places[s] as number;
      const source = this.#allSources[place] as Source;
      const first = this.#count;
      const set = sets[s] as number;
      // A call that is not made now is asked about, too: what the step properties say of it they say now.
      if (set >= 0) this.#addSet(set);
      else if (!this.#collectFrom(source, place, id)) return false;
      if (kinds[s] === KIND.call && this.#count > first) this.#putOff(first, id, movers);
    }
    if (this.#count > 0) return true;
    for (let i = 0; i < this.#late.length; i += 2) this.#add(this.#late[i] as number, this.#late[i + 1] as number);
    return true;
  }

  /** Takes calls that would have to wait out of the choices from `first` on. */
  #putOff(first: number, id: number, movers: MoverIndex): void {
    const end = this.#count;
    this.#count = first;
    for (let i = first; i < end; i++) {
      const choice = this.#choices[i] as number;
      const leaf = this.#found[i] as number;
      if (movers.waits(leaf, this.store.rows, id * this.#layout.words)) this.#late.push(choice, leaf);
      else this.#add(choice, leaf);
    }
  }

  /** Which place has the one channel of a mover whose message can be delivered; NONE_OPEN where there is none, or several. */
  #openTransaction(id: number): number {
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
    return open;
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
    const code = this.#layout.read(this.store.rows, id * this.#layout.words, source.column);
    const offered = source.offered[code] ?? this.#oracle.offers(source, code);
    if (offered === undefined || source.after.length === 0 || offered.length === 0) return offered;
    const done = this.#oracle.areDone(source.after, id);
    return done === undefined ? undefined : done ? offered : NONE;
  }

  #leafOf(id: number, choice: number, source: Source): number {
    const leaf = this.#steps.find(choice, this.store.rows, id * this.#layout.words);
    return leaf >= 0 ? leaf : this.#oracle.leaf(id, choice, source);
  }

  /** Asked once a batch: where threads share the store, its size is a cache line that they take from each other. */
  #endOfBatch(): number {
    return Math.min(BATCH, Math.max(1, this.maxStates - this.store.size));
  }

  /** Puts the successor of one choice into the batch. */
  #take(id: number, choice: number, leaf: number): void {
    this.transitions += 1;
    const batched = this.#batched;
    if (batched === 0) this.#batchEnd = this.#endOfBatch();
    if (leaf >= this.#stamped) this.#stampUpTo(leaf);
    const plain = this.#plain;
    const stamps = this.#stamps;
    const { rows } = this.store;
    const { words } = this.#layout;
    const to = batched * words;
    const end = to + words;
    for (let i = to, from = id * words, at = leaf * words * 2; i < end; i++, from++, at += 2) {
      plain[i] = ((rows[from] as number) & (stamps[at] as number)) | (stamps[at + 1] as number);
    }
    if (this.#canonical !== undefined) this.#makeCanonical(this.#canonical, to);
    const place = this.#batched;
    this.#parents[place] = id;
    this.#leaves[place] = leaf;
    if (this.#edge !== undefined) this.#events[place] = this.#steps.eventOf(choice);
    this.#batched = place + 1;
    if (place + 1 >= this.#batchEnd) this.flush();
  }

  /** Puts the canonical form of the last row of the batch beside it. */
  #makeCanonical(canonical: CanonicalForm, at: number): void {
    const { words } = this.#layout;
    if (!canonical.find(this.#plain, at)) {
      for (let i = 0; i < words; i++) this.#batch[at + i] = this.#plain[at + i] as number;
    } else if (!canonical.packImage(this.#batch, at)) {
      // There are new batches, and this row is the first in them.
      canonical.packPlain(this.#plain, 0);
      canonical.packImage(this.#batch, 0);
    }
  }

  /** Makes the stamps of all leaves up to this one. */
  #stampUpTo(leaf: number): void {
    const { words, word, shift, mask } = this.#layout;
    const size = words * 2;
    if ((leaf + 1) * size > this.#stamps.length) {
      const wider = new Int32Array((leaf + 1) * size * 2);
      wider.set(this.#stamps);
      this.#stamps = wider;
    }
    const stamps = this.#stamps;
    for (; this.#stamped <= leaf; this.#stamped++) {
      const first = this.#stamped * size;
      for (let i = 0; i < words; i++) {
        stamps[first + 2 * i] = -1;
        stamps[first + 2 * i + 1] = 0;
      }
      const writes = this.#steps.writes[this.#stamped] as Int32Array;
      for (let i = 0; i < writes.length; i += 2) {
        const column = writes[i] as number;
        const at = first + 2 * (word[column] as number);
        const place = shift[column] as number;
        stamps[at] = (stamps[at] as number) & ~((mask[column] as number) << place);
        stamps[at + 1] = (stamps[at + 1] as number) | ((writes[i + 1] as number) << place);
      }
    }
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
