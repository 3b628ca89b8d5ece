// Shared memory whose sets are real structures: what a world uses when it runs once.
//
// Every operation on a set is done twice, on the real structure and on the packed cells, and the answers are compared:
// the explorer's cells are thereby checked against the structures in every run. Allocation failures are decided by the
// real structure.
import { errno } from '../../machines/manager/protocol.ts';
import type { Halves } from '../../registry/structures/index-halves.ts';
import { halvesOf } from '../../registry/structures/index-halves.ts';
import type { IndexStructure } from '../../registry/structures/index-structure.ts';
import { createIndexStructure } from '../../registry/structures/index-structure.ts';
import type { AllocationFaults } from '../../registry/structures/xarray-nodes.ts';
import type { OperationCode, RowAccess } from './memory.ts';
import { accessTo, operation, PackedMemory } from './memory.ts';
import type { ValueId } from './values.ts';
import type { Row, World } from './world.ts';

interface Struct {
  readonly id: ValueId;
  readonly address: Halves;
  readonly key: Halves;
}

/** Where eventfd contexts live when nobody says otherwise: 64 bytes apart, as kmalloc-64 hands them out. */
export const EVENTFDS = 0xffff_8881_0000_0000n;
const STRUCTS = 0xffff_8881_4000_0000n;

/** A row of a world with its two sets as real structures. */
export class StructureMemory extends PackedMemory {
  readonly #world: World;
  readonly #sets: readonly IndexStructure<Struct>[];
  readonly #structs = new Map<ValueId, Struct>();
  /** Split once, here: no operation makes a BigInt. */
  readonly #addresses: ReadonlyMap<ValueId, Halves>;
  readonly #keys: ReadonlyMap<bigint, ValueId>;

  /** `addresses` says where eventfds live, by name; others are 64 bytes apart, in the order in which they are declared. */
  constructor(world: World, row: Row | RowAccess, addresses: Readonly<Record<string, bigint>> = {}) {
    const { policy, eventfds } = world.definition;
    super(world.values, world.layout, policy, accessTo(row));
    this.#world = world;
    this.#sets = [createIndexStructure<Struct>(policy.index), createIndexStructure<Struct>(policy.index)];
    const located = eventfds.map((eventfd, i): [ValueId, bigint] => [
      world.values.id(eventfd as never),
      addresses[eventfd] ?? EVENTFDS + 64n * BigInt(i + 1),
    ]);
    const all: readonly (readonly [ValueId, bigint])[] = [[0, 0n], ...located];
    this.#addresses = new Map(all.map(([id, address]) => [id, halvesOf(address)]));
    this.#keys = new Map(all.map(([id, address]) => [address, id]));
  }

  /** Makes node allocations of the coming operations fail. */
  failAllocations(faults: AllocationFaults): void {
    for (const set of this.#sets) set.failAllocations(faults);
  }

  /** Live nodes of both xarrays. */
  get nodes(): number {
    return this.#sets.reduce((sum, set) => sum + set.nodes, 0);
  }

  /** The entries of a real set: [key, object], by value number, in the set's own order. */
  realEntries(side: number): [ValueId, ValueId][] {
    const set = this.#sets[side];
    return set === undefined ? [] : [...set.entries()].map(([key, struct]) => [this.#keys.get(key) ?? 0, struct.id]);
  }

  override perform(code: OperationCode, a: number, b: number, c: number): ValueId {
    const real = this.#real(code, a, b, c);
    if (real === undefined) return super.perform(code, a, b, c);
    const failed = this.#world.values.value(real) === -errno.ENOMEM;
    const packed = super.perform(
      code,
      code === operation.insert || code === operation.put ? (a & 1) + (failed ? 2 : 0) : a,
      b,
      c,
    );
    if (packed !== real) {
      const { values } = this.#world;
      throw new Error(
        `operation ${code}: the structure says ${String(values.value(real))}, the cells ${String(values.value(packed))}`,
      );
    }
    return real;
  }

  #real(code: OperationCode, a: number, b: number, c: number): ValueId | undefined {
    const { values } = this.#world;
    const set = this.#sets[code === operation.insert || code === operation.put ? a & 1 : a];
    if (set === undefined) return undefined;
    switch (code) {
      case operation.find:
        return set.find(this.#address(b))?.id ?? 0;
      case operation.contains:
        return values.id(set.contains(this.#struct(b)));
      case operation.insert:
      case operation.put: {
        if (a > 1) set.failAllocations('all');
        const value =
          code === operation.insert
            ? set.insert(this.#address(b), this.#struct(c))
            : set.put(this.#address(b), this.#struct(c));
        if (a > 1) set.failAllocations('none');
        return values.id(value);
      }
      case operation.erase:
        return set.erase(this.#address(b))?.id ?? 0;
      case operation.add:
        return values.id(set.add(this.#struct(b)));
      case operation.del:
        return values.id(set.del(this.#struct(b)));
      default:
        return undefined;
    }
  }

  #address(key: ValueId): Halves {
    const address = this.#addresses.get(key);
    if (address === undefined) throw new RangeError(`${String(this.#world.values.value(key))} has no address`);
    return address;
  }

  /** The struct behind a name; its key is read from the row each time, as a list walk does. */
  #struct(id: ValueId): Struct {
    const known = this.#structs.get(id);
    if (known !== undefined) return known;
    const address = halvesOf(STRUCTS + 128n * BigInt(this.#structs.size));
    const column = this.#world.layout.structs.get(id) ?? 0;
    const keyOf = (): Halves => this.#address(this.row.get(column));
    const struct: Struct = {
      id,
      address,
      get key() {
        return keyOf();
      },
    };
    this.#structs.set(id, struct);
    return struct;
  }
}
