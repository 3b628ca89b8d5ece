// One face for everything that ever held the registered objects: list, hash table, xarray, list and xarray together.
//
// The registry asks through this face (world/structure-memory.ts); which operations it uses depends on the revision. Keys
// and addresses come in halves: an operation on a set of a world makes no BigInt.
import { errno } from '../../machines/kernel/call.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import { HashTable } from './hash-table.ts';
import type { Halves } from './index-halves.ts';
import { join } from './index-halves.ts';
import { LinkedList, ListHead } from './linked-list.ts';
import { XArray } from './xarray.ts';
import type { AllocationFaults } from './xarray-nodes.ts';
import { XArrayNodes } from './xarray-nodes.ts';

/** A registered object as an index sees it: its address, and its key as it is now. */
export interface Indexed {
  readonly address: Halves;
  readonly key: Halves;
}

const isSame = (one: Halves, other: Halves): boolean => one.low === other.low && one.high === other.high;
const whole = ({ high, low }: Halves): bigint => join(high, low);

/** One set of registered objects. */
export interface IndexStructure<T extends Indexed> {
  /** The first entry with this key. */
  find(key: Halves): T | null;
  /** Is this very object in the set? */
  contains(object: T): boolean;
  /** xa_insert(): 0, -EBUSY, -ENOMEM. */
  insert(key: Halves, object: T): number;
  /** xa_store() where the old entry does not matter: 0 or -ENOMEM. */
  put(key: Halves, object: T): number;
  /** xa_erase(): what was there. */
  erase(key: Halves): T | null;
  /** list_add(): false when it corrupts. */
  add(object: T): boolean;
  /** list_del(): false when it corrupts. */
  del(object: T): boolean;
  /** Entries with the key under which they are found, whole: for reports, not for hot paths. */
  entries(): Iterable<readonly [bigint, T]>;
  /** Makes node allocations of the next operation fail. */
  failAllocations(faults: AllocationFaults): void;
  /** Live xarray nodes. */
  readonly nodes: number;
}

class Nodes<T> {
  readonly #nodes = new Map<T, ListHead<T>>();

  of(object: T): ListHead<T> {
    let node = this.#nodes.get(object);
    if (node === undefined) {
      node = new ListHead(object);
      this.#nodes.set(object, node);
    }
    return node;
  }
}

/** What is linked, not kept by key: asking it for slots is a mistake of the caller. */
abstract class LinkedIndex<T extends Indexed> {
  get nodes(): number {
    return 0;
  }

  insert(): number {
    throw new RangeError('xa_insert() on a list');
  }
  put(_key: Halves, _object: T): number {
    throw new RangeError('xa_store() on a list');
  }
  erase(_key: Halves): T | null {
    throw new RangeError('xa_erase() on a list');
  }
  failAllocations(_faults: AllocationFaults): void {
    // A list allocates nothing.
  }
}

class ListIndex<T extends Indexed> extends LinkedIndex<T> implements IndexStructure<T> {
  readonly #list = new LinkedList<T>();
  readonly #nodes = new Nodes<T>();

  protected isLinked(object: T): boolean {
    return this.#nodes.of(object).isLinked;
  }

  find(key: Halves): T | null {
    return this.#list.find((object) => isSame(object.key, key));
  }
  contains(object: T): boolean {
    return this.#list.find((other) => other === object) !== null;
  }
  add(object: T): boolean {
    return this.#list.add(this.#nodes.of(object));
  }
  del(object: T): boolean {
    return this.#list.del(this.#nodes.of(object));
  }
  *entries(): Generator<readonly [bigint, T]> {
    for (const object of this.#list) yield [whole(object.key), object];
  }
}

class HashIndex<T extends Indexed> extends LinkedIndex<T> implements IndexStructure<T> {
  readonly #table = new HashTable<T>();
  readonly #nodes = new Nodes<T>();

  find(key: Halves): T | null {
    return this.#table.findAt(key.high, key.low, (object) => isSame(object.key, key));
  }
  contains(object: T): boolean {
    for (const other of this.#table) if (other === object) return true;
    return false;
  }
  add(object: T): boolean {
    return this.#table.addAt(this.#nodes.of(object), object.key.high, object.key.low);
  }
  del(object: T): boolean {
    return this.#table.del(this.#nodes.of(object));
  }
  *entries(): Generator<readonly [bigint, T]> {
    for (const object of this.#table) yield [whole(object.key), object];
  }
}

class XArrayIndex<T extends Indexed> implements IndexStructure<T> {
  readonly #pool = new XArrayNodes();
  readonly #array = new XArray<T>(this.#pool);

  get nodes(): number {
    return this.#pool.live;
  }
  find(key: Halves): T | null {
    return this.#array.loadAt(key.high, key.low) as T | null;
  }
  contains(object: T): boolean {
    // Where its key says, or, where that was rewritten since, anywhere.
    return this.find(object.key) === object || this.#array.holds(object);
  }
  insert(key: Halves, object: T): number {
    return this.#array.insertAt(key.high, key.low, object);
  }
  put(key: Halves, object: T): number {
    return this.#array.storeAt(key.high, key.low, object) === -errno.ENOMEM ? -errno.ENOMEM : 0;
  }
  erase(key: Halves): T | null {
    return this.#array.eraseAt(key.high, key.low) as T | null;
  }
  add(): boolean {
    throw new RangeError('list_add() on an xarray');
  }
  del(): boolean {
    throw new RangeError('list_del() on an xarray');
  }
  *entries(): Generator<readonly [bigint, T]> {
    for (const [key, object] of this.#array.forEach()) yield [key, object as T];
  }
  failAllocations(faults: AllocationFaults): void {
    this.#pool.faults = faults;
  }
}

/**
 * Draft 3: the list is the truth, the xarray is a hint that is indexed by key and by the object's own address and
 * whose failures are ignored. A look-up prefers the xarray, believes a hint only while it is true (a struct found by an
 * address, or one whose key has changed, is not), and falls through to the list.
 */
class ListAndXArrayIndex<T extends Indexed> extends ListIndex<T> {
  readonly #hints = new XArrayIndex<T>();

  override get nodes(): number {
    return this.#hints.nodes;
  }
  override del(object: T): boolean {
    if (!super.del(object)) return false;
    this.#hints.erase(object.address);
    return true;
  }

  override find(key: Halves): T | null {
    const hint = this.#hints.find(key);
    return hint !== null && isSame(hint.key, key) && this.isLinked(hint) ? hint : super.find(key);
  }
  override contains(object: T): boolean {
    return this.#hints.find(object.address) === object ? this.isLinked(object) : super.contains(object);
  }
  override put(key: Halves, object: T): number {
    this.#hints.put(object.address, object);
    this.#hints.put(key, object);
    return 0;
  }
  override erase(key: Halves): T | null {
    this.#hints.erase(key);
    return null;
  }
  override failAllocations(faults: AllocationFaults): void {
    this.#hints.failAllocations(faults);
  }
}

/** Makes the set that a revision uses. */
export function createIndexStructure<T extends Indexed>(kind: Policy['index']): IndexStructure<T> {
  switch (kind) {
    case 'list':
      return new ListIndex<T>();
    case 'hash':
      return new HashIndex<T>();
    case 'xarray':
      return new XArrayIndex<T>();
    case 'list+xarray':
      return new ListAndXArrayIndex<T>();
  }
}
