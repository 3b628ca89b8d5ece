// Colours of the members of a packed row: what each value adds is looked up by its code.
import type { LeastImage } from '../reductions/least-image.ts';
import { NOBODY } from '../reductions/row-renaming.ts';
import type { Packing } from '../store/packing.ts';

const UNKNOWN = 0;
/** A value that names nobody else, and one that does. */
const ALONE = 1;
const LINKED = 2;
const NONE = new Int32Array(0);

/** Colours members, one row after another. */
export class ColourCodes {
  readonly #least: LeastImage;
  readonly #packing: Packing;
  /** The layout that the rest is for. */
  #version = -1;
  #words = NONE;
  #shifts = NONE;
  #masks = NONE;
  #owners = NONE;
  /** Where the values of each column begin. */
  #first = NONE;
  /** By value: what is known of it, what it adds to the colour of its member, whom it links. */
  #known = new Uint8Array(0);
  #colours = NONE;
  #links: (Int32Array | undefined)[] = [];

  constructor(least: LeastImage, packing: Packing) {
    this.#least = least;
    this.#packing = packing;
  }

  /** Colours the members of a row (`LeastImage.colours`). */
  colour(words: Int32Array, base: number): void {
    if (this.#version !== this.#packing.version) this.#arrange();
    const { colours } = this.#least;
    colours.clear();
    const byMember = colours.colours;
    const known = this.#known;
    const all = this.#colours;
    const first = this.#first;
    const owners = this.#owners;
    for (let i = 0; i < first.length; i++) {
      const word = words[base + (this.#words[i] as number)] as number;
      const code = (word >>> (this.#shifts[i] as number)) & (this.#masks[i] as number);
      const at = (first[i] as number) + code;
      if (known[at] === UNKNOWN) this.#learn(i, at, code);
      const owner = owners[i] as number;
      const colour = all[at] as number;
      if (known[at] === LINKED) colours.add(owner, colour, this.#links[at] as Int32Array);
      else if (owner !== NOBODY) byMember[owner] = ((byMember[owner] as number) + colour) | 0;
    }
  }

  #arrange(): void {
    const packing = this.#packing;
    const { columns } = this.#least.values;
    this.#version = packing.version;
    this.#words = columns.map((column) => packing.word[column] as number);
    this.#shifts = columns.map((column) => packing.shift[column] as number);
    this.#masks = columns.map((column) => packing.mask[column] as number);
    this.#owners = columns.map((column) => this.#least.rows.ownerOf[column] as number);
    let size = 0;
    this.#first = this.#masks.map((mask) => {
      const here = size;
      size += mask + 1;
      return here;
    });
    this.#known = new Uint8Array(size);
    this.#colours = new Int32Array(size);
    this.#links = [];
  }

  #learn(i: number, at: number, code: number): void {
    const { values } = this.#least;
    const column = values.columns[i] as number;
    const raw = this.#packing.raw(column, code);
    const links = values.linksOf(column, raw);
    this.#colours[at] = values.colourOf(column, raw);
    this.#known[at] = links.length === 0 ? ALONE : LINKED;
    this.#links[at] = links;
  }
}
