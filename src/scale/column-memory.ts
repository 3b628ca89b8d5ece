// Shared memory of a world in columns: the fields of a million structs in typed arrays, the sets as real structures.
import type { NumberedSet } from './numbered-sets.ts';
import type { Memory, OperationCode } from '../engine/world/memory.ts';
import { callbackNames, fields, operation } from '../engine/world/memory.ts';
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
const own = [
  ['stop', 'start', 'add_consumer', 'del_consumer'],
  ['stop', 'start', 'add_producer', 'del_producer'],
].map((names) => callbackNames.reduce((bits, name, i) => bits | (names.includes(name) ? 1 << i : 0), 0));

/** Structs have every callback, none calls the manager again, allocations do not fail, and nobody copies a struct. */
export class ColumnMemory implements Memory {
  /** References on irqbypass.ko. */
  moduleReferences = 0;
  readonly sets: readonly [NumberedSet, NumberedSet];
  readonly #values: Values;
  readonly #producers: number;
  readonly #firstEventfd: number;
  /** Four fields a struct: key, peer, irq, freed. */
  readonly #cells: Int32Array<ArrayBuffer>;

  /** `firstEventfd` is the name of the first eventfd; the names of structs begin at FIRST_NAME. */
  constructor(values: Values, sizes: ColumnSizes, firstEventfd: number, sets: readonly [NumberedSet, NumberedSet]) {
    this.#values = values;
    this.#producers = sizes.producers;
    this.#firstEventfd = firstEventfd;
    this.sets = sets;
    const structs = sizes.producers + sizes.consumers;
    this.#cells = new Int32Array(structs * fields.length);
    for (let i = 0; i < structs; i++) this.#cells[i * fields.length + fields.indexOf('freed')] = FALSE;
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
      case operation.load:
        return this.#cells[(a - FIRST_NAME) * fields.length + b] ?? 0;
      case operation.store:
        this.#cells[(a - FIRST_NAME) * fields.length + b] = c;
        return 0;
      case operation.has:
        return truth((((a - FIRST_NAME < this.#producers ? own[0] : own[1]) ?? 0) & (1 << b)) !== 0);
      case operation.reenters:
      case operation.walksFreed:
        return FALSE;
      case operation.moduleReferences:
        this.moduleReferences += a - 1;
        return 0;
      case operation.copy:
      case operation.eventfd:
        throw new RangeError(`operation ${code} has no place in a world in columns`);
      default:
        return this.#ofSet(code, a, b, c);
    }
  }

  #ofSet(code: OperationCode, a: number, b: number, c: number): ValueId {
    const set = this.sets[a & 1];
    if (set === undefined) throw new RangeError(`no set ${a}`);
    switch (code) {
      case operation.find:
        return this.#name(set.find(this.#key(b)));
      case operation.contains:
        return truth(set.contains(this.#number(b)));
      case operation.insert:
        return this.#values.id(set.insert(this.#key(b), this.#number(c)));
      case operation.put:
        return this.#values.id(set.put(this.#key(b), this.#number(c)));
      case operation.erase:
        return this.#name(set.erase(this.#key(b)));
      case operation.add:
        return truth(set.add(this.#number(b), this.#key(this.#cells[(b - FIRST_NAME) * fields.length] ?? 0)));
      case operation.del:
        return truth(set.del(this.#number(b)));
      default:
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
