// Canonical rows of large groups: members are sorted by what the row says of them.
//
// Each member of a group is coloured by what stands in its columns, colours are refined along references, members are sorted by
// colour. Of members that still look alike and are linked to others one is set apart: a few states of one orbit may then be kept
// apart (heuristic, never wrong).
import { Colours, ValueColours } from './colours.ts';
import type { Permutation, RowRenaming } from './row-renaming.ts';
import { NOBODY } from './row-renaming.ts';

/** Sorts members by colour. */
export class Colouring {
  readonly #rows: RowRenaming;
  readonly #values: ValueColours;
  readonly #colours: Colours;
  readonly #sorted: Int32Array;
  /** Members, where each goes. */
  readonly image: Permutation;
  /**
   * Was every row so far brought to the one form of its orbit? No longer when members looked alike that others refer to, and
   * one of them had to be picked. (Colours are 32-bit hashes; a collision that goes unnoticed costs a state, never a verdict.)
   */
  isExact = true;

  constructor(rows: RowRenaming) {
    this.#rows = rows;
    this.#values = new ValueColours(rows);
    this.#colours = new Colours(rows.members);
    this.#sorted = new Int32Array(rows.members);
    this.image = new Int32Array(rows.members);
  }

  /** Sets `image` to the permutation that makes a row canonical. Answers false when that is the identity. */
  arrange(row: Uint16Array): boolean {
    this.#values.colour(row, this.#colours);
    this.#colours.refine();
    for (let tie = this.#findTie(); tie !== NOBODY; tie = this.#findTie()) {
      // Members that look alike and refer to others: one of them is set apart, and the others follow from it.
      this.isExact = false;
      this.#colours.individualise(tie);
    }
    let moves = false;
    for (let g = 0; g < this.#rows.groups.length; g++) {
      const { first, count } = this.#rows.groups[g] as { first: number; count: number };
      if (this.#sort(first, count)) moves = true;
    }
    return moves;
  }

  /** Sorts the members of a group by colour, those that look alike by number. Answers whether one of them moves. */
  #sort(first: number, count: number): boolean {
    const { colours } = this.#colours;
    const sorted = this.#sorted;
    for (let i = 0; i < count; i++) {
      const member = first + i;
      let at = i;
      for (; at > 0 && (colours[sorted[at - 1] as number] as number) > (colours[member] as number); at--)
        sorted[at] = sorted[at - 1] as number;
      sorted[at] = member;
    }
    let moves = false;
    for (let place = 0; place < count; place++) {
      const member = sorted[place] as number;
      this.image[member] = first + place;
      if (member !== first + place) moves = true;
    }
    return moves;
  }

  /** The first member that has the colour of another one of its group, where names link them to others. */
  #findTie(): number {
    const { colours, linked } = this.#colours;
    for (const { first, count } of this.#rows.groups) {
      for (let one = first; one < first + count; one++) {
        if (linked[one] === 0) continue;
        for (let other = one + 1; other < first + count; other++) if (colours[one] === colours[other]) return one;
      }
    }
    return NOBODY;
  }
}
