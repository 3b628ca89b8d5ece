// Shared memory as a machine sees it during one delivery, with every operation and answer noted down.
import type { Callback, Cells, Field, Name, Side, Value } from '../../machines/manager/protocol.ts';
import type { Memory, OperationCode } from './memory.ts';
import { callbackNames, fields, operation, shapes, sides } from './memory.ts';
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
  readonly #memory: Memory;
  readonly #known: readonly ValueId[];
  #cache = new Map<string, ValueId>();

  constructor(values: Values, memory: Memory, known: readonly ValueId[]) {
    this.#values = values;
    this.#memory = memory;
    this.#known = known;
  }

  #ask(code: OperationCode, ...args: number[]): Value {
    const shape = shapes[code];
    if (shape === undefined) throw new RangeError(`no operation ${code}`);
    const key = `${code},${args.join()}`;
    if (shape.reads) {
      const cached = this.#cache.get(key);
      if (cached !== undefined) return this.#values.value(cached);
    } else {
      this.#cache = new Map();
    }
    const known = this.#known[this.requests.length];
    const answer = known ?? this.#memory.perform(code, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
    this.requests.push({ code, args });
    this.answers.push(answer);
    if (shape.reads) this.#cache.set(key, answer);
    return this.#values.value(answer);
  }

  load(object: Name, field: Field): Value {
    return this.#ask(operation.load, this.#values.id(object), fields.indexOf(field));
  }
  store(object: Name, field: Field, value: Value): void {
    this.#ask(operation.store, this.#values.id(object), fields.indexOf(field), this.#values.id(value));
  }
  has(object: Name, callback: Callback): boolean {
    return this.#ask(operation.has, this.#values.id(object), callbackNames.indexOf(callback)) === true;
  }
  reenters(object: Name, callback: Callback): boolean {
    return this.#ask(operation.reenters, this.#values.id(object), callbackNames.indexOf(callback)) === true;
  }
  find(side: Side, key: Name | null): Name | null {
    return this.#ask(operation.find, sides.indexOf(side), this.#values.id(key)) as Name | null;
  }
  walksFreed(side: Side, key: Name | null): boolean {
    return this.#ask(operation.walksFreed, sides.indexOf(side), this.#values.id(key)) === true;
  }
  contains(side: Side, object: Name): boolean {
    return this.#ask(operation.contains, sides.indexOf(side), this.#values.id(object)) === true;
  }
  insert(side: Side, key: Name | null, object: Name, fails: boolean): number {
    return Number(
      this.#ask(operation.insert, sides.indexOf(side) + (fails ? 2 : 0), this.#values.id(key), this.#values.id(object)),
    );
  }
  put(side: Side, key: Name | null, object: Name, fails: boolean): number {
    return Number(
      this.#ask(operation.put, sides.indexOf(side) + (fails ? 2 : 0), this.#values.id(key), this.#values.id(object)),
    );
  }
  erase(side: Side, key: Name | null): Name | null {
    return this.#ask(operation.erase, sides.indexOf(side), this.#values.id(key)) as Name | null;
  }
  add(side: Side, object: Name): boolean {
    return this.#ask(operation.add, sides.indexOf(side), this.#values.id(object)) === true;
  }
  del(side: Side, object: Name): boolean {
    return this.#ask(operation.del, sides.indexOf(side), this.#values.id(object)) === true;
  }
  moduleReferences(change: 1 | -1): void {
    this.#ask(operation.moduleReferences, change + 1);
  }
  copy(from: Name, to: Name): void {
    this.#ask(operation.copy, this.#values.id(from), this.#values.id(to));
  }
  eventfd(eventfd: Name, alive: boolean): void {
    this.#ask(operation.eventfd, this.#values.id(eventfd), alive ? 0 : 1);
  }
}

/** Cells for a machine that is only asked whether it takes an event: reads answer nothing, writes are a mistake. */
export const blankCells: Cells = new Proxy({} as Cells, {
  get: (_, key) => () => {
    if (['load', 'has', 'reenters', 'find', 'walksFreed', 'contains'].includes(String(key))) return null;
    throw new Error(`${String(key)} in a guard: guards only read`);
  },
});
