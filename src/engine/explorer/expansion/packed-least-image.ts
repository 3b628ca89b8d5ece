// Least images of packed rows: what becomes of a value under a permutation is looked up, nothing is computed twice.
import type { CanonicalForm } from './lookups.ts';
import type { Packing } from '../store/packing.ts';
import type { ColumnKind } from '../reductions/column-values.ts';
import type { LeastImage } from '../reductions/least-image.ts';
import type { Permutation } from '../reductions/row-renaming.ts';
import { sortChannel } from '../reductions/row-renaming.ts';
import { ValueImages } from '../reductions/value-images.ts';

const UNKNOWN = -1;
const NONE = new Int32Array(0);

/** Least images of packed rows, one after another, for the expander. */
export class PackedLeastImage implements CanonicalForm {
  readonly #least: LeastImage;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #width: number;
  readonly #permutations: number;
  /** What becomes of the value of a column of an image, by permutation and column of the image, then code where it comes from. */
  readonly #raws: Int32Array[];
  readonly #codes: Int32Array[];
  /** The same where there are too many permutations for tables of each. */
  readonly #values: ValueImages | undefined;
  /** Of columns of nobody: values with smaller codes name nothing, and stay as they are. */
  readonly #nameless: Int32Array;
  /** Columns of an image that may differ from the row's, by permutation. */
  readonly #moving: (Int32Array | undefined)[] = [];
  /** What a value adds to the looks of its member, and whom it links, by column and code. */
  readonly #looks: number[][];
  readonly #links: Int32Array[][];
  readonly #open: Int32Array;
  readonly #channel: Uint16Array;
  readonly #leastChannel: Uint16Array;
  readonly #plain: Uint16Array;
  #chosen = 0;
  #version = -1;
  #words: Int32Array = NONE;
  #base = 0;

  /** `makeRoom` is called where the packing has no room for a value of an image. */
  constructor(least: LeastImage, packing: Packing, makeRoom: () => void) {
    this.#least = least;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#width = least.rows.world.width;
    this.#permutations = least.images.length;
    this.#values = least.sortsFirst ? new ValueImages(least) : undefined;
    const tables = least.sortsFirst ? 0 : this.#permutations * this.#width;
    this.#raws = Array.from({ length: tables }, () => NONE);
    this.#codes = Array.from({ length: tables }, () => NONE);
    this.#nameless = new Int32Array(this.#width);
    this.#looks = Array.from({ length: this.#width }, () => []);
    this.#links = Array.from({ length: this.#width }, () => []);
    this.#open = new Int32Array(this.#permutations);
    const slots = Math.max(...least.slots);
    this.#channel = new Uint16Array(slots);
    this.#leastChannel = new Uint16Array(slots);
    this.#plain = new Uint16Array(this.#width);
  }

  find(words: Int32Array, base: number): boolean {
    this.#words = words;
    this.#base = base;
    const least = this.#least;
    const { order, slots } = least;
    const { word, shift, mask } = this.#packing;
    const open = this.#open;
    const width = this.#width;
    const raws = this.#raws;
    const values = this.#values;
    let count = this.#least.sortsFirst ? this.#sorted(words, base) : this.#all();
    for (let i = 0; i < order.length && count > 1; i++) {
      const column = order[i] as number;
      if ((slots[column] as number) > 1) {
        count = this.#leastChannels(column, count);
        continue;
      }
      let lowest = 0x7fff_ffff;
      let kept = 0;
      for (let k = 0; k < count; k++) {
        const g = open[k] as number;
        const at = g * width + column;
        const source = least.from(g, column);
        const code =
          ((words[base + (word[source] as number)] as number) >>> (shift[source] as number)) & (mask[source] as number);
        let raw = UNKNOWN;
        if (values !== undefined) raw = values.image(source, this.#packing.raw(source, code), g);
        else {
          const known = raws[at] as Int32Array;
          if (code < known.length) raw = known[code] as number;
          if (raw < 0) raw = this.#rawOf(g, column, code);
        }
        if (raw > lowest) continue;
        if (raw < lowest) kept = 0;
        lowest = raw;
        open[kept++] = g;
      }
      count = kept;
    }
    this.#chosen = open[0] as number;
    return this.#chosen !== 0;
  }

  #all(): number {
    for (let g = 0; g < this.#permutations; g++) this.#open[g] = g;
    return this.#permutations;
  }

  /** Leaves the permutations open that put members in order of their looks. Answers how many. */
  #sorted(words: Int32Array, base: number): number {
    const { looked, rows } = this.#least;
    const { word, shift, mask } = this.#packing;
    const { ownerOf } = rows;
    const { looks } = this.#least;
    looks.clear();
    for (let i = 0; i < looked.length; i++) {
      const column = looked[i] as number;
      const code =
        ((words[base + (word[column] as number)] as number) >>> (shift[column] as number)) & (mask[column] as number);
      const links = (this.#links[column] as Int32Array[])[code] ?? this.#learn(column, code);
      looks.add(ownerOf[column] as number, (this.#looks[column] as number[])[code] as number, links);
    }
    return this.#least.sorted(this.#open);
  }

  #learn(column: number, code: number): Int32Array {
    const raw = this.#packing.raw(column, code);
    const links = this.#least.linksOf(column, raw);
    (this.#looks[column] as number[])[code] = this.#least.lookOf(column, raw);
    (this.#links[column] as Int32Array[])[code] = links;
    return links;
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
    this.#words = into;
    this.#base = base;
  }

  packImage(into: Int32Array, base: number): boolean {
    const { slots } = this.#least;
    const packing = this.#packing;
    const words = this.#words;
    const g = this.#chosen;
    if (this.#version !== packing.version) this.#arrange();
    const moving = (this.#moving[g] ??= this.#movingUnder(g));
    for (let i = 0; i < packing.words; i++) into[base + i] = words[this.#base + i] as number;
    let fits = true;
    for (let i = 0; i < moving.length; i++) {
      const column = moving[i] as number;
      if ((slots[column] as number) > 1) {
        fits = this.#packChannel(g, column, into, base) && fits;
        continue;
      }
      const at = g * this.#width + column;
      const code = packing.read(words, this.#base, this.#least.from(g, column));
      if (code < (this.#nameless[column] as number)) continue;
      const image = this.#codeAt(at, g, column, code);
      if (image > (packing.mask[column] as number)) fits = false;
      else packing.write(into, base, column, image);
    }
    if (fits) return true;
    packing.unpack(words, this.#base, this.#plain);
    this.#makeRoom();
    return false;
  }

  /** Of the permutations that are open those under which a channel of several slots is least. Answers how many. */
  #leastChannels(column: number, count: number): number {
    const open = this.#open;
    const best = this.#leastChannel;
    const slots = this.#least.slots[column] as number;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const g = open[k] as number;
      this.#fillChannel(g, column);
      let slot = k === 0 ? slots : 0;
      while (slot < slots && this.#channel[slot] === best[slot]) slot += 1;
      const isLess = k === 0 || (slot < slots && (this.#channel[slot] as number) < (best[slot] as number));
      if (!isLess && slot < slots) continue;
      if (isLess) {
        kept = 0;
        best.set(this.#channel);
      }
      open[kept++] = g;
    }
    return kept;
  }

  /** The messages of a channel of an image, in their order. */
  #fillChannel(g: number, column: number): void {
    const { slots, rows } = this.#least;
    const first = this.#least.from(g, column);
    const count = slots[column] as number;
    this.#channel.fill(0);
    for (let slot = 0; slot < count; slot++) {
      const code = this.#packing.read(this.#words, this.#base, first + slot);
      const raw = this.#packing.raw(first + slot, code);
      if (raw === 0) break;
      this.#channel[slot] = rows.rename(this.#least.images[g] as Permutation, first + slot, raw);
    }
    sortChannel(rows.world, this.#channel, { start: 0, slots: count });
  }

  #packChannel(g: number, column: number, into: Int32Array, base: number): boolean {
    this.#fillChannel(g, column);
    let fits = true;
    for (let slot = 0; slot < (this.#least.slots[column] as number); slot++) {
      const code = this.#packing.code(column + slot, this.#channel[slot] as number);
      if (code > (this.#packing.mask[column + slot] as number)) fits = false;
      else this.#packing.write(into, base, column + slot, code);
    }
    return fits;
  }

  #rawOf(g: number, column: number, code: number): number {
    const { rows, images } = this.#least;
    const source = this.#least.from(g, column);
    const raw = rows.rename(images[g] as Permutation, source, this.#packing.raw(source, code));
    remember(this.#raws, g * this.#width + column, code, raw);
    return raw;
  }

  /** The code in an image of the value that has a code where it comes from. */
  #codeAt(at: number, g: number, column: number, code: number): number {
    if (this.#values !== undefined) {
      const source = this.#least.from(g, column);
      return this.#packing.code(column, this.#values.image(source, this.#packing.raw(source, code), g));
    }
    const known = this.#codes[at] as Int32Array;
    const image = code < known.length ? (known[code] as number) : UNKNOWN;
    return image >= 0 ? image : this.#codeOf(g, column, code);
  }

  #codeOf(g: number, column: number, code: number): number {
    const image = this.#packing.code(column, this.#rawOf(g, column, code));
    remember(this.#codes, g * this.#width + column, code, image);
    return image;
  }

  /** After a change of the layout: there are more values that name nothing. */
  #arrange(): void {
    this.#version = this.#packing.version;
    const { fixed, kinds, columnValues } = this.#least.rows;
    for (const column of fixed) {
      let code = this.#nameless[column] as number;
      const isNameless = (): boolean =>
        columnValues.namesIn(kinds[column] as ColumnKind, this.#packing.raw(column, code)).length === 0;
      while (code < this.#packing.cardinality(column) && isNameless()) code += 1;
      this.#nameless[column] = code;
    }
  }

  /** Columns of an image that come from elsewhere, or whose values may hold names. */
  #movingUnder(g: number): Int32Array {
    const { slots, rows } = this.#least;
    const later = new Set(
      rows.wide.flatMap(({ start, slots: many }) => Array.from({ length: many - 1 }, (_, i) => start + i + 1)),
    );
    const columns = Array.from(slots, (_, column) => column);
    return Int32Array.from(
      columns.filter(
        (column) => !later.has(column) && (this.#least.from(g, column) !== column || rows.kinds[column] !== 'plain'),
      ),
    );
  }
}

function remember(tables: Int32Array[], at: number, code: number, value: number): void {
  let table = tables[at] as Int32Array;
  if (code >= table.length) {
    const wider = new Int32Array(Math.max(8, code + 1, table.length * 2)).fill(UNKNOWN);
    wider.set(table);
    tables[at] = table = wider;
  }
  table[code] = value;
}
