// How images under one permutation are packed: bits of words that stay, and what each value that moves sets.
import type { Layout } from '../store/layout.ts';

/** No bits: of an image that is not known, of one that has no room. A column has fewer than 31 bits, so these are no stamps. */
export const UNKNOWN = -1;
export const TOO_WIDE = -2;

/** A plan for one version of a layout. */
export class ImagePlan {
  readonly keep: Int32Array;
  /** Columns of one slot that move or whose values are renamed. */
  readonly columns: Int32Array;
  /** First columns of channels with several slots. */
  readonly channels: Int32Array;
  /** Bits that images set, by column and the code where it comes from; where those of a column begin. */
  readonly stamps: Int32Array;
  readonly first: Int32Array;
  readonly fromWord: Int32Array;
  readonly fromShift: Int32Array;
  readonly fromMask: Int32Array;
  readonly word: Int32Array;
  readonly #layout: Layout;

  /**
   * @param layout - as it is now
   * @param columns - columns of one slot that are made anew
   * @param channels - first columns of channels that are
   * @param slots - of each channel, by its first column
   * @param from - where a column of an image comes from
   */
  constructor(
    layout: Layout,
    columns: Int32Array,
    channels: Int32Array,
    slots: Int32Array,
    from: (column: number) => number,
  ) {
    this.#layout = layout;
    this.columns = columns;
    this.channels = channels;
    this.keep = new Int32Array(layout.words).fill(-1);
    for (const column of columns) this.#drop(column);
    for (const start of channels) for (let slot = 0; slot < (slots[start] as number); slot++) this.#drop(start + slot);
    const { length } = columns;
    this.fromWord = new Int32Array(length);
    this.fromShift = new Int32Array(length);
    this.fromMask = new Int32Array(length);
    this.word = new Int32Array(length);
    this.first = new Int32Array(length);
    let size = 0;
    for (let i = 0; i < length; i++) {
      const column = columns[i] as number;
      const source = from(column);
      this.fromWord[i] = layout.word[source] as number;
      this.fromShift[i] = layout.shift[source] as number;
      this.fromMask[i] = layout.mask[source] as number;
      this.word[i] = layout.word[column] as number;
      this.first[i] = size;
      size += (layout.mask[source] as number) + 1;
    }
    this.stamps = new Int32Array(size).fill(UNKNOWN);
  }

  /** Remembers the code that a value becomes. Answers the bits that it sets; TOO_WIDE. */
  learn(i: number, code: number, image: number): number {
    const { mask, shift } = this.#layout;
    const column = this.columns[i] as number;
    const stamp = image > (mask[column] as number) ? TOO_WIDE : image << (shift[column] as number);
    this.stamps[(this.first[i] as number) + code] = stamp;
    return stamp;
  }

  #drop(column: number): void {
    const { word, shift, mask } = this.#layout;
    const at = word[column] as number;
    this.keep[at] = (this.keep[at] as number) & ~((mask[column] as number) << (shift[column] as number));
  }
}
