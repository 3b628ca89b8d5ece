// Canonical rows of large groups: members are sorted by what the row says of them.
//
// Each member of a group is coloured by what stands in its columns, colours are refined along references, members are sorted by
// colour. Of members that still look alike and are linked to others one is set apart: a few states of one orbit may then be kept
// apart (heuristic, never wrong).
import type { ColumnKind } from './column-values.ts';
import type { Permutation, RowRenaming } from './row-renaming.ts';
import { NOBODY } from './row-renaming.ts';

/** Rounds of refinement: enough for references of references. */
const ROUNDS = 3;

/** What a raw value of a column adds to the colouring. */
interface Mark {
  /** To the colour of the column's owner. */
  readonly colour: number;
  /** Names of others that stand there: their members, and where, as a hash. */
  readonly members: Int32Array;
  readonly places: Int32Array;
}

/** Sorts members by colour. */
export class Colouring {
  readonly #rows: RowRenaming;
  /** By column and raw value, as they are met. */
  readonly #marks: (Mark | undefined)[][];
  /** Names that stand in columns: owner of the column, member of the name, place as a hash. */
  #references = 0;
  readonly #owners: number[] = [];
  readonly #members: number[] = [];
  readonly #places: number[] = [];
  readonly #colours: Int32Array;
  readonly #next: Int32Array;
  readonly #sorted: Int32Array;
  /** Does a name of the member stand elsewhere in the row, or the name of another in its columns? */
  readonly #linked: Uint8Array;
  /** Members, where each goes. */
  readonly image: Permutation;
  /**
   * Was every row so far brought to the one form of its orbit? No longer when members looked alike that others refer to, and
   * one of them had to be picked. (Colours are 32-bit hashes; a collision that goes unnoticed costs a state, never a verdict.)
   */
  isExact = true;

  constructor(rows: RowRenaming) {
    this.#rows = rows;
    this.#marks = Array.from(rows.kinds, () => []);
    this.#colours = new Int32Array(rows.members);
    this.#next = new Int32Array(rows.members);
    this.#sorted = new Int32Array(rows.members);
    this.#linked = new Uint8Array(rows.members);
    this.image = new Int32Array(rows.members);
  }

  /** Sets `image` to the permutation that makes a row canonical. Answers false when that is the identity. */
  arrange(row: Uint16Array): boolean {
    this.#colour(row);
    for (let tie = this.#findTie(); tie !== NOBODY; tie = this.#findTie()) {
      // Members that look alike and refer to others: one of them is set apart, and the others follow from it.
      this.isExact = false;
      this.#colours[tie] = mix(this.#colours[tie] as number, 0x5bd1_e995);
      this.#refineAll();
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
    const colours = this.#colours;
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
    const colours = this.#colours;
    for (const { first, count } of this.#rows.groups) {
      for (let one = first; one < first + count; one++) {
        if (this.#linked[one] === 0) continue;
        for (let other = one + 1; other < first + count; other++) if (colours[one] === colours[other]) return one;
      }
    }
    return NOBODY;
  }

  /** Colours members by what the row says of them, and notes down which names stand where. */
  #colour(row: Uint16Array): void {
    const colours = this.#colours;
    colours.fill(0);
    this.#linked.fill(0);
    this.#references = 0;
    for (let column = 0; column < row.length; column++) {
      const raw = row[column] as number;
      const mark = (this.#marks[column] as (Mark | undefined)[])[raw] ?? this.#mark(column, raw);
      const owner = this.#rows.ownerOf[column] as number;
      // A sum, so that the order of messages in a channel does not matter.
      if (owner !== NOBODY) colours[owner] = ((colours[owner] as number) + mark.colour) | 0;
      if (mark.members.length > 0) this.#note(owner, mark);
    }
    this.#refineAll();
  }

  /** Notes the names of others that a column holds: whose column it is, who stands there, where. */
  #note(owner: number, { members, places }: Mark): void {
    if (owner !== NOBODY) this.#linked[owner] = 1;
    for (let k = 0; k < members.length; k++) {
      const n = this.#references++;
      const member = members[k] as number;
      this.#linked[member] = 1;
      this.#owners[n] = owner;
      this.#members[n] = member;
      this.#places[n] = places[k] as number;
    }
  }

  #mark(column: number, raw: number): Mark {
    const kind = this.#rows.kinds[column] as ColumnKind;
    const at = this.#rows.at[column] as number;
    const owner = this.#rows.ownerOf[column] as number;
    const shape = this.#rows.columnValues.shape(kind, raw, owner);
    const members: number[] = [];
    const places: number[] = [];
    for (const [k, id] of this.#rows.columnValues.namesIn(kind, raw).entries()) {
      const member = this.#rows.memberOf[id];
      if (member === undefined || member === owner) continue;
      members.push(member);
      places.push(mix(mix(at, owner === NOBODY ? shape : 0), k * 8 + (this.#rows.componentOf[id] as number)));
    }
    const colour = mix(at, shape);
    const mark = { colour, members: Int32Array.from(members), places: Int32Array.from(places) };
    (this.#marks[column] as (Mark | undefined)[])[raw] = mark;
    return mark;
  }

  /** Lets owners and names that stand in their columns colour each other. */
  #refineAll(): void {
    const colours = this.#colours;
    const next = this.#next;
    for (let round = 0; round < ROUNDS; round++) {
      next.set(colours);
      for (let n = 0; n < this.#references; n++) {
        const owner = this.#owners[n] as number;
        const member = this.#members[n] as number;
        const place = this.#places[n] as number;
        // Sums, so that the order in which references come does not matter.
        const seen = owner === NOBODY ? place : mix(place, colours[owner] as number);
        next[member] = ((next[member] as number) + seen) | 0;
        if (owner !== NOBODY) next[owner] = ((next[owner] as number) + mix(place + 77, colours[member] as number)) | 0;
      }
      colours.set(next);
    }
  }
}

/** A 32-bit hash of two. */
export function mix(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e37_79b9, 0x85eb_ca6b) ^ other;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}
