// A leaner index for `pointer >> 6`: nodes as long as what is in them, and none for an entry that is alone.
//
// Not in the kernel: what an xarray could be where keys are scattered and each leaf would hold one entry. Two known ideas:
// slots without gaps behind a bitmap (Bagwell, "Ideal Hash Trees", 2001), and an entry that hangs as high as it is alone
// (lazy expansion; Leis, Kemper, Neumann, "The Adaptive Radix Tree", ICDE 2013), which asks the entry for its own index:
// in the manager that is the struct's eventfd. Same digits of six bits as an xarray. No marks, no allocation faults.
import { errno } from '../machines/kernel/call.ts';
import { digit } from '../registry/structures/index-halves.ts';

const BITS = 6;
const TOP_SHIFT = 60;
/** Words before the slots of a node: its capacity, and which digits it has. */
const HEADER = 3;
/** Slots of a node: a power of two. */
const LEAST = 2;
const MOST = 64;
const FIRST = 1024;
const GROWTH = 1.5;

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** An index from 64-bit numbers, given as halves, to objects. */
export class LeanArray<T extends object> {
  size = 0;
  /** Live nodes, and the slots that they have room for. */
  nodes = 0;
  slots = 0;
  /** Nodes read, allocated and freed so far; a node that changes its length is allocated anew. */
  read = 0;
  allocated = 0;
  freed = 0;
  #words = new Int32Array(FIRST);
  #next = 1;
  /** Freed nodes by capacity: the first one, each names the next. */
  readonly #free = new Int32Array(MOST + 1);
  #root = 0;
  /** Entries by handle, with their indexes. */
  readonly #entries: (T | null)[] = [null];
  #high = new Int32Array(FIRST);
  #low = new Int32Array(FIRST);
  readonly #handles: number[] = [];

  /** What a kernel would need: a header of 16 bytes a node (bitmap, capacity), 8 for each slot. */
  get kernelBytes(): number {
    return 16 * this.nodes + 8 * this.slots;
  }

  /** Bytes that this process uses: nodes with their reserve, indexes and handles of entries. */
  get processBytes(): number {
    return this.#words.byteLength + this.#high.byteLength + this.#low.byteLength + 8 * this.#entries.length;
  }

  /** The entry at an index, or null. */
  loadAt(hi: number, lo: number): T | null {
    const words = this.#words;
    let slot = this.#root;
    for (let shift = TOP_SHIFT; slot < 0; shift -= BITS) {
      const node = -slot;
      const at = digit(hi, lo, shift);
      this.read += 1;
      slot = hasDigit(words, node, at) ? (words[node + HEADER + placeOf(words, node, at)] ?? 0) : 0;
    }
    return this.#isAt(slot, hi, lo) ? (this.#entries[slot] ?? null) : null;
  }

  /** 0, or -EBUSY when the index is taken. */
  insertAt(hi: number, lo: number, entry: T): number {
    let parent = 0;
    let place = 0;
    let slot = this.#root;
    let shift = TOP_SHIFT;
    for (; slot < 0; shift -= BITS) {
      const node = -slot;
      const at = digit(hi, lo, shift);
      this.read += 1;
      const to = placeOf(this.#words, node, at);
      if (!hasDigit(this.#words, node, at)) {
        this.#addSlot(node, parent, place, at, this.#hold(entry, hi, lo));
        return 0;
      }
      parent = node;
      place = node + HEADER + to;
      slot = this.#words[place] ?? 0;
    }
    if (slot === 0) {
      this.#root = this.#hold(entry, hi, lo);
      return 0;
    }
    if (this.#isAt(slot, hi, lo)) return -errno.EBUSY;
    this.#link(place, -this.#part(slot, this.#hold(entry, hi, lo), shift));
    return 0;
  }

  /** The entry that was there, or null. */
  eraseAt(hi: number, lo: number): T | null {
    const path = this.#path;
    let depth = 0;
    let slot = this.#root;
    for (let shift = TOP_SHIFT; slot < 0; shift -= BITS) {
      const node = -slot;
      const at = digit(hi, lo, shift);
      this.read += 1;
      if (!hasDigit(this.#words, node, at)) return null;
      path[depth++] = node;
      slot = this.#words[node + HEADER + placeOf(this.#words, node, at)] ?? 0;
    }
    if (!this.#isAt(slot, hi, lo)) return null;
    const entry = this.#release(slot);
    const last = path[depth - 1];
    if (last === undefined || depth === 0) this.#root = 0;
    else this.#removeSlot(last, digit(hi, lo, TOP_SHIFT - BITS * (depth - 1)), hi, lo, depth);
    return entry;
  }

  /** Nodes from the top down to where the last erase ended. */
  readonly #path: number[] = Array.from({ length: TOP_SHIFT / BITS + 1 }, () => 0);

  #isAt(handle: number, hi: number, lo: number): boolean {
    return handle > 0 && this.#high[handle] === (hi | 0) && this.#low[handle] === (lo | 0);
  }

  /** Writes a slot of a node, or the root (place 0). */
  #link(place: number, slot: number): void {
    if (place === 0) this.#root = slot;
    else this.#words[place] = slot;
  }

  /** The place of the slot that leads to the node at a depth of the path. */
  #above(depth: number, hi: number, lo: number): number {
    const parent = this.#path[depth - 1] ?? 0;
    if (depth === 0) return 0;
    return parent + HEADER + placeOf(this.#words, parent, digit(hi, lo, TOP_SHIFT - BITS * (depth - 1)));
  }

  /** Nodes that tell two entries apart, from a shift down. */
  #part(one: number, other: number, shift: number): number {
    const a = digit(this.#high[one] ?? 0, this.#low[one] ?? 0, shift);
    const b = digit(this.#high[other] ?? 0, this.#low[other] ?? 0, shift);
    const node = this.#allocate(LEAST);
    if (a === b) {
      const child = this.#part(one, other, shift - BITS);
      this.#setDigit(node, a);
      this.#words[node + HEADER] = -child;
      return node;
    }
    this.#setDigit(node, a);
    this.#setDigit(node, b);
    this.#words[node + HEADER + placeOf(this.#words, node, a)] = one;
    this.#words[node + HEADER + placeOf(this.#words, node, b)] = other;
    return node;
  }

  #setDigit(node: number, at: number): void {
    const word = node + 1 + (at >>> 5);
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (at & 31));
  }

  #addSlot(node: number, parent: number, place: number, at: number, handle: number): void {
    const count = countOf(this.#words, node);
    let into = node;
    if (count === (this.#words[node] ?? 0)) {
      into = this.#move(node, 2 * count);
      this.#link(parent === 0 ? 0 : place, -into);
    }
    const words = this.#words;
    const first = into + HEADER;
    const to = placeOf(words, into, at);
    words.copyWithin(first + to + 1, first + to, first + count);
    words[first + to] = handle;
    this.#setDigit(into, at);
  }

  /** Takes a slot out of the lowest node of the path; a node with one entry left is not needed any more. */
  #removeSlot(node: number, at: number, hi: number, lo: number, depth: number): void {
    const words = this.#words;
    const count = countOf(words, node) - 1;
    const first = node + HEADER;
    const from = placeOf(words, node, at);
    words.copyWithin(first + from, first + from + 1, first + count + 1);
    const word = node + 1 + (at >>> 5);
    words[word] = (words[word] ?? 0) & ~(1 << (at & 31));
    if (count === 1 && (words[first] ?? 0) > 0) {
      this.#hangHigher(words[first] ?? 0, hi, lo, depth);
    } else if (count < (words[node] ?? 0) / 2 && (words[node] ?? 0) > LEAST) {
      this.#link(this.#above(depth - 1, hi, lo), -this.#move(node, (words[node] ?? 0) / 2));
    }
  }

  /** An entry that is alone in a node takes the node's place, and that of nodes above that hold nothing else. */
  #hangHigher(handle: number, hi: number, lo: number, from: number): void {
    let depth = from;
    do {
      depth -= 1;
      const place = this.#above(depth, hi, lo);
      this.#freeNode(this.#path[depth] ?? 0);
      this.#link(place, handle);
    } while (depth > 0 && countOf(this.#words, this.#path[depth - 1] ?? 0) === 1);
  }

  /** A copy of a node with another capacity; the node itself is freed. */
  #move(node: number, capacity: number): number {
    const into = this.#allocate(capacity);
    const words = this.#words;
    const count = countOf(words, node);
    words.copyWithin(into + 1, node + 1, node + HEADER + count);
    this.#freeNode(node);
    return into;
  }

  #allocate(capacity: number): number {
    this.nodes += 1;
    this.allocated += 1;
    this.slots += capacity;
    const free = this.#free[capacity] ?? 0;
    let node = free;
    if (free === 0) {
      node = this.#next;
      this.#next += HEADER + capacity;
      if (this.#next > this.#words.length) this.#words = grown(this.#words, Math.ceil(this.#next * GROWTH));
    } else {
      this.#free[capacity] = this.#words[free + 1] ?? 0;
    }
    this.#words.fill(0, node, node + HEADER + capacity);
    this.#words[node] = capacity;
    return node;
  }

  #freeNode(node: number): void {
    const capacity = this.#words[node] ?? 0;
    this.nodes -= 1;
    this.freed += 1;
    this.slots -= capacity;
    this.#words[node + 1] = this.#free[capacity] ?? 0;
    this.#free[capacity] = node;
  }

  #hold(entry: T, hi: number, lo: number): number {
    const handle = this.#handles.pop() ?? this.#entries.length;
    if (handle >= this.#high.length) {
      this.#high = grown(this.#high, Math.ceil(handle * GROWTH));
      this.#low = grown(this.#low, Math.ceil(handle * GROWTH));
    }
    this.#entries[handle] = entry;
    this.#high[handle] = hi;
    this.#low[handle] = lo;
    this.size += 1;
    return handle;
  }

  #release(handle: number): T | null {
    const entry = this.#entries[handle] ?? null;
    this.#entries[handle] = null;
    this.#handles.push(handle);
    this.size -= 1;
    return entry;
  }
}

function grown(old: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(length);
  next.set(old);
  return next;
}

const hasDigit = (words: Int32Array, node: number, at: number): boolean =>
  (((words[node + 1 + (at >>> 5)] ?? 0) >>> (at & 31)) & 1) === 1;

const countOf = (words: Int32Array, node: number): number => ones(words[node + 1] ?? 0) + ones(words[node + 2] ?? 0);

/** How many digits below this one a node has: where its slot is. */
function placeOf(words: Int32Array, node: number, at: number): number {
  const low = words[node + 1] ?? 0;
  if (at < 32) return ones(low & ((1 << at) - 1));
  return ones(low) + ones((words[node + 2] ?? 0) & ((1 << (at - 32)) - 1));
}
