// Rows of small integers in as few bits as their values need.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packing } from '../../../../src/engine/explorer/store/packing.ts';

const WIDTH = 12;
const rows = fc.array(
  fc.array(fc.oneof(fc.nat(3), fc.nat(70), fc.nat(60_000)), { minLength: WIDTH, maxLength: WIDTH }),
  { minLength: 1, maxLength: 40 },
);

function packed(all: readonly number[][]): { packing: Packing; words: Int32Array[] } {
  const packing = new Packing(Uint16Array.from(all[0] as number[]));
  packing.widen();
  for (const row of all) packing.learn(Uint16Array.from(row));
  packing.widen();
  const words = all.map((row) => {
    const into = new Int32Array(packing.words);
    packing.pack(Uint16Array.from(row), into, 0);
    return into;
  });
  return { packing, words };
}

describe('packed rows', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { packing, words } = packed(all);
        const into = new Uint16Array(WIDTH);
        for (const [i, row] of all.entries()) {
          packing.unpack(words[i] as Int32Array, 0, into);
          expect([...into]).toEqual(row);
        }
      }),
    );
  });

  it('of thousands of columns have room for a second value of each, without another layout', () => {
    const first = new Uint16Array(3000);
    const packing = new Packing(first);
    packing.widen();
    const second = Uint16Array.from(first, (_, column) => (column % 3 === 0 ? 7 : 0));
    expect(packing.learn(second)).toBe(true);
    const [words, into] = [new Int32Array(packing.words), new Uint16Array(3000)];
    packing.pack(second, words, 0);
    packing.unpack(words, 0, into);
    expect(into).toEqual(second);
  });

  it('have columns that share no bit and cross no word', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { packing } = packed(all);
        const used = new Int32Array(packing.words);
        for (let column = 0; column < WIDTH; column++) {
          const word = packing.word[column] as number;
          const bits = (packing.mask[column] as number) << (packing.shift[column] as number);
          expect((used[word] as number) & bits).toBe(0);
          expect(bits >>> (packing.shift[column] as number)).toBe(packing.mask[column]);
          used[word] = (used[word] as number) | bits;
        }
      }),
    );
  });
});

it('gives bits that are left over to the columns with most values, and none to those that never change', () => {
  const values = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const packing = new Packing(Uint16Array.from([0, 0, 0]));
  packing.widen();
  for (const value of values(256)) packing.learn(Uint16Array.from([value, value % 4, 0]));
  packing.widen();
  expect(packing.words).toBe(1);
  expect([...packing.mask]).toEqual([511, 7, 0]);
  // One more value of each fits without a new layout.
  expect(packing.learn(Uint16Array.from([256, 4, 0]))).toBe(true);
  expect(packing.learn(Uint16Array.from([0, 0, 1]))).toBe(false);
});

it('needs no more words for bits that are left over', () => {
  const packing = new Packing(Uint16Array.from([0, 0]));
  packing.widen();
  for (let value = 0; value < 65_536; value++) packing.learn(Uint16Array.from([value, value]));
  packing.widen();
  expect([packing.words, ...packing.mask]).toEqual([1, 0xffff, 0xffff]);
});
