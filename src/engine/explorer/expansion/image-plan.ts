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
    const sources = columns.map(from);
    this.fromWord = sources.map((column) => layout.word[column] as number);
    this.fromShift = sources.map((column) => layout.shift[column] as number);
    this.fromMask = sources.map((column) => layout.mask[column] as number);
    this.word = columns.map((column) => layout.word[column] as number);
    let size = 0;
    this.first = this.fromMask.map((mask) => {
      const here = size;
      size += mask + 1;
      return here;
    });
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
