// Operations on shared memory by number: load, store, constant, and those of the families of a world's machines.
import { MachineError } from '../actors/machine-error.ts';
import type { Family } from '../actors/family.ts';
import type { Machine } from '../actors/machine.ts';

/** The number of an operation. */
export type OperationCode = number;

/** Operations that every world has. The second argument of each is a cell or constant by number. */
export const LOAD: OperationCode = 0;
export const STORE: OperationCode = 1;
export const CONSTANT: OperationCode = 2;
/** Families' operations are numbered from here. */
const FIRST_OF_FAMILIES = 3;

/** For each argument: is it a value (a name, NULL), or a number? And does the operation only read? */
export interface OperationShape {
  readonly values: readonly boolean[];
  readonly reads: boolean;
}

/** An operation of a family, by number. */
export interface FamilyPlace {
  readonly family: number;
  readonly operation: number;
}

/** All operations, cells and constants of some machines, by number. The same machines give the same numbers. */
export class Operations {
  readonly shapes: OperationShape[] = [
    { values: [true, false], reads: true },
    { values: [true, false, true], reads: false },
    { values: [true, false], reads: true },
  ];
  readonly families: readonly Family[];
  /** Names of cells and of constants, by number. */
  readonly cells: readonly string[];
  readonly constants: readonly string[];
  readonly #places: FamilyPlace[] = [];
  readonly #codes = new Map<string, OperationCode>();
  readonly #cellNumbers: ReadonlyMap<string, number>;
  readonly #constantNumbers: ReadonlyMap<string, number>;

  constructor(machines: readonly Machine[]) {
    const declared = machines.map(({ declaration }) => declaration);
    // Machines may share a family.
    this.families = [...new Set(declared.flatMap(({ families = [] }) => families))];
    this.cells = [...new Set(declared.flatMap(({ cells = {} }) => Object.keys(cells)))];
    this.constants = [...new Set(declared.flatMap(({ constants = {} }) => Object.keys(constants)))];
    this.#cellNumbers = new Map(this.cells.map((cell, number) => [cell, number]));
    this.#constantNumbers = new Map(this.constants.map((constant, number) => [constant, number]));
    for (const [family, { id, operations }] of this.families.entries()) {
      for (const [operation, { name, values, reads }] of operations.entries()) {
        this.#codes.set(`${id}.${name}`, this.shapes.length);
        this.#places.push({ family, operation });
        this.shapes.push({ values, reads });
      }
    }
  }

  /** The number of a cell. Throws MachineError where no machine declares it. */
  cell(cell: string): number {
    return found(this.#cellNumbers.get(cell), `cell "${cell}" is not declared by any machine`, this.cells);
  }

  /** The number of a constant. Throws MachineError where no machine declares it. */
  constant(constant: string): number {
    return found(this.#constantNumbers.get(constant), `constant "${constant}" is not declared`, this.constants);
  }

  /** The number of a family's operation. Throws MachineError where there is none. */
  code(family: string, operation: string): OperationCode {
    return found(this.#codes.get(`${family}.${operation}`), `no operation ${family}.${operation}`, [
      ...this.#codes.keys(),
    ]);
  }

  /** Which family's operation a number is; undefined for load, store and constant. */
  familyOf(code: OperationCode): FamilyPlace | undefined {
    return this.#places[code - FIRST_OF_FAMILIES];
  }
}

function found(number: number | undefined, what: string, known: readonly string[]): number {
  if (number === undefined) throw new MachineError('undeclaredCell', `${what} (known: ${known.join(', ') || 'none'})`);
  return number;
}
