// An index in two halves against BigInt: every digit, every bit that it may reach, of indexes with few and with all bits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQuick } from '../../sample.ts';
import { digit, halvesOf, high, join, low, reaches } from '../../../src/registry/structures/index-halves.ts';

const BITS = 64;
/** Every bit alone, all below it, all from it on, and what an eventfd context looks like. */
const edges: readonly bigint[] = [
  0n,
  0xffff_8881_0000_0040n,
  ...Array.from({ length: BITS }, (_, bit) => 1n << BigInt(bit)).flatMap((bit) => [
    bit,
    bit - 1n,
    BigInt.asUintN(BITS, -bit),
  ]),
];
/** Shifts of the nodes of an xarray, and where its top ends: six bits a level. */
const shifts = Array.from({ length: 12 }, (_, level) => 6 * level);

describe('an index in two halves', () => {
  it('is joined to what was split, signed halves or not', () => {
    for (const index of edges) {
      expect([high(index), low(index)]).toEqual([Number(index >> 32n), Number(index & 0xffff_ffffn)]);
      const halves = halvesOf(index);
      expect(join(halves.high, halves.low)).toBe(index);
      expect(join(halves.high | 0, halves.low | 0)).toBe(index);
    }
  });

  it('has the digits of the whole', () => {
    const digits = (index: bigint, isSigned = false): readonly number[] => {
      const [hi, lo] = isSigned ? [high(index) | 0, low(index) | 0] : [high(index), low(index)];
      return shifts.slice(0, -1).map((shift) => digit(hi, lo, shift));
    };
    const expectDigits = (index: bigint): void => {
      const expected = shifts.slice(0, -1).map((shift) => Number((index >> BigInt(shift)) & 63n));
      expect([index, digits(index), digits(index, true)]).toEqual([index, expected, expected]);
    };
    for (const index of edges) expectDigits(index);
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), expectDigits), isQuick ? { seed: 1 } : {});
  });

  it('reaches what the whole reaches, also where a node would be above all bits', () => {
    const all = Array.from({ length: 67 }, (_, shift) => shift);
    for (const index of edges) {
      const reached = all.filter((shift) => reaches(high(index), low(index), shift));
      expect([index, reached]).toEqual([index, all.filter((shift) => index >> BigInt(shift) !== 0n)]);
    }
  });
});
