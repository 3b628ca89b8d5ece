// Least images of packed rows under few permutations: what becomes of a value is looked up by its code.
//
// The same code runs in the main thread, which learns what the tables do not know, and in worker threads, which leave the state.
import { ImagePlan, TOO_WIDE, UNKNOWN } from './image-plan.ts';
import type { CanonicalForm } from './lookups.ts';
import { AGAIN, LEFT, PACKED } from './lookups.ts';
import type { Layout } from '../store/layout.ts';

const NONE = new Int32Array(0);

/** Images of rows, as tables. `at` is the number of a permutation times the columns of a row, and a column of the image. */
export interface ImageTables {
  readonly permutations: number;
  /** Columns in the order in which images are compared, and slots of the channels that begin there (LeastImage). */
  readonly order: Int32Array;
  readonly slots: Int32Array;
  /** Where a column of an image comes from, by `at`. */
  readonly from: Int32Array;
  /** Columns of an image that may differ from the row's, by permutation. */
  readonly moving: readonly Int32Array[];
  /** The raw value in an image and its code, by `at`, then by the code where it comes from; -1 where they are not known. */
  readonly raws: readonly Int32Array[];
  readonly codes: readonly Int32Array[];
}

/** Looks up least images of one row after another. */
export abstract class FewImages implements CanonicalForm {
  protected readonly layout: Layout;
  protected tables: ImageTables;
  protected words: Int32Array = NONE;
  protected base = 0;
  protected readonly open: Int32Array;
  #chosen = 0;
  /** By permutation, for a version of the layout. */
  readonly #plans: ImagePlan[] = [];
  #planned = -1;

  constructor(layout: Layout, tables: ImageTables) {
    this.layout = layout;
    this.tables = tables;
    this.open = new Int32Array(tables.permutations);
  }

  find(words: Int32Array, base: number): number {
    this.words = words;
    this.base = base;
    const { order, slots, from, raws, permutations } = this.tables;
    const { word, shift, mask, width } = this.layout;
    const { open } = this;
    let count = permutations;
    for (let g = 0; g < count; g++) open[g] = g;
    for (let i = 0; i < order.length && count > 1; i++) {
      const column = order[i] as number;
      if ((slots[column] as number) > 1) {
        count = this.leastChannels(column, count);
        if (count === LEFT) return LEFT;
        continue;
      }
      let lowest = 0x7fff_ffff;
      let kept = 0;
      for (let k = 0; k < count; k++) {
        const g = open[k] as number;
        const at = g * width + column;
        const source = from[at] as number;
        const code =
          ((words[base + (word[source] as number)] as number) >>> (shift[source] as number)) & (mask[source] as number);
        const known = raws[at] as Int32Array;
        let raw = code < known.length ? (known[code] as number) : -1;
        if (raw < 0) raw = this.learnRaw(g, column, code);
        if (raw < 0) return LEFT;
        if (raw > lowest) continue;
        if (raw < lowest) kept = 0;
        lowest = raw;
        open[kept++] = g;
      }
      count = kept;
    }
    this.#chosen = open[0] as number;
    return this.#chosen;
  }

  packImage(into: Int32Array, base: number): number {
    const g = this.#chosen;
    if (this.#planned !== this.layout.version) this.#forgetPlans();
    const { words, layout } = this;
    const plan = (this.#plans[g] ??= this.#planFor(g));
    const { keep, columns, stamps, first, fromWord, fromShift, fromMask, word, channels } = plan;
    for (let i = 0; i < layout.words; i++) into[base + i] = (words[this.base + i] as number) & (keep[i] as number);
    let fits = true;
    for (let i = 0; i < columns.length; i++) {
      const code =
        ((words[this.base + (fromWord[i] as number)] as number) >>> (fromShift[i] as number)) & (fromMask[i] as number);
      let stamp = stamps[(first[i] as number) + code] as number;
      if (stamp === UNKNOWN) stamp = this.#stampOf(plan, g, i, code);
      if (stamp === UNKNOWN) return LEFT;
      if (stamp === TOO_WIDE) fits = false;
      const to = base + (word[i] as number);
      into[to] = (into[to] as number) | stamp;
    }
    for (const column of channels) {
      const packed = this.packChannel(g, column, into, base);
      if (packed === LEFT) return LEFT;
      fits &&= packed === PACKED;
    }
    return fits ? PACKED : this.noRoom();
  }

  /** The bits that the image of a value sets, remembered in a plan; UNKNOWN where the image is not known. */
  #stampOf(plan: ImagePlan, g: number, i: number, code: number): number {
    const column = plan.columns[i] as number;
    const known = this.tables.codes[g * this.layout.width + column] as Int32Array;
    let image = code < known.length ? (known[code] as number) : LEFT;
    if (image < 0) image = this.learnCode(g, column, code);
    return image < 0 ? UNKNOWN : plan.learn(i, code, image);
  }

  #forgetPlans(): void {
    this.#planned = this.layout.version;
    this.#plans.length = 0;
  }

  /** What is to be done for images under a permutation, as the layout is now. */
  #planFor(g: number): ImagePlan {
    const { layout } = this;
    const { moving, from, slots, codes } = this.tables;
    const all = moving[g] as Int32Array;
    const at = (column: number): number => g * layout.width + column;
    const has = (column: number): boolean => layout.mask[column] !== 0;
    // Where neither column changes, and the one value becomes the other, there is nothing to do.
    const columns = all.filter((column) => {
      if (slots[column] !== 1) return false;
      if (has(column) || has(from[at(column)] as number)) return true;
      return ((codes[at(column)] as Int32Array)[0] ?? this.learnCode(g, column, 0)) !== 0;
    });
    const channels = all.filter((column) => slots[column] !== 1);
    return new ImagePlan(layout, columns, channels, slots, (column) => from[at(column)] as number);
  }

  abstract packPlain(into: Int32Array, base: number): void;

  /** The raw value in an image of the value with a code where it comes from; LEFT where that is not known. */
  protected abstract learnRaw(g: number, column: number, code: number): number;

  /** Its code likewise. */
  protected abstract learnCode(g: number, column: number, code: number): number;

  /** Leaves those permutations open under which a channel of several slots is least. Answers how many, or LEFT. */
  protected abstract leastChannels(column: number, count: number): number;

  /** Packs such a channel of an image. Answers PACKED, AGAIN where it has no room, LEFT where it is not known. */
  protected abstract packChannel(g: number, column: number, into: Int32Array, base: number): number;

  /** A value of an image has no room. Answers AGAIN where there is room now. */
  protected abstract noRoom(): number;

  /** `leastChannels` where each of these channels has one message at most, by the tables. */
  protected leastMessages(column: number, count: number): number {
    const { from, raws } = this.tables;
    let lowest = 0x7fff_ffff;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const g = this.open[k] as number;
      const at = g * this.layout.width + column;
      const raw = this.#onlyMessage(from[at] as number, raws[at] as Int32Array);
      if (raw < 0) return LEFT;
      if (raw > lowest) continue;
      if (raw < lowest) kept = 0;
      lowest = raw;
      this.open[kept++] = g;
    }
    return kept;
  }

  /** `packChannel` where the channel has one message at most, by the tables. */
  protected packMessage(g: number, column: number, into: Int32Array, base: number): number {
    const { from, codes, slots } = this.tables;
    const at = g * this.layout.width + column;
    const code = this.#onlyMessage(from[at] as number, codes[at] as Int32Array);
    if (code < 0) return LEFT;
    if (code > (this.layout.mask[column] as number)) return AGAIN;
    this.layout.write(into, base, column, code);
    for (let slot = 1; slot < (slots[column] as number); slot++) this.layout.write(into, base, column + slot, 0);
    return PACKED;
  }

  /** What a table says of the first slot of a channel; LEFT where there is a second message, whose order is not known here. */
  #onlyMessage(first: number, known: Int32Array): number {
    const { layout, words, base } = this;
    // No message is the first value that a slot has had.
    if (layout.read(words, base, first + 1) !== 0) return LEFT;
    const code = layout.read(words, base, first);
    return code < known.length ? (known[code] as number) : LEFT;
  }
}

/** As worker threads have them. */
export class KnownImages extends FewImages {
  /** New tables. */
  take(tables: ImageTables): void {
    this.tables = tables;
  }

  packPlain(): void {
    throw new Error('a worker makes no room');
  }

  protected learnRaw(): number {
    return LEFT;
  }

  protected learnCode(): number {
    return LEFT;
  }

  protected leastChannels(column: number, count: number): number {
    return this.leastMessages(column, count);
  }

  protected packChannel(g: number, column: number, into: Int32Array, base: number): number {
    return this.packMessage(g, column, into, base);
  }

  protected noRoom(): number {
    return LEFT;
  }
}
