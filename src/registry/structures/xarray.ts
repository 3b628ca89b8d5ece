// A real XArray: 64-slot nodes, expansion, deletion, shrinking, three marks, full 64-bit indexes, failing allocations.
//
// Kernel source: lib/xarray.c, Linux 6.17, single-index entries only. An index is two 32-bit halves
// inside, so that no operation makes a BigInt. RCU is absent: a freed node is gone at once.
import { errno } from '../../machines/kernel/call.ts';
import { digit, high, join, low, reaches } from './index-halves.ts';
import type { NodeId } from './xarray-nodes.ts';
import { XA_CHUNK_SHIFT, XA_CHUNK_SIZE, XA_MAX_MARKS, XArrayNodes } from './xarray-nodes.ts';

/** One of the three marks of an entry. */
export type Mark = 0 | 1 | 2;

/**
 * What an xarray holds: an object (a pointer), or a machine word. Words with the lowest bit set are value entries
 * (`xaMkValue`); words that end in 10 look internal and are refused; NULL is no entry.
 */
export type Entry<T extends object> = T | bigint;

/** `xa_mk_value()`: an integer from 0 to LONG_MAX as an entry. Throws RangeError outside. */
export function xaMkValue(value: bigint): bigint {
  if (value < 0n || value >= 1n << 63n) throw new RangeError(`${value} does not fit into a value entry`);
  return (value << 1n) | 1n;
}

/** `xa_to_value()`. */
export function xaToValue(entry: bigint): bigint {
  return entry >> 1n;
}

const isValue = (entry: object | bigint | null): boolean => typeof entry === 'bigint' && (entry & 1n) === 1n;
const isInternal = (entry: object | bigint): boolean => typeof entry === 'bigint' && (entry & 3n) === 2n;

/** Handle of the zero entry: a slot that is reserved but reads as NULL. */
const ZERO = 1;
const TOO_HIGH = -1;

/** Adds to a count of a node; answers what it is now. */
function add(column: Uint8Array<ArrayBuffer>, node: NodeId, change: number): number {
  const sum = (column[node] ?? 0) + change;
  column[node] = sum;
  return sum;
}

/**
 * An xarray. Operations answer as the kernel's: entries, 0, or a negative errno.
 *
 * `load`, `store`, `insert`, `erase` take the index as a BigInt and split it anew each time, which allocates and takes
 * about half as long again (130 ns became 195, dense keys). Hot paths split once (`halvesOf`) and call `loadAt`,
 * `storeAt`, `insertAt`, `eraseAt`.
 */
export class XArray<T extends object> {
  readonly nodes: XArrayNodes;
  /** Objects and words behind the handles in slots; 0 is NULL, 1 the zero entry. */
  readonly #entries: (Entry<T> | null)[] = [null, null];
  readonly #handles: number[] = [];
  /** 0, a handle (an array that holds only index 0), or minus the top node. */
  #head = 0;
  /** Marks of an entry that sits in the head itself, and of the array as a whole. */
  readonly #headMarks: [boolean, boolean, boolean] = [false, false, false];
  /** A node that xas_nomem() got ready for the retry; 0 is none. */
  #ready: NodeId = 0;
  /** Where the last descent ended (`xa_node` and `xa_offset` of a struct xa_state): a slot, 0 for the head, and its shift. */
  #place = 0;
  #shift = 0;

  constructor(nodes: XArrayNodes = new XArrayNodes()) {
    this.nodes = nodes;
  }

  /** `xa_empty()` */
  isEmpty(): boolean {
    return this.#head === 0;
  }

  /** `xa_load()`: the entry at an index, or null. */
  load(index: bigint): Entry<T> | null {
    return this.loadAt(high(index), low(index));
  }

  /** `xa_load()` with the index in two halves. */
  loadAt(hi: number, lo: number): Entry<T> | null {
    return this.#entries[this.#walk(hi, lo)] ?? null;
  }

  /** `xa_store()`: the old entry, or -ENOMEM, or -EINVAL for an entry that looks internal. null erases. */
  store(index: bigint, entry: Entry<T> | null): Entry<T> | null | number {
    return this.storeAt(high(index), low(index), entry);
  }

  /** `xa_store()` with the index in two halves. */
  storeAt(hi: number, lo: number, entry: Entry<T> | null): Entry<T> | null | number {
    if (entry === null) return this.eraseAt(hi, lo);
    if (isInternal(entry)) return -errno.EINVAL;
    const old = this.#descend(hi, lo);
    const error = this.#replace(hi, lo, entry);
    if (error !== 0) return error;
    return this.#release(old);
  }

  /** `xa_insert()`: 0, -EBUSY when the index is taken or reserved, -ENOMEM, -EINVAL. null reserves the index. */
  insert(index: bigint, entry: Entry<T> | null): number {
    return this.insertAt(high(index), low(index), entry);
  }

  /** `xa_insert()` with the index in two halves. */
  insertAt(hi: number, lo: number, entry: Entry<T> | null): number {
    if (entry !== null && isInternal(entry)) return -errno.EINVAL;
    if (this.#descend(hi, lo) !== 0) return -errno.EBUSY;
    return this.#replace(hi, lo, entry);
  }

  /** `xa_cmpxchg()`: stores the new entry if the old one is there; the entry that was there, or a negative errno. */
  cmpxchg(index: bigint, old: Entry<T> | null, entry: Entry<T> | null): Entry<T> | null | number {
    if (entry !== null && isInternal(entry)) return -errno.EINVAL;
    const handle = this.#walk(high(index), low(index));
    const current = this.#entries[handle] ?? null;
    if (current !== old || handle === ZERO) return current;
    if (entry === null) return this.erase(index);
    const stored = this.store(index, entry);
    return typeof stored === 'number' ? stored : current;
  }

  /** `xa_erase()`: the entry that was there, or null. Never allocates, never fails. */
  erase(index: bigint): Entry<T> | null {
    return this.eraseAt(high(index), low(index));
  }

  /** `xa_erase()` with the index in two halves. */
  eraseAt(hi: number, lo: number): Entry<T> | null {
    const { nodes } = this;
    const handle = this.#descend(hi, lo);
    if (handle === 0) return null;
    const place = this.#place;
    if (place === 0) {
      this.#head = 0;
      this.#headMarks.fill(false);
      return this.#release(handle);
    }
    const node = place >>> XA_CHUNK_SHIFT;
    if (this.#headMarks[0] || this.#headMarks[1] || this.#headMarks[2]) {
      for (let mark = 0; mark < XA_MAX_MARKS; mark++) this.#clearMark(node, place % XA_CHUNK_SIZE, mark as Mark);
    }
    nodes.slots[place] = 0;
    if (isValue(this.#entries[handle] ?? null)) add(nodes.nrValues, node, -1);
    const count = add(nodes.count, node, -1);
    if (count === 0) this.#deleteNode(node);
    else if (count === 1) this.#shrinkTop(node);
    return this.#release(handle);
  }

  /** `xa_find()`: the first entry from an index on (up to a last one), with a mark if one is named. */
  find(
    from: bigint,
    last: bigint = (1n << 64n) - 1n,
    mark?: Mark,
  ): { readonly index: bigint; readonly entry: Entry<T> } | null {
    for (const [index, entry] of this.#entriesFrom(from, mark)) return index <= last ? { index, entry } : null;
    return null;
  }

  /** `xa_for_each()`: present entries, ascending. */
  *forEach(from = 0n): Generator<readonly [bigint, Entry<T>]> {
    let index: bigint | null = from;
    while (index !== null) {
      const found = this.find(index);
      if (found === null) return;
      yield [found.index, found.entry];
      index = found.index === (1n << 64n) - 1n ? null : found.index + 1n;
    }
  }

  /** `xa_set_mark()`: marks the entry at an index; nothing happens where there is none. */
  setMark(index: bigint, mark: Mark): void {
    const place = this.#locate(high(index), low(index));
    if (place === TOO_HIGH) return;
    const handle = place === 0 ? this.#head : (this.nodes.slots[place] ?? 0);
    if (handle <= 0) return;
    if (place === 0) {
      this.#headMarks[mark] = true;
      return;
    }
    let node = place >>> XA_CHUNK_SHIFT;
    let offset = place % XA_CHUNK_SIZE;
    while (node !== 0 && !this.nodeMark(node, offset, mark)) {
      const word = node * 6 + mark * 2 + (offset >>> 5);
      this.nodes.marks[word] = (this.nodes.marks[word] ?? 0) | (1 << (offset & 31));
      offset = this.nodes.offset[node] ?? 0;
      node = this.nodes.parent[node] ?? 0;
    }
    this.#headMarks[mark] = true;
  }

  /** `xa_clear_mark()` */
  clearMark(index: bigint, mark: Mark): void {
    const place = this.#locate(high(index), low(index));
    if (place === TOO_HIGH) return;
    if (place === 0) this.#headMarks[mark] = false;
    else this.#clearMark(place >>> XA_CHUNK_SHIFT, place % XA_CHUNK_SIZE, mark);
  }

  /** `xa_get_mark()` */
  getMark(index: bigint, mark: Mark): boolean {
    const place = this.#locate(high(index), low(index));
    if (place === TOO_HIGH) return false;
    if (place === 0) return this.#head > 0 && this.#headMarks[mark];
    return this.nodeMark(place >>> XA_CHUNK_SHIFT, place % XA_CHUNK_SIZE, mark);
  }

  /** `xa_marked()`: has any entry this mark? */
  marked(mark: Mark): boolean {
    return this.#headMarks[mark];
  }

  /** `xa_destroy()`: frees all nodes and forgets all entries. */
  destroy(): void {
    const { nodes } = this;
    const drop = (node: NodeId): void => {
      for (let i = 0; i < XA_CHUNK_SIZE; i++) {
        const slot = nodes.slots[node * XA_CHUNK_SIZE + i] ?? 0;
        nodes.slots[node * XA_CHUNK_SIZE + i] = 0;
        if (slot < 0) drop(-slot);
        else this.#release(slot);
      }
      nodes.free(node);
    };
    if (this.#head < 0) drop(-this.#head);
    else this.#release(this.#head);
    this.#head = 0;
    this.#headMarks.fill(false);
  }

  /** The top node, or 0. For invariants and figures. */
  get top(): NodeId {
    return this.#head < 0 ? -this.#head : 0;
  }

  /** One mark bit of a node's slot. */
  nodeMark(node: NodeId, offset: number, mark: Mark): boolean {
    return (((this.nodes.marks[node * 6 + mark * 2 + (offset >>> 5)] ?? 0) >>> (offset & 31)) & 1) === 1;
  }

  /** Is this very entry in the array, at whatever index? Looks at every node; makes no BigInt. */
  holds(entry: Entry<T>): boolean {
    const { slots } = this.nodes;
    const isAt = (handle: number): boolean =>
      handle < 0 ? isBelow(-handle) : handle > ZERO && this.#entries[handle] === entry;
    const isBelow = (node: NodeId): boolean => {
      for (let i = 0; i < XA_CHUNK_SIZE; i++) if (isAt(slots[node * XA_CHUNK_SIZE + i] ?? 0)) return true;
      return false;
    };
    return isAt(this.#head);
  }

  /** Is the entry behind a slot's handle a value entry? */
  holdsValue(handle: number): boolean {
    return isValue(this.#entries[handle] ?? null);
  }

  /** The handle at an index (0 where there is none). */
  #walk(hi: number, lo: number): number {
    const head = this.#head;
    if (head >= 0) return hi === 0 && lo === 0 ? head : 0;
    const { slots, shift } = this.nodes;
    let node = -head;
    let bits = shift[node] ?? 0;
    if (reaches(hi, lo, bits + XA_CHUNK_SHIFT)) return 0;
    for (;;) {
      const slot = slots[node * XA_CHUNK_SIZE + digit(hi, lo, bits)] ?? 0;
      if (slot >= 0) return slot;
      node = -slot;
      bits -= XA_CHUNK_SHIFT;
    }
  }

  /** xas_load(): the handle at an index, like `#walk`; `#place` and `#shift` then say where the descent ended. */
  #descend(hi: number, lo: number): number {
    const head = this.#head;
    this.#place = 0;
    this.#shift = 0;
    if (head >= 0) return hi === 0 && lo === 0 ? head : 0;
    const { slots, shift } = this.nodes;
    let node = -head;
    let bits = shift[node] ?? 0;
    if (reaches(hi, lo, bits + XA_CHUNK_SHIFT)) {
      this.#place = TOO_HIGH;
      return 0;
    }
    for (;;) {
      const place = node * XA_CHUNK_SIZE + digit(hi, lo, bits);
      const slot = slots[place] ?? 0;
      if (slot >= 0) {
        this.#place = place;
        this.#shift = bits;
        return slot;
      }
      node = -slot;
      bits -= XA_CHUNK_SHIFT;
    }
  }

  /** The slot of an index: 0 is the head, TOO_HIGH an index that the tree does not reach. */
  #locate(hi: number, lo: number): number {
    this.#descend(hi, lo);
    if (this.#place === 0 && (hi !== 0 || lo !== 0)) return TOO_HIGH;
    return this.#shift === 0 ? this.#place : TOO_HIGH;
  }

  /**
   * xas_store() of an entry in the loop of xas_nomem(): on a failed allocation one retry with a node got ready. The first
   * try goes on from where `#descend` ended.
   */
  #replace(hi: number, lo: number, entry: Entry<T> | null): number {
    const { nodes } = this;
    nodes.attempts = 0;
    let place =
      this.#place > 0 ? this.#createBelow(hi, lo, this.#place, this.#shift) : this.#create(hi, lo, entry === null);
    for (;;) {
      if (place !== TOO_HIGH) {
        this.#put(place, entry);
        if (this.#ready !== 0) nodes.free(this.#ready);
        this.#ready = 0;
        return 0;
      }
      this.#ready = nodes.allocate(true);
      if (this.#ready === 0) return -errno.ENOMEM;
      place = this.#create(hi, lo, entry === null);
    }
  }

  #put(place: number, entry: Entry<T> | null): void {
    const { nodes } = this;
    const old = place === 0 ? this.#head : (nodes.slots[place] ?? 0);
    const handle = entry === null ? ZERO : this.#hold(entry);
    if (place === 0) {
      this.#head = handle;
      return;
    }
    nodes.slots[place] = handle;
    const node = place >>> XA_CHUNK_SHIFT;
    if (old === 0) add(nodes.count, node, 1);
    if (isValue(entry)) add(nodes.nrValues, node, 1);
    if (old !== 0 && isValue(this.#entries[old] ?? null)) add(nodes.nrValues, node, -1);
  }

  /** xas_create(): the slot of an index, with all nodes above it; TOO_HIGH when an allocation failed. */
  #create(hi: number, lo: number, isZero: boolean): number {
    let bits = this.#expand(hi, lo);
    if (bits < 0) return TOO_HIGH;
    if (bits === 0 && isZero) bits = XA_CHUNK_SHIFT;
    if (bits === 0) return 0;
    bits -= XA_CHUNK_SHIFT;
    if (this.#head >= 0) {
      const top = this.#take(bits, 0, 0);
      if (top === 0) return TOO_HIGH;
      this.#head = -top;
    }
    return this.#createBelow(hi, lo, -this.#head * XA_CHUNK_SIZE + digit(hi, lo, bits), bits);
  }

  /** The rest of xas_create(): the nodes below a slot of this shift, down to the leaf. */
  #createBelow(hi: number, lo: number, from: number, shift: number): number {
    const { nodes } = this;
    let place = from;
    for (let bits = shift; bits > 0;) {
      bits -= XA_CHUNK_SHIFT;
      const slot = nodes.slots[place] ?? 0;
      let child = -slot;
      if (slot >= 0) {
        child = this.#take(bits, place >>> XA_CHUNK_SHIFT, place % XA_CHUNK_SIZE);
        if (child === 0) return TOO_HIGH;
        nodes.slots[place] = -child;
      }
      place = child * XA_CHUNK_SIZE + digit(hi, lo, bits);
    }
    return place;
  }

  /** xas_expand(): makes the tree high enough; the shift above its top node, or -1 when an allocation failed. */
  #expand(hi: number, lo: number): number {
    const { nodes } = this;
    if (this.#head === 0) {
      if (hi === 0 && lo === 0) return 0;
      let bits = 0;
      while (reaches(hi, lo, bits + XA_CHUNK_SHIFT)) bits += XA_CHUNK_SHIFT;
      return bits + XA_CHUNK_SHIFT;
    }
    let bits = this.#head < 0 ? (nodes.shift[-this.#head] ?? 0) + XA_CHUNK_SHIFT : 0;
    while (reaches(hi, lo, bits)) {
      const node = this.#take(bits, 0, 0);
      if (node === 0) return -1;
      const head = this.#head;
      nodes.count[node] = 1;
      nodes.slots[node * XA_CHUNK_SIZE] = head;
      if (head < 0) {
        nodes.parent[-head] = node;
        nodes.offset[-head] = 0;
      } else if (isValue(this.#entries[head] ?? null)) {
        nodes.nrValues[node] = 1;
      }
      for (let mark = 0; mark < XA_MAX_MARKS; mark++) {
        if (this.#headMarks[mark] === true) nodes.marks[node * 6 + mark * 2] = 1;
      }
      this.#head = -node;
      bits += XA_CHUNK_SHIFT;
    }
    return bits;
  }

  /** xas_alloc(): the node got ready, or a fresh one. */
  #take(shift: number, parent: NodeId, offset: number): NodeId {
    const { nodes } = this;
    const node = this.#ready === 0 ? nodes.allocate(false) : this.#ready;
    this.#ready = 0;
    if (node === 0) return 0;
    nodes.shift[node] = shift;
    nodes.parent[node] = parent;
    nodes.offset[node] = offset;
    if (parent !== 0) add(nodes.count, parent, 1);
    return node;
  }

  /** xas_delete_node(): frees a node that holds nothing any more, and those above that then hold nothing. */
  #deleteNode(from: NodeId): void {
    const { nodes } = this;
    let node = from;
    for (;;) {
      const parent = nodes.parent[node] ?? 0;
      const offset = nodes.offset[node] ?? 0;
      nodes.free(node);
      if (parent === 0) {
        this.#head = 0;
        return;
      }
      nodes.slots[parent * XA_CHUNK_SIZE + offset] = 0;
      const count = add(nodes.count, parent, -1);
      if (count === 1) this.#shrinkTop(parent);
      if (count > 0) return;
      node = parent;
    }
  }

  /** xas_shrink(), where the node is the top one. */
  #shrinkTop(node: NodeId): void {
    if (node === -this.#head) this.#shrink(node);
  }

  #shrink(from: NodeId): void {
    const { nodes } = this;
    let node = from;
    while ((nodes.count[node] ?? 0) === 1) {
      const slot = nodes.slots[node * XA_CHUNK_SIZE] ?? 0;
      if (slot === 0 || (slot > 0 && (nodes.shift[node] ?? 0) !== 0)) return;
      this.#head = slot;
      nodes.free(node);
      if (slot > 0) return;
      node = -slot;
      nodes.parent[node] = 0;
    }
  }

  #clearMark(from: NodeId, at: number, mark: Mark): void {
    const { nodes } = this;
    let node = from;
    let offset = at;
    while (this.nodeMark(node, offset, mark)) {
      const word = node * 6 + mark * 2 + (offset >>> 5);
      nodes.marks[word] = (nodes.marks[word] ?? 0) & ~(1 << (offset & 31));
      const first = node * 6 + mark * 2;
      if ((nodes.marks[first] ?? 0) !== 0 || (nodes.marks[first + 1] ?? 0) !== 0) return;
      offset = nodes.offset[node] ?? 0;
      const parent = nodes.parent[node] ?? 0;
      if (parent === 0) {
        this.#headMarks[mark] = false;
        return;
      }
      node = parent;
    }
  }

  *#entriesFrom(from: bigint, mark?: Mark): Generator<readonly [bigint, Entry<T>]> {
    if (this.#head >= 0) {
      const entry = this.#entries[this.#head] ?? null;
      if (entry !== null && from === 0n && (mark === undefined || this.#headMarks[mark])) yield [0n, entry];
      return;
    }
    yield* this.#below(this.top, high(from), low(from), 0, 0, true, mark);
  }

  *#below(
    node: NodeId,
    hi: number,
    lo: number,
    atHi: number,
    atLo: number,
    bounded: boolean,
    mark?: Mark,
  ): Generator<readonly [bigint, Entry<T>]> {
    const { nodes } = this;
    const shift = nodes.shift[node] ?? 0;
    if (bounded && node === this.top && reaches(hi, lo, shift + XA_CHUNK_SHIFT)) return;
    const first = bounded ? digit(hi, lo, shift) : 0;
    for (let offset = first; offset < XA_CHUNK_SIZE; offset++) {
      const slot = nodes.slots[node * XA_CHUNK_SIZE + offset] ?? 0;
      if (slot === 0 || (mark !== undefined && !this.nodeMark(node, offset, mark))) continue;
      const index = join(atHi, atLo) | (BigInt(offset) << BigInt(shift));
      if (slot < 0) {
        yield* this.#below(-slot, hi, lo, high(index), low(index), bounded && offset === first, mark);
      } else {
        const entry = this.#entries[slot] ?? null;
        if (entry !== null) yield [index, entry];
      }
    }
  }

  #hold(entry: Entry<T>): number {
    const handle = this.#handles.pop() ?? this.#entries.length;
    this.#entries[handle] = entry;
    return handle;
  }

  #release(handle: number): Entry<T> | null {
    const entry = this.#entries[handle] ?? null;
    if (handle > ZERO) {
      this.#entries[handle] = null;
      this.#handles.push(handle);
    }
    return entry;
  }
}
