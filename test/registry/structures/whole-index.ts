// An index structure with whole keys and addresses, as tests like to write them; inside, it gets them in halves.
import { halvesOf } from '../../../src/registry/structures/index-halves.ts';
import type { Indexed } from '../../../src/registry/structures/index-structure.ts';
import { createIndexStructure } from '../../../src/registry/structures/index-structure.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import type { AllocationFaults } from '../../../src/registry/structures/xarray-nodes.ts';

interface Whole {
  readonly address: bigint;
  readonly key: bigint;
}
interface Split<T> extends Indexed {
  readonly of: T;
}

/** What a revision uses, with keys as BigInt. */
export class WholeIndex<T extends Whole> {
  readonly #set;
  readonly #split = new Map<T, Split<T>>();

  constructor(kind: Policy['index']) {
    this.#set = createIndexStructure<Split<T>>(kind);
  }

  find(key: bigint): T | null {
    return this.#set.find(halvesOf(key))?.of ?? null;
  }
  contains(object: T): boolean {
    return this.#set.contains(this.#of(object));
  }
  insert(key: bigint, object: T): number {
    return this.#set.insert(halvesOf(key), this.#of(object));
  }
  put(key: bigint, object: T): number {
    return this.#set.put(halvesOf(key), this.#of(object));
  }
  erase(key: bigint): T | null {
    return this.#set.erase(halvesOf(key))?.of ?? null;
  }
  add(object: T): boolean {
    return this.#set.add(this.#of(object));
  }
  del(object: T): boolean {
    return this.#set.del(this.#of(object));
  }
  *entries(): Generator<readonly [bigint, T]> {
    for (const [key, { of }] of this.#set.entries()) yield [key, of];
  }
  failAllocations(faults: AllocationFaults): void {
    this.#set.failAllocations(faults);
  }
  get nodes(): number {
    return this.#set.nodes;
  }

  #of(object: T): Split<T> {
    const known = this.#split.get(object);
    if (known !== undefined) return known;
    const split: Split<T> = {
      of: object,
      address: halvesOf(object.address),
      get key() {
        return halvesOf(object.key);
      },
    };
    this.#split.set(object, split);
    return split;
  }
}
