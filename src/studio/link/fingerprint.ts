// A hash for names and models that links carry: short.
import { textHash } from '../../engine/text-hash.ts';

/** Bits of the second half that a number has room for. */
const HIGH_BITS = 0x1f_ffff;

/**
 * A number of 53 bits out of a text.
 *
 * @param text - any text
 * @returns a whole number from 0 to 2^53 - 1, the same everywhere
 */
export function fingerprint(text: string): number {
  const [low, high] = textHash(text);
  return 2 ** 32 * (HIGH_BITS & high) + low;
}

/** The same in nine characters of letters and digits. */
export function fingerprintText(text: string): string {
  return fingerprint(text).toString(36).padStart(11, '0').slice(-9);
}
