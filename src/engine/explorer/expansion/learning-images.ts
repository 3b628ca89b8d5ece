// Least images of packed rows under few permutations, in the main thread: what the tables do not know is learnt.
import type { LeastImage } from '../reductions/least-image.ts';
import type { Permutation } from '../reductions/row-renaming.ts';
import type { Packing } from '../store/packing.ts';
import type { ImageTables } from './few-images.ts';
import { FewImages } from './few-images.ts';
import { ImageChannels } from './image-channels.ts';
import { AGAIN, LEFT } from './lookups.ts';

const NONE = new Int32Array(0);

/** Learns images as rows come. */
export class LearningImages extends FewImages {
  /** While workers write: nothing is learnt that could move the rows. */
  isShared = false;
  readonly #least: LeastImage;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #raws: Int32Array[];
  readonly #codes: Int32Array[];
  readonly #channels: ImageChannels;
  readonly #plain: Uint16Array;

  /** `makeRoom` is called where the packing has no room for a value of an image. */
  constructor(least: LeastImage, packing: Packing, makeRoom: () => void) {
    const { width } = packing;
    const all = least.images.length * width;
    const raws = Array.from({ length: all }, () => NONE);
    const codes = Array.from({ length: all }, () => NONE);
    super(packing, {
      permutations: least.images.length,
      order: least.order,
      slots: least.slots,
      from: Int32Array.from({ length: all }, (_, at) => least.from(Math.floor(at / width), at % width)),
      moving: least.images.map((_, g) => least.moving(g)),
      raws,
      codes,
    });
    this.#least = least;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#raws = raws;
    this.#codes = codes;
    this.#channels = new ImageChannels(least, packing);
    this.#plain = new Uint16Array(width);
  }

  /** What another thread needs to know. */
  get known(): ImageTables {
    return this.tables;
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
    this.words = into;
    this.base = base;
  }

  protected learnRaw(g: number, column: number, code: number): number {
    // A new local state or message may reach a limit of the world, which ends the search where a state is expanded alone.
    if (this.isShared) return LEFT;
    const { rows, images } = this.#least;
    const source = this.#least.from(g, column);
    const raw = rows.rename(images[g] as Permutation, source, this.#packing.raw(source, code));
    remember(this.#raws, g * this.#packing.width + column, code, raw);
    return raw;
  }

  protected learnCode(g: number, column: number, code: number): number {
    if (this.isShared) return LEFT;
    const image = this.#packing.code(column, this.learnRaw(g, column, code));
    remember(this.#codes, g * this.#packing.width + column, code, image);
    return image;
  }

  protected leastChannels(column: number, count: number): number {
    if (this.isShared) return this.leastMessages(column, count);
    for (let k = 0; k < count; k++) this.#learnFirst(this.open[k] as number, column, this.#raws);
    return this.#channels.least(this.words, this.base, column, this.open, count);
  }

  protected packChannel(g: number, column: number, into: Int32Array, base: number): number {
    if (this.isShared) return this.packMessage(g, column, into, base);
    this.#learnFirst(g, column, this.#codes);
    return this.#channels.pack(this.words, this.base, g, column, into, base);
  }

  /** Learns what becomes of the first message of a channel: workers look up that alone. */
  #learnFirst(g: number, column: number, known: readonly Int32Array[]): void {
    const code = this.#packing.read(this.words, this.base, this.#least.from(g, column));
    if (((known[g * this.#packing.width + column] as Int32Array)[code] ?? LEFT) >= 0) return;
    if (known === this.#raws) this.learnRaw(g, column, code);
    else this.learnCode(g, column, code);
  }

  protected noRoom(): number {
    if (this.isShared) return LEFT;
    this.#packing.unpack(this.words, this.base, this.#plain);
    this.#makeRoom();
    return AGAIN;
  }
}

function remember(tables: Int32Array[], at: number, code: number, value: number): void {
  let table = tables[at] as Int32Array;
  if (code >= table.length) {
    const wider = new Int32Array(Math.max(8, code + 1, table.length * 2)).fill(-1);
    wider.set(table);
    tables[at] = table = wider;
  }
  table[code] = value;
}
