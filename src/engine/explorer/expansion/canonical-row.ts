// The canonical form of one packed row after another, for the expander.
import type { CanonicalForm } from './lookups.ts';
import { AGAIN, PACKED } from './lookups.ts';
import { LearningImages } from './learning-images.ts';
import { SortedImages } from './sorted-images.ts';
import type { Packing } from '../store/packing.ts';
import type { Symmetry } from '../reductions/symmetry.ts';

/** Canonical forms by a symmetry, packed; `makeRoom` is called where the packing has no room for a value of a canonical row. */
export function canonicalForm(symmetry: Symmetry, packing: Packing, makeRoom: () => void): CanonicalForm {
  const { least } = symmetry;
  if (least === undefined) return new CanonicalRow(symmetry, packing, makeRoom);
  return least.sortsFirst ? new SortedImages(least, packing, makeRoom) : new LearningImages(least, packing, makeRoom);
}

/** Canonical forms of rows that are unpacked. */
class CanonicalRow implements CanonicalForm {
  readonly #symmetry: Symmetry;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #plain: Uint16Array;
  readonly #image: Uint16Array;

  constructor(symmetry: Symmetry, packing: Packing, makeRoom: () => void) {
    this.#symmetry = symmetry;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#plain = new Uint16Array(packing.width);
    this.#image = new Uint16Array(packing.width);
  }

  find(words: Int32Array, base: number): number {
    this.#packing.unpack(words, base, this.#plain);
    if (!this.#symmetry.arrange(this.#plain)) return 0;
    this.#symmetry.apply(this.#symmetry.image, this.#plain, this.#image);
    return 1;
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
  }

  packImage(into: Int32Array, base: number): number {
    if (this.#packing.packIfItFits(this.#image, into, base)) return PACKED;
    this.#makeRoom();
    return AGAIN;
  }
}
