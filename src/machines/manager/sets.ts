// The two sets of the manager as machines ask them; what they are made of is the business of registry/structures.
import type { Cells } from '../../engine/actors/cells.ts';
import type { FamilyOperation } from '../../engine/actors/family.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import type { Side } from './protocol.ts';

/** Operations of a set, in the order of `setOperations`. */
export type SetOperation = 'find' | 'walksFreed' | 'contains' | 'insert' | 'put' | 'erase' | 'add' | 'del';

/** Operations of a set of the manager: find(key), insert(key, object, fails), ... */
export const setOperations: readonly (FamilyOperation & { readonly name: SetOperation })[] = [
  { name: 'find', values: [true], reads: true },
  { name: 'walksFreed', values: [true], reads: true },
  { name: 'contains', values: [true], reads: true },
  { name: 'insert', values: [true, true, false], reads: false },
  { name: 'put', values: [true, true, false], reads: false },
  { name: 'erase', values: [true], reads: false },
  { name: 'add', values: [true], reads: false },
  { name: 'del', values: [true], reads: false },
];

/** One set during a delivery. */
export class RegisteredSet {
  readonly #cells: Cells;
  readonly #side: Side;

  constructor(cells: Cells, side: Side) {
    this.#cells = cells;
    this.#side = side;
  }

  #ask(operation: SetOperation, ...args: readonly Value[]): Value {
    return this.#cells.ask(this.#side, operation, ...args);
  }

  /** The first entry with this key: a list walk, a hash bucket walk, or `xa_load()`. */
  find(key: Name | null): Name | null {
    return this.#ask('find', key) as Name | null;
  }
  /** Does walking the list for this key pass a node whose memory was given back? Always false for an xarray. */
  walksFreed(key: Name | null): boolean {
    return this.#ask('walksFreed', key) === true;
  }
  /** Is this very struct in the set (a walk that compares pointers)? */
  contains(object: Name): boolean {
    return this.#ask('contains', object) === true;
  }
  /** `xa_insert()`: 0, -EBUSY or -ENOMEM. `fails`: the environment lets node allocations fail. */
  insert(key: Name | null, object: Name, fails: boolean): number {
    return Number(this.#ask('insert', key, object, fails));
  }
  /** `xa_store()` as the rejected attempts use it: 0 or -ENOMEM. */
  put(key: Name | null, object: Name, fails: boolean): number {
    return Number(this.#ask('put', key, object, fails));
  }
  /** `xa_erase()`: the entry that was there, whoever it was. */
  erase(key: Name | null): Name | null {
    return this.#ask('erase', key) as Name | null;
  }
  /** `list_add()` or `hash_add()` at the head; false when the node is linked already, which corrupts the list. */
  add(object: Name): boolean {
    return this.#ask('add', object) === true;
  }
  /** `list_del()` or `hash_del()`; false when the node is not linked, which corrupts the list. */
  del(object: Name): boolean {
    return this.#ask('del', object) === true;
  }
}
