// Sets of registered objects at scale: objects and keys are numbers, answers are those of the structures, work is counted.
//
// For worlds of a million actors and for virtual time. The xarray is the real one. A list is not walked: where an entry
// stands is known from the order of additions, so that a walk of 174 000 nodes costs a few steps and its length is still
// exact (test/scale/numbered-sets.test.ts compares with the real list). Keys do not change while an object is linked.
import { errno } from '../machines/kernel/call.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { CountedList } from './counted-list.ts';
import { bucketAt, HASH_BITS } from '../registry/structures/hash-table.ts';
import { LeanArray } from './lean-array.ts';
import { XArray } from '../registry/structures/xarray.ts';
import { NODE_BYTES, XArrayNodes } from '../registry/structures/xarray-nodes.ts';

/** What operations on sets have cost so far. */
export interface Work {
  /** Nodes of lists whose key or address was compared. */
  visited: number;
  /** Nodes of xarrays that were read on the way down. */
  levels: number;
  /** Nodes of xarrays that were allocated, and freed. */
  allocated: number;
  freed: number;
}

export function noWork(): Work {
  return { visited: 0, levels: 0, allocated: 0, freed: 0 };
}

/** Where eventfd contexts lie, by the number of the key: both halves of the address, as signed numbers. Number 0 is NULL. */
export interface Addresses {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

/** A set of numbered objects. 0 is no object and no key. */
export interface NumberedSet {
  find(key: number): number;
  contains(object: number): boolean;
  /** xa_insert(): 0, -EBUSY, -ENOMEM. */
  insert(key: number, object: number): number;
  /** xa_store(): 0 or -ENOMEM. */
  put(key: number, object: number): number;
  /** xa_erase(): the object that was there. */
  erase(key: number): number;
  /** list_add() under the key that the object has now. */
  add(object: number, key: number): boolean;
  /** list_del() */
  del(object: number): boolean;
  readonly size: number;
  /** Live xarray nodes. */
  readonly nodes: number;
  /** What the kernel needs for the set: list nodes of 16 bytes, xarray nodes of 576. */
  readonly kernelBytes: number;
}

/** sizeof(struct list_head), which every registered object embeds. */
export const LIST_HEAD_BYTES = 16;

class ListSet implements NumberedSet {
  readonly #list = new CountedList();
  readonly #work: Work;
  /** The walk of the last look-up went through the whole list, and nothing has changed since. */
  #walkedAll = false;

  constructor(work: Work) {
    this.#work = work;
  }

  get size(): number {
    return this.#list.size;
  }
  get nodes(): number {
    return 0;
  }
  get kernelBytes(): number {
    return this.size * LIST_HEAD_BYTES;
  }
  find(key: number): number {
    const object = this.#list.find(key);
    this.#walkedAll = object === 0;
    this.#work.visited += object === 0 ? this.size : this.#list.position(object);
    return object;
  }
  /** The C compares key and address in one walk where the machine asks for one after the other. */
  contains(object: number): boolean {
    const position = this.#list.position(object);
    if (!this.#walkedAll || position > 0) this.#work.visited += position > 0 ? position : this.size;
    this.#walkedAll = false;
    return position > 0;
  }
  insert(): number {
    throw new RangeError('xa_insert() on a list');
  }
  put(_key: number, _object: number): number {
    throw new RangeError('xa_store() on a list');
  }
  erase(_key: number): number {
    throw new RangeError('xa_erase() on a list');
  }
  add(object: number, key: number): boolean {
    this.#walkedAll = false;
    return this.#list.add(object, key);
  }
  del(object: number): boolean {
    this.#walkedAll = false;
    return this.#list.del(object);
  }
}

class HashSetOfLists implements NumberedSet {
  readonly nodes = 0;
  readonly #buckets: readonly ListSet[];
  readonly #bucketOf = new Map<number, ListSet>();
  readonly #addresses: Addresses;
  readonly #work: Work;

  constructor(work: Work, addresses: Addresses) {
    this.#work = work;
    this.#addresses = addresses;
    this.#buckets = Array.from({ length: 2 ** HASH_BITS }, () => new ListSet(work));
  }

  get size(): number {
    return this.#bucketOf.size;
  }
  get kernelBytes(): number {
    return this.size * LIST_HEAD_BYTES;
  }
  find(key: number): number {
    return this.#bucket(key).find(key);
  }
  /** hash_for_each(): bucket after bucket, since the key is not known to be the one it was hashed under. */
  contains(object: number): boolean {
    const own = this.#bucketOf.get(object);
    for (const bucket of this.#buckets) {
      if (bucket === own) return bucket.contains(object);
      this.#work.visited += bucket.size;
    }
    return false;
  }
  insert(): number {
    throw new RangeError('xa_insert() on a hash table');
  }
  put(): number {
    throw new RangeError('xa_store() on a hash table');
  }
  erase(): number {
    throw new RangeError('xa_erase() on a hash table');
  }
  add(object: number, key: number): boolean {
    if (this.#bucketOf.has(object)) return false;
    const bucket = this.#bucket(key);
    this.#bucketOf.set(object, bucket);
    return bucket.add(object, key);
  }
  del(object: number): boolean {
    const bucket = this.#bucketOf.get(object);
    this.#bucketOf.delete(object);
    return bucket?.del(object) ?? false;
  }

  #bucket(key: number): ListSet {
    const { high, low } = this.#addresses;
    const bucket = this.#buckets[bucketAt(high[key] ?? 0, low[key] ?? 0)];
    if (bucket === undefined) throw new RangeError(`no bucket for key ${key}`);
    return bucket;
  }
}

/** What an xarray of numbered objects holds. */
interface Numbered {
  readonly number: number;
}

class XArraySet implements NumberedSet {
  readonly #pool: XArrayNodes;
  readonly #array: XArray<Numbered>;
  readonly #addresses: Addresses;
  readonly #work: Work;
  /** By how many bits an address is shifted down to be an index. */
  readonly #shift: number;
  readonly #objects: Numbered[] = [];
  /** The key under which each object was entered last. */
  readonly #keyOf: number[] = [];
  #size = 0;

  /** `like` is a set whose xarray is shared, under other addresses. */
  constructor(work: Work, addresses: Addresses, shift: number, like?: XArraySet) {
    this.#pool = like === undefined ? new XArrayNodes() : like.#pool;
    this.#array = like === undefined ? new XArray<Numbered>(this.#pool) : like.#array;
    this.#work = work;
    this.#addresses = addresses;
    this.#shift = shift;
  }

  get size(): number {
    return this.#size;
  }
  get nodes(): number {
    return this.#pool.live;
  }
  get kernelBytes(): number {
    return this.#pool.live * NODE_BYTES;
  }
  find(key: number): number {
    this.#descend();
    return (this.#array.loadAt(this.#high(key), this.#low(key)) as Numbered | null)?.number ?? 0;
  }
  /** No revision asks an xarray this under the lock: it is what a caller knows of its own struct, and costs nothing. */
  contains(object: number): boolean {
    const key = this.#keyOf[object];
    if (key === undefined) return false;
    return (this.#array.loadAt(this.#high(key), this.#low(key)) as Numbered | null)?.number === object;
  }
  insert(key: number, object: number): number {
    this.#descend();
    const before = this.#pool.live;
    const error = this.#array.insertAt(this.#high(key), this.#low(key), this.#object(object));
    this.#work.allocated += this.#pool.live - before;
    if (error !== 0) return error;
    this.#keyOf[object] = key;
    this.#size += 1;
    return 0;
  }
  put(key: number, object: number): number {
    const error = this.insert(key, object);
    if (error !== -errno.EBUSY) return error;
    this.#size -= this.#eraseAt(key) === 0 ? 0 : 1;
    return this.insert(key, object);
  }
  erase(key: number): number {
    this.#descend();
    const before = this.#pool.live;
    const erased = this.#eraseAt(key);
    this.#work.freed += before - this.#pool.live;
    if (erased !== 0) this.#size -= 1;
    return erased;
  }
  add(): boolean {
    throw new RangeError('list_add() on an xarray');
  }
  del(): boolean {
    throw new RangeError('list_del() on an xarray');
  }

  #eraseAt(key: number): number {
    return (this.#array.eraseAt(this.#high(key), this.#low(key)) as Numbered | null)?.number ?? 0;
  }
  #descend(): void {
    const { top } = this.#array;
    if (top !== 0) this.#work.levels += (this.#pool.shift[top] ?? 0) / 6 + 1;
  }
  #high(key: number): number {
    return (this.#addresses.high[key] ?? 0) >>> this.#shift;
  }
  #low(key: number): number {
    const low = this.#addresses.low[key] ?? 0;
    if (this.#shift === 0) return low;
    return (low >>> this.#shift) | ((this.#addresses.high[key] ?? 0) << (32 - this.#shift));
  }
  #object(number: number): Numbered {
    return (this.#objects[number] ??= { number });
  }
}

/** The leaner index in the place of an xarray; always by `pointer >> 6`. */
class LeanSet implements NumberedSet {
  readonly #array = new LeanArray<Numbered>();
  readonly #addresses: Addresses;
  readonly #work: Work;

  constructor(work: Work, addresses: Addresses) {
    this.#work = work;
    this.#addresses = addresses;
  }

  get size(): number {
    return this.#array.size;
  }
  get nodes(): number {
    return this.#array.nodes;
  }
  get kernelBytes(): number {
    return this.#array.kernelBytes;
  }
  find(key: number): number {
    return this.#counted(() => this.#array.loadAt(this.#high(key), this.#low(key))?.number ?? 0);
  }
  contains(): boolean {
    throw new RangeError('nobody asks an index for an object');
  }
  insert(key: number, object: number): number {
    return this.#counted(() => this.#array.insertAt(this.#high(key), this.#low(key), { number: object }));
  }
  put(key: number, object: number): number {
    this.erase(key);
    return this.insert(key, object);
  }
  erase(key: number): number {
    return this.#counted(() => this.#array.eraseAt(this.#high(key), this.#low(key))?.number ?? 0);
  }
  add(): boolean {
    throw new RangeError('list_add() on an index');
  }
  del(): boolean {
    throw new RangeError('list_del() on an index');
  }

  #counted(act: () => number): number {
    const { read, allocated, freed } = this.#array;
    const answer = act();
    this.#work.levels += this.#array.read - read;
    this.#work.allocated += this.#array.allocated - allocated;
    this.#work.freed += this.#array.freed - freed;
    return answer;
  }
  #high(key: number): number {
    return (this.#addresses.high[key] ?? 0) >>> 6;
  }
  #low(key: number): number {
    return ((this.#addresses.low[key] ?? 0) >>> 6) | ((this.#addresses.high[key] ?? 0) << 26);
  }
}

/** Draft 3: the list is the truth, one xarray by key and by own address a hint (hints never fail here). */
class ListAndXArraySet extends ListSet {
  readonly #hints: XArraySet;
  readonly #ownHints: XArraySet;

  constructor(work: Work, addresses: Addresses) {
    super(work);
    this.#hints = new XArraySet(work, addresses, 0);
    this.#ownHints = new XArraySet(work, structAddresses(addresses.high.length), 0, this.#hints);
  }

  override get nodes(): number {
    return this.#hints.nodes;
  }
  override get kernelBytes(): number {
    return super.kernelBytes + this.#hints.kernelBytes;
  }
  override find(key: number): number {
    const hint = this.#hints.find(key);
    return hint === 0 ? super.find(key) : hint;
  }
  override contains(object: number): boolean {
    return this.#ownHints.find(object) === object || super.contains(object);
  }
  override put(key: number, object: number): number {
    this.#ownHints.put(object, object);
    this.#hints.put(key, object);
    return 0;
  }
  override erase(key: number): number {
    this.#hints.erase(key);
    return 0;
  }
  override del(object: number): boolean {
    this.#ownHints.erase(object);
    return super.del(object);
  }
}

/** Addresses of the structs themselves: 128 bytes apart. */
function structAddresses(contexts: number): Addresses {
  const count = 3 * contexts + 4096;
  return {
    high: new Int32Array(count).fill(0xffff_8891),
    low: Int32Array.from({ length: count }, (_, i) => i * 128),
  };
}

/** How an xarray is indexed: by the pointer, by `pointer >> 6`, or by that in leaner nodes. */
export type XArrayVariant = 'faithful' | 'shifted' | 'lean';

/** Makes the set that a revision uses. */
export function createNumberedSet(
  kind: Policy['index'],
  work: Work,
  addresses: Addresses,
  variant: XArrayVariant = 'faithful',
): NumberedSet {
  switch (kind) {
    case 'list':
      return new ListSet(work);
    case 'hash':
      return new HashSetOfLists(work, addresses);
    case 'xarray':
      return variant === 'lean'
        ? new LeanSet(work, addresses)
        : new XArraySet(work, addresses, variant === 'shifted' ? 6 : 0);
    case 'list+xarray':
      return new ListAndXArraySet(work, addresses);
  }
}
