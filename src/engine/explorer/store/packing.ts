// How a row is packed: each column gets as many bits as its reachable values need, numbered in order of appearance.
//
// A column that never changes takes no bits (in a world of many columns, one). Where a column outgrows its bits the layout is
// made anew; whoever holds packed rows then repacks them (`StateTable.relayout`).
import { Layout } from './layout.ts';

/**
 * In a world of more columns every column has room for another value from the start: a word more costs less than to look at all
 * columns each time that one of them gets its second value.
 */
const MANY_COLUMNS = 1024;

/** Positions of columns in the words of a packed row, as they are now. */
export class Packing extends Layout {
  readonly #bits: Uint8Array;
  /** Raw value to code and back, by column. */
  readonly #codes: Int32Array[];
  readonly #raws: number[][];
  /** How many values all columns together have had. */
  values = 0;

  /** `initial` is the first row; its values get code 0. */
  constructor(initial: Uint16Array) {
    super(initial.length);
    this.#bits = new Uint8Array(this.width);
    this.#codes = Array.from(initial, () => new Int32Array(0));
    this.#raws = Array.from(initial, () => []);
    for (const [column, raw] of initial.entries()) this.code(column, raw);
  }

  /** The code of a raw value in a column; a new one where it has none. The caller checks `fits` before it packs. */
  code(column: number, raw: number): number {
    let codes = this.#codes[column] as Int32Array;
    if (raw >= codes.length) {
      const grown = new Int32Array(Math.max(16, raw + 1, codes.length * 2)).fill(-1);
      grown.set(codes);
      codes = grown;
      this.#codes[column] = codes;
    }
    let code = codes[raw] as number;
    if (code < 0) {
      const raws = this.#raws[column] as number[];
      code = raws.push(raw) - 1;
      this.values += 1;
      codes[raw] = code;
    }
    return code;
  }

  /** The raw value of a code. */
  raw(column: number, code: number): number {
    const raw = this.#raws[column]?.[code];
    if (raw === undefined) throw new RangeError(`column ${column} has no value ${code}`);
    return raw;
  }

  /** How many values a column has had so far. */
  cardinality(column: number): number {
    return this.#raws[column]?.length ?? 0;
  }

  /** Does every column have room for all its values? If not, `widen`. */
  fits(column: number): boolean {
    return this.cardinality(column) <= 1 << (this.#bits[column] as number);
  }

  /** Makes positions anew, with room for all values of all columns. */
  widen(): void {
    for (let column = 0; column < this.width; column++) {
      const least = 32 - Math.clz32(Math.max(this.cardinality(column) - 1, 0));
      this.#bits[column] = this.width > MANY_COLUMNS ? least + 1 : least;
    }
    const words = this.#place();
    if (this.width > MANY_COLUMNS) {
      this.words = words;
      this.version += 1;
      return;
    }
    // Bits that are left over go to columns with many values, which may have more of them: a larger layout later means to
    // repack every state.
    const byValues = Array.from({ length: this.width }, (_, column) => column)
      .filter((column) => this.cardinality(column) > 1)
      .toSorted((one, other) => this.cardinality(other) - this.cardinality(one));
    for (const column of byValues) {
      const bits = this.#bits[column] as number;
      this.#bits[column] = bits + 1;
      if (this.#place() > words) this.#bits[column] = bits;
    }
    this.words = this.#place();
    this.version += 1;
  }

  /** Places columns of so many bits, one after the other. Answers how many words that takes. */
  #place(): number {
    let word = 0;
    let used = 0;
    for (let column = 0; column < this.width; column++) {
      const bits = this.#bits[column] as number;
      // No column crosses words: reading one stays a shift and a mask.
      if (used + bits > 32) {
        word += 1;
        used = 0;
      }
      this.word[column] = word;
      this.shift[column] = used & 31;
      this.mask[column] = (1 << bits) - 1;
      used += bits;
    }
    return word + 1;
  }

  /** Gives every value of a row a code. Answers false when one of them does not fit: then `widen` before packing it. */
  learn(row: Uint16Array): boolean {
    let fits = true;
    for (let column = 0; column < row.length; column++) {
      this.code(column, row[column] as number);
      fits &&= this.fits(column);
    }
    return fits;
  }

  /** Is there room for this row as it is, whatever other values there are? */
  hasRoomFor(row: Uint16Array): boolean {
    for (let column = 0; column < row.length; column++) {
      const code = this.code(column, row[column] as number);
      if ((code & ~(this.mask[column] as number)) !== 0) return false;
    }
    return true;
  }

  /** Packs a row whose values all fit. */
  pack(row: Uint16Array, words: Int32Array, base: number): void {
    words.fill(0, base, base + this.words);
    for (let column = 0; column < row.length; column++) {
      const code = this.code(column, row[column] as number);
      if (code !== 0) this.write(words, base, column, code);
    }
  }

  /** Packs a row, unless one of its values does not fit: it has a code then, and `widen` makes room. */
  packIfItFits(row: Uint16Array, words: Int32Array, base: number): boolean {
    for (let word = 0; word < this.words; word++) words[base + word] = 0;
    let fits = true;
    for (let column = 0; column < row.length; column++) {
      const code = this.code(column, row[column] as number);
      if (code === 0) continue;
      if (code > (this.mask[column] as number)) fits = false;
      else this.write(words, base, column, code);
    }
    return fits;
  }

  /** The values of a packed row. */
  unpack(words: Int32Array, base: number, into: Uint16Array): void {
    for (let column = 0; column < this.width; column++) {
      const raw = (this.#raws[column] as number[])[this.read(words, base, column)];
      if (raw === undefined) throw new RangeError(`column ${column} has a code without a value`);
      into[column] = raw;
    }
  }

  /** Values of all columns by code, for a checkpoint. */
  get dictionary(): readonly (readonly number[])[] {
    return this.#raws;
  }

  /** Where a column is: word, shift, mask. */
  position(column: number): [number, number, number] {
    return [this.word[column] as number, this.shift[column] as number, this.mask[column] as number];
  }

  /** Takes over values and positions of a search that goes on. */
  adopt(
    dictionary: readonly (readonly number[])[],
    layout: readonly (readonly [number, number, number])[],
    words: number,
  ): void {
    for (const [column, raws] of dictionary.entries()) for (const raw of raws) this.code(column, raw);
    for (const [column, [word, shift, mask]] of layout.entries()) {
      this.word[column] = word;
      this.shift[column] = shift;
      this.mask[column] = mask;
      this.#bits[column] = mask === 0 ? 0 : 32 - Math.clz32(mask);
    }
    this.words = words;
    this.version += 1;
  }
}
