// A hash for names of things that are made again elsewhere: links, pictures. The same in node and in a browser, and at once.
//
// cyrb53 (bryc, public domain), its 64 bits before they are cut. It tells texts apart; it protects nothing.

/**
 * Two numbers of 32 bits out of a text.
 *
 * @param text - any text
 * @returns whole numbers from 0 to 2^32 - 1, the same in every process, browser and release
 */
export function textHash(text: string): readonly [high: number, low: number] {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return [high >>> 0, low >>> 0];
}
