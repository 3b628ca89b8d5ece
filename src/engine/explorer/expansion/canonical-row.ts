// The canonical form of one packed row after another, for the expander.
import type { CanonicalForm } from './lookups.ts';
import type { Packing } from '../store/packing.ts';
import { PackedLeastImage } from './packed-least-image.ts';
import type { Symmetry } from '../reductions/symmetry.ts';

/** Canonical forms by a symmetry, packed; `makeRoom` is called where the packing has no room for a value of a canonical row. */
export function canonicalForm(symmetry: Symmetry, packing: Packing, makeRoom: () => void): CanonicalForm {
  const { least, world } = symmetry;
  return least === undefined
    ? new CanonicalRow(symmetry, world.width, packing, makeRoom)
    : new PackedLeastImage(least, packing, makeRoom);
}

/** Canonical forms of rows that are unpacked. */
class CanonicalRow implements CanonicalForm {
  readonly #symmetry: Symmetry;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #plain: Uint16Array;
  readonly #image: Uint16Array;

  constructor(symmetry: Symmetry, width: number, packing: Packing, makeRoom: () => void) {
    this.#symmetry = symmetry;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#plain = new Uint16Array(width);
    this.#image = new Uint16Array(width);
  }

  find(words: Int32Array, base: number): boolean {
    this.#packing.unpack(words, base, this.#plain);
    if (!this.#symmetry.arrange(this.#plain)) return false;
    this.#symmetry.apply(this.#symmetry.image, this.#plain, this.#image);
    return true;
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
  }

  packImage(into: Int32Array, base: number): boolean {
    if (this.#packing.packIfItFits(this.#image, into, base)) return true;
    this.#makeRoom();
    return false;
  }
}
