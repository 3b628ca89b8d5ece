// Where eventfd contexts lie: the keys of a simulated host, dense, in whole slab pages, or scattered.
//
// An eventfd context is a kmalloc-64 object, so a key is a multiple of 64. The three layouts are those
// of the figures taken from the C code. A key is two 32-bit halves, as the xarray takes it.
import type { Addresses } from './numbered-sets.ts';

export const layoutNames = ['dense', 'pages', 'scattered'] as const;

/**
 * *dense*: one after the other. *pages*: whole slab pages of 64 at random places of 64 GiB, closest to a real slab.
 * *scattered*: each at a random place of 64 GiB.
 */
export type LayoutName = (typeof layoutNames)[number];

/** Eventfd contexts in a page: each has a slot of 64 bytes. */
const CONTEXTS_PER_PAGE = 64;

/** Slots of 64 bytes in 64 GiB, and pages of 4 KiB, as powers of two. */
const SLOT_BITS = 30;
const PAGE_BITS = 24;
/** Upper half of the first address; the lower half is 0. */
const BASE_HIGH = 0xffff_8881;

/** A seeded permutation of the numbers below a power of two: every step of a round can be undone, so none repeats. */
function permute(value: number, bits: number, seed: number): number {
  const mask = 2 ** bits - 1;
  let x = value;
  for (let round = 1; round <= 3; round++) {
    x = (Math.imul(x, 0x9e37_79b1 + 2 * round) + Math.imul(seed ^ round, 0x85eb_ca6b)) & mask;
    x ^= x >>> (bits >> 1);
  }
  return x;
}

/** The keys of one layout and seed, by number. */
export class KeyLayout {
  readonly name: LayoutName;
  readonly seed: number;

  constructor(name: LayoutName, seed: number) {
    this.name = name;
    this.seed = seed;
  }

  /** The slot of 64 bytes that a context has, from the beginning of the 64 GiB. No two contexts share one. */
  slot(context: number): number {
    if (this.name === 'dense') return context;
    if (this.name === 'scattered') return permute(context, SLOT_BITS, this.seed);
    const page = permute(Math.floor(context / CONTEXTS_PER_PAGE), PAGE_BITS, this.seed);
    return page * CONTEXTS_PER_PAGE + (context % CONTEXTS_PER_PAGE);
  }

  /** Upper and lower 32 bits of the address in a slot, as signed numbers: those need no memory in V8. */
  static high(slot: number): number {
    return (BASE_HIGH + (slot >>> (32 - 6))) | 0;
  }
  static low(slot: number): number {
    return slot << 6;
  }

  /** The address as one number, for what takes no halves. */
  static address(slot: number): bigint {
    return (BigInt(KeyLayout.high(slot) >>> 0) << 32n) | BigInt(KeyLayout.low(slot) >>> 0);
  }

  /** The number of a context that shares nothing with the first `count`: the next, or the first of a fresh page. */
  beyond(count: number, extra: number): number {
    return this.name === 'pages' ? (Math.ceil(count / CONTEXTS_PER_PAGE) + extra) * CONTEXTS_PER_PAGE : count + extra;
  }
}

/** The numbers of slots in the order of the slots: two passes of a radix sort, since a million slots are no rarity. */
export function inOrder(slots: Int32Array): Int32Array<ArrayBuffer> {
  const half = SLOT_BITS / 2;
  const buckets = 1 << half;
  let order = Int32Array.from(slots, (_, i) => i);
  for (const shift of [0, half]) {
    const next = new Int32Array(buckets + 1);
    const digit = (i: number): number => ((slots[i] ?? 0) >>> shift) & (buckets - 1);
    for (const i of order) next[digit(i) + 1] = (next[digit(i) + 1] ?? 0) + 1;
    for (let bucket = 0; bucket < buckets; bucket++) next[bucket + 1] = (next[bucket + 1] ?? 0) + (next[bucket] ?? 0);
    const sorted = new Int32Array(order.length);
    for (const i of order) {
      const at = next[digit(i)] ?? 0;
      sorted[at] = i;
      next[digit(i)] = at + 1;
    }
    order = sorted;
  }
  return order;
}

/** The addresses of contexts 0 to `count - 1`, as sets of numbered objects take them: from 1, and 0 is NULL. */
export function addressesOf(name: LayoutName, seed: number, count: number): Addresses {
  const layout = new KeyLayout(name, seed);
  const high = new Int32Array(count + 1);
  const low = new Int32Array(count + 1);
  for (let context = 0; context < count; context++) {
    const slot = layout.slot(context);
    high[context + 1] = KeyLayout.high(slot);
    low[context + 1] = KeyLayout.low(slot);
  }
  return { high, low };
}
