// The xarray against a Map and a set of node names, and the node counts of kernel-spec 9.6 as exact examples.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../src/machines/kernel/call.ts';
import type { Mark } from '../../../src/registry/structures/xarray.ts';
import { XArray, xaMkValue, xaToValue } from '../../../src/registry/structures/xarray.ts';
import type { AllocationFaults } from '../../../src/registry/structures/xarray-nodes.ts';
import { NODE_BYTES, XArrayNodes } from '../../../src/registry/structures/xarray-nodes.ts';
import type { Held, Token } from './xarray-invariants.ts';
import { inspect, MARKS, namesOnAllLevels, Reference } from './xarray-invariants.ts';
import { isQuick } from '../../sample.ts';

const { EBUSY, EINVAL, ENOMEM } = errno;
const LAST = (1n << 64n) - 1n;
const BASE = 0xffff_8880_0000_0000n;
const GIB = 1n << 30n;
const tokens: readonly Token[] = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
const [A, B, C, D] = tokens as readonly [Token, Token, Token, Token];

type Step = fc.Command<Reference, XArray<Token>>;
/** What happened in the runs: a property that never meets a failing allocation proves little. */
const seen = new Set<string>();

function compare(model: Reference, array: XArray<Token>): void {
  const { nodes, empty, problems } = inspect(array, { emptyNodes: model.failed });
  expect(problems).toEqual([]);
  expect(nodes).toEqual([...model.nodes.keys()].sort());
  expect(array.nodes.peak).toBe(model.peak);
  expect(array.isEmpty()).toBe(model.slots.size === 0 && model.nodes.size === 0);
  expect([...array.forEach()]).toEqual(model.present().map((index) => [index, model.load(index)]));
  for (const index of model.pool) {
    expect(array.load(index)).toBe(model.load(index));
    const marks = MARKS.filter((mark) => array.getMark(index, mark));
    expect(marks).toEqual(MARKS.filter((mark) => model.slots.get(index)?.marks.has(mark)));
  }
  for (const mark of MARKS) {
    expect(array.marked(mark)).toBe([...model.slots.values()].some((slot) => slot.marks.has(mark)));
  }
  if (empty > 0) seen.add('empty node');
  if (model.top >= 0 && model.top < 60) seen.add('low tree');
}

/** One step: the same operation on both, the same answer, and the same state afterwards. */
function step(
  text: string,
  faults: AllocationFaults,
  act: (on: Reference, array: XArray<Token>) => readonly [unknown, unknown],
): Step {
  return {
    check: () => true,
    run(model, array) {
      const before = model.nodes.size;
      array.nodes.faults = faults;
      const [actual, expected] = act(model, array);
      expect(actual).toEqual(expected);
      if (typeof expected === 'number' && expected < 0) seen.add(`${text.slice(0, 5)} ${expected}`);
      if (before > 0 && model.nodes.size === 0 && model.slots.size === 1) seen.add('shrunk to a plain entry');
      compare(model, array);
    },
    toString: () => `${text} faults ${JSON.stringify(faults)}`,
  };
}

const show = (entry: Held | null): string =>
  entry === null ? 'null' : typeof entry === 'bigint' ? `${entry}n` : entry.name;
const near = (power: number, delta: bigint): bigint => BigInt.asUintN(64, 64n ** BigInt(power) + delta);
const slab = (page: number, slot: number): bigint => BASE + 4096n * BigInt(page) + 64n * BigInt(slot);

const indexes = fc.oneof(
  { arbitrary: fc.bigInt({ min: 0n, max: 130n }), weight: 4 },
  {
    arbitrary: fc.tuple(fc.constantFrom(0, 1, 63, 64, 1 << 20), fc.nat({ max: 63 })).map(([p, s]) => slab(p, s)),
    weight: 4,
  },
  { arbitrary: fc.constantFrom(0n, LAST), weight: 2 },
  {
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 10 }), fc.constantFrom(-1n, 0n, 1n)).map(([p, d]) => near(p, d)),
    weight: 2,
  },
  { arbitrary: fc.bigInt({ min: 0n, max: LAST }), weight: 1 },
);
const place = fc.nat({ max: 15 });
const beside = fc.constantFrom(-1n, 0n, 1n);
const mark = fc.constantFrom<Mark>(0, 1, 2);
const values = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(xaMkValue);
const pointers = fc.bigInt({ min: 1n, max: (1n << 62n) - 1n }).map((word) => word << 2n);
const refused = fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }).map((word) => (word << 2n) | 2n);
const entry: fc.Arbitrary<Held | null> = fc.oneof(
  { arbitrary: fc.constantFrom(...tokens), weight: 8 },
  { arbitrary: values, weight: 4 },
  { arbitrary: pointers, weight: 1 },
  { arbitrary: fc.constant(null), weight: 2 },
  { arbitrary: refused, weight: 1 },
);
const faults: fc.Arbitrary<AllocationFaults> = fc.oneof(
  { arbitrary: fc.constant<AllocationFaults>('none'), weight: 6 },
  { arbitrary: fc.constantFrom<AllocationFaults>('all', 'first'), weight: 2 },
  { arbitrary: fc.integer({ min: 1, max: 20 }).map((k) => [k, k + 1]), weight: 2 },
  { arbitrary: fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 6 }), weight: 1 },
);
/** What cmpxchg expects: what is there, nothing, or something. */
const expectation = fc.oneof(fc.constant('current' as const), fc.constantFrom(null, ...tokens));

const steps: readonly fc.Arbitrary<Step>[] = [
  fc
    .tuple(place, entry, faults)
    .map(([p, e, f]) =>
      step(`store(#${p}, ${show(e)})`, f, (model, array) => [
        array.store(model.at(p), e),
        model.store(model.at(p), e, f),
      ]),
    ),
  fc
    .tuple(place, entry, faults)
    .map(([p, e, f]) =>
      step(`insert(#${p}, ${show(e)})`, f, (model, array) => [
        array.insert(model.at(p), e),
        model.insert(model.at(p), e, f),
      ]),
    ),
  fc.tuple(place, expectation, entry, faults).map(([p, o, e, f]) =>
    step(`cmpxchg(#${p}, ${o === 'current' ? o : show(o)}, ${show(e)})`, f, (model, array) => {
      const index = model.at(p);
      const old = o === 'current' ? model.load(index) : o;
      return [array.cmpxchg(index, old, e), model.cmpxchg(index, old, e, f)];
    }),
  ),
  fc
    .tuple(place, faults)
    .map(([p, f]) => step(`erase(#${p})`, f, (model, array) => [array.erase(model.at(p)), model.erase(model.at(p))])),
  fc.tuple(place, beside, place, fc.option(mark, { nil: undefined })).map(([p, d, q, m]) =>
    step(`find(#${p} + ${d}, #${q}, ${m})`, 'all', (model, array) => {
      const [from, last] = [BigInt.asUintN(64, model.at(p) + d), model.at(q)];
      const index = model.present(m).find((i) => i >= from && i <= last);
      return [array.find(from, last, m), index === undefined ? null : { index, entry: model.load(index) }];
    }),
  ),
  fc.tuple(place, beside).map(([p, d]) =>
    step(`forEach(#${p} + ${d})`, 'all', (model, array) => {
      const from = BigInt.asUintN(64, model.at(p) + d);
      return [[...array.forEach(from)].map(([index]) => index), model.present().filter((index) => index >= from)];
    }),
  ),
  fc.tuple(place, mark, fc.boolean()).map(([p, m, isSet]) =>
    step(`${isSet ? 'set' : 'clear'}Mark(#${p}, ${m})`, 'all', (model, array) => {
      const marks = model.slots.get(model.at(p))?.marks;
      if (isSet) {
        marks?.add(m);
        array.setMark(model.at(p), m);
      } else {
        marks?.delete(m);
        array.clearMark(model.at(p), m);
      }
      return [array.getMark(model.at(p), m), isSet && marks !== undefined];
    }),
  ),
  fc.nat({ max: 5 }).map((rarely) =>
    step(rarely === 0 ? 'destroy()' : 'marked()', 'all', (model, array) => {
      if (rarely === 0) {
        array.destroy();
        model.destroy();
      }
      return [array.nodes.live, model.nodes.size];
    }),
  ),
];

/** An array with the same token at each index. */
function filled(keys: Iterable<bigint>, storage = new XArrayNodes()): XArray<Token> {
  const array = new XArray<Token>(storage);
  for (const key of keys) expect(array.insert(key, A)).toBe(0);
  expect(inspect(array).problems).toEqual([]);
  return array;
}

describe('every sequence of operations', () => {
  // Where mutants are judged there is time for a few at once.
  it.each(isQuick ? [1, 2, 3, 4, 5, 6, 7, 8] : [0])(
    'answers and builds what the kernel does, failing allocations included (%i)',
    (seed) => {
      const pools = fc.uniqueArray(indexes, { minLength: 1, maxLength: 16, size: 'max' });
      const sequences = fc.commands([...steps], { maxCommands: 60, size: 'max' });
      fc.assert(
        fc.property(pools, sequences, (pool, sequence) => {
          fc.modelRun(() => ({ model: new Reference(pool), real: new XArray<Token>(new XArrayNodes(2)) }), sequence);
        }),
        isQuick ? { numRuns: 4, seed } : { numRuns: 300 },
      );
      if (isQuick) return;
      const errors = ['store -12', 'store -22', 'inser -12', 'inser -16', 'inser -22', 'cmpxc -12', 'cmpxc -22'];
      for (const what of [...errors, 'empty node', 'low tree', 'shrunk to a plain entry']) expect(seen).toContain(what);
    },
  );

  it('takes an index in two halves as well', () => {
    fc.assert(
      fc.property(fc.uniqueArray(indexes, { maxLength: 8 }), (keys) => {
        const array = filled(keys);
        for (const key of keys) {
          const [hi, lo] = [Number(key >> 32n), Number(key & 0xffff_ffffn)];
          expect([array.loadAt(hi, lo), array.insertAt(hi, lo, B), array.eraseAt(hi, lo)]).toEqual([A, -EBUSY, A]);
          expect([array.loadAt(hi, lo), array.eraseAt(hi, lo), array.load(key)]).toEqual([null, null, null]);
          expect([array.holds(B), array.storeAt(hi, lo, B), array.holds(B)]).toEqual([false, null, true]);
          expect([array.storeAt(hi, lo, null), array.holds(B)]).toEqual([B, false]);
        }
        expect([array.isEmpty(), array.nodes.live]).toEqual([true, 0]);
      }),
    );
  });
});

describe('nodes', () => {
  it.each<[string, number, readonly bigint[]]>([
    ['one kernel pointer', 11, [BASE]],
    ['two in one page', 12, [BASE, BASE + 64n]],
    ['two, 1 GiB apart', 16, [BASE, BASE + GIB]],
    ['two, 63 GiB apart', 16, [BASE, BASE + 63n * GIB]],
    ['1000 in packed slabs', 1025, Array.from({ length: 1000 }, (_, n) => slab(0, n))],
    ['only index 0', 0, [0n]],
    ['only index 1', 1, [1n]],
    ['the last index of one node', 1, [63n]],
    ['the first index of two levels', 2, [64n]],
    ['the last index', 11, [LAST]],
  ])('%s: %i', (_, count, keys) => {
    const array = filled(keys);
    expect([array.nodes.live, array.nodes.bytes]).toEqual([count, count * NODE_BYTES]);
    expect(array.nodes.attempts).toBeLessThanOrEqual(11);
    for (const key of keys) array.erase(key);
    expect([array.nodes.live, array.isEmpty(), array.nodes.peak]).toEqual([0, true, count]);
  });

  it('are the distinct prefixes of kernel pointers', () => {
    const keys = fc.uniqueArray(
      fc.tuple(fc.nat({ max: 1 << 26 }), fc.nat({ max: 63 })).map(([p, s]) => slab(p, s)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(keys, (pointers) => {
        expect(inspect(filled(pointers)).nodes).toEqual(namesOnAllLevels(pointers));
      }),
    );
  });

  it('shrink away when only index 0 is left', () => {
    const array = filled([0n, BASE]);
    expect(array.nodes.live).toBe(21);
    expect(array.erase(BASE)).toBe(A);
    expect([array.nodes.live, array.top, array.load(0n), array.isEmpty()]).toEqual([0, 0, A, false]);
  });

  it('of two arrays are counted together', () => {
    const storage = new XArrayNodes(4);
    const [one, two] = [filled([BASE], storage), new XArray<Token>(storage)];
    two.store(64n, B);
    expect(storage.live).toBe(13);
    one.destroy();
    expect([storage.live, storage.peak, two.load(64n)]).toEqual([2, 13, B]);
    for (const array of [one, two]) expect(inspect(array, { alone: false }).problems).toEqual([]);
  });
});

describe('failing allocations on an empty array', () => {
  it.each<[AllocationFaults, number, number, number]>([
    ['none', 0, 11, 11],
    ['first', 0, 11, 22],
    [[2], 0, 11, 12],
    [[5, 6], -ENOMEM, 4, 6],
    [[1, 2], -ENOMEM, 0, 2],
    [[11, 12], -ENOMEM, 10, 12],
    ['all', -ENOMEM, 0, 2],
  ])('%j: %i, %i nodes after %i attempts', (failing, answer, live, attempts) => {
    const array = new XArray<Token>();
    array.nodes.faults = failing;
    expect(array.insert(BASE, A)).toBe(answer);
    expect([array.nodes.live, array.nodes.attempts, array.load(BASE)]).toEqual([
      live,
      attempts,
      answer === 0 ? A : null,
    ]);
    expect(inspect(array, { emptyNodes: answer !== 0 }).problems).toEqual([]);
    array.destroy();
    expect([array.nodes.live, array.isEmpty()]).toEqual([0, true]);
  });

  it('do not matter to index 0', () => {
    const array = new XArray<Token>();
    array.nodes.faults = 'all';
    expect([array.store(0n, A), array.store(0n, B), array.cmpxchg(0n, B, C), array.erase(0n)]).toEqual([null, A, B, C]);
  });
});

describe('reservations', () => {
  it('are busy for insert, NULL for load, and given up by erase', () => {
    const array = new XArray<Token>();
    expect([array.insert(BASE, null), array.load(BASE), array.insert(BASE, A), array.isEmpty()]).toEqual([
      0,
      null,
      -EBUSY,
      false,
    ]);
    expect([...array.forEach()]).toEqual([]);
    expect([array.erase(BASE), array.isEmpty(), array.nodes.live]).toEqual([null, true, 0]);
    expect([array.insert(BASE, null), array.store(BASE, D), array.load(BASE)]).toEqual([0, null, D]);
  });

  it('are not NULL for cmpxchg (lib/test_xarray.c, check_reserve)', () => {
    const array = new XArray<Token>();
    array.insert(BASE, null);
    expect([array.cmpxchg(BASE, null, A), array.load(BASE)]).toEqual([null, null]);
    expect([array.cmpxchg(BASE, null, null), array.insert(BASE, A)]).toEqual([null, -EBUSY]);
  });

  it('of index 0 take a node (xas_store: allow_root = !xa_is_zero)', () => {
    const array = new XArray<Token>();
    expect([array.insert(0n, null), array.nodes.live]).toEqual([0, 1]);
  });
});

describe('entries', () => {
  it('that look internal are refused, even where cmpxchg would not store', () => {
    const array = filled([BASE]);
    expect([array.store(BASE, 2n), array.insert(BASE, 1026n), array.cmpxchg(BASE, A, 2n)]).toEqual([
      -EINVAL,
      -EINVAL,
      -EINVAL,
    ]);
    expect(array.cmpxchg(BASE, B, 2n)).toBe(-EINVAL);
    expect(array.load(BASE)).toBe(A);
  });

  it('are integers up to LONG_MAX', () => {
    fc.assert(fc.property(values, (word) => xaMkValue(xaToValue(word)) === word && (word & 1n) === 1n));
    for (const value of [-1n, 1n << 63n]) expect(() => xaMkValue(value)).toThrow(RangeError);
  });
});
