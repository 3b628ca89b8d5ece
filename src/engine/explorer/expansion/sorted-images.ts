// Least images of packed rows under many permutations: members are sorted by colour first, which leaves few.
import type { LeastImage } from '../reductions/least-image.ts';
import { ValueImages } from '../reductions/value-images.ts';
import type { Packing } from '../store/packing.ts';
import { ImageChannels } from './image-channels.ts';
import type { CanonicalForm } from './lookups.ts';
import { AGAIN, PACKED } from './lookups.ts';
import { NamelessCodes } from './nameless-codes.ts';

const NONE = new Int32Array(0);

/** Images of rows whose members were sorted. One thread alone has them. */
export class SortedImages implements CanonicalForm {
  readonly #least: LeastImage;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #nameless: NamelessCodes;
  readonly #values: ValueImages;
  readonly #channels: ImageChannels;
  /** Columns of an image that may differ from the row's, by permutation. */
  readonly #moving: (Int32Array | undefined)[] = [];
  /** What a value adds to the colour of its member, and whom it links, by column and code. */
  readonly #colours: number[][];
  readonly #links: Int32Array[][];
  readonly #open: Int32Array;
  readonly #plain: Uint16Array;
  #chosen = 0;
  #words: Int32Array = NONE;
  #base = 0;

  /** `makeRoom` is called where the packing has no room for a value of an image. */
  constructor(least: LeastImage, packing: Packing, makeRoom: () => void) {
    this.#least = least;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#nameless = new NamelessCodes(least, packing);
    this.#values = new ValueImages(least);
    this.#channels = new ImageChannels(least, packing);
    this.#colours = Array.from({ length: packing.width }, () => []);
    this.#links = Array.from({ length: packing.width }, () => []);
    this.#open = new Int32Array(least.images.length);
    this.#plain = new Uint16Array(packing.width);
  }

  find(words: Int32Array, base: number): number {
    this.#words = words;
    this.#base = base;
    const { order, slots } = this.#least;
    const open = this.#open;
    let count = this.#sorted(words, base);
    for (let i = 0; i < order.length && count > 1; i++) {
      const column = order[i] as number;
      count =
        (slots[column] as number) > 1
          ? this.#channels.least(words, base, column, open, count)
          : this.#leastValues(column, count);
    }
    this.#chosen = open[0] as number;
    return this.#chosen;
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
    this.#words = into;
    this.#base = base;
  }

  packImage(into: Int32Array, base: number): number {
    const { slots } = this.#least;
    const packing = this.#packing;
    const words = this.#words;
    const g = this.#chosen;
    const { below } = this.#nameless;
    this.#nameless.refresh();
    const moving = (this.#moving[g] ??= this.#least.moving(g));
    for (let i = 0; i < packing.words; i++) into[base + i] = words[this.#base + i] as number;
    let fits = true;
    for (let i = 0; i < moving.length; i++) {
      const column = moving[i] as number;
      if ((slots[column] as number) > 1) {
        fits = this.#channels.pack(words, this.#base, g, column, into, base) === PACKED && fits;
        continue;
      }
      if (packing.read(words, this.#base, column) < (below[column] as number)) continue;
      const code = packing.code(column, this.#rawAt(g, column));
      if (code > (packing.mask[column] as number)) fits = false;
      else packing.write(into, base, column, code);
    }
    if (fits) return PACKED;
    packing.unpack(words, this.#base, this.#plain);
    this.#makeRoom();
    return AGAIN;
  }

  /** The raw value in an image. */
  #rawAt(g: number, column: number): number {
    const source = this.#least.from(g, column);
    const code = this.#packing.read(this.#words, this.#base, source);
    return this.#values.image(source, this.#packing.raw(source, code), g);
  }

  /** Leaves those permutations open under which a column is least. */
  #leastValues(column: number, count: number): number {
    const open = this.#open;
    let lowest = 0x7fff_ffff;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const g = open[k] as number;
      const raw = this.#rawAt(g, column);
      if (raw > lowest) continue;
      if (raw < lowest) kept = 0;
      lowest = raw;
      open[kept++] = g;
    }
    return kept;
  }

  /** Leaves the permutations open that put members in order of their colours. Answers how many. */
  #sorted(words: Int32Array, base: number): number {
    const { colours, rows, values } = this.#least;
    const { columns } = values;
    const { word, shift, mask } = this.#packing;
    const { ownerOf } = rows;
    colours.clear();
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      const code =
        ((words[base + (word[column] as number)] as number) >>> (shift[column] as number)) & (mask[column] as number);
      const links = (this.#links[column] as Int32Array[])[code] ?? this.#learn(column, code);
      colours.add(ownerOf[column] as number, (this.#colours[column] as number[])[code] as number, links);
    }
    return this.#least.sorted(this.#open);
  }

  #learn(column: number, code: number): Int32Array {
    const raw = this.#packing.raw(column, code);
    const links = this.#least.values.linksOf(column, raw);
    (this.#colours[column] as number[])[code] = this.#least.values.colourOf(column, raw);
    (this.#links[column] as Int32Array[])[code] = links;
    return links;
  }
}
