// The states seen so far, stored by several threads at once: rows, parents and index in shared memory.
//
// Exact, as state-table.ts: rows are compared word by word, slots hold numbers and bits of hashes. A thread takes a free slot of the index with one
// compare-and-swap, writes its row under the next number, then publishes the number in the slot; whoever meets a taken
// slot without a number waits for it. Rows are never changed after that. Only the main thread makes room, while the
// others rest: there is always room for what they can add before they look again.
import type { Layout } from './layout.ts';
import type { StateId, StateStore, StateTable } from './state-table.ts';
import { hashOf } from './state-table.ts';

/** What threads share. */
export interface SharedBuffers {
  readonly rows: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly index: SharedArrayBuffer;
  /** Word 0 is the number of states. */
  readonly size: SharedArrayBuffer;
}

/** A slot that a thread has taken and not yet filled: the index is never so full that a number has all these bits. */
const TAKEN = -1;
const MAX_LOAD = 0.5;
const GROWTH = 1.5;
const BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Packed rows in shared memory. */
export class SharedStateTable implements StateStore {
  rows: Int32Array<SharedArrayBuffer>;
  parents: Int32Array<SharedArrayBuffer>;
  readonly #layout: Layout;
  readonly #seed: number;
  #index: Int32Array<SharedArrayBuffer>;
  readonly #size: Int32Array<SharedArrayBuffer>;
  #hashes = new Int32Array(0);
  /** Keeps the early look-ups of a batch from being optimised away. */
  #touched = 0;

  constructor(layout: Layout, seed: number, buffers: SharedBuffers) {
    this.#layout = layout;
    this.#seed = seed;
    this.rows = new Int32Array(buffers.rows);
    this.parents = new Int32Array(buffers.parents);
    this.#index = new Int32Array(buffers.index);
    this.#size = new Int32Array(buffers.size);
  }

  /** Moves what one thread has stored into shared memory. */
  static from(table: StateTable, layout: Layout, seed: number): SharedStateTable {
    let length = 4096;
    while (table.size > length * MAX_LOAD) length *= 2;
    const shared = new SharedStateTable(layout, seed, {
      rows: new SharedArrayBuffer(0),
      parents: new SharedArrayBuffer(0),
      index: new SharedArrayBuffer(BYTES * length),
      size: new SharedArrayBuffer(BYTES),
    });
    shared.#resize(table.size, table.rows, table.parents, Math.ceil(table.size * GROWTH) + 4096);
    shared.#size[0] = table.size;
    shared.#reindex();
    return shared;
  }

  get size(): number {
    return Atomics.load(this.#size, 0);
  }

  get touched(): number {
    return this.#touched;
  }

  /** What another thread needs to use the same table. */
  get buffers(): SharedBuffers {
    return {
      rows: this.rows.buffer,
      parents: this.parents.buffer,
      index: this.#index.buffer,
      size: this.#size.buffer,
    };
  }

  /** Takes over buffers that the main thread has made. */
  take(buffers: SharedBuffers): void {
    this.rows = new Int32Array(buffers.rows);
    this.parents = new Int32Array(buffers.parents);
    this.#index = new Int32Array(buffers.index);
  }

  /** How many more states there is room for. */
  get room(): number {
    return Math.min(this.parents.length, Math.floor(this.#index.length * MAX_LOAD)) - this.size;
  }

  /** Makes room for more states. Only while no other thread adds any. Answers whether buffers were made anew. */
  reserve(more: number): boolean {
    if (this.room >= more) return false;
    const { size } = this;
    if (size + more > this.parents.length)
      this.#resize(size, this.rows, this.parents, Math.ceil((size + more) * GROWTH));
    let length = this.#index.length;
    // Fourfold: making an index anew costs a look at every row.
    while (size + more > length * MAX_LOAD) length *= 4;
    if (length > this.#index.length) {
      this.#index = new Int32Array(new SharedArrayBuffer(length * BYTES));
      this.#reindex();
    }
    return true;
  }

  #resize(size: number, rows: Int32Array, parents: Int32Array, capacity: number): void {
    const { words } = this.#layout;
    const newRows = new Int32Array(new SharedArrayBuffer(capacity * words * BYTES));
    newRows.set(rows.subarray(0, size * words));
    this.rows = newRows;
    const newParents = new Int32Array(new SharedArrayBuffer(capacity * BYTES));
    newParents.set(parents.subarray(0, size));
    this.parents = newParents;
  }

  #reindex(): void {
    const index = this.#index;
    index.fill(0);
    const mask = index.length - 1;
    const { words } = this.#layout;
    const { size } = this;
    for (let id = 0; id < size; id++) {
      const hash = hashOf(this.rows, id * words, words, this.#seed);
      let slot = hash & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = (hash & ~mask) | (id + 1);
    }
  }

  /** Repacks all rows after the layout has changed. Only while no other thread adds any. */
  relayout(
    oldWords: number,
    convert: (from: Int32Array, fromBase: number, to: Int32Array, toBase: number) => void,
  ): void {
    const { words } = this.#layout;
    const capacity = this.parents.length;
    const rows = new Int32Array(new SharedArrayBuffer(capacity * words * BYTES));
    for (let id = 0; id < this.size; id++) convert(this.rows, id * oldWords, rows, id * words);
    this.rows = rows;
    this.#reindex();
  }

  addBatch(words: Int32Array, count: number, parents: Int32Array, results: Int32Array): void {
    const n = this.#layout.words;
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count);
    const hashes = this.#hashes;
    const index = this.#index;
    const { rows } = this;
    const mask = index.length - 1;
    for (let k = 0; k < count; k++) hashes[k] = hashOf(words, k * n, n, this.#seed);
    let touched = 0;
    for (let k = 0; k < count; k++) {
      const stored = index[(hashes[k] as number) & mask] as number;
      results[k] = stored;
      touched ^= stored;
    }
    for (let k = 0; k < count; k++) {
      const stored = results[k] as number;
      if (stored !== 0 && stored !== TAKEN && ((stored ^ (hashes[k] as number)) & ~mask) === 0) {
        touched ^= rows[((stored & mask) - 1) * n] as number;
      }
    }
    this.#touched = touched;
    for (let k = 0; k < count; k++) results[k] = this.#add(words, k * n, parents[k] as number, hashes[k] as number);
  }

  #add(words: Int32Array, base: number, parent: StateId, hash: number): number {
    const n = this.#layout.words;
    const index = this.#index;
    const { rows } = this;
    const mask = index.length - 1;
    let slot = hash & mask;
    for (;;) {
      const stored = Atomics.load(index, slot);
      if (stored === 0) {
        if (Atomics.compareExchange(index, slot, 0, TAKEN) === 0) {
          return this.#publish(words, base, parent, slot, hash & ~mask);
        }
        continue;
      }
      // Another thread is writing the row: it takes a few instructions.
      if (stored === TAKEN) continue;
      if (((stored ^ hash) & ~mask) === 0) {
        const id = (stored & mask) - 1;
        let i = 0;
        while (i < n && rows[id * n + i] === words[base + i]) i++;
        if (i === n) return -1 - id;
      }
      slot = (slot + 1) & mask;
    }
  }

  #publish(words: Int32Array, base: number, parent: StateId, slot: number, tag: number): number {
    const n = this.#layout.words;
    const id = Atomics.add(this.#size, 0, 1);
    if (id >= this.parents.length) throw new RangeError('the shared table is full');
    const { rows } = this;
    for (let i = 0; i < n; i++) rows[id * n + i] = words[base + i] as number;
    this.parents[id] = parent;
    Atomics.store(this.#index, slot, tag | (id + 1));
    return id;
  }
}
