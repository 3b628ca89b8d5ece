// Shared memory whose sets are real structures: what a world with a manager uses when it runs once.
//
// Every operation on a set is done twice, on the real structure and on the packed cells, and the answers are compared:
// the explorer's cells are thereby checked against the structures in every run. Allocation failures are decided by the
// real structure.
import type { Name } from '../engine/actors/name.ts';
import type { NumberedWorld } from '../engine/world/definition.ts';
import type { RowAccess } from '../engine/world/memory.ts';
import { PackedMemory } from '../engine/world/memory.ts';
import type { OperationCode } from '../engine/world/operations.ts';
import type { ValueId } from '../engine/world/values.ts';
import { kindsOf } from '../engine/actors/machine.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Side } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import { errno } from '../machines/kernel/call.ts';
import type { SetOperation } from '../machines/manager/sets.ts';
import type { Halves } from './structures/index-halves.ts';
import { halvesOf } from './structures/index-halves.ts';
import type { IndexStructure } from './structures/index-structure.ts';
import { createIndexStructure } from './structures/index-structure.ts';
import type { AllocationFaults } from './structures/xarray-nodes.ts';

interface Struct {
  readonly id: ValueId;
  readonly address: Halves;
  readonly key: Halves;
}

/** Where eventfd contexts live when nobody says otherwise: 64 bytes apart, as kmalloc-64 hands them out. */
export const EVENTFDS = 0xffff_8881_0000_0000n;
const STRUCTS = 0xffff_8881_4000_0000n;

/** The policy of the registry of a world. Throws RangeError where the world has none. */
export function policyOf({ definition }: Pick<NumberedWorld, 'definition'>): Policy {
  const facts = definition.actors.find(({ name }) => name === REGISTRY)?.machine.declaration.facts;
  if (facts === undefined) throw new RangeError('this world has no registry');
  return facts as Policy;
}

/** Where the eventfds of a world live: 64 bytes apart, in the order in which they are declared. */
export function addressesOf({ definition }: Pick<NumberedWorld, 'definition'>): ReadonlyMap<Name, bigint> {
  const eventfds = definition.actors.filter(({ machine }) => kindsOf(machine).includes('eventfd'));
  return new Map(eventfds.map(({ name }, i) => [name as Name, EVENTFDS + 64n * BigInt(i + 1)]));
}

/** A row of a world with its two sets as real structures. */
export class StructureMemory extends PackedMemory {
  readonly #sets: Readonly<Record<Side, IndexStructure<Struct>>>;
  readonly #world: NumberedWorld;
  readonly #structs = new Map<ValueId, Struct>();
  /** Split once, here: no operation makes a BigInt. */
  readonly #addresses: ReadonlyMap<ValueId, Halves>;
  readonly #keys: ReadonlyMap<bigint, ValueId>;

  /** `addresses` says where eventfds live, by name; others are 64 bytes apart, in the order in which they are declared. */
  constructor(world: NumberedWorld, row: RowAccess, addresses: Readonly<Record<string, bigint>> = {}) {
    super(world.values, world.operations, world.layout, row);
    this.#world = world;
    const { index } = policyOf(world);
    this.#sets = { producers: createIndexStructure<Struct>(index), consumers: createIndexStructure<Struct>(index) };
    const located = [...addressesOf(world)].map(([name, address]): [ValueId, bigint] => [
      world.values.id(name),
      addresses[name] ?? address,
    ]);
    const all: readonly (readonly [ValueId, bigint])[] = [[0, 0n], ...located];
    this.#addresses = new Map(all.map(([id, address]) => [id, halvesOf(address)]));
    this.#keys = new Map(all.map(([id, address]) => [address, id]));
  }

  /** Makes node allocations of the coming operations fail. */
  failAllocations(faults: AllocationFaults): void {
    for (const set of Object.values(this.#sets)) set.failAllocations(faults);
  }

  /** Live nodes of both xarrays. */
  get nodes(): number {
    return this.#sets.producers.nodes + this.#sets.consumers.nodes;
  }

  /** The entries of a real set: [key, object], by value number, in the set's own order. */
  realEntries(side: Side): [ValueId, ValueId][] {
    return [...this.#sets[side].entries()].map(([key, struct]) => [this.#keys.get(key) ?? 0, struct.id]);
  }

  override perform(code: OperationCode, a: number, b: number, c: number): ValueId {
    const place = this.operations.familyOf(code);
    const family = place === undefined ? undefined : this.operations.families[place.family];
    if (place === undefined || (family?.id !== 'producers' && family?.id !== 'consumers'))
      return super.perform(code, a, b, c);
    const name = family.operations[place.operation]?.name as SetOperation;
    const real = this.#real(this.#sets[family.id], name, a, b, c);
    if (real === undefined) return super.perform(code, a, b, c);
    const failed = this.values.value(real) === -errno.ENOMEM;
    const packed = super.perform(code, a, b, name === 'insert' || name === 'put' ? Number(failed) : c);
    if (packed !== real) {
      const says = (id: ValueId): string => String(this.values.value(id));
      throw new Error(`${family.id}.${name}: the structure says ${says(real)}, the cells ${says(packed)}`);
    }
    return real;
  }

  #real(set: IndexStructure<Struct>, name: SetOperation, a: number, b: number, c: number): ValueId | undefined {
    switch (name) {
      case 'find':
        return set.find(this.#address(a))?.id ?? 0;
      case 'contains':
        return this.values.id(set.contains(this.#struct(a)));
      case 'insert':
      case 'put': {
        if (c !== 0) set.failAllocations('all');
        const value =
          name === 'insert'
            ? set.insert(this.#address(a), this.#struct(b))
            : set.put(this.#address(a), this.#struct(b));
        if (c !== 0) set.failAllocations('none');
        return this.values.id(value);
      }
      case 'erase':
        return set.erase(this.#address(a))?.id ?? 0;
      case 'add':
        return this.values.id(set.add(this.#struct(a)));
      case 'del':
        return this.values.id(set.del(this.#struct(a)));
      case 'walksFreed':
        return undefined;
    }
  }

  #address(key: ValueId): Halves {
    const address = this.#addresses.get(key);
    if (address === undefined) throw new RangeError(`${String(this.values.value(key))} has no address`);
    return address;
  }

  /** The struct behind a name; its key is read from the row each time, as a list walk does. */
  #struct(id: ValueId): Struct {
    const known = this.#structs.get(id);
    if (known !== undefined) return known;
    const address = halvesOf(STRUCTS + 128n * BigInt(this.#structs.size));
    const column = this.#world.layout.cells.get(id)?.[this.operations.cell('key')] ?? 0;
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
