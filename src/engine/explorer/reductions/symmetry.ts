// Symmetry reduction: states that differ only in the names of interchangeable things are searched once.
//
// Ip and Dill, "Better Verification Through Symmetry", 1996. What is interchangeable is declared by the scenario and checked
// (interchangeable.ts); machines cannot tell names apart (protocol.ts, `Name`). Of a small group the least of all images is the
// canonical row (least-image.ts); members of a large one are sorted by colour (colouring.ts).
import { Colouring } from './colouring.ts';
import { LeastImage } from './least-image.ts';
import type { Permutation } from './row-renaming.ts';
import { RowRenaming } from './row-renaming.ts';
import type { World } from '../../world/world.ts';

export type { Permutation } from './row-renaming.ts';

/** Groups of more permutations are coloured. */
const PERMUTATIONS_MAX = 1024;

/** Finds canonical rows of a world. */
export class Symmetry extends RowRenaming {
  /** Of a small group. */
  readonly least: LeastImage | undefined;
  readonly #colouring: Colouring | undefined;

  /**
   * @param world - whose rows they are
   * @param permutationsMax - of groups whose least images are taken; others are coloured. At most 1,024.
   * @throws SymmetryError where what is declared interchangeable is not
   */
  constructor(world: World, permutationsMax = PERMUTATIONS_MAX) {
    if (permutationsMax > PERMUTATIONS_MAX) throw new RangeError(`at most ${PERMUTATIONS_MAX} permutations`);
    super(world);
    if (this.permutations <= permutationsMax) this.least = new LeastImage(this);
    else this.#colouring = new Colouring(this);
  }

  /** How many permutations there are. */
  get permutations(): number {
    let permutations = 1;
    for (const { count } of this.groups) for (let n = 2; n <= count; n++) permutations *= n;
    return permutations;
  }

  /** Members, where each goes in the canonical form of the row that was arranged last. */
  get image(): Permutation {
    return this.#colouring?.image ?? (this.least as LeastImage).image;
  }

  /** Was every row so far brought to the one form of its orbit? */
  get isExact(): boolean {
    return this.#colouring?.isExact ?? true;
  }

  set isExact(is: boolean) {
    if (this.#colouring !== undefined) this.#colouring.isExact = is;
  }

  /** Sets `image` to the permutation that makes a row canonical. Answers false when that is the identity. */
  arrange(row: Uint16Array): boolean {
    return this.#colouring?.arrange(row) ?? (this.least as LeastImage).arrange(row);
  }

  /** Exchanges of two neighbours of a group; all permutations are made of them. */
  exchanges(): Permutation[] {
    return this.groups.flatMap(({ first, count }) =>
      Array.from({ length: count - 1 }, (_, i) => {
        const exchange = Int32Array.from(this.image, (__, member) => member);
        exchange[first + i] = first + i + 1;
        exchange[first + i + 1] = first + i;
        return exchange;
      }),
    );
  }
}
