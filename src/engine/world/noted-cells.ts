// Shared memory as a machine sees it during one delivery, with every operation and answer noted down.
import type { Cells } from '../actors/cells.ts';
import { refusedCells } from '../actors/cells.ts';
import { MachineError } from '../actors/machine-error.ts';
import type { Value } from '../actors/name.ts';
import type { Memory } from './memory.ts';
import type { OperationCode, Operations } from './operations.ts';
import { CONSTANT, LOAD, STORE } from './operations.ts';
import type { ValueId, Values } from './values.ts';

/** One operation on shared memory, by numbers. */
export interface Request {
  readonly code: OperationCode;
  readonly args: readonly number[];
}

/** The cells of one run of a machine: known answers first, then real operations, all of them noted down. */
export class NotedCells implements Cells {
  readonly requests: Request[] = [];
  readonly answers: ValueId[] = [];
  readonly #values: Values;
  readonly #operations: Operations;
  readonly #memory: Memory;
  readonly #known: readonly ValueId[];
  #cache = new Map<string, ValueId>();

  constructor(values: Values, operations: Operations, memory: Memory, known: readonly ValueId[]) {
    this.#values = values;
    this.#operations = operations;
    this.#memory = memory;
    this.#known = known;
  }

  load(actor: string, cell: string): Value {
    return this.#perform(LOAD, this.#values.id(actor as Value), this.#operations.cell(cell));
  }

  store(actor: string, cell: string, value: Value): void {
    if (value === undefined || (typeof value === 'object' && value !== null))
      throw new MachineError(
        'notPlain',
        `${actor}: cell "${cell}" cannot hold ${String(value)}`,
        'a name, a number, a truth value or NULL',
      );
    this.#perform(STORE, this.#values.id(actor as Value), this.#operations.cell(cell), this.#values.id(value));
  }

  constant(actor: string, constant: string): Value {
    return this.#perform(CONSTANT, this.#values.id(actor as Value), this.#operations.constant(constant));
  }

  ask(family: string, operation: string, ...args: readonly Value[]): Value {
    const code = this.#operations.code(family, operation);
    const shape = this.#operations.shapes[code];
    const numbers = args.map((arg, i) => (shape?.values[i] === true ? this.#values.id(arg) : Number(arg)));
    return this.#perform(code, ...numbers);
  }

  #perform(code: OperationCode, ...args: number[]): Value {
    const reads = this.#operations.shapes[code]?.reads === true;
    const key = `${code},${args.join()}`;
    if (reads) {
      const cached = this.#cache.get(key);
      if (cached !== undefined) return this.#values.value(cached);
    } else {
      this.#cache = new Map();
    }
    const known = this.#known[this.requests.length];
    const answer = known ?? this.#memory.perform(code, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
    this.requests.push({ code, args });
    this.answers.push(answer);
    if (reads) this.#cache.set(key, answer);
    return this.#values.value(answer);
  }
}

/** The cells of a guard that is only asked whether a message would be taken. */
export const noCells: Cells = refusedCells(
  'a guard that decides whether a message waits looks at context and event only: memory may have changed when its turn comes',
);
