// Colours of interchangeable members: what a row says of each, whatever it is called.
//
// Colour refinement (McKay, "Practical graph isomorphism", 1981): members are coloured by what stands in their columns, then along the
// names of others that stand there. Members that look alike and that nothing links to others may change places: nothing else changes.
import type { ColumnKind } from './column-values.ts';
import type { RowRenaming } from './row-renaming.ts';
import { NOBODY } from './row-renaming.ts';

/** Rounds of refinement: enough for references of references. */
const ROUNDS = 2;
const NONE = new Int32Array(0);

/** A 32-bit hash of two. */
export function mix(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e37_79b9, 0x85eb_ca6b) ^ other;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}

/** What values in columns say of members. */
export class ValueColours {
  /** Columns of members, and others in which names stand. */
  readonly columns: Int32Array;
  readonly #rows: RowRenaming;
  /** By column and raw value, as they are met. */
  readonly #colours: number[][];
  readonly #links: Int32Array[][];

  constructor(rows: RowRenaming) {
    const others = rows.fixed.filter((column) => rows.kinds[column] !== 'plain');
    this.columns = Int32Array.from([...rows.columns.flat(), ...others]);
    this.#rows = rows;
    this.#colours = Array.from(rows.kinds, () => []);
    this.#links = Array.from(rows.kinds, () => []);
  }

  /** What a value adds to the colour of the column's owner, whatever names are in it. */
  colourOf(column: number, raw: number): number {
    const { at, columnValues, kinds, ownerOf } = this.#rows;
    return ((this.#colours[column] as number[])[raw] ??= mix(
      at[column] as number,
      columnValues.shape(kinds[column] as ColumnKind, raw, ownerOf[column] as number),
    ));
  }

  /** Other members that a value names, each with its place there as a hash, one after the other. */
  linksOf(column: number, raw: number): Int32Array {
    return ((this.#links[column] as Int32Array[])[raw] ??= this.#linksIn(column, raw));
  }

  #linksIn(column: number, raw: number): Int32Array {
    const { at, columnValues, componentOf, kinds, memberOf, ownerOf } = this.#rows;
    const kind = kinds[column] as ColumnKind;
    const owner = ownerOf[column] as number;
    const names = columnValues.namesIn(kind, raw);
    if (names.length === 0) return NONE;
    const place = mix(at[column] as number, owner === NOBODY ? columnValues.shape(kind, raw, owner) : 0);
    const links: number[] = [];
    for (const [k, id] of names.entries()) {
      const member = memberOf[id];
      if (member !== undefined && member !== owner) links.push(member, mix(place, k * 8 + (componentOf[id] as number)));
    }
    return Int32Array.from(links);
  }

  /** Colours the members of a row. */
  colour(row: Uint16Array, colours: Colours): void {
    colours.clear();
    for (const column of this.columns) {
      const raw = row[column] as number;
      colours.add(this.#rows.ownerOf[column] as number, this.colourOf(column, raw), this.linksOf(column, raw));
    }
  }
}

/** Colours of members, and which are linked to others, of one row after another. */
export class Colours {
  readonly colours: Int32Array;
  readonly linked: Uint8Array;
  readonly #next: Int32Array;
  /** Owner, member and place of each name of another that stands in the row. */
  readonly #links: number[] = [];
  #count = 0;

  constructor(members: number) {
    this.colours = new Int32Array(members);
    this.linked = new Uint8Array(members);
    this.#next = new Int32Array(members);
  }

  /** Begins another row. */
  clear(): void {
    this.colours.fill(0);
    this.linked.fill(0);
    this.#count = 0;
  }

  /** Adds what stands in a column of a member, or of nobody. A sum, so that slots of a channel may change places. */
  add(owner: number, colour: number, links: Int32Array): void {
    const { colours, linked } = this;
    if (owner !== NOBODY) colours[owner] = ((colours[owner] as number) + colour) | 0;
    if (links.length === 0) return;
    if (owner !== NOBODY) linked[owner] = 1;
    const all = this.#links;
    for (let i = 0; i < links.length; i += 2) {
      const member = links[i] as number;
      linked[member] = 1;
      all[this.#count++] = owner;
      all[this.#count++] = member;
      all[this.#count++] = links[i + 1] as number;
    }
  }

  /** Sets one of some members that look alike apart from the others (individualisation), and lets the others follow. */
  individualise(member: number): void {
    this.colours[member] = mix(this.colours[member] as number, 0x5bd1_e995);
    this.refine();
  }

  /** Lets those that name each other colour each other. */
  refine(): void {
    const { colours } = this;
    const next = this.#next;
    const links = this.#links;
    for (let round = 0; round < ROUNDS; round++) {
      next.set(colours);
      for (let i = 0; i < this.#count; i += 3) {
        const owner = links[i] as number;
        const member = links[i + 1] as number;
        const place = links[i + 2] as number;
        const seen = owner === NOBODY ? place : mix(place, colours[owner] as number);
        next[member] = ((next[member] as number) + seen) | 0;
        if (owner !== NOBODY) next[owner] = ((next[owner] as number) + mix(place + 77, colours[member] as number)) | 0;
      }
      colours.set(next);
    }
  }
}
