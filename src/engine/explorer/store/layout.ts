// Where the columns of a row are in the words of a packed row.

/** Positions of columns: word, shift and mask. A column that never changes has mask 0. */
export class Layout {
  /** Number of 32-bit words of a packed row. */
  words = 1;
  /** Counts how often positions were changed. */
  version = 0;
  readonly width: number;
  readonly word: Int32Array;
  readonly shift: Int32Array;
  readonly mask: Int32Array;

  constructor(width: number) {
    this.width = width;
    this.word = new Int32Array(width);
    this.shift = new Int32Array(width);
    this.mask = new Int32Array(width);
  }

  /** The same positions, elsewhere. */
  take({ words, word, shift, mask }: Pick<Layout, 'words' | 'word' | 'shift' | 'mask'>): void {
    this.version += 1;
    this.words = words;
    this.word.set(word);
    this.shift.set(shift);
    this.mask.set(mask);
  }

  /** Where a column is, as one number: see `decision-table.ts`. A column has fewer bits than a word. */
  place(column: number): number {
    const bits = 32 - Math.clz32(this.mask[column] as number);
    return ((this.word[column] as number) << 10) | ((this.shift[column] as number) << 5) | bits;
  }

  /** The code of a column in a packed row that starts at `base`. */
  read(words: Int32Array, base: number, column: number): number {
    return (
      ((words[base + (this.word[column] as number)] as number) >>> (this.shift[column] as number)) &
      (this.mask[column] as number)
    );
  }

  /** Writes a code into a packed row. */
  write(words: Int32Array, base: number, column: number, code: number): void {
    const at = base + (this.word[column] as number);
    const shift = this.shift[column] as number;
    words[at] = ((words[at] as number) & ~((this.mask[column] as number) << shift)) | (code << shift);
  }
}
