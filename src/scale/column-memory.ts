// Shared memory of a world in columns: the fields of a million structs in typed arrays, the sets as real structures.
import type { NumberedSet } from './numbered-sets.ts';
import type { Memory } from '../engine/world/memory.ts';
import type { OperationCode, Operations } from '../engine/world/operations.ts';
import { CONSTANT, LOAD, STORE } from '../engine/world/operations.ts';
import { structCells } from '../machines/manager/protocol.ts';
import type { SetOperation } from '../machines/manager/sets.ts';
import { setOperations } from '../machines/manager/sets.ts';
import { moduleReferences } from '../registry/structures/module-references.ts';
import { FIRST_NAME } from './renamed-transitions.ts';
import type { ValueId, Values } from '../engine/world/values.ts';

/** How many structs and eventfds a world in columns has. Producers are numbered first, then consumers. */
export interface ColumnSizes {
  readonly producers: number;
  readonly consumers: number;
  readonly eventfds: number;
  readonly callers: number;
}

const FALSE = 1;
const TRUE = 2;
const truth = (yes: boolean): ValueId => (yes ? TRUE : FALSE);
const fields = Object.keys(structCells);

/** Structs have every callback, none calls the manager again, allocations do not fail, and nobody copies a struct. */
export class ColumnMemory implements Memory {
  /** References on irqbypass.ko. */
  moduleReferences = 0;
  readonly sets: readonly [NumberedSet, NumberedSet];
  readonly #values: Values;
  readonly #operations: Operations;
  /** Place of a struct's cell by its number; others have none. */
  readonly #places: readonly number[];
  readonly #freed: number;
  readonly #firstEventfd: number;
  /** Four fields a struct: key, peer, irq, freed. */
  readonly #cells: Int32Array<ArrayBuffer>;

  /** `firstEventfd` is the name of the first eventfd; the names of structs begin at FIRST_NAME. */
  constructor(
    values: Values,
    operations: Operations,
    sizes: ColumnSizes,
    firstEventfd: number,
    sets: readonly [NumberedSet, NumberedSet],
  ) {
    this.#values = values;
    this.#operations = operations;
    this.#places = operations.cells.map((cell) => fields.indexOf(cell));
    this.#freed = fields.indexOf('freed');
    this.#firstEventfd = firstEventfd;
    this.sets = sets;
    const structs = sizes.producers + sizes.consumers;
    this.#cells = new Int32Array(structs * fields.length);
    for (let i = 0; i < structs; i++) this.#cells[i * fields.length + this.#freed] = FALSE;
  }

  /** Bytes of the columns. */
  get bytes(): number {
    return this.#cells.byteLength;
  }

  /** Are a struct's key and peer NULL? Structs are numbered from 0, producers first. */
  isBlank(struct: number): boolean {
    const at = struct * fields.length;
    return this.#cells[at + fields.indexOf('key')] === 0 && this.#cells[at + fields.indexOf('peer')] === 0;
  }

  perform(code: OperationCode, a: number, b: number, c: number): ValueId {
    switch (code) {
      case LOAD:
        return this.#cells[(a - FIRST_NAME) * fields.length + (this.#places[b] ?? 0)] ?? 0;
      case STORE:
        this.#cells[(a - FIRST_NAME) * fields.length + (this.#places[b] ?? 0)] = c;
        return 0;
      case CONSTANT:
        // Every callback is there, none calls the manager again.
        return truth(this.#operations.constants[b]?.startsWith('has ') === true);
      default:
        return this.#ofFamily(code, a, b);
    }
  }

  #ofFamily(code: OperationCode, a: number, b: number): ValueId {
    const place = this.#operations.familyOf(code);
    const family = place === undefined ? undefined : this.#operations.families[place.family];
    if (place === undefined || family === undefined) throw new RangeError(`no operation ${code}`);
    if (family === moduleReferences) {
      this.moduleReferences += moduleReferences.operations[place.operation]?.name === 'get' ? 1 : -1;
      return 0;
    }
    const set = this.sets[place.family];
    if (set === undefined) throw new RangeError(`${family.id} is no set`);
    const name: SetOperation | undefined = setOperations[place.operation]?.name;
    switch (name) {
      case 'find':
        return this.#name(set.find(this.#key(a)));
      case 'walksFreed':
        return FALSE;
      case 'contains':
        return truth(set.contains(this.#number(a)));
      case 'insert':
        return this.#values.id(set.insert(this.#key(a), this.#number(b)));
      case 'put':
        return this.#values.id(set.put(this.#key(a), this.#number(b)));
      case 'erase':
        return this.#name(set.erase(this.#key(a)));
      case 'add':
        return truth(set.add(this.#number(a), this.#key(this.#cells[(a - FIRST_NAME) * fields.length] ?? 0)));
      case 'del':
        return truth(set.del(this.#number(a)));
      case undefined:
        throw new RangeError(`operation ${code} is none of a set`);
    }
  }

  /** Objects and keys are numbered from 1 in the sets. */
  #number(name: ValueId): number {
    return name - FIRST_NAME + 1;
  }
  #name(object: number): ValueId {
    return object === 0 ? 0 : object + FIRST_NAME - 1;
  }
  #key(name: ValueId): number {
    return name === 0 ? 0 : name - this.#firstEventfd + 1;
  }
}
