// The hash table of 512 buckets that Longpeng proposed in 2023.
//
// Kernel source: include/linux/hashtable.h (DEFINE_HASHTABLE with 9 bits, hash_add(), hash_for_each_possible()) and
// hash_64() of include/linux/hash.h.
import type { ListHead } from './linked-list.ts';
import { emptyList, listAdd, listDel, listFind, owners } from './linked-list.ts';

export const HASH_BITS = 9;
/** GOLDEN_RATIO_64 in two halves. */
const RATIO_HIGH = 0x61c8_8646;
const RATIO_LOW = 0x80b5_83eb;

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 0x1_0000);
  const carried = aLow * bHigh + (middle % 0x1_0000);
  return aHigh * bHigh + Math.floor(middle / 0x1_0000) + Math.floor(carried / 0x1_0000);
}

/** hash_64(): the bucket of a key in two halves. */
export function bucketAt(high: number, low: number): number {
  const upper = multiplyHigh(low, RATIO_LOW) + Math.imul(high, RATIO_LOW) + Math.imul(low, RATIO_HIGH);
  return (upper >>> 0) >>> (32 - HASH_BITS);
}

/** hash_64(): the bucket of a key. */
export function bucketOf(key: bigint): number {
  return bucketAt(Number(key >> 32n), Number(key & 0xffff_ffffn));
}

/** 512 lists. A node is hashed under the key it is entered with and stays in that bucket. */
export class HashTable<T> {
  length = 0;
  readonly #buckets: readonly ListHead<T>[] = Array.from({ length: 1 << HASH_BITS }, () => emptyList<T>());
  readonly #own: ReadonlySet<ListHead<T>> = new Set(this.#buckets);

  /** hash_add(): false when the node is hashed already. */
  add(node: ListHead<T>, key: bigint): boolean {
    return this.addAt(node, Number(key >> 32n), Number(key & 0xffff_ffffn));
  }

  /** hash_add() with the key in two halves. */
  addAt(node: ListHead<T>, high: number, low: number): boolean {
    if (!listAdd(node, this.#bucket(high, low))) return false;
    this.length += 1;
    return true;
  }

  /** hash_del(): false when the node is not hashed here. */
  del(node: ListHead<T>): boolean {
    if (node.head === null || !this.#own.has(node.head) || !listDel(node)) return false;
    this.length -= 1;
    return true;
  }

  /** hash_for_each_possible(): walks the bucket of a key only. */
  find(key: bigint, test: (owner: T) => boolean): T | null {
    return this.findAt(Number(key >> 32n), Number(key & 0xffff_ffffn), test);
  }

  /** hash_for_each_possible() with the key in two halves. */
  findAt(high: number, low: number, test: (owner: T) => boolean): T | null {
    return listFind(this.#bucket(high, low), test);
  }

  /** hash_for_each(): every bucket in turn. */
  *[Symbol.iterator](): Generator<T> {
    for (const bucket of this.#buckets) yield* owners(bucket);
  }

  #bucket(high: number, low: number): ListHead<T> {
    const bucket = this.#buckets[bucketAt(high, low)];
    if (bucket === undefined) throw new RangeError(`no bucket for ${high}, ${low}`);
    return bucket;
  }
}
