// The nodes of an xarray: storage in typed arrays, accounting, and allocations that fail when told to.
//
// Kernel source: struct xa_node in include/linux/xarray.h, Linux 6.17 (64-bit, CONFIG_BASE_SMALL off).

export const XA_CHUNK_SHIFT = 6;
export const XA_CHUNK_SIZE = 64;
export const XA_MAX_MARKS = 3;
/** sizeof(struct xa_node): header 40, private list 16, 64 slots of 8, three bitmaps of 8 bytes. */
export const NODE_BYTES = 576;

/** Words of a node's mark bitmaps. */
const WORDS = 2 * XA_MAX_MARKS;
/** By how much storage grows when it is full: little enough that what is unused stays small beside what is used. */
const GROWTH = 1.5;

/** A node's number; 0 is no node. */
export type NodeId = number;

/**
 * Which node allocations of an operation fail: none, all of them, every first try (each is followed by one retry with
 * the caller's flags), or the k-th ones, counted from 1.
 */
export type AllocationFaults = 'none' | 'all' | 'first' | readonly number[];

/** Storage of nodes. A slot holds 0 (empty), a positive entry handle, or minus a node's number. */
export class XArrayNodes {
  /** Nodes that are allocated now, and the most there ever were. */
  live = 0;
  peak = 0;
  /** Allocation attempts of the current operation, failed ones included. */
  attempts = 0;
  faults: AllocationFaults = 'none';
  slots: Int32Array<ArrayBuffer>;
  shift: Uint8Array<ArrayBuffer>;
  offset: Uint8Array<ArrayBuffer>;
  count: Uint8Array<ArrayBuffer>;
  nrValues: Uint8Array<ArrayBuffer>;
  parent: Int32Array<ArrayBuffer>;
  /** Three bitmaps of 64 bits a node: mark m, low and high word, at `6 * node + 2 * m`. */
  marks: Uint32Array<ArrayBuffer>;
  readonly #unused: NodeId[] = [];
  #next = 1;
  #capacity: number;

  constructor(capacity = 64) {
    this.#capacity = capacity;
    this.slots = new Int32Array(capacity * XA_CHUNK_SIZE);
    this.shift = new Uint8Array(capacity);
    this.offset = new Uint8Array(capacity);
    this.count = new Uint8Array(capacity);
    this.nrValues = new Uint8Array(capacity);
    this.parent = new Int32Array(capacity);
    this.marks = new Uint32Array(capacity * WORDS);
  }

  /** Bytes that the kernel would use for the live nodes. */
  get bytes(): number {
    return this.live * NODE_BYTES;
  }

  /** Bytes that this process uses for them, those of the nodes that are got ready included. */
  get processBytes(): number {
    const { slots, shift, offset, count, nrValues, parent, marks } = this;
    const columns = [slots, shift, offset, count, nrValues, parent, marks];
    return columns.reduce((bytes, column) => bytes + column.byteLength, 0);
  }

  /** Allocates a zeroed node, or answers 0 where the attempt is to fail. */
  allocate(retry: boolean): NodeId {
    this.attempts += 1;
    const { faults } = this;
    if (faults !== 'none') {
      if (faults === 'all' || (faults === 'first' && !retry)) return 0;
      if (faults !== 'first' && faults.includes(this.attempts)) return 0;
    }
    let node = this.#unused.pop();
    if (node === undefined) {
      node = this.#next++;
      if (node >= this.#capacity) this.#grow();
    }
    this.live += 1;
    if (this.live > this.peak) this.peak = this.live;
    return node;
  }

  /** Gives a node back. Its slots must be empty already but for the first. */
  free(node: NodeId): void {
    const { marks } = this;
    this.slots[node * XA_CHUNK_SIZE] = 0;
    for (let word = node * WORDS; word < node * WORDS + WORDS; word++) marks[word] = 0;
    this.shift[node] = 0;
    this.offset[node] = 0;
    this.count[node] = 0;
    this.nrValues[node] = 0;
    this.parent[node] = 0;
    this.live -= 1;
    this.#unused.push(node);
  }

  #grow(): void {
    this.#capacity = Math.ceil(this.#capacity * GROWTH);
    const grown = <A extends Int32Array | Uint8Array | Uint32Array>(old: A, length: number): A => {
      const next = new (old.constructor as new (length: number) => A)(length);
      next.set(old);
      return next;
    };
    this.slots = grown(this.slots, this.#capacity * XA_CHUNK_SIZE);
    this.shift = grown(this.shift, this.#capacity);
    this.offset = grown(this.offset, this.#capacity);
    this.count = grown(this.count, this.#capacity);
    this.nrValues = grown(this.nrValues, this.#capacity);
    this.parent = grown(this.parent, this.#capacity);
    this.marks = grown(this.marks, this.#capacity * WORDS);
  }
}
