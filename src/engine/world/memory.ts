// Shared memory as the world keeps it: operations on integers, and the packed cells of a row.
//
// `Cells` (engine/actors) is what a machine sees; `Memory` is the same by numbers, so that a remembered transition can ask
// again without running the machine.
import type { FamilyHost, FamilyWords, LaidOutFamily } from '../actors/family.ts';
import { MachineError } from '../actors/machine-error.ts';
import type { OperationCode, Operations } from './operations.ts';
import { CONSTANT, LOAD, STORE } from './operations.ts';
import type { ValueId, Values } from './values.ts';

/** Shared memory by numbers. */
export interface Memory {
  /** Performs one operation and answers with a value's number. */
  perform(code: OperationCode, a: number, b: number, c: number): ValueId;
}

/** Where the cells of a row are. Offsets are columns of the row. */
export interface CellLayout {
  /** Columns of an actor's cells by cell number, by the value number of its name. */
  readonly cells: ReadonlyMap<ValueId, readonly (number | undefined)[]>;
  /** What is fixed for an actor, by number of the constant. */
  readonly constants: ReadonlyMap<ValueId, readonly (ValueId | undefined)[]>;
  /** First column and shape of each family, in the order of `Operations.families`. */
  readonly families: readonly { readonly start: number; readonly family: LaidOutFamily }[];
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

/** The cells of one row. */
export class PackedMemory implements Memory {
  protected readonly values: Values;
  protected readonly operations: Operations;
  readonly #layout: CellLayout;
  readonly #words: readonly FamilyWords[];
  readonly #host: FamilyHost;
  /** The row that operations work on. */
  row: RowAccess;

  constructor(values: Values, operations: Operations, layout: CellLayout, row: RowAccess) {
    this.values = values;
    this.operations = operations;
    this.#layout = layout;
    this.row = row;
    this.#words = layout.families.map(({ start }) => ({
      get: (place) => this.row.get(start + place),
      set: (place, value) => this.row.set(start + place, value),
    }));
    this.#host = {
      idOf: (value) => values.id(value),
      valueOf: (id) => values.value(id),
      load: (actor, cell) => this.row.get(this.#column(actor, operations.cell(cell))),
    };
  }

  perform(code: OperationCode, a: number, b: number, c: number): ValueId {
    switch (code) {
      case LOAD:
        return this.row.get(this.#column(a, b));
      case STORE:
        this.row.set(this.#column(a, b), c);
        return 0;
      case CONSTANT:
        return this.#constant(a, b);
      default: {
        const place = this.operations.familyOf(code);
        if (place === undefined) throw new RangeError(`no operation ${code}`);
        const family = this.#layout.families[place.family]?.family;
        const words = this.#words[place.family];
        if (family === undefined || words === undefined) throw new RangeError(`no family ${place.family}`);
        return family.perform(words, this.#host, place.operation, a, b, c);
      }
    }
  }

  #column(actor: ValueId, cell: number): number {
    const column = this.#layout.cells.get(actor)?.[cell];
    if (column !== undefined) return column;
    throw new MachineError(
      'undeclaredCell',
      `${text(this.values, actor)} has no cell "${String(this.operations.cells[cell])}"`,
    );
  }

  #constant(actor: ValueId, constant: number): ValueId {
    const value = this.#layout.constants.get(actor)?.[constant];
    if (value !== undefined) return value;
    throw new MachineError(
      'undeclaredCell',
      `${text(this.values, actor)} has no constant "${String(this.operations.constants[constant])}"`,
    );
  }
}

const text = (values: Values, id: ValueId): string => String(values.value(id));
