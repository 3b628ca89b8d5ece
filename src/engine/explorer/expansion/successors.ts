// Successors of states: made by stamping what a step writes onto a row, gathered in batches, entered into the store together.
//
// A batch's look-ups in the store are started together, so that the memory's delays overlap; then the claims are asked about
// what was new.
import type { EnabledIndex } from '../tables/enabled-table.ts';
import type { CanonicalForm, ClaimIndex, ExpanderParts, Oracle, StepIndex } from './lookups.ts';
import { AGAIN, LEFT } from './lookups.ts';
import type { Layout } from '../store/layout.ts';
import type { StateStore } from '../store/state-table.ts';

/** Successors that are entered into the store together. */
export const BATCH = 256;
const NONE = new Int32Array(0);

/** Successors of the states that are being expanded. */
export class Successors {
  /** How many were added. */
  transitions = 0;
  /** Set from outside: no more successors are taken. */
  isStopped = false;
  /** Was a successor not added, because its canonical form is not known here? Then the state is left to the main thread. */
  isLeft = false;
  store: StateStore;
  /** Successors that are entered when the batch is full or this many states are stored. */
  maxStates = Infinity;
  readonly #layout: Layout;
  readonly #steps: StepIndex;
  readonly #claims: ClaimIndex;
  readonly #oracle: Oracle;
  readonly #canonical: CanonicalForm | undefined;
  readonly #edge: ExpanderParts['edge'];
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
  /** What leaves write, as far as they were taken since the layout was made: by leaf and word, bits that stay and bits that are set. */
  #stamps: Int32Array = NONE;
  #stamped = 0;

  constructor({ layout, store, steps, claims, oracle, canonical, edge }: ExpanderParts) {
    this.#layout = layout;
    this.#steps = steps;
    this.#claims = claims;
    this.#oracle = oracle;
    this.#canonical = canonical;
    this.#edge = edge;
    this.store = store;
  }

  /** After a change of the layout, with an empty batch. */
  arrange(): void {
    const { words } = this.#layout;
    this.#batch = new Int32Array(BATCH * words);
    this.#plain = this.#canonical === undefined ? this.#batch : new Int32Array(BATCH * words);
    this.#stamps = NONE;
    this.#stamped = 0;
  }

  /** Adds the successors of a state by a whole set of choices (`EnabledIndex.sets`). */
  addSet(id: number, sets: EnabledIndex['sets'], set: number): void {
    const end = sets[set] as number;
    if (this.#canonical === undefined && this.#edge === undefined) {
      this.#addPlain(id, sets, set + 2, end);
      return;
    }
    for (let at = set + 1; at < end && !this.isStopped && !this.isLeft; at += 2) {
      this.add(id, sets[at] as number, sets[at + 1] as number);
    }
  }

  /** Asked once a batch: where threads share the store, its size is a cache line that they take from each other. */
  #endOfBatch(): number {
    return Math.min(BATCH, Math.max(1, this.maxStates - this.store.size));
  }

  /** Adds the successor of a state by one choice. */
  add(id: number, choice: number, leaf: number): void {
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
      const kept = (rows[from] as number) & (stamps[at] as number);
      plain[i] = kept | (stamps[at + 1] as number);
    }
    if (this.#canonical !== undefined && !this.#makeCanonical(this.#canonical, to)) {
      this.isLeft = true;
      return;
    }
    const place = this.#batched;
    if (place < batched) this.#batchEnd = this.#endOfBatch();
    this.#parents[place] = id;
    this.#leaves[place] = leaf;
    if (this.#edge !== undefined) this.#events[place] = this.#steps.eventOf(choice);
    this.#batched = place + 1;
    if (place + 1 >= this.#batchEnd) this.flush();
  }

  /** Puts the canonical form of the last row of the batch beside it. Answers false where it is not known here. */
  #makeCanonical(canonical: CanonicalForm, at: number): boolean {
    const { words } = this.#layout;
    const found = canonical.find(this.#plain, at);
    if (found === LEFT) return false;
    if (found === 0) {
      for (let i = 0; i < words; i++) this.#batch[at + i] = this.#plain[at + i] as number;
      return true;
    }
    const packed = canonical.packImage(this.#batch, at);
    if (packed === AGAIN) {
      // There are new batches, and this row is the first in them.
      canonical.packPlain(this.#plain, 0);
      canonical.packImage(this.#batch, 0);
    }
    return packed !== LEFT;
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

  /** Adds successors as they are, by the leaves among `sets`: every other number. The same as `add`, with everything at hand. */
  #addPlain(id: number, sets: Int32Array, from: number, end: number): void {
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
        const kept = (rows[row + i] as number) & (stamps[stamp] as number);
        plain[to + i] = kept | (stamps[stamp + 1] as number);
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
}
