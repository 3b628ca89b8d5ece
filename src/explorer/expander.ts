// Takes every choice from a state: the hot path, table look-ups only.
//
// The same code runs in the main thread, where what the tables do not know yet is computed, and in worker threads, which
// leave such a state to the main thread. A state is looked at first, then expanded: it is left or taken whole.
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
  /** Finds the canonical form of a packed row. May flush the expander and change the layout. */
  find(words: Int32Array, base: number): void;
  /** Packs the row as it was given. */
  packPlain(into: Int32Array, base: number): void;
  /** Packs its canonical form. */
  packImage(into: Int32Array, base: number): void;
}

/** What the expander is made of. */
export interface ExpanderParts {
  readonly layout: Layout;
  readonly store: StateStore;
  readonly sources: readonly Source[];
  readonly steps: StepIndex;
  readonly claims: ClaimIndex;
  readonly movers: MoverIndex | undefined;
  readonly oracle: Oracle;
  readonly canonical?: CanonicalForm | undefined;
  readonly edge?: ((from: number, event: number, to: number) => void) | undefined;
}

/** Successors that are entered into the store together. */
export const BATCH = 512;
const NONE = new Int32Array(0);
/** The state is left to another thread. */
const LEFT = -1;

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
  readonly #claims: ClaimIndex;
  readonly #movers: MoverIndex | undefined;
  readonly #oracle: Oracle;
  readonly #canonical: CanonicalForm | undefined;
  readonly #edge: ExpanderParts['edge'];
  readonly #allSources: readonly Source[];
  #sources: readonly Source[] = [];
  #batch: Int32Array = NONE;
  /** The same successors before they were made canonical; the batch itself where they are not. */
  #plain: Int32Array = NONE;
  #batched = 0;
  readonly #parents = new Int32Array(BATCH);
  readonly #leaves = new Int32Array(BATCH);
  readonly #events = new Int32Array(BATCH);
  readonly #results = new Int32Array(BATCH);
  /** Choices of the state at hand with their leaves. */
  readonly #choices: number[] = [];
  readonly #found: number[] = [];
  readonly #late: number[] = [];
  readonly #lateLeaves: number[] = [];

  constructor(parts: ExpanderParts) {
    this.#layout = parts.layout;
    this.#steps = parts.steps;
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
    this.#batch = new Int32Array(BATCH * this.#layout.words);
    this.#plain = this.#canonical === undefined ? this.#batch : new Int32Array(BATCH * this.#layout.words);
    // A column that never changes and offers nothing is left out.
    this.#sources = this.#allSources.filter((source) => {
      const first = source.offered[0] ?? this.#oracle.offers(source, 0);
      return this.#layout.mask[source.column] !== 0 || first === undefined || first.length > 0;
    });
  }

  /** Takes every choice from a state. Answers false where the state was left. */
  expand(id: number): boolean {
    this.#choices.length = 0;
    this.#found.length = 0;
    const movers = this.#movers;
    const count = movers === undefined || !movers.any ? this.#collect(id) : this.#collectReduced(id, movers);
    if (count === LEFT) return false;
    if (count === 0) this.#oracle.stuck(id);
    for (let i = 0; i < count && !this.isStopped; i++) {
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
    const { words } = this.#layout;
    for (let k = 0; k < count; k++) {
      const added = results[k] as number;
      const leaf = this.#leaves[k] as number;
      if (added >= 0) {
        const affected = this.#claims.affectedBy(leaf, this.#steps.writes[leaf] as Int32Array);
        for (let c = 0; c < affected.length; c++) {
          const claim = affected[c] as number;
          if (!this.#claims.holds(claim, plain, k * words)) this.#oracle.claim(added, claim, plain, k * words);
        }
      }
      this.#edge?.(this.#parents[k] as number, this.#events[k] as number, added >= 0 ? added : -1 - added);
    }
  }

  /** Is anything waiting to be entered? */
  get hasBatch(): boolean {
    return this.#batched > 0;
  }

  /** Collects all choices of a state. Answers how many, or LEFT. */
  #collect(id: number): number {
    const sources = this.#sources;
    const steps = this.#steps;
    const layout = this.#layout;
    let count = 0;
    let previous = -1;
    for (let s = 0; s < sources.length; s++) {
      const source = sources[s] as Source;
      const { column, slot } = source;
      // Asked anew for every source: an oracle that learns something may change the layout and move the rows.
      let { rows } = this.store;
      let base = id * layout.words;
      const code =
        ((rows[base + (layout.word[column] as number)] as number) >>> (layout.shift[column] as number)) &
        (layout.mask[column] as number);
      let offered = source.offered[code];
      if (offered === undefined || source.after.length > 0) offered = this.#enabled(source, id);
      if (offered === undefined) return LEFT;
      if (offered.length === 0) continue;
      if (slot >= 0) {
        // Equal messages of one channel are one choice.
        const event = steps.eventOf(offered[0] as number);
        if (slot > 0 && event === previous) continue;
        previous = event;
      }
      for (let k = 0; k < offered.length; k++) {
        const choice = offered[k] as number;
        let leaf = steps.find(choice, rows, base);
        if (leaf < 0) {
          leaf = this.#oracle.leaf(id, choice, source);
          if (leaf < 0) return LEFT;
          ({ rows } = this.store);
          base = id * layout.words;
        }
        if (leaf === REJECTED) continue;
        if (steps.verdict(leaf, rows, base) !== HOLDS && !this.#oracle.check(id, leaf, choice)) return LEFT;
        this.#choices[count] = choice;
        this.#found[count] = leaf;
        count += 1;
      }
    }
    return count;
  }

  #collectOne(id: number, choice: number, leaf: number): boolean {
    if (!this.#isRight(id, leaf, choice)) return false;
    this.#choices.push(choice);
    this.#found.push(leaf);
    return true;
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
   * all but the calls of movers that would have to wait; and those, too, where nothing else is left.
   */
  #collectReduced(id: number, movers: MoverIndex): number {
    const open = this.#openTransaction(id, movers);
    if (open === 'left') return LEFT;
    let previous = -1;
    this.#late.length = 0;
    this.#lateLeaves.length = 0;
    for (const source of this.#sources) {
      if (open !== undefined && source !== open) continue;
      const offered = this.#enabled(source, id);
      if (offered === undefined) return LEFT;
      if (offered.length === 0) continue;
      if (source.slot >= 0) {
        const event = this.#steps.eventOf(offered[0] as number);
        if (source.slot > 0 && event === previous) continue;
        previous = event;
      }
      const mayWait = source.slot < 0 && movers.isMover[source.actor] === 1;
      for (let k = 0; k < offered.length; k++) {
        const choice = offered[k] as number;
        const leaf = this.#leafOf(id, choice, source);
        if (leaf < 0) return LEFT;
        if (leaf === REJECTED) continue;
        if (mayWait && movers.waits(leaf, this.store.rows, id * this.#layout.words)) {
          // It is not taken, but what the step properties say of it they say now.
          if (!this.#isRight(id, leaf, choice)) return LEFT;
          this.#late.push(choice);
          this.#lateLeaves.push(leaf);
        } else if (!this.#collectOne(id, choice, leaf)) return LEFT;
      }
    }
    if (this.#choices.length === 0) {
      this.#choices.push(...this.#late);
      this.#found.push(...this.#lateLeaves);
    }
    return this.#choices.length;
  }

  /** The one channel of a mover whose message can be delivered; none where there are several. */
  #openTransaction(id: number, movers: MoverIndex): Source | undefined | 'left' {
    let open: Source | undefined;
    for (const source of this.#sources) {
      if (source.slot < 0 || movers.isMover[source.actor] === 0) continue;
      const offered = this.#enabled(source, id);
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
  #enabled(source: Source, id: number): Int32Array | undefined {
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
    const plain = this.#plain;
    const { rows } = this.store;
    const { words, word, shift, mask } = this.#layout;
    const base = id * words;
    const to = this.#batched * words;
    for (let i = 0; i < words; i++) plain[to + i] = rows[base + i] as number;
    const writes = this.#steps.writes[leaf] as Int32Array;
    for (let i = 0; i < writes.length; i += 2) {
      const at = writes[i] as number;
      const w = to + (word[at] as number);
      const s = shift[at] as number;
      plain[w] = ((plain[w] as number) & ~((mask[at] as number) << s)) | ((writes[i + 1] as number) << s);
    }
    if (this.#canonical !== undefined) {
      this.#canonical.find(plain, to);
      // Where that changed the layout there are new batches, and this row is the first in them.
      const at = this.#batched * this.#layout.words;
      if (this.#plain !== plain) this.#canonical.packPlain(this.#plain, at);
      this.#canonical.packImage(this.#batch, at);
    }
    this.#parents[this.#batched] = id;
    this.#leaves[this.#batched] = leaf;
    this.#events[this.#batched] = this.#steps.eventOf(choice);
    this.#batched += 1;
    if (this.#batched === BATCH || this.store.size + this.#batched >= this.maxStates) this.flush();
  }
}
