// A set of the manager as cells of a row: what the explorer keeps of an xarray, a list or a hash table.
//
// An xarray is a column per key that holds the entry; a list is a column per position, head first; a hash table is a list
// whose entries also remember the key they were hashed under. Single runs keep the real structure beside (structure-memory.ts)
// and compare every answer.
import type { Family, FamilyColumn, FamilyHost, FamilyWords, LaidOutFamily } from '../../engine/actors/family.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import type { Side } from '../../machines/manager/protocol.ts';
import { errno } from '../../machines/kernel/call.ts';
import { setOperations } from '../../machines/manager/sets.ts';

/** The family of cells that one of the sets is. */
export function packedIndex(side: Side, index: Policy['index']): Family {
  return {
    id: side,
    operations: setOperations,
    layOut(plan, host): LaidOutFamily {
      const keys = plan.actorsOf('eventfd');
      const members = plan.actorsOf(side === 'producers' ? 'producer' : 'consumer');
      return index === 'xarray' ? new PackedXArray(keys, host) : new PackedList(members.length, index === 'hash');
    },
  };
}

/** The entries of a set, in the order in which a walk meets them. */
export interface PackedSet extends LaidOutFamily {
  /** Pairs of key and object, by value number. */
  entries(words: FamilyWords, keyOf: (object: number) => number): (readonly [number, number])[];
}

function place(words: FamilyWords, slots: number, object: number): number {
  for (let i = 0; i < slots; i++) if (words.get(i) === object) return i;
  return -1;
}

/** What an operation of the other kind of index does here: nobody asks for it. */
function refuse(operation: number): never {
  throw new RangeError(`${String(setOperations[operation]?.name)} is no operation of this index`);
}

/** A column per key; NULL has the first. */
class PackedXArray implements PackedSet {
  readonly columns: readonly FamilyColumn[];
  /** Slot of a key, by value number, and the other way round. */
  readonly #slots = new Map<number, number>();

  constructor(keys: readonly Name[], host: Pick<FamilyHost, 'idOf'>) {
    this.columns = [{ holds: 'value' }, ...keys.map((owner) => ({ holds: 'value' as const, owner }))];
    this.#slots.set(0, 0);
    for (const [i, key] of keys.entries()) this.#slots.set(host.idOf(key), i + 1);
  }

  perform(words: FamilyWords, host: FamilyHost, operation: number, a: number, b: number, c: number): number {
    switch (setOperations[operation]?.name) {
      case 'find':
        return words.get(this.#slot(a, host));
      case 'walksFreed':
        return host.idOf(false);
      case 'contains':
        return host.idOf(place(words, this.columns.length, a) >= 0);
      case 'insert':
        if (words.get(this.#slot(a, host)) !== 0) return host.idOf(-errno.EBUSY);
        return this.#put(words, host, a, b, c !== 0);
      case 'put':
        return this.#put(words, host, a, b, c !== 0);
      case 'erase': {
        const slot = this.#slot(a, host);
        const old = words.get(slot);
        words.set(slot, 0);
        return old;
      }
      default:
        return refuse(operation);
    }
  }

  entries(words: FamilyWords): (readonly [number, number])[] {
    return [...this.#slots].flatMap(([key, slot]) => (words.get(slot) === 0 ? [] : [[key, words.get(slot)] as const]));
  }

  #put(words: FamilyWords, host: FamilyHost, key: number, object: number, fails: boolean): number {
    const slot = this.#slot(key, host);
    // Where an entry is replaced its leaf is there. An array that holds nothing but index 0 has no node, so NULL alone needs no allocation.
    if (fails && words.get(slot) === 0 && (key !== 0 || this.#hasNodes(words))) return host.idOf(-errno.ENOMEM);
    words.set(slot, object);
    return host.idOf(0);
  }

  #slot(key: number, host: FamilyHost): number {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new RangeError(`${String(host.valueOf(key))} is not an eventfd`);
    return slot;
  }

  /** Is anything but index 0 in the array? */
  #hasNodes(words: FamilyWords): boolean {
    for (let i = 1; i < this.columns.length; i++) if (words.get(i) !== 0) return true;
    return false;
  }
}

/** A column per position; in a hash table as many again for the keys that entries were hashed under. */
class PackedList implements PackedSet {
  readonly columns: readonly FamilyColumn[];
  readonly #slots: number;
  readonly #isHash: boolean;

  constructor(slots: number, isHash: boolean) {
    this.#slots = slots;
    this.#isHash = isHash;
    this.columns = Array.from({ length: isHash ? 2 * slots : slots }, () => ({ holds: 'value' as const }));
  }

  perform(words: FamilyWords, host: FamilyHost, operation: number, a: number): number {
    switch (setOperations[operation]?.name) {
      case 'find':
        return this.#find(words, host, a);
      case 'walksFreed':
        return host.idOf(this.#walksFreed(words, host, a));
      case 'contains':
        return host.idOf(place(words, this.#slots, a) >= 0);
      case 'add':
        return host.idOf(this.#add(words, host, a));
      case 'del':
        return host.idOf(this.#del(words, a));
      // Draft 3's xarray is a hint beside the list, which only the real structure has.
      case 'put':
        return host.idOf(0);
      case 'erase':
        return 0;
      default:
        return refuse(operation);
    }
  }

  entries(words: FamilyWords, keyOf: (object: number) => number): (readonly [number, number])[] {
    const found: (readonly [number, number])[] = [];
    for (let i = 0; i < this.#slots; i++) {
      const object = words.get(i);
      if (object === 0) break;
      found.push([keyOf(object), object]);
    }
    return found;
  }

  /** The key under which the entry at a position is found: its own, if a hash table has it in that bucket. */
  #keyAt(words: FamilyWords, host: FamilyHost, position: number, object: number): number {
    const key = host.load(object, 'key');
    if (!this.#isHash) return key;
    return words.get(this.#slots + position) === key ? key : -1;
  }

  #find(words: FamilyWords, host: FamilyHost, key: number): number {
    for (let i = 0; i < this.#slots; i++) {
      const object = words.get(i);
      if (object === 0) return 0;
      if (this.#keyAt(words, host, i, object) === key) return object;
    }
    return 0;
  }

  #walksFreed(words: FamilyWords, host: FamilyHost, key: number): boolean {
    for (let i = 0; i < this.#slots; i++) {
      const object = words.get(i);
      if (object === 0) return false;
      if (host.load(object, 'freed') === host.idOf(true)) return true;
      if (this.#keyAt(words, host, i, object) === key) return false;
    }
    return false;
  }

  #add(words: FamilyWords, host: FamilyHost, object: number): boolean {
    if (place(words, this.#slots, object) >= 0) return false;
    this.#enter(words, 0, object);
    if (this.#isHash) this.#enter(words, this.#slots, host.load(object, 'key'));
    return true;
  }

  /** Puts a value at the head of a sequence that ends in zeros. */
  #enter(words: FamilyWords, start: number, value: number): void {
    let carried = value;
    for (let i = 0; i < this.#slots && carried !== 0; i++) {
      const next = words.get(start + i);
      words.set(start + i, carried);
      carried = next;
    }
  }

  #del(words: FamilyWords, object: number): boolean {
    const position = place(words, this.#slots, object);
    if (position < 0) return false;
    this.#leave(words, 0, position);
    if (this.#isHash) this.#leave(words, this.#slots, position);
    return true;
  }

  /** Closes the gap at a position of a sequence. */
  #leave(words: FamilyWords, start: number, position: number): void {
    for (let i = position; i < this.#slots; i++)
      words.set(start + i, i + 1 < this.#slots ? words.get(start + i + 1) : 0);
  }
}
