// The leaner index against a Map, and its memory where an xarray needs a leaf for each entry.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeanArray } from '../../src/scale/lean-array.ts';
import { KeyLayout } from '../../src/scale/layouts.ts';

interface Token {
  readonly name: number;
}

const halves = (index: bigint): readonly [number, number] => [
  Number((index >> 32n) & 0xffff_ffffn),
  Number(index & 0xffff_ffffn),
];
const near = [0n, 1n, 2n, 63n, 64n, 65n, 4096n, (1n << 64n) - 1n, 1n << 63n, 1n << 58n];
const indexes = fc.oneof(
  { arbitrary: fc.constantFrom(...near), weight: 3 },
  { arbitrary: fc.bigInt({ min: 0n, max: 200n }), weight: 3 },
  { arbitrary: fc.bigInt({ min: 0n, max: 200n }).map((n) => 0x3ff_ffe2_0400_0000n + n * 64n), weight: 2 },
  { arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), weight: 1 },
);
const steps = fc.array(fc.record({ index: indexes, inserts: fc.boolean() }), { maxLength: 300, size: 'max' });

describe('a lean array', () => {
  it('holds what a Map holds after every operation, and nothing after all are erased', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const array = new LeanArray<Token>();
        const model = new Map<bigint, Token>();
        for (const [name, { index, inserts }] of sequence.entries()) {
          const [hi, lo] = halves(index);
          if (inserts) {
            const token = { name };
            expect(array.insertAt(hi, lo, token)).toBe(model.has(index) ? -16 : 0);
            if (!model.has(index)) model.set(index, token);
          } else {
            expect(array.eraseAt(hi, lo)).toBe(model.get(index) ?? null);
            model.delete(index);
          }
          expect(array.size).toBe(model.size);
          // An expect() each would take a hundred times as long as what it is about.
          const wrong = [...near, ...model.keys()].filter(
            (key) => array.loadAt(...halves(key)) !== (model.get(key) ?? null),
          );
          expect(wrong).toEqual([]);
        }
        for (const [index, token] of model) expect(array.eraseAt(...halves(index))).toBe(token);
        expect([array.size, array.nodes, array.slots, array.kernelBytes]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('has no node for one entry, and one for two that differ in the first digit', () => {
    const array = new LeanArray<Token>();
    array.insertAt(0, 5, { name: 1 });
    expect([array.nodes, array.kernelBytes]).toEqual([0, 0]);
    array.insertAt(0xf000_0000, 5, { name: 2 });
    expect([array.nodes, array.kernelBytes]).toEqual([1, 16 + 2 * 8]);
    // The third differs from the first in the last digit only: a path of ten more nodes.
    array.insertAt(0, 6, { name: 3 });
    expect(array.nodes).toBe(11);
    array.eraseAt(0, 6);
    expect([array.nodes, array.loadAt(0, 5)?.name]).toEqual([1, 1]);
  });

  it.each(['dense', 'pages', 'scattered'] as const)('needs at most 64 bytes an entry where contexts lie %s', (name) => {
    const layout = new KeyLayout(name, 1);
    const array = new LeanArray<Token>();
    const count = 174_000;
    let inserted = 0;
    for (let i = 0; i < count; i++) {
      const slot = layout.slot(i);
      const [high, low] = [KeyLayout.high(slot), KeyLayout.low(slot)];
      if (array.insertAt(high >>> 6, (low >>> 6) | (high << 26), { name: i }) === 0) inserted++;
    }
    expect(inserted).toBe(count);
    expect(array.kernelBytes / count).toBeLessThan(64);
    expect(array.processBytes / count).toBeLessThan(64);
  });
});
