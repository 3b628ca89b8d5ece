// The states seen so far: packed rows without duplicates, in order of discovery, with parents for traces.
//
// Exact: rows are compared word by word, a hash only says where to look. Open addressing with linear probing. A slot of the
// index holds a state's number in as many bits as the index has slots for, and in the bits above those of its hash that did
// not choose the slot: most rows that only happen to be in the way are told apart without a look at them.
import type { Layout } from './layout.ts';
import { SORTED_STATES, sortedBySlot } from './slot-order.ts';

/** A state's number, in order of discovery; 0 is the initial state. */
export type StateId = number;

/** Where states are stored, by one thread or by several. */
export interface StateStore {
  readonly size: number;
  /** Rows of `layout.words` words, one after the other. */
  readonly rows: Int32Array;
  /** What a stored state costs: its row, its parent, its share of the index. */
  readonly bytesPerState: number;
  /**
   * Adds the first `count` rows of a batch; `results` gets the number of each, or `-1 - number` where it was there already.
   * Look-ups of a batch are started together, so that the memory's delays overlap.
   */
  addBatch(words: Int32Array, count: number, parents: Int32Array, results: Int32Array): void;
  /** What so many states more take at once, in bytes, where there is no room for them: copies of rows, a larger index. */
  bytesToGrow(more: number): number;
}

/** How rows are hashed. */
export interface Hashing {
  readonly seed?: number;
  /** Test hook: every row gets the same hash. */
  readonly collides?: boolean;
}

/** Where to look for a row first. Only a hint: rows are compared word by word. */
export function hashOf(words: Int32Array, base: number, count: number, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ (words[base + i] as number), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}

/** Is a stored row, `count` words from `at` on, the same as the one at `base` of some words? */
export function isSame(rows: Int32Array, at: number, words: Int32Array, base: number, count: number): boolean {
  let i = 0;
  while (i < count && rows[at + i] === words[base + i]) i++;
  return i === count;
}

/** The states from the initial one to a state, both included, by the parents of each. */
export function pathTo(parents: Int32Array, id: StateId): StateId[] {
  const path = [id];
  for (let state = id; state !== 0;) {
    state = parents[state] as number;
    path.push(state);
  }
  return path.toReversed();
}

/** States that there is room for at first, and how many times as many when it is full: much memory that is not written to yet costs nothing. */
const ROOM = 4096;
const GROWTH = 4;
const MAX_LOAD = 0.6;
/** An index grows fourfold: making it anew costs a look at every row. */
const INDEX_GROWTH = 4;
/** Slots of an index at first. */
export const FIRST_SLOTS = 4096;

/**
 * What a stored state costs, in bytes.
 *
 * @param words - of a row
 * @param slots - of the index
 * @param states - that are stored; while the index is as it was at first it is taken to be full
 */
export function bytesOfState(words: number, slots: number, states: number): number {
  const share = slots === FIRST_SLOTS ? 1 / MAX_LOAD : slots / states;
  return Math.round((words + 1 + share) * Int32Array.BYTES_PER_ELEMENT * 10) / 10;
}

/** See `StateStore.bytesToGrow`: of a table with room for so many rows and an index of so many slots. */
export function bytesToGrow(states: number, room: number, words: number, slots: number): number {
  const rows = states > room ? room * (words + 1) : 0;
  const index = states > slots * MAX_LOAD ? slots * INDEX_GROWTH : 0;
  return (rows + index) * Int32Array.BYTES_PER_ELEMENT;
}

/** Packed rows. */
export class StateTable implements StateStore {
  size = 0;
  rows: Int32Array<ArrayBuffer>;
  readonly #layout: Layout;
  #parents: Int32Array<ArrayBuffer>;
  #index: Int32Array<ArrayBuffer>;
  #words: number;
  #hashes = new Int32Array(0);
  /** Keeps the early look-ups of a batch from being optimised away. */
  #touched = 0;
  readonly #seed: number;
  /** Test hook: every row gets the same hash. */
  readonly #collides: boolean;

  constructor(layout: Layout, options: Hashing = {}) {
    this.#layout = layout;
    this.#words = layout.words;
    this.#seed = options.seed ?? 0;
    this.#collides = options.collides ?? false;
    this.rows = new Int32Array(ROOM * this.#words);
    this.#parents = new Int32Array(ROOM);
    this.#index = new Int32Array(FIRST_SLOTS);
  }

  get bytesPerState(): number {
    return bytesOfState(this.#words, this.#index.length, this.size);
  }

  bytesToGrow(more: number): number {
    return bytesToGrow(this.size + more, this.#parents.length, this.#words, this.#index.length);
  }

  /** See `#touched`. */
  get touched(): number {
    return this.#touched;
  }

  addBatch(words: Int32Array, count: number, parents: Int32Array, results: Int32Array): void {
    const n = this.#words;
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count);
    const hashes = this.#hashes;
    const index = this.#index;
    const { rows } = this;
    const mask = index.length - 1;
    for (let k = 0; k < count; k++) hashes[k] = this.#hash(words, k * n);
    let touched = 0;
    for (let k = 0; k < count; k++) {
      const stored = index[(hashes[k] as number) & mask] as number;
      results[k] = stored;
      touched ^= stored;
    }
    for (let k = 0; k < count; k++) {
      const stored = results[k] as number;
      if (stored !== 0 && ((stored ^ (hashes[k] as number)) & ~mask) === 0) {
        touched ^= rows[((stored & mask) - 1) * n] as number;
      }
    }
    this.#touched = touched;
    for (let k = 0; k < count; k++) {
      results[k] = this.#addHashed(words, k * n, parents[k] as number, hashes[k] as number);
    }
  }

  /** Adds the row at `base` of some words. Answers its number, or `-1 - number` when it was there already. */
  add(words: Int32Array, base: number, parent: StateId): StateId {
    return this.#addHashed(words, base, parent, this.#hash(words, base));
  }

  #addHashed(words: Int32Array, base: number, parent: StateId, hash: number): StateId {
    const n = this.#words;
    const index = this.#index;
    const { rows } = this;
    const mask = index.length - 1;
    let slot = hash & mask;
    for (;;) {
      const stored = index[slot] as number;
      if (stored === 0) break;
      if (((stored ^ hash) & ~mask) === 0) {
        const id = (stored & mask) - 1;
        if (isSame(rows, id * n, words, base, n)) return -1 - id;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.size;
    if ((id + 1) * n > rows.length || id + 1 > this.#parents.length) this.#growRows();
    for (let i = 0; i < n; i++) this.rows[id * n + i] = words[base + i] as number;
    this.#parents[id] = parent;
    index[slot] = (hash & ~mask) | (id + 1);
    this.size = id + 1;
    if (this.size > index.length * MAX_LOAD) this.#growIndex();
    return id;
  }

  /** The state from which each state was first reached. */
  get parents(): Int32Array {
    return this.#parents;
  }

  /** Takes over states that were stored before: rows and parents, `size` of them. */
  adopt(rows: Int32Array<ArrayBuffer>, parents: Int32Array<ArrayBuffer>, size: number): void {
    this.rows = rows;
    this.#parents = parents;
    this.size = size;
    let length = this.#index.length;
    while (size > length * MAX_LOAD) length *= 2;
    this.#reindex(length);
  }

  /** Repacks all rows after the packing was widened. `old` reads them as they were. */
  relayout(
    _oldWords: number,
    convert: (from: Int32Array, fromBase: number, to: Int32Array, toBase: number) => void,
  ): void {
    const old = this.#words;
    const fresh = this.#layout.words;
    const rows = new Int32Array(Math.max(ROOM, Math.ceil(this.size * 1.5)) * fresh);
    for (let id = 0; id < this.size; id++) convert(this.rows, id * old, rows, id * fresh);
    this.rows = rows;
    this.#words = fresh;
    const parents = new Int32Array(Math.floor(rows.length / fresh));
    parents.set(this.#parents.subarray(0, this.size));
    this.#parents = parents;
    this.#reindex(this.#index.length);
  }

  #hash(words: Int32Array, base: number): number {
    return this.#collides ? 0 : hashOf(words, base, this.#words, this.#seed);
  }

  #growRows(): void {
    const capacity = this.#parents.length * GROWTH;
    const rows = new Int32Array(capacity * this.#words);
    rows.set(this.rows);
    this.rows = rows;
    const parents = new Int32Array(capacity);
    parents.set(this.#parents);
    this.#parents = parents;
  }

  #growIndex(): void {
    this.#reindex(this.#index.length * INDEX_GROWTH);
  }

  #reindex(length: number): void {
    const index = new Int32Array(length);
    // Memory that was never written to is mapped page by page, which costs less in order.
    index.fill(0);
    const { size } = this;
    for (let first = 0; first < size; first += SORTED_STATES)
      this.#enter(index, first, Math.min(SORTED_STATES, size - first));
    this.#index = index;
  }

  /** Enters stored rows into an index. */
  #enter(index: Int32Array, first: number, count: number): void {
    const mask = index.length - 1;
    const hashes = new Int32Array(count);
    for (let k = 0; k < count; k++) hashes[k] = this.#hash(this.rows, (first + k) * this.#words);
    const sorted = sortedBySlot(hashes, first, mask);
    for (let i = 0; i < sorted.length; i += 2) {
      const hash = sorted[i] as number;
      let slot = hash & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = (hash & ~mask) | (sorted[i + 1] as number);
    }
  }
}
