// The hash table of 512 buckets against arrays: buckets, order, second additions and deletions, keys that change.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, HASH_BITS, HashTable } from '../../../src/registry/structures/hash-table.ts';
import { ListHead } from '../../../src/registry/structures/linked-list.ts';

/** An object whose key can change while it is hashed, as a caller-owned token can. */
interface Owner {
  readonly name: number;
  key: bigint;
}

const OWNERS = 8;
const BASE = 0xffff_8881_0000_0000n;

/** Keys of eventfd contexts that share a bucket with the first one, the first included. */
function colliding(count: number): bigint[] {
  const keys: bigint[] = [];
  for (let key = BASE; keys.length < count; key += 64n) if (bucketOf(key) === bucketOf(BASE)) keys.push(key);
  return keys;
}

/** Three keys in one bucket, and some in others. */
const keys: readonly bigint[] = [...colliding(3), BASE + 64n, BASE + 128n, 0n, (1n << 64n) - 1n];

interface Real {
  readonly table: HashTable<Owner>;
  readonly nodes: readonly ListHead<Owner>[];
}
/** Owners by bucket, head first. */
type Model = Map<number, Owner[]>;

function create(): { model: Model; real: Real } {
  const nodes = Array.from(
    { length: OWNERS },
    (_, name) => new ListHead<Owner>({ name, key: keys[name % keys.length] ?? 0n }),
  );
  return { model: new Map(), real: { table: new HashTable(), nodes } };
}

function nodeOf({ nodes }: Real, name: number): ListHead<Owner> & { readonly owner: Owner } {
  const node = nodes[name];
  if (node?.owner == null) throw new RangeError(`no node ${name}`);
  return node as ListHead<Owner> & { readonly owner: Owner };
}

const bucketWith = (model: Model, owner: Owner): Owner[] | undefined =>
  [...model.values()].find((bucket) => bucket.includes(owner));

function compare(model: Model, { table, nodes }: Real): void {
  const buckets = [...model].sort(([a], [b]) => a - b).map(([, owners]) => owners);
  expect([...table]).toEqual(buckets.flat());
  expect(table.length).toBe(buckets.flat().length);
  for (const key of keys) {
    // hash_for_each_possible(): only the bucket of the key is walked, in order.
    const walked: Owner[] = [];
    table.find(key, (owner) => !walked.push(owner));
    expect(walked).toEqual(model.get(bucketOf(key)) ?? []);
  }
  for (const node of nodes)
    expect(node.isLinked).toBe(node.owner !== null && bucketWith(model, node.owner) !== undefined);
}

const seen = new Set<string>();

function step(text: string, act: (model: Model, real: Real) => void): fc.Command<Model, Real> {
  return {
    check: () => true,
    run(model, real) {
      act(model, real);
      compare(model, real);
    },
    toString: () => text,
  };
}

const name = fc.nat({ max: OWNERS - 1 });
const anyKey = fc.constantFrom(...keys);

const steps = [
  name.map((n) =>
    step(`add(${n})`, (model, real) => {
      const node = nodeOf(real, n);
      const { owner } = node;
      const isNew = bucketWith(model, owner) === undefined;
      expect(real.table.add(node, owner.key)).toBe(isNew);
      const bucket = bucketOf(owner.key);
      if (isNew) model.set(bucket, [owner, ...(model.get(bucket) ?? [])]);
      seen.add(`add ${isNew}`);
    }),
  ),
  name.map((n) =>
    step(`del(${n})`, (model, real) => {
      const node = nodeOf(real, n);
      const bucket = bucketWith(model, node.owner);
      expect(real.table.del(node)).toBe(bucket !== undefined);
      bucket?.splice(bucket.indexOf(node.owner), 1);
      seen.add(`del ${bucket !== undefined}`);
    }),
  ),
  fc.tuple(name, anyKey).map(([n, key]) =>
    step(`key of ${n} becomes ${key}`, (_, real) => {
      nodeOf(real, n).owner.key = key;
    }),
  ),
  anyKey.map((key) =>
    step(`find(${key})`, (model, { table }) => {
      const expected = model.get(bucketOf(key))?.find((owner) => owner.key === key) ?? null;
      expect(table.find(key, (owner) => owner.key === key)).toBe(expected);
      seen.add(`find ${expected !== null}`);
      const hidden = [...model].some(([b, owners]) => b !== bucketOf(key) && owners.some((owner) => owner.key === key));
      if (expected === null && hidden) seen.add('hashed under another key');
    }),
  ),
];

describe('every sequence of operations', () => {
  it('leaves each node in the bucket of the key with which it was entered, newest first', () => {
    fc.assert(
      fc.property(fc.commands(steps, { maxCommands: 40, size: 'max' }), (sequence) => {
        fc.modelRun(create, sequence);
      }),
    );
    const outcomes = ['add false', 'add true', 'del false', 'del true', 'find false', 'find true'];
    expect([...seen].sort()).toEqual([...outcomes, 'hashed under another key']);
  });
});

describe('hash_64()', () => {
  it('is the upper nine bits of the product with the golden ratio', () => {
    expect(HASH_BITS).toBe(9);
    expect([bucketOf(0n), bucketOf(1n), bucketOf(2n), bucketOf((1n << 64n) - 1n)]).toEqual([0, 0x0c3, 0x187, 0x13c]);
  });

  it('is a bucket for every key, carries of the product and all', () => {
    // Keys all over the range, and enough of them: a carry that is lost shows in one of some hundred.
    const wrong: bigint[] = [];
    for (let key = 1n, i = 0; i < 20_000; i++) {
      key = BigInt.asUintN(64, key * 0x5851_f42d_4c95_7f2dn + 1n);
      const product = BigInt.asUintN(64, key * 0x61c8_8646_80b5_83ebn);
      if (bucketOf(key) !== Number(product >> 55n)) wrong.push(key);
    }
    expect(wrong).toEqual([]);
  });

  it('spreads packed eventfd contexts over all buckets', () => {
    const buckets = new Set(Array.from({ length: 4096 }, (_, n) => bucketOf(BASE + 64n * BigInt(n))));
    expect(buckets.size).toBe(512);
  });
});

describe('a node', () => {
  it('is found under its old bucket only, even when its key has moved to another one', () => {
    const table = new HashTable<Owner>();
    const [here, same, , elsewhere] = keys as [bigint, bigint, bigint, bigint];
    const owner: Owner = { name: 0, key: here };
    const node = new ListHead(owner);
    const lookUp = (key: bigint): Owner | null => table.find(key, (o) => o.key === key);
    expect([table.add(node, owner.key), lookUp(here)]).toEqual([true, owner]);
    owner.key = elsewhere;
    expect([lookUp(here), lookUp(elsewhere), [...table]]).toEqual([null, null, [owner]]);
    owner.key = same;
    expect([lookUp(here), lookUp(same)]).toEqual([null, owner]);
    owner.key = elsewhere;
    expect([table.add(node, owner.key), table.del(node), table.del(node), table.length]).toEqual([
      false,
      true,
      false,
      0,
    ]);
    expect([table.add(node, owner.key), lookUp(elsewhere)]).toEqual([true, owner]);
  });

  it('that is linked elsewhere is refused', () => {
    const [one, two] = [new HashTable<Owner>(), new HashTable<Owner>()];
    const node = new ListHead<Owner>({ name: 0, key: BASE });
    expect([one.add(node, BASE), two.add(node, BASE), two.del(node)]).toEqual([true, false, false]);
    expect([one.length, two.length]).toEqual([1, 0]);
  });
});
