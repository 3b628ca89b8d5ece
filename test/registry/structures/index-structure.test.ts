// List, hash table, xarray, list with xarray: one model-based test for all, with the operations that revisions use.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../src/machines/kernel/call.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import { bucketOf } from '../../../src/registry/structures/hash-table.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import type { AllocationFaults } from '../../../src/registry/structures/xarray-nodes.ts';
import { isQuick } from '../../sample.ts';
import { WholeIndex } from './whole-index.ts';
import { Reference as XArrayReference } from './xarray-invariants.ts';

type Use = Pick<Policy, 'index' | 'insertion'>;

/** A struct that callers register; before the series they write its key themselves, at any time. */
interface Struct {
  readonly name: string;
  readonly address: bigint;
  key: bigint;
}

const { EBUSY, ENOMEM } = errno;
const EVENTFDS = 0xffff_8881_0000_0000n;
const STRUCTS = 0xffff_8881_4000_0000n;
/** Contexts in one page, in others, and no context at all. */
const keys: readonly bigint[] = [0n, 64n, 128n, 4096n, 8192n, 1n << 40n].map((offset) =>
  offset === 0n ? 0n : EVENTFDS + offset,
);
const struct = (n: number): Struct => ({
  name: `s${n}`,
  address: STRUCTS + 128n * BigInt(n),
  key: keys[n % keys.length] ?? 0n,
});

/** How revisions use the structures: every combination of set and insertion that the table has. */
const uses: readonly Use[] = [
  ...new Map(
    revisions.map(({ policy: { index, insertion } }) => [`${index} ${insertion}`, { index, insertion }]),
  ).values(),
];

/** What the set should hold. */
class Reference {
  readonly use: Use;
  /** Entries with the key with which they were entered, newest first. */
  entered: { readonly key: bigint; readonly object: Struct }[] = [];
  /** The xarray, or the hints of the draft that has both. */
  readonly array = new XArrayReference([]);

  constructor(use: Use) {
    this.use = use;
  }

  find(key: bigint): Struct | null {
    const { index } = this.use;
    const matches = (entry: { readonly key: bigint; readonly object: Struct }): boolean => {
      if (index === 'xarray') return entry.key === key;
      return entry.object.key === key && (index !== 'hash' || bucketOf(entry.key) === bucketOf(key));
    };
    return this.entered.find(matches)?.object ?? null;
  }

  contains(object: Struct): boolean {
    return this.entered.some((entry) => entry.object === object);
  }

  entries(): (readonly [bigint, Struct])[] {
    const { index } = this.use;
    const entered = [...this.entered];
    if (index === 'xarray') entered.sort((a, b) => (a.key < b.key ? -1 : 1));
    if (index === 'hash') entered.sort((a, b) => bucketOf(a.key) - bucketOf(b.key));
    return entered.map(({ key, object }) => [index === 'xarray' ? key : object.key, object]);
  }

  enter(key: bigint, object: Struct): void {
    if (this.use.index === 'xarray') this.leave(({ key: other }) => other === key);
    this.entered.unshift({ key, object });
  }

  leave(test: (entry: { readonly key: bigint; readonly object: Struct }) => boolean): Struct | null {
    const object = this.entered.find(test)?.object ?? null;
    this.entered = this.entered.filter((entry) => !test(entry));
    return object;
  }
}

interface Real {
  readonly set: WholeIndex<Struct>;
  readonly structs: readonly Struct[];
}
type Step = fc.Command<Reference, Real>;

const STRUCT_COUNT = 7;
const create = (use: Use) => () => ({
  model: new Reference(use),
  real: {
    set: new WholeIndex<Struct>(use.index),
    structs: Array.from({ length: STRUCT_COUNT }, (_, n) => struct(n)),
  },
});

function structOf({ structs }: Real, n: number): Struct {
  const found = structs[n];
  if (found === undefined) throw new RangeError(`no struct ${n}`);
  return found;
}

function compare(model: Reference, { set, structs }: Real): void {
  for (const key of keys) expect(set.find(key)).toBe(model.find(key));
  expect(structs.filter((object) => set.contains(object))).toEqual(structs.filter((object) => model.contains(object)));
  const entries = [...set.entries()];
  expect(entries).toEqual(model.entries());
  entries.forEach(([, object], i) => expect(object).toBe(model.entries()[i]?.[1]));
  // In which order lost hints are taken out decides which empty nodes go with them.
  if (model.use.index !== 'list+xarray' || !model.array.failed) expect(set.nodes).toBe(model.array.nodes.size);
}

const step = (
  text: string,
  act: (model: Reference, real: Real, saw: (what: string) => void) => void,
  seen: Set<string>,
): Step => ({
  check: () => true,
  run(model, real) {
    act(model, real, (what) => seen.add(what));
    real.set.failAllocations('none');
    compare(model, real);
  },
  toString: () => text,
});

/** Registers as registry.ts does it: `insert`, `put`, `add`, or `add` and `put`. */
function register(model: Reference, real: Real, object: Struct, key: bigint, faults: AllocationFaults): string {
  const { set } = real;
  set.failAllocations(faults);
  switch (model.use.insertion) {
    case 'xa_insert': {
      const expected = model.array.insert(key, object, faults);
      expect(set.insert(key, object)).toBe(expected);
      if (expected === 0) model.enter(key, object);
      return `insert ${expected}`;
    }
    case 'xa_store': {
      const expected = model.array.store(key, object, faults) === -ENOMEM ? -ENOMEM : 0;
      expect(set.put(key, object)).toBe(expected);
      if (expected === 0) model.enter(key, object);
      return `put ${expected}`;
    }
    case 'list_add': {
      const expected = !model.contains(object);
      expect(set.add(object)).toBe(expected);
      if (expected) model.enter(object.key, object);
      return `add ${expected}`;
    }
    case 'list_add+xa_store': {
      // Only after the tests for the key and for the struct; failures of the hints are ignored.
      if (model.find(key) !== null || model.contains(object)) return 'busy';
      object.key = key;
      expect([set.add(object), set.put(key, object)]).toEqual([true, 0]);
      model.enter(key, object);
      const hints = [object.address, key].map((index) => model.array.store(index, object, faults));
      return hints.includes(-ENOMEM) ? 'lost hint' : 'add true';
    }
  }
}

/** Unregisters as registry.ts does it: `erase`, `del`, or `del` and `erase`. */
function unregister(model: Reference, { set }: Real, object: Struct, key: bigint): string {
  if (model.use.index === 'xarray') {
    const expected = model.leave((entry) => entry.key === key);
    model.array.erase(key);
    expect(set.erase(key)).toBe(expected);
    return `erase ${expected !== null}`;
  }
  const expected = model.leave((entry) => entry.object === object) !== null;
  expect(set.del(object)).toBe(expected);
  if (model.use.index === 'list+xarray' && expected) {
    set.erase(object.key);
    for (const index of [object.address, object.key]) model.array.erase(index);
  }
  return `del ${expected}`;
}

const someStruct = fc.nat({ max: STRUCT_COUNT - 1 });
const someKey = fc.constantFrom(...keys);
const faults: fc.Arbitrary<AllocationFaults> = fc.oneof(
  { arbitrary: fc.constant<AllocationFaults>('none'), weight: 5 },
  { arbitrary: fc.constantFrom<AllocationFaults>('all', 'first'), weight: 2 },
  { arbitrary: fc.integer({ min: 1, max: 12 }).map((k) => [k, k + 1]), weight: 2 },
);

function stepsFor({ insertion }: Use, seen: Set<string>): fc.Arbitrary<Step>[] {
  const steps = [
    fc
      .tuple(someStruct, someKey, faults)
      .map(([n, key, f]) =>
        step(
          `register s${n} under ${key}, faults ${JSON.stringify(f)}`,
          (model, real, saw) => saw(register(model, real, structOf(real, n), key, f)),
          seen,
        ),
      ),
    fc
      .tuple(someStruct, someKey)
      .map(([n, key]) =>
        step(
          `unregister s${n} or ${key}`,
          (model, real, saw) => saw(unregister(model, real, structOf(real, n), key)),
          seen,
        ),
      ),
  ];
  const rewrite = fc.tuple(someStruct, someKey).map(([n, key]) =>
    step(
      `key of s${n} becomes ${key}`,
      (_, real) => {
        structOf(real, n).key = key;
      },
      seen,
    ),
  );
  return insertion === 'list_add' ? [...steps, rewrite] : steps;
}

/** What the runs must have met, for each insertion. */
const outcomes: Readonly<Record<Policy['insertion'], readonly string[]>> = {
  list_add: ['add false', 'add true', 'del false', 'del true'],
  xa_insert: [`insert -${ENOMEM}`, `insert -${EBUSY}`, 'insert 0', 'erase false', 'erase true'],
  xa_store: [`put -${ENOMEM}`, 'put 0', 'erase false', 'erase true'],
  'list_add+xa_store': ['add true', 'busy', 'lost hint', 'del false', 'del true'],
};

describe('every sequence of operations', () => {
  it.each(uses)('on $index with $insertion', (use) => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.commands(stepsFor(use, seen), { maxCommands: 40, size: 'max' }), (sequence) => {
        fc.modelRun(create(use), sequence);
      }),
      isQuick ? { numRuns: 12, seed: 1 } : {},
    );
    if (isQuick) return;
    expect([...seen].sort()).toEqual([...outcomes[use.insertion]].sort());
  });

  it('covers every kind of set', () => {
    expect([...new Set(uses.map(({ index }) => index))].sort()).toEqual(['hash', 'list', 'list+xarray', 'xarray']);
  });
});

describe('a list and an xarray side by side', () => {
  const both = (): WholeIndex<Struct> => new WholeIndex<Struct>('list+xarray');

  /** Three structs under contexts in three pages. */
  const registered = (set: WholeIndex<Struct>): readonly [Struct, Struct, Struct] => {
    const structs = [1, 2, 3].map((n) => ({ ...struct(n), key: EVENTFDS + 4096n * BigInt(n) }));
    for (const object of structs) expect([set.add(object), set.put(object.key, object)]).toEqual([true, 0]);
    return structs as [Struct, Struct, Struct];
  };

  it('finds in the list what the xarray could not take', () => {
    const set = both();
    set.failAllocations('all');
    const [one, two, three] = registered(set);
    expect([one, two, three].map(({ key }) => set.find(key))).toEqual([one, two, three]);
    expect([one, two, three].map((object) => set.contains(object))).toEqual([true, true, true]);
    expect([...set.entries()].map(([, object]) => object.name)).toEqual(['s3', 's2', 's1']);
    expect(set.nodes).toBe(0);
  });

  it('does not take an address for a key, though both are in one index space (kernel-spec 2.5)', () => {
    const set = both();
    const [one] = registered(set);
    expect(set.find(one.address)).toBe(null);
  });

  it('counts the nodes of its xarray', () => {
    const set = both();
    const structs = registered(set);
    expect(set.nodes).toBeGreaterThan(11);
    for (const object of structs) {
      set.del(object);
      set.erase(object.key);
    }
    expect(set.nodes).toBe(0);
  });

  it('forgets a struct whose address was stored while its key was not', () => {
    const set = both();
    registered(set);
    const late = { ...struct(4), key: EVENTFDS + (1n << 20n) };
    // The address needs one node, its leaf; the key needs three, and the second of them cannot be had.
    set.failAllocations([2, 3]);
    expect([set.add(late), set.put(late.key, late)]).toEqual([true, 0]);
    expect([set.find(late.key), set.contains(late)]).toEqual([late, true]);
    set.del(late);
    set.erase(late.key);
    expect([set.find(late.key), set.contains(late)]).toEqual([null, false]);
  });
});

describe('an xarray', () => {
  const keyed = (n: number): Struct => ({ ...struct(n), key: EVENTFDS + 64n * BigInt(n) });

  it('refuses a taken key on insert and overwrites it on put', () => {
    const set = new WholeIndex<Struct>('xarray');
    const [one, two] = [keyed(1), keyed(2)];
    expect([set.insert(one.key, one), set.insert(one.key, two), set.find(one.key)]).toEqual([0, -EBUSY, one]);
    expect([set.put(one.key, two), set.find(one.key), set.contains(one)]).toEqual([0, two, false]);
    expect([set.erase(one.key), set.erase(one.key), set.nodes]).toEqual([two, null, 0]);
  });

  it('needs no node for a key that is there or for a lone NULL', () => {
    const set = new WholeIndex<Struct>('xarray');
    set.failAllocations('all');
    expect([set.insert(0n, keyed(1)), set.put(0n, keyed(2)), set.nodes]).toEqual([0, 0, 0]);
    expect([set.insert(EVENTFDS, keyed(3)), set.put(EVENTFDS, keyed(3)), set.nodes]).toEqual([-ENOMEM, -ENOMEM, 0]);
    set.failAllocations('none');
    expect([set.insert(EVENTFDS, keyed(3)), set.nodes]).toEqual([0, 21]);
    set.failAllocations('all');
    expect([set.put(EVENTFDS, keyed(4)), set.insert(EVENTFDS, keyed(5))]).toEqual([0, -EBUSY]);
  });
});
