// An index in two halves against BigInt: every digit, every bit that it may reach, of indexes with few and with all bits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
    const expectDigits = (index: bigint): void => {
      for (const shift of shifts.slice(0, -1)) {
        const expected = Number((index >> BigInt(shift)) & 63n);
        expect([shift, digit(high(index), low(index), shift)]).toEqual([shift, expected]);
        expect([shift, digit(high(index) | 0, low(index) | 0, shift)]).toEqual([shift, expected]);
      }
    };
    for (const index of edges) expectDigits(index);
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), expectDigits));
  });

  it('reaches what the whole reaches, also where a node would be above all bits', () => {
    for (const index of edges)
      for (let shift = 0; shift <= 66; shift++)
        expect([index, shift, reaches(high(index), low(index), shift)]).toEqual([
          index,
          shift,
          index >> BigInt(shift) !== 0n,
        ]);
  });
});
