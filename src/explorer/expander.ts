// Takes every choice from a state: the hot path, table look-ups only.
//
// The same code runs in the main thread, where what the tables do not know yet is computed, and in worker threads, which
// leave such a state to the main thread. A state is looked at first, then expanded: it is left or taken whole.
import type { EnabledIndex } from './enabled-table.ts';
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
  readonly any: boolean;
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
const NONE = new Int32Array(0);

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
  readonly #late: number[] = [];
  readonly #lateLeaves: number[] = [];

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
  }

  /** Takes every choice from a state. Answers false where the state was left. */
  expand(id: number): boolean {
    const movers = this.#movers;
    const isWhole = movers === undefined || !movers.any ? this.#collect(id) : this.#collectReduced(id, movers);
    if (!isWhole) return false;
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

  /** Is anything waiting to be entered? */
  get hasBatch(): boolean {
    return this.#batched > 0;
  }

  /** Collects all choices of a state. Answers false where the state is left. */
  #collect(id: number): boolean {
    const sources = this.#allSources;
    const places = this.#places;
    const enabled = this.#enabled;
    this.#count = 0;
    let { rows } = this.store;
    let base = id * this.#layout.words;
    for (let s = 0; s < places.length; s++) {
      const place = places[s] as number;
      const set = enabled.find(place, rows, base);
      if (set < 0) {
        if (!this.#collectFrom(sources[place] as Source, place, id)) return false;
        // An oracle that learns something may change the layout and move the rows.
        ({ rows } = this.store);
        base = id * this.#layout.words;
        continue;
      }
      const { sets } = enabled;
      const size = sets[set] as number;
      for (let k = 0, at = set + 1; k < size; k++, at += 2) this.#add(sets[at] as number, sets[at + 1] as number);
    }
    return true;
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
      const found = { offered, choices: this.#choices, leaves: this.#found, first, end: this.#count };
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

  /** Do the step properties hold, or has the oracle heard of it? */
  #isRight(id: number, leaf: number, choice: number): boolean {
    return (
      this.#steps.verdict(leaf, this.store.rows, id * this.#layout.words) === HOLDS ||
      this.#oracle.check(id, leaf, choice)
    );
  }

  /**
   * Collects the choices of an ample set: where a mover has called and can have what it waits for, its message alone; else
   * all but the calls of movers that would have to wait; and those, too, where nothing else is left. Answers false where
   * the state is left.
   */
  #collectReduced(id: number, movers: MoverIndex): boolean {
    const open = this.#openTransaction(id, movers);
    if (open === 'left') return false;
    this.#count = 0;
    this.#late.length = 0;
    this.#lateLeaves.length = 0;
    for (const place of this.#places) {
      const source = this.#allSources[place] as Source;
      if (open !== undefined && source !== open) continue;
      const offered = this.#offered(source, id);
      if (offered === undefined) return false;
      if (this.#isRepeated(source, offered, id)) continue;
      const mayWait = source.slot < 0 && movers.isMover[source.actor] === 1;
      for (let k = 0; k < offered.length; k++) {
        const choice = offered[k] as number;
        const leaf = this.#leafOf(id, choice, source);
        if (leaf < 0) return false;
        if (leaf === REJECTED) continue;
        // One that is not taken is asked about, too: what the step properties say of it they say now.
        if (!this.#isRight(id, leaf, choice)) return false;
        if (mayWait && movers.waits(leaf, this.store.rows, id * this.#layout.words)) {
          this.#late.push(choice);
          this.#lateLeaves.push(leaf);
        } else this.#add(choice, leaf);
      }
    }
    if (this.#count > 0) return true;
    for (const [i, choice] of this.#late.entries()) this.#add(choice, this.#lateLeaves[i] as number);
    return true;
  }

  /** The one channel of a mover whose message can be delivered; none where there are several. */
  #openTransaction(id: number, movers: MoverIndex): Source | undefined | 'left' {
    let open: Source | undefined;
    for (const place of this.#places) {
      const source = this.#allSources[place] as Source;
      if (source.slot < 0 || movers.isMover[source.actor] === 0) continue;
      const offered = this.#offered(source, id);
      if (offered === undefined) return 'left';
      const [choice] = offered;
      if (choice === undefined) continue;
      const leaf = this.#leafOf(id, choice, source);
      if (leaf < 0) return 'left';
      if (leaf === REJECTED) continue;
      if (open !== undefined) return undefined;
      open = source;
    }
    return open;
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

  /** Puts the successor of one choice into the batch. */
  #take(id: number, choice: number, leaf: number): void {
    this.transitions += 1;
    // Asked once a batch: where threads share the store, its size is a cache line that they take from each other.
    if (this.#batched === 0) this.#batchEnd = Math.min(BATCH, Math.max(1, this.maxStates - this.store.size));
    const plain = this.#plain;
    const { rows } = this.store;
    const { words } = this.#layout;
    const base = id * words;
    const to = this.#batched * words;
    if (leaf >= this.#stamped) this.#stampUpTo(leaf);
    const stamps = this.#stamps;
    for (let i = 0, at = leaf * words * 2; i < words; i++, at += 2) {
      plain[to + i] = ((rows[base + i] as number) & (stamps[at] as number)) | (stamps[at + 1] as number);
    }
    if (this.#canonical !== undefined) this.#makeCanonical(this.#canonical, to);
    this.#parents[this.#batched] = id;
    this.#leaves[this.#batched] = leaf;
    if (this.#edge !== undefined) this.#events[this.#batched] = this.#steps.eventOf(choice);
    this.#batched += 1;
    if (this.#batched >= this.#batchEnd) this.flush();
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

function grown(array: Int32Array): Int32Array {
  const wider = new Int32Array(array.length * 2);
  wider.set(array);
  return wider;
}
