// A hash for names and models that links carry: short, the same in node and in a browser, at once (crypto.subtle makes one wait).
//
// cyrb53 (bryc, public domain): 53 bits. It tells models apart; it protects nothing.

/**
 * A number of 53 bits out of a text.
 *
 * @param text - any text
 * @returns a whole number from 0 to 2^53 - 1, the same everywhere
 */
export function fingerprint(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 2 ** 32 * (2_097_151 & low) + (high >>> 0);
}

/** The same in nine characters of letters and digits. */
export function fingerprintText(text: string): string {
  return fingerprint(text).toString(36).padStart(11, '0').slice(-9);
}
