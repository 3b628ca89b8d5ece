// Shared memory as the world keeps it: operations on integers, and the packed cells of a row.
//
// `Cells` (machines/protocol.ts) is what a machine sees; `Memory` is the same by numbers, so that a remembered
// transition can ask again without running the machine.
import type { Callback, Field, Side } from '../machines/protocol.ts';
import { errno } from '../machines/protocol.ts';
import type { Policy } from '../machines/policy.ts';
import type { ValueId, Values } from './values.ts';

export const fields: readonly Field[] = ['key', 'peer', 'irq', 'freed'];
export const sides: readonly Side[] = ['producers', 'consumers'];
export const callbackNames: readonly Callback[] = [
  'stop',
  'start',
  'add_consumer',
  'del_consumer',
  'add_producer',
  'del_producer',
];

/**
 * Operation codes. Arguments are constants (a field, a side, a callback) and values. The side of `insert` and `put` is
 * 2 higher where node allocations fail.
 */
export const operation = {
  load: 0,
  store: 1,
  has: 2,
  reenters: 3,
  find: 4,
  walksFreed: 5,
  contains: 6,
  insert: 7,
  put: 8,
  erase: 9,
  add: 10,
  del: 11,
  moduleReferences: 12,
  copy: 13,
  eventfd: 14,
} as const;
export type OperationCode = (typeof operation)[keyof typeof operation];

/** For each operation: which of its arguments are values (the others are constants), and does it only read? */
export const shapes: readonly { readonly values: readonly boolean[]; readonly reads: boolean }[] = [
  { values: [true, false], reads: true },
  { values: [true, false, true], reads: false },
  { values: [true, false], reads: true },
  { values: [true, false], reads: true },
  { values: [false, true], reads: true },
  { values: [false, true], reads: true },
  { values: [false, true], reads: true },
  { values: [false, true, true], reads: false },
  { values: [false, true, true], reads: false },
  { values: [false, true], reads: false },
  { values: [false, true], reads: false },
  { values: [false, true], reads: false },
  { values: [false], reads: false },
  { values: [true, true], reads: false },
  { values: [true, false], reads: false },
];

/** Shared memory by numbers. */
export interface Memory {
  /** Performs one operation and answers with a value's number. */
  perform(code: OperationCode, a: number, b: number, c: number): ValueId;
}

/** Where the cells of a row are. Offsets are columns of the row. */
export interface CellLayout {
  /** Column of the first field of a struct, by the value number of its name. */
  readonly structs: ReadonlyMap<ValueId, number>;
  /** Fixed attributes of a struct: bit masks over `callbackNames`. */
  readonly callbacks: ReadonlyMap<ValueId, { readonly has: number; readonly reenters: number }>;
  readonly moduleReferences: number;
  /** First column and number of columns of each set. */
  readonly sets: readonly { readonly start: number; readonly slots: number }[];
  /** Column of an eventfd: 0 while it is alive, else put. */
  readonly eventfds: ReadonlyMap<ValueId, number>;
  /** Slot of a key where a set is kept by key: eventfds, and slot 0 for NULL. */
  readonly keySlots: ReadonlyMap<ValueId, number>;
}

/** Value number 2 is true, 1 is false. */
const TRUE = 2;
const FALSE = 1;
const truth = (yes: boolean): ValueId => (yes ? TRUE : FALSE);

/**
 * The cells of one row. An xarray is a column per key that holds the entry; a list is a column per position, head
 * first; a hash table is a list whose entries also remember the key they were hashed under.
 */
export class PackedMemory implements Memory {
  readonly #values: Values;
  readonly #layout: CellLayout;
  readonly #index: Policy['index'];
  row: Uint16Array;

  constructor(values: Values, layout: CellLayout, policy: Policy, row: Uint16Array) {
    this.#values = values;
    this.#layout = layout;
    this.#index = policy.index;
    this.row = row;
  }

  perform(code: OperationCode, a: number, b: number, c: number): ValueId {
    switch (code) {
      case operation.load:
        return this.#cell(this.#struct(a) + b);
      case operation.store:
        this.row[this.#struct(a) + b] = c;
        return 0;
      case operation.has:
        return truth((this.#attributes(a).has & (1 << b)) !== 0);
      case operation.reenters:
        return truth((this.#attributes(a).reenters & (1 << b)) !== 0);
      case operation.find:
        return this.#find(a, b);
      case operation.walksFreed:
        return truth(this.#walksFreed(a, b));
      case operation.contains:
        return truth(this.#position(a, b) >= 0);
      case operation.insert:
        return this.#insert(a & 1, b, c, true, a > 1);
      case operation.put:
        return this.#insert(a & 1, b, c, false, a > 1);
      case operation.erase:
        return this.#erase(a, b);
      case operation.add:
        return truth(this.#add(a, b));
      case operation.del:
        return truth(this.#del(a, b));
      case operation.moduleReferences:
        this.#moduleReferences(a - 1);
        return 0;
      case operation.copy:
        this.row.copyWithin(this.#struct(b), this.#struct(a), this.#struct(a) + fields.length);
        return 0;
      case operation.eventfd:
        this.row[this.#layout.eventfds.get(a) ?? 0] = b;
        return 0;
    }
  }

  /** The entries of a set, in the order in which a walk meets them: [key, object]. */
  entries(side: number): [ValueId, ValueId][] {
    const { start, slots } = this.#set(side);
    const found: [ValueId, ValueId][] = [];
    if (this.#index === 'xarray') {
      for (const [key, slot] of this.#layout.keySlots) {
        const object = this.#cell(start + slot);
        if (object !== 0) found.push([key, object]);
      }
      return found;
    }
    for (let i = 0; i < slots; i++) {
      const object = this.#cell(start + i);
      if (object === 0) break;
      found.push([this.#cell(this.#struct(object)), object]);
    }
    return found;
  }

  #cell(column: number): number {
    const cell = this.row[column];
    if (cell === undefined) throw new RangeError(`no column ${column}`);
    return cell;
  }

  #struct(object: ValueId): number {
    const column = this.#layout.structs.get(object);
    if (column === undefined) throw new RangeError(`${String(this.#values.value(object))} is not a struct`);
    return column;
  }

  #attributes(object: ValueId): { readonly has: number; readonly reenters: number } {
    const attributes = this.#layout.callbacks.get(object);
    if (attributes === undefined) throw new RangeError(`${String(this.#values.value(object))} has no callbacks`);
    return attributes;
  }

  #set(side: number): { readonly start: number; readonly slots: number } {
    const set = this.#layout.sets[side];
    if (set === undefined) throw new RangeError(`no set ${side}`);
    return set;
  }

  #slot(key: ValueId): number {
    const slot = this.#layout.keySlots.get(key);
    if (slot === undefined) throw new RangeError(`${String(this.#values.value(key))} is not an eventfd`);
    return slot;
  }

  /** The key under which the entry at a position is found: its own, if a hash table has it in that bucket. */
  #keyAt(side: number, position: number, object: ValueId): ValueId {
    const key = this.#cell(this.#struct(object));
    if (this.#index !== 'hash') return key;
    const { start, slots } = this.#set(side);
    return this.#cell(start + slots + position) === key ? key : -1;
  }

  #position(side: number, object: ValueId): number {
    const { start, slots } = this.#set(side);
    const within = this.row.subarray(start, start + slots);
    return within.indexOf(object);
  }

  #find(side: number, key: ValueId): ValueId {
    const { start, slots } = this.#set(side);
    if (this.#index === 'xarray') return this.#cell(start + this.#slot(key));
    for (let i = 0; i < slots; i++) {
      const object = this.#cell(start + i);
      if (object === 0) return 0;
      if (this.#keyAt(side, i, object) === key) return object;
    }
    return 0;
  }

  #walksFreed(side: number, key: ValueId): boolean {
    if (this.#index === 'xarray') return false;
    const { start, slots } = this.#set(side);
    for (let i = 0; i < slots; i++) {
      const object = this.#cell(start + i);
      if (object === 0) return false;
      if (this.#cell(this.#struct(object) + fields.indexOf('freed')) === TRUE) return true;
      if (this.#keyAt(side, i, object) === key) return false;
    }
    return false;
  }

  #insert(side: number, key: ValueId, object: ValueId, testsOccupied: boolean, fails: boolean): ValueId {
    if (this.#index !== 'xarray') return this.#values.id(0);
    const { start, slots } = this.#set(side);
    const column = start + this.#slot(key);
    if (testsOccupied && this.#cell(column) !== 0) return this.#values.id(-errno.EBUSY);
    // An array that holds nothing but index 0 has no node, so NULL alone needs no allocation (D7.3).
    const needsNode = key !== 0 || this.row.subarray(start + 1, start + slots).some((entry) => entry !== 0);
    if (fails && needsNode) return this.#values.id(-errno.ENOMEM);
    this.row[column] = object;
    return this.#values.id(0);
  }

  #erase(side: number, key: ValueId): ValueId {
    if (this.#index !== 'xarray') return 0;
    const column = this.#set(side).start + this.#slot(key);
    const old = this.#cell(column);
    this.row[column] = 0;
    return old;
  }

  #add(side: number, object: ValueId): boolean {
    if (this.#position(side, object) >= 0) return false;
    const { start, slots } = this.#set(side);
    const { row } = this;
    row.copyWithin(start + 1, start, start + slots - 1);
    row[start] = object;
    if (this.#index === 'hash') {
      row.copyWithin(start + slots + 1, start + slots, start + 2 * slots - 1);
      row[start + slots] = this.#cell(this.#struct(object));
    }
    return true;
  }

  #del(side: number, object: ValueId): boolean {
    const position = this.#position(side, object);
    if (position < 0) return false;
    const { start, slots } = this.#set(side);
    const { row } = this;
    row.copyWithin(start + position, start + position + 1, start + slots);
    row[start + slots - 1] = 0;
    if (this.#index === 'hash') {
      row.copyWithin(start + slots + position, start + slots + position + 1, start + 2 * slots);
      row[start + 2 * slots - 1] = 0;
    }
    return true;
  }

  #moduleReferences(change: number): void {
    const column = this.#layout.moduleReferences;
    const count = this.#values.value(this.#cell(column));
    this.row[column] = this.#values.id(Number(count) + change);
  }
}
