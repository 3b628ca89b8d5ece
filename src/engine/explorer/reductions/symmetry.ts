// Symmetry reduction: states that differ only in the names of interchangeable things are searched once.
//
// Ip and Dill, "Better Verification Through Symmetry", 1996. What is interchangeable is declared by the scenario and
// checked here; machines cannot tell names apart (protocol.ts, `Name`). The canonical state is found by colouring: each
// member of a group is coloured by what the row says of it, colours are refined along references, members are sorted by
// colour. Ties are left as they are, so a few states of one orbit may be kept apart (heuristic, never wrong): always the
// whole row is permuted, no part of it is rebuilt from another.
import type { ColumnKind } from './column-values.ts';
import { ColumnValues } from './column-values.ts';
import type { Name } from '../../actors/name.ts';
import { name } from '../../actors/name.ts';
import { checkInterchangeable, renamed } from './interchangeable.ts';
import type { World } from '../../world/world.ts';

/** A permutation of members: `image[m]` is where member m goes. */
export type Permutation = Int32Array;

/** Rounds of refinement: enough for references of references. */
const ROUNDS = 3;
const NOBODY = -1;

/** What a raw value of a column adds to the colouring. */
interface Mark {
  /** To the colour of the column's owner. */
  readonly colour: number;
  /** Names of others that stand there: their members, and where, as a hash. */
  readonly members: Int32Array;
  readonly places: Int32Array;
}

/** Finds canonical rows of a world. */
export class Symmetry {
  readonly #world: World;
  /** Member of a name, by value number; components of one member share it. */
  readonly #memberOf: number[] = [];
  /** Which component of its member a name is, by value number. */
  readonly #componentOf: number[] = [];
  /** Value numbers of a member's names, by component. */
  readonly #names: number[][] = [];
  /** First member and number of members of each group. */
  readonly #groups: { readonly first: number; readonly count: number }[] = [];
  readonly #kinds: ColumnKind[] = [];
  /** Columns of each member, in the same order for all members of a group. */
  readonly #columns: number[][] = [];
  /** Channels of several messages, which are kept in order of their numbers. */
  readonly #wide: { readonly start: number; readonly slots: number }[] = [];
  /** Place of a column among its owner's; the same for all slots of a channel, by column. */
  readonly #at: number[] = [];
  /** Columns that stay where they are. */
  readonly #fixed: number[] = [];
  readonly #columnValues: ColumnValues;
  /** Member whose column it is, by column. */
  readonly #ownerOf: number[] = [];
  /** By column and raw value, as they are met. */
  readonly #marks: (Mark | undefined)[][] = [];
  readonly #localRenames: (Map<number, number> | undefined)[] = [];
  readonly #eventRenames: (Map<number, number> | undefined)[] = [];
  /** More than any name's value number. */
  readonly #radix: number;
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

  constructor(world: World) {
    this.#world = world;
    checkInterchangeable(world.definition);
    for (const group of world.definition.interchangeable ?? []) {
      this.#groups.push({ first: this.#names.length, count: group.length });
      for (const member of group) {
        const ids = member.map((one) => world.values.id(name(one)));
        for (const [component, id] of ids.entries()) {
          this.#memberOf[id] = this.#names.length;
          this.#componentOf[id] = component;
        }
        this.#names.push(ids);
        this.#columns.push([]);
      }
    }
    this.#columnValues = new ColumnValues(world, this.#memberOf);
    this.#layOut();
    this.#radix = this.#memberOf.length + 1;
    this.#colours = new Int32Array(this.#names.length);
    this.#next = new Int32Array(this.#names.length);
    this.#sorted = new Int32Array(this.#names.length);
    this.#linked = new Uint8Array(this.#names.length);
    this.image = new Int32Array(this.#names.length);
  }

  /** Says of every column what it holds and whose it is. */
  #layOut(): void {
    const { layout, operations, values, actors, width } = this.#world;
    const owners: (number | undefined)[] = Array.from({ length: width }, () => undefined);
    const kinds: ColumnKind[] = Array.from({ length: width }, () => 'plain' as const);
    const claim = (column: number, kind: ColumnKind, owner?: number): void => {
      kinds[column] = kind;
      owners[column] = owner;
    };
    for (const [column, { address }] of actors.entries()) {
      const owner = values.id(address as Name);
      claim(column, 'local', owner);
      const { start, slots } = this.#world.channel(column);
      for (let slot = 0; slot < slots; slot++) claim(start + slot, 'message', owner);
      if (slots > 1) this.#wide.push({ start, slots });
    }
    for (const [actor, cells] of layout.cells)
      for (const cell of operations.cells.keys()) {
        const column = cells[cell];
        if (column !== undefined) claim(column, 'value', actor);
      }
    for (const { start, family } of layout.families)
      for (const [i, { holds, owner }] of family.columns.entries())
        claim(start + i, holds, owner === undefined ? undefined : values.id(owner));
    for (let column = 0; column < width; column++) {
      this.#kinds.push(kinds[column] ?? 'plain');
      const owner = owners[column];
      const member = owner === undefined ? undefined : this.#memberOf[owner];
      this.#ownerOf.push(member ?? NOBODY);
      this.#marks.push([]);
      if (member === undefined) this.#fixed.push(column);
      else this.#columns[member]?.push(column);
    }
    for (const columns of [this.#fixed, ...this.#columns])
      for (const [i, column] of columns.entries()) this.#at[column] = i;
    for (const { start, slots } of this.#wide)
      for (let slot = 1; slot < slots; slot++) this.#at[start + slot] = this.#at[start] as number;
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
    for (let g = 0; g < this.#groups.length; g++) {
      const { first, count } = this.#groups[g] as { first: number; count: number };
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
    for (const { first, count } of this.#groups) {
      for (let one = first; one < first + count; one++) {
        if (this.#linked[one] === 0) continue;
        for (let other = one + 1; other < first + count; other++) if (colours[one] === colours[other]) return one;
      }
    }
    return NOBODY;
  }

  /** Permutes a whole row. */
  apply(image: Permutation, row: Uint16Array, into: Uint16Array): void {
    for (const column of this.#fixed) into[column] = this.#rename(image, column, row[column] as number);
    for (const [member, columns] of this.#columns.entries()) {
      const target = this.#columns[image[member] as number] as number[];
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i] as number;
        into[target[i] as number] = this.#rename(image, column, row[column] as number);
      }
    }
    for (let c = 0; c < this.#wide.length; c++)
      sortChannel(this.#world, into, this.#wide[c] as { start: number; slots: number });
  }

  /** The name that a value number goes to. */
  nameImage(image: Permutation, id: number): number {
    const member = this.#memberOf[id];
    if (member === undefined) return id;
    return this.#names[image[member] as number]?.[this.#componentOf[id] as number] as number;
  }

  /** Exchanges of two neighbours of a group; all permutations are made of them. */
  exchanges(): Permutation[] {
    return this.#groups.flatMap(({ first, count }) =>
      Array.from({ length: count - 1 }, (_, i) => {
        const exchange = Int32Array.from(this.image, (__, member) => member);
        exchange[first + i] = first + i + 1;
        exchange[first + i + 1] = first + i;
        return exchange;
      }),
    );
  }

  /** Plain data with its names renamed. */
  dataImage<T>(image: Permutation, data: T): T {
    return renamed(data, this.#renaming(image)) as T;
  }

  /** The event that an event goes to. */
  eventImage(image: Permutation, event: number): number {
    return this.#renameData(image, event, 'e', (renaming) => {
      const { to, message } = this.#world.transitions.event(event);
      return this.#world.transitions.internEvent({
        to: renamed(to, renaming) as never,
        message: renamed(message, renaming) as never,
      });
    });
  }

  #renaming(image: Permutation): Map<string, string> {
    const { values } = this.#world;
    return new Map(
      this.#names.flatMap((ids, member) =>
        ids.map(
          (id, k) =>
            [
              String(values.value(id)),
              String(values.value(this.#names[image[member] as number]?.[k] as number)),
            ] as const,
        ),
      ),
    );
  }

  /** The same of these names only. */
  #renamingOf(image: Permutation, names: Iterable<number>): Map<string, string> {
    const { values } = this.#world;
    const renaming = new Map<string, string>();
    for (const id of names) renaming.set(String(values.value(id)), String(values.value(this.nameImage(image, id))));
    return renaming;
  }

  #rename(image: Permutation, column: number, raw: number): number {
    switch (this.#kinds[column]) {
      case 'value':
        return this.nameImage(image, raw);
      case 'message':
        return raw === 0 ? 0 : this.eventImage(image, raw - 1) + 1;
      case 'local':
        return this.#renameData(image, raw, 'l', (renaming) => {
          const state = this.#world.transitions.local(raw);
          return this.#world.transitions.internLocal(renamed(state, renaming) as typeof state);
        });
      default:
        return raw;
    }
  }

  /** Renames a local state or an event; remembered by what becomes of the names in it. */
  #renameData(
    image: Permutation,
    id: number,
    kind: 'l' | 'e',
    rename: (renaming: ReadonlyMap<string, string>) => number,
  ): number {
    const names = kind === 'l' ? this.#columnValues.namesOfLocal(id) : this.#columnValues.namesOfMessage(id);
    if (names.length === 0) return id;
    // Images as digits of one number; names are few, so it stays exact.
    let key = 0;
    let moves = false;
    for (let k = 0; k < names.length; k++) {
      const from = names[k] as number;
      const to = this.nameImage(image, from);
      moves ||= to !== from;
      key = key * this.#radix + to;
    }
    if (!moves) return id;
    if (key > Number.MAX_SAFE_INTEGER) return rename(this.#renaming(image));
    const renames = kind === 'l' ? this.#localRenames : this.#eventRenames;
    const known = (renames[id] ??= new Map());
    let found = known.get(key);
    if (found === undefined) {
      found = rename(this.#renamingOf(image, names));
      known.set(key, found);
    }
    return found;
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
      const owner = this.#ownerOf[column] as number;
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
    const kind = this.#kinds[column] as ColumnKind;
    const at = this.#at[column] as number;
    const owner = this.#ownerOf[column] as number;
    const shape = this.#columnValues.shape(kind, raw);
    const members: number[] = [];
    const places: number[] = [];
    for (const [k, id] of this.#columnValues.namesIn(kind, raw).entries()) {
      const member = this.#memberOf[id];
      if (member === undefined || member === owner) continue;
      members.push(member);
      places.push(mix(mix(at, owner === NOBODY ? shape : 0), k * 8 + (this.#componentOf[id] as number)));
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

/** Puts the messages of a channel in order of their content. */
function sortChannel(world: World, row: Uint16Array, { start, slots }: { start: number; slots: number }): void {
  // Mostly there is one at most.
  if (row[start + 1] === 0) return;
  for (let i = start + 1; i < start + slots; i++) {
    const moved = row[i] as number;
    let at = i;
    while (at > start && world.isBefore(moved, row[at - 1] as number)) {
      row[at] = row[at - 1] as number;
      at -= 1;
    }
    row[at] = moved;
  }
}

function mix(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e37_79b9, 0x85eb_ca6b) ^ other;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}
