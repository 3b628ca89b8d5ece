// The states seen so far, stored by several threads at once: rows, parents and index in shared memory.
//
// Exact, as state-table.ts: rows are compared word by word, slots hold numbers and bits of hashes. A thread takes a free
// slot of the index with one compare-and-swap, writes its row under the next number, then publishes the number in the
// slot, a batch at a time; whoever meets a taken slot without a number publishes its own and waits for it. Rows are never
// changed after that. Only the main thread makes room, while the others rest: there is always room for what they can add
// before they look again.
import type { Layout } from './layout.ts';
import type { Hashing, StateStore, StateTable } from './state-table.ts';
import { SORTED_STATES, sortedBySlot } from './slot-order.ts';
import { bytesOfState, bytesToGrow, FIRST_SLOTS, hashOf, isSame } from './state-table.ts';

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
/** Memory that is not written to yet costs nothing. */
const GROWTH = 2;
const BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Packed rows in shared memory. */
export class SharedStateTable implements StateStore {
  rows: Int32Array<SharedArrayBuffer>;
  parents: Int32Array<SharedArrayBuffer>;
  readonly #layout: Layout;
  readonly #seed: number;
  readonly #collides: boolean;
  #index: Int32Array<SharedArrayBuffer>;
  readonly #size: Int32Array<SharedArrayBuffer>;
  #hashes = new Int32Array(0);
  /** Rows of the batch at hand, and slots that were taken for them and are not published yet. */
  #takenBy = new Int32Array(0);
  #slots = new Int32Array(0);
  #taken = 0;
  /** Keeps the early look-ups of a batch from being optimised away. */
  #touched = 0;

  constructor(layout: Layout, { seed = 0, collides = false }: Hashing, buffers: SharedBuffers) {
    this.#layout = layout;
    this.#seed = seed;
    this.#collides = collides;
    this.rows = new Int32Array(buffers.rows);
    this.parents = new Int32Array(buffers.parents);
    this.#index = new Int32Array(buffers.index);
    this.#size = new Int32Array(buffers.size);
  }

  get bytesPerState(): number {
    return bytesOfState(this.#layout.words, this.#index.length, this.size);
  }

  /** Moves what one thread has stored into shared memory. */
  static from(table: StateTable, layout: Layout, hashing: Hashing): SharedStateTable {
    let length = FIRST_SLOTS;
    while (table.size > length * MAX_LOAD) length *= 2;
    const shared = new SharedStateTable(layout, hashing, {
      rows: new SharedArrayBuffer(0),
      parents: new SharedArrayBuffer(0),
      index: new SharedArrayBuffer(BYTES * length),
      size: new SharedArrayBuffer(BYTES),
    });
    shared.#resize(table.size, table.rows, table.parents, Math.ceil(table.size * GROWTH) + 4096);
    shared.#size[0] = table.size;
    shared.enter(0, table.size);
    return shared;
  }

  get size(): number {
    return Atomics.load(this.#size, 0);
  }

  bytesToGrow(more: number): number {
    return bytesToGrow(this.size + more, this.parents.length, this.#layout.words, this.#index.length);
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

  /**
   * Makes room for more states. Only while no other thread adds any. Answers whether there is a new index: it is empty then, and all
   * states have to be entered before the next is added.
   */
  reserve(more: number): boolean {
    if (this.room >= more) return false;
    const { size } = this;
    if (size + more > this.parents.length)
      this.#resize(size, this.rows, this.parents, Math.ceil((size + more) * GROWTH));
    let length = this.#index.length;
    // Fourfold: making an index anew costs a look at every row.
    while (size + more > length * MAX_LOAD) length *= 4;
    if (length === this.#index.length) return false;
    this.#index = new Int32Array(new SharedArrayBuffer(length * BYTES));
    // Memory that was never written to is mapped page by page, which costs less in order.
    this.#index.fill(0);
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

  /** Enters stored states into a new index, from one number up to another. Several threads may, each a part. */
  enter(from: number, to: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    const { words } = this.#layout;
    for (let first = from; first < to; first += SORTED_STATES) {
      const hashes = new Int32Array(Math.min(SORTED_STATES, to - first));
      for (let k = 0; k < hashes.length; k++) hashes[k] = this.#hash(this.rows, (first + k) * words);
      const sorted = sortedBySlot(hashes, first, mask);
      for (let i = 0; i < sorted.length; i += 2) {
        const hash = sorted[i] as number;
        const entry = (hash & ~mask) | (sorted[i + 1] as number);
        let slot = hash & mask;
        while (index[slot] !== 0 || Atomics.compareExchange(index, slot, 0, entry) !== 0) slot = (slot + 1) & mask;
      }
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
    this.#index = new Int32Array(new SharedArrayBuffer(this.#index.length * BYTES));
    this.enter(0, this.size);
  }

  addBatch(words: Int32Array, count: number, parents: Int32Array, results: Int32Array): void {
    const n = this.#layout.words;
    const hashes = this.#hashesFor(count);
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
      if (stored !== 0 && stored !== TAKEN && ((stored ^ (hashes[k] as number)) & ~mask) === 0) {
        touched ^= rows[((stored & mask) - 1) * n] as number;
      }
    }
    this.#touched = touched;
    for (let k = 0; k < count; k++) results[k] = this.#findOrTake(words, k, hashes[k] as number, parents, results);
    this.#publish(words, parents, results);
  }

  #hash(words: Int32Array, base: number): number {
    return this.#collides ? 0 : hashOf(words, base, this.#layout.words, this.#seed);
  }

  #hashesFor(count: number): Int32Array {
    if (this.#hashes.length < count) {
      this.#hashes = new Int32Array(count);
      this.#takenBy = new Int32Array(count);
      this.#slots = new Int32Array(count);
    }
    return this.#hashes;
  }

  /** Answers `-1 - number` for a row that is there; else takes a slot for it, to be published with others. */
  #findOrTake(words: Int32Array, k: number, hash: number, parents: Int32Array, results: Int32Array): number {
    const n = this.#layout.words;
    const base = k * n;
    const index = this.#index;
    const { rows } = this;
    const mask = index.length - 1;
    let slot = hash & mask;
    for (;;) {
      // A plain read may be stale, but is never wrong: a slot is filled once. An atomic one is a call.
      let stored = index[slot] as number;
      if (stored === 0) {
        stored = Atomics.compareExchange(index, slot, 0, TAKEN);
        if (stored === 0) {
          this.#takenBy[this.#taken] = k;
          this.#slots[this.#taken] = slot;
          this.#taken += 1;
          return TAKEN;
        }
      }
      if (stored === TAKEN) {
        // Ours, or that of another thread, which may wait for one of ours: nobody waits with slots in hand.
        if (this.#taken > 0) this.#publish(words, parents, results);
        while (Atomics.load(index, slot) === TAKEN);
        continue;
      }
      if (((stored ^ hash) & ~mask) === 0) {
        const id = (stored & mask) - 1;
        if (isSame(rows, id * n, words, base, n)) return -1 - id;
        // Its row was written before its number; after an atomic read it is seen so on every machine.
        Atomics.load(index, slot);
        if (isSame(rows, id * n, words, base, n)) return -1 - id;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Gives numbers to the rows that have slots, all with one look at the counter that threads share, and lets others see them. */
  #publish(words: Int32Array, parents: Int32Array, results: Int32Array): void {
    const count = this.#taken;
    if (count === 0) return;
    this.#taken = 0;
    const n = this.#layout.words;
    const index = this.#index;
    const mask = index.length - 1;
    const { rows } = this;
    const first = Atomics.add(this.#size, 0, count);
    if (first + count > this.parents.length) throw new RangeError('the shared table is full');
    for (let i = 0; i < count; i++) {
      const k = this.#takenBy[i] as number;
      const id = first + i;
      for (let word = 0; word < n; word++) rows[id * n + word] = words[k * n + word] as number;
      this.parents[id] = parents[k] as number;
      results[k] = id;
      Atomics.store(index, this.#slots[i] as number, ((this.#hashes[k] as number) & ~mask) | (id + 1));
    }
  }
}
