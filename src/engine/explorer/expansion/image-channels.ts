// Channels of several slots in images of rows: messages are renamed, then put in order of their content.
import type { LeastImage } from '../reductions/least-image.ts';
import type { Permutation } from '../reductions/row-renaming.ts';
import { sortChannel } from '../reductions/row-renaming.ts';
import type { Packing } from '../store/packing.ts';
import { AGAIN, PACKED } from './lookups.ts';

/** Makes channels of images, one at a time. */
export class ImageChannels {
  readonly #least: LeastImage;
  readonly #packing: Packing;
  readonly #messages: Uint16Array;
  readonly #lowest: Uint16Array;

  constructor(least: LeastImage, packing: Packing) {
    this.#least = least;
    this.#packing = packing;
    const slots = Math.max(...least.slots);
    this.#messages = new Uint16Array(slots);
    this.#lowest = new Uint16Array(slots);
  }

  /**
   * Leaves those permutations open under which a channel is least.
   *
   * @param column - where the channel begins
   * @param open - numbers of permutations, the first `count` of it
   * @returns how many are left
   */
  least(words: Int32Array, base: number, column: number, open: Int32Array, count: number): number {
    const lowest = this.#lowest;
    const slots = this.#least.slots[column] as number;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const g = open[k] as number;
      this.#fill(words, base, g, column);
      let slot = k === 0 ? slots : 0;
      while (slot < slots && this.#messages[slot] === lowest[slot]) slot += 1;
      const isLess = k === 0 || (slot < slots && (this.#messages[slot] as number) < (lowest[slot] as number));
      if (!isLess && slot < slots) continue;
      if (isLess) {
        kept = 0;
        lowest.set(this.#messages);
      }
      open[kept++] = g;
    }
    return kept;
  }

  /** Packs a channel of an image. Answers AGAIN where a message has no room. */
  pack(words: Int32Array, base: number, g: number, column: number, into: Int32Array, to: number): number {
    const packing = this.#packing;
    this.#fill(words, base, g, column);
    let packed = PACKED;
    for (let slot = 0; slot < (this.#least.slots[column] as number); slot++) {
      const code = packing.code(column + slot, this.#messages[slot] as number);
      if (code > (packing.mask[column + slot] as number)) packed = AGAIN;
      else packing.write(into, to, column + slot, code);
    }
    return packed;
  }

  /** The messages of a channel of an image, in their order. */
  #fill(words: Int32Array, base: number, g: number, column: number): void {
    const { slots, rows, images } = this.#least;
    const first = this.#least.from(g, column);
    const count = slots[column] as number;
    this.#messages.fill(0);
    for (let slot = 0; slot < count; slot++) {
      const raw = this.#packing.raw(first + slot, this.#packing.read(words, base, first + slot));
      if (raw === 0) break;
      this.#messages[slot] = rows.rename(images[g] as Permutation, first + slot, raw);
    }
    sortChannel(rows.world, this.#messages, { start: 0, slots: count });
  }
}
