// A 64-bit index as two 32-bit halves, and its digits of six bits: what an index is inside, so that nothing makes a BigInt.

/** Upper and lower half of an index. */
export const high = (index: bigint): number => Number((index >> 32n) & 0xffff_ffffn);
export const low = (index: bigint): number => Number(index & 0xffff_ffffn);

/** An index split once, so that whoever uses it often makes no BigInt each time. Both halves are unsigned. */
export interface Halves {
  readonly high: number;
  readonly low: number;
}

/** Splits an index. Throws nothing; bits above 63 are dropped. */
export const halvesOf = (index: bigint): Halves => ({ high: high(index), low: low(index) });

/** The index of two halves, signed or unsigned. */
export const join = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

/** Six bits of an index, from a bit on that is a multiple of six. */
export function digit(hi: number, lo: number, shift: number): number {
  if (shift >= 32) return (hi >>> (shift - 32)) & 63;
  if (shift <= 26) return (lo >>> shift) & 63;
  return ((lo >>> shift) | (hi << (32 - shift))) & 63;
}

/** Are there bits of the index at or above this one? */
export function reaches(hi: number, lo: number, shift: number): boolean {
  if (shift >= 64) return false;
  return shift >= 32 ? hi >>> (shift - 32) !== 0 : hi !== 0 || lo >>> shift !== 0;
}
