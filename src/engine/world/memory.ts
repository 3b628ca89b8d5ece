// Shared memory as the world keeps it: operations on integers, and the packed cells of a row.
//
// `Cells` (machines/protocol.ts) is what a machine sees; `Memory` is the same by numbers, so that a remembered
// transition can ask again without running the machine.
import type { Callback, Field, Side } from '../../machines/manager/protocol.ts';
import { errno } from '../../machines/manager/protocol.ts';
import type { Policy } from '../../machines/manager/policy.ts';
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

/** A row as a step sees it: columns that are read and written one by one, so that they can be noted down. */
export interface RowAccess {
  get(column: number): number;
  set(column: number, value: number): void;
}

/** A row in memory, as it is. */
export class PlainRow implements RowAccess {
  readonly row: Uint16Array;

  constructor(row: Uint16Array) {
    this.row = row;
  }

  get(column: number): number {
    const cell = this.row[column];
    if (cell === undefined) throw new RangeError(`no column ${column}`);
    return cell;
  }

  set(column: number, value: number): void {
    this.row[column] = value;
  }
}

/** Columns of 32 bits, for a world that has no rows. */
export class WideRow implements RowAccess {
  readonly #columns: Int32Array<ArrayBuffer>;

  constructor(width: number) {
    this.#columns = new Int32Array(width);
  }

  get(column: number): number {
    const cell = this.#columns[column];
    if (cell === undefined) throw new RangeError(`no column ${column}`);
    return cell;
  }

  set(column: number, value: number): void {
    this.#columns[column] = value;
  }
}

/** A row as columns, whatever it was given as. */
export function accessTo(row: Uint16Array | RowAccess): RowAccess {
  return row instanceof Uint16Array ? new PlainRow(row) : row;
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
  /** The row that operations work on. */
  row: RowAccess;

  constructor(values: Values, layout: CellLayout, policy: Policy, row: RowAccess) {
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
        this.row.set(this.#struct(a) + b, c);
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
        for (let i = 0; i < fields.length; i++) this.row.set(this.#struct(b) + i, this.#cell(this.#struct(a) + i));
        return 0;
      case operation.eventfd:
        this.row.set(this.#layout.eventfds.get(a) ?? 0, b);
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
    return this.row.get(column);
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
    for (let i = 0; i < slots; i++) if (this.#cell(start + i) === object) return i;
    return -1;
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
    if (fails && (key !== 0 || this.#hasNodes(start, slots))) return this.#values.id(-errno.ENOMEM);
    this.row.set(column, object);
    return this.#values.id(0);
  }

  #erase(side: number, key: ValueId): ValueId {
    if (this.#index !== 'xarray') return 0;
    const column = this.#set(side).start + this.#slot(key);
    const old = this.#cell(column);
    this.row.set(column, 0);
    return old;
  }

  /** Is anything but index 0 in the array? */
  #hasNodes(start: number, slots: number): boolean {
    for (let i = 1; i < slots; i++) if (this.#cell(start + i) !== 0) return true;
    return false;
  }

  #add(side: number, object: ValueId): boolean {
    if (this.#position(side, object) >= 0) return false;
    const { start, slots } = this.#set(side);
    this.#enter(start, slots, object);
    if (this.#index === 'hash') this.#enter(start + slots, slots, this.#cell(this.#struct(object)));
    return true;
  }

  /** Puts a value at the head of a sequence that ends in zeros. */
  #enter(start: number, slots: number, value: number): void {
    let carried = value;
    for (let i = 0; i < slots && carried !== 0; i++) {
      const next = this.#cell(start + i);
      this.row.set(start + i, carried);
      carried = next;
    }
  }

  #del(side: number, object: ValueId): boolean {
    const position = this.#position(side, object);
    if (position < 0) return false;
    const { start, slots } = this.#set(side);
    this.#leave(start, slots, position);
    if (this.#index === 'hash') this.#leave(start + slots, slots, position);
    return true;
  }

  /** Closes the gap at a position of a sequence. */
  #leave(start: number, slots: number, position: number): void {
    for (let i = position; i < slots; i++) {
      const next = i + 1 < slots ? this.#cell(start + i + 1) : 0;
      this.row.set(start + i, next);
    }
  }

  #moduleReferences(change: number): void {
    const column = this.#layout.moduleReferences;
    const count = this.#values.value(this.#cell(column));
    this.row.set(column, this.#values.id(Number(count) + change));
  }
}
