// Sets of numbered objects against the real structures: the same answers, and work that is exactly what a walk would be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountedList } from '../../src/scale/counted-list.ts';
import { bucketOf } from '../../src/registry/structures/hash-table.ts';
import { LinkedList, ListHead } from '../../src/registry/structures/linked-list.ts';
import type { Addresses, NumberedSet, Work, XArrayVariant } from '../../src/scale/numbered-sets.ts';
import { createNumberedSet, noWork } from '../../src/scale/numbered-sets.ts';
import { WholeIndex } from '../registry/structures/whole-index.ts';

const KEYS = 12;
const BASE = 0xffff_8881_0000_0000n;
/** Contexts in two pages; number 0 is NULL. */
const addressOf = (key: number): bigint => (key === 0 ? 0n : BASE + BigInt(key * (key % 2 === 0 ? 64 : 4096)));
const addresses: Addresses = {
  high: Int32Array.from({ length: KEYS + 1 }, (_, key) => Number(addressOf(key) >> 32n)),
  low: Int32Array.from({ length: KEYS + 1 }, (_, key) => Number(addressOf(key) & 0xffff_ffffn)),
};

const commands = fc.array(
  fc.record({
    does: fc.constantFrom('enter', 'leave', 'find', 'contains'),
    object: fc.integer({ min: 1, max: KEYS }),
    key: fc.integer({ min: 1, max: KEYS }),
  }),
  { maxLength: 80 },
);

interface Struct {
  readonly address: bigint;
  key: bigint;
  readonly number: number;
}

describe('every sequence of operations', () => {
  it.each(['list', 'hash', 'xarray', 'list+xarray'] as const)('on %s answers as the structure', (kind) => {
    fc.assert(
      fc.property(commands, fc.constantFrom<XArrayVariant>('faithful', 'shifted', 'lean'), (sequence, variant) => {
        const numbered = createNumberedSet(kind, noWork(), addresses, variant);
        const real = new WholeIndex<Struct>(kind);
        const structs = Array.from({ length: KEYS + 1 }, (_, number): Struct => ({
          number,
          address: 0xffff_8891_0000_0000n + 128n * BigInt(number),
          key: 0n,
        }));
        const keys = new Map<number, number>();
        for (const { does, object, key } of sequence) {
          const struct = structs[object];
          if (struct === undefined) throw new Error('no struct');
          const entered = keys.get(object);
          if (does === 'enter' && entered === undefined && (kind === 'xarray' || ![...keys.values()].includes(key))) {
            struct.key = addressOf(key);
            if (kind === 'xarray') {
              const answer = numbered.insert(key, object);
              expect(answer).toBe(real.insert(addressOf(key), struct));
              if (answer !== 0) continue;
            } else {
              expect(numbered.add(object, key)).toBe(real.add(struct));
              if (kind === 'list+xarray') expect(numbered.put(key, object)).toBe(real.put(addressOf(key), struct));
            }
            keys.set(object, key);
          } else if (does === 'leave' && entered !== undefined) {
            if (kind === 'xarray') expect(numbered.erase(entered)).toBe(real.erase(addressOf(entered))?.number ?? 0);
            else expect(numbered.del(object)).toBe(real.del(struct));
            if (kind === 'list+xarray')
              expect([numbered.erase(entered), real.erase(addressOf(entered))]).toEqual([0, null]);
            keys.delete(object);
          }
          expect(numbered.find(key)).toBe(real.find(addressOf(key))?.number ?? 0);
          if (kind !== 'xarray' || variant !== 'lean') expect(numbered.contains(object)).toBe(real.contains(struct));
          expect(numbered.size).toBe(keys.size);
          if (variant === 'faithful' || kind !== 'xarray') expect(numbered.nodes).toBe(real.nodes);
        }
      }),
    );
  });

  it('on a counted list knows where a walk of the real list finds each entry', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const counted = new CountedList();
        const real = new LinkedList<number>();
        const nodes = Array.from({ length: KEYS + 1 }, (_, number) => new ListHead(number));
        const keyOf = new Map<number, number>();
        for (const { does, object, key } of sequence) {
          const node = nodes[object];
          if (node === undefined) throw new Error('no node');
          if (does === 'leave') {
            expect(counted.del(object)).toBe(real.del(node));
            keyOf.delete(object);
          } else {
            if (!keyOf.has(object)) keyOf.set(object, key);
            expect(counted.add(object, key)).toBe(real.add(node));
          }
          const walk = [...real];
          expect(counted.size).toBe(walk.length);
          for (let other = 1; other <= KEYS; other++) {
            expect(counted.position(other)).toBe(walk.indexOf(other) + 1);
            expect(counted.find(other)).toBe(walk.find((one) => keyOf.get(one) === other) ?? 0);
          }
        }
      }),
    );
  });

  it('on a counted list goes on when it has to number anew', () => {
    const counted = new CountedList();
    for (let round = 0; round < 5000; round++) {
      counted.add(round, round);
      if (round >= 3) counted.del(round - 3);
    }
    expect([4999, 4998, 4997, 4996].map((object) => counted.position(object))).toEqual([1, 2, 3, 0]);
  });
});

/** The work of one operation. */
function workOf(set: NumberedSet, work: Work, act: (set: NumberedSet) => void): Work {
  Object.assign(work, noWork());
  act(set);
  return { ...work };
}

describe('work is counted', () => {
  it('on a list: a miss passes every node, a hit those in front of it and itself', () => {
    const work = noWork();
    const set = createNumberedSet('list', work, addresses);
    for (let object = 1; object <= 5; object++) set.add(object, object);
    expect(workOf(set, work, () => set.find(9)).visited).toBe(5);
    expect(workOf(set, work, () => set.find(5)).visited).toBe(1);
    expect(workOf(set, work, () => set.find(1)).visited).toBe(5);
    // One walk compares key and address.
    expect(workOf(set, work, () => [set.find(9), set.contains(9)]).visited).toBe(5);
    expect(workOf(set, work, () => set.contains(4)).visited).toBe(2);
  });

  it('on a hash table: only the bucket of the key', () => {
    const work = noWork();
    const set = createNumberedSet('hash', work, addresses);
    for (let object = 1; object <= KEYS; object++) set.add(object, object);
    const inBucket = Array.from({ length: KEYS }, (_, i) => i + 1).filter(
      (key) => bucketOf(addressOf(key)) === bucketOf(addressOf(1)),
    );
    expect(workOf(set, work, () => set.find(inBucket[0] ?? 0)).visited).toBe(inBucket.length);
    expect(workOf(set, work, () => set.contains(99)).visited).toBe(KEYS);
  });

  it('on an xarray: eleven levels for a kernel address, and the nodes of kernel-spec 9.6', () => {
    const work = noWork();
    const set = createNumberedSet('xarray', work, addresses);
    expect(workOf(set, work, () => set.insert(2, 1))).toEqual({ ...noWork(), allocated: 11 });
    // Key 4 lies in the same page, key 1 in the next one: a leaf; a level-1 node and a leaf.
    expect(workOf(set, work, () => set.insert(4, 2))).toEqual({ ...noWork(), levels: 11, allocated: 1 });
    expect(workOf(set, work, () => set.insert(1, 3))).toEqual({ ...noWork(), levels: 11, allocated: 2 });
    expect(workOf(set, work, () => set.find(4))).toEqual({ ...noWork(), levels: 11 });
    expect(workOf(set, work, () => set.erase(1))).toEqual({ ...noWork(), levels: 11, freed: 2 });
    expect([set.nodes, set.kernelBytes]).toEqual([12, 12 * 576]);
  });

  it('on an xarray indexed by pointer >> 6: neighbours share a leaf', () => {
    const work = noWork();
    const set = createNumberedSet('xarray', work, addresses, 'shifted');
    expect(workOf(set, work, () => set.insert(2, 1)).allocated).toBe(10);
    expect(workOf(set, work, () => set.insert(4, 2)).allocated).toBe(0);
  });

  it('on the leaner index: no node for a lone entry, a path of ten for a neighbour', () => {
    const work = noWork();
    const set = createNumberedSet('xarray', work, addresses, 'lean');
    expect(workOf(set, work, () => set.insert(2, 1))).toEqual(noWork());
    // Shifts 60 to 0: eleven nodes, all of one or two slots.
    expect(workOf(set, work, () => set.insert(4, 2))).toEqual({ ...noWork(), allocated: 11 });
    expect(workOf(set, work, () => set.find(4))).toEqual({ ...noWork(), levels: 11 });
    expect(workOf(set, work, () => set.erase(4))).toEqual({ ...noWork(), levels: 11, freed: 11 });
  });
});
