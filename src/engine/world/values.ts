// The values of a world as small integers: null, names, numbers, booleans.
import type { Value } from '../actors/name.ts';
import { within } from './world-limit.ts';

/** A value's number in its world. 0 is null. */
export type ValueId = number;

/** Gives every value of a world a small integer, first come first numbered. 0 is null, 1 false, 2 true. */
export class Values {
  readonly #values: Value[] = [null, false, true];
  readonly #most: number | undefined;
  readonly #ids = new Map<Value, ValueId>([
    [null, 0],
    [false, 1],
    [true, 2],
  ]);

  /** `most` is the highest number; where absent, the highest that a row can hold. */
  constructor(most?: number) {
    this.#most = most;
  }

  /** The number of a value; a new one where it has none yet. */
  id(value: Value): ValueId {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = within(this.#values.length, 'values', this.#most);
    this.#values.push(value);
    this.#ids.set(value, id);
    return id;
  }

  /** The value of a number. Throws where there is none. */
  value(id: ValueId): Value {
    const value = this.#values[id];
    if (value === undefined) throw new RangeError(`no value has the number ${id}`);
    return value;
  }

  /** All values, by number. */
  get all(): readonly Value[] {
    return this.#values;
  }

  /** Takes over values by number; those that are there already must be the same. Throws where they are not. */
  adopt(values: readonly Value[]): void {
    for (const [id, value] of values.entries()) {
      if (this.id(value) !== id) throw new RangeError(`value ${id} is not what it was`);
    }
  }
}
