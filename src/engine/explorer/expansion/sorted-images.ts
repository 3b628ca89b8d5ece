// Least images of packed rows under many permutations: members are sorted by colour first, which leaves few.
import type { LeastImage } from '../reductions/least-image.ts';
import { ValueImages } from '../reductions/value-images.ts';
import type { Packing } from '../store/packing.ts';
import { ColourCodes } from './colour-codes.ts';
import { ImageChannels } from './image-channels.ts';
import { ImagePlan, TOO_WIDE, UNKNOWN } from './image-plan.ts';
import type { CanonicalForm } from './lookups.ts';
import { AGAIN, PACKED } from './lookups.ts';

const NONE = new Int32Array(0);

/** Images of rows whose members were sorted. One thread alone has them. */
export class SortedImages implements CanonicalForm {
  readonly #least: LeastImage;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #values: ValueImages;
  readonly #channels: ImageChannels;
  /** How images are packed, by permutation, for a version of the layout. */
  readonly #plans: (ImagePlan | undefined)[] = [];
  #planned = -1;
  readonly #codes: ColourCodes;
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
    this.#values = new ValueImages(least);
    this.#channels = new ImageChannels(least, packing);
    this.#codes = new ColourCodes(least, packing);
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
    const packing = this.#packing;
    const words = this.#words;
    const g = this.#chosen;
    if (this.#planned !== packing.version) this.#forgetPlans();
    const plan = (this.#plans[g] ??= this.#planFor(g));
    const { keep, columns, stamps, first, fromWord, fromShift, fromMask, word, channels } = plan;
    for (let i = 0; i < packing.words; i++) into[base + i] = (words[this.#base + i] as number) & (keep[i] as number);
    let fits = true;
    for (let i = 0; i < columns.length; i++) {
      const code =
        ((words[this.#base + (fromWord[i] as number)] as number) >>> (fromShift[i] as number)) &
        (fromMask[i] as number);
      let stamp = stamps[(first[i] as number) + code] as number;
      if (stamp === UNKNOWN) {
        const column = columns[i] as number;
        stamp = plan.learn(i, code, packing.code(column, this.#rawAt(g, column)));
      }
      if (stamp === TOO_WIDE) fits = false;
      else into[base + (word[i] as number)] = (into[base + (word[i] as number)] as number) | stamp;
    }
    for (const column of channels)
      fits = this.#channels.pack(words, this.#base, g, column, into, base) === PACKED && fits;
    if (fits) return PACKED;
    packing.unpack(words, this.#base, this.#plain);
    this.#makeRoom();
    return AGAIN;
  }

  #forgetPlans(): void {
    this.#planned = this.#packing.version;
    this.#plans.length = 0;
  }

  #planFor(g: number): ImagePlan {
    const least = this.#least;
    const { slots } = least;
    const moving = least.moving(g);
    const { mask } = this.#packing;
    // Where neither column changes, and the one value becomes the other, there is nothing to do.
    const columns = moving.filter((column) => {
      if (slots[column] !== 1) return false;
      const source = least.from(g, column);
      if (mask[column] !== 0 || mask[source] !== 0) return true;
      const image = this.#values.image(source, this.#packing.raw(source, 0), g);
      return this.#packing.code(column, image) !== 0;
    });
    const channels = moving.filter((column) => slots[column] !== 1);
    return new ImagePlan(this.#packing, columns, channels, slots, (column) => least.from(g, column));
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
    this.#codes.colour(words, base);
    return this.#least.sorted(this.#open);
  }
}
