// Symmetry reduction: states that differ only in the names of interchangeable things are searched once.
//
// Ip and Dill, "Better Verification Through Symmetry", 1996. What is interchangeable is declared by the scenario and
// checked here; machines cannot tell names apart (protocol.ts, `Name`). The canonical state is found by colouring: each
// member of a group is coloured by what the row says of it, colours are refined along references, members are sorted by
// colour. Ties are left as they are, so a few states of one orbit may be kept apart (heuristic, never wrong): always the
// whole row is permuted, no part of it is rebuilt from another.
import type { LocalId } from '../world/local-transitions.ts';
import { fields } from '../world/memory.ts';
import type { CanonicalForm } from './expander.ts';
import type { Packing } from './packing.ts';
import { name } from '../machines/protocol.ts';
import { checkInterchangeable, renamed } from '../scenarios/interchangeable.ts';
import type { World } from '../world/world.ts';

/** A permutation of members: `image[m]` is where member m goes. */
export type Permutation = Int32Array;

/** Rounds of refinement: enough for references of references. */
const ROUNDS = 3;
const NOBODY = -1;

type ColumnKind = 'local' | 'value' | 'message' | 'plain';

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
  readonly #localNames = new Map<LocalId, Int32Array>();
  readonly #localShapes = new Map<LocalId, number>();
  readonly #messageNames = new Map<number, Int32Array>();
  readonly #messageShapes = new Map<number, number>();
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
    this.#layOut();
    this.#radix = this.#memberOf.length + 1;
    this.#colours = new Int32Array(this.#names.length);
    this.#next = new Int32Array(this.#names.length);
    this.#linked = new Uint8Array(this.#names.length);
    this.image = new Int32Array(this.#names.length);
  }

  /** Says of every column what it holds and whose it is. */
  #layOut(): void {
    const { layout, values, actors, width } = this.#world;
    const owners: (number | undefined)[] = Array.from({ length: width }, () => undefined);
    const kinds: ColumnKind[] = Array.from({ length: width }, () => 'plain' as const);
    const claim = (column: number, kind: ColumnKind, owner?: number): void => {
      kinds[column] = kind;
      owners[column] = owner;
    };
    for (const [column, { address }] of actors.entries()) {
      const owner = address === 'registry' ? undefined : values.id(address);
      claim(column, 'local', owner);
      const { start, slots } = this.#world.channel(column);
      for (let slot = 0; slot < slots; slot++) claim(start + slot, 'message', owner);
      if (slots > 1) this.#wide.push({ start, slots });
    }
    for (const [struct, column] of layout.structs) {
      for (const [i, field] of fields.entries()) claim(column + i, field === 'freed' ? 'plain' : 'value', struct);
    }
    for (const [eventfd, column] of layout.eventfds) claim(column, 'plain', eventfd);
    for (const { start, slots } of layout.sets) {
      const isKeyed = this.#world.definition.policy.index === 'xarray';
      const length = this.#world.definition.policy.index === 'hash' ? 2 * slots : slots;
      for (let i = 0; i < length; i++) claim(start + i, 'value');
      if (isKeyed) for (const [key, slot] of layout.keySlots) claim(start + slot, 'value', key === 0 ? undefined : key);
    }
    for (let column = 0; column < width; column++) {
      this.#kinds.push(kinds[column] ?? 'plain');
      const owner = owners[column];
      const member = owner === undefined ? undefined : this.#memberOf[owner];
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
    for (const { first, count } of this.#groups) {
      const members = Array.from({ length: count }, (_, i) => first + i);
      members.sort((one, other) => (this.#colours[one] as number) - (this.#colours[other] as number) || one - other);
      for (const [place, member] of members.entries()) {
        this.image[member] = first + place;
        moves ||= member !== first + place;
      }
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
    for (let c = 0; c < this.#wide.length; c++) sortDescending(into, this.#wide[c] as { start: number; slots: number });
  }

  /** The name that a value number goes to. */
  nameImage(image: Permutation, id: number): number {
    const member = this.#memberOf[id];
    if (member === undefined) return id;
    return this.#names[image[member] as number]?.[this.#componentOf[id] as number] as number;
  }

  /** The event that an event goes to. */
  eventImage(image: Permutation, event: number): number {
    return this.#renameData(image, event, 'e', () => {
      const { to, message } = this.#world.transitions.event(event);
      const renaming = this.#renaming(image);
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

  #rename(image: Permutation, column: number, raw: number): number {
    switch (this.#kinds[column]) {
      case 'value':
        return this.nameImage(image, raw);
      case 'message':
        return raw === 0 ? 0 : this.eventImage(image, raw - 1) + 1;
      case 'local':
        return this.#renameData(image, raw, 'l', () => {
          const state = this.#world.transitions.local(raw);
          return this.#world.transitions.internLocal(renamed(state, this.#renaming(image)) as typeof state);
        });
      default:
        return raw;
    }
  }

  /** Renames a local state or an event; remembered by what becomes of the names in it. */
  #renameData(image: Permutation, id: number, kind: 'l' | 'e', make: () => number): number {
    const names = kind === 'l' ? this.#namesOfLocal(id) : this.#namesOfMessage(id);
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
    if (key > Number.MAX_SAFE_INTEGER) return make();
    const renames = kind === 'l' ? this.#localRenames : this.#eventRenames;
    const known = (renames[id] ??= new Map());
    let found = known.get(key);
    if (found === undefined) {
      found = make();
      known.set(key, found);
    }
    return found;
  }

  /** Colours members by what the row says of them, and notes down which names stand where. */
  #colour(row: Uint16Array): void {
    const colours = this.#colours;
    this.#linked.fill(0);
    this.#references = 0;
    for (let i = 0; i < this.#fixed.length; i++) this.#note(row, this.#fixed[i] as number, NOBODY);
    for (let member = 0; member < this.#columns.length; member++) {
      const columns = this.#columns[member] as number[];
      let colour = 0;
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i] as number;
        // A sum, so that the order of messages in a channel does not matter.
        colour = (colour + mix(this.#at[column] as number, this.#shape(column, row[column] as number))) | 0;
        this.#note(row, column, member);
      }
      colours[member] = colour;
    }
    this.#refineAll();
  }

  /** Notes the names of others that a column holds: whose column it is, which of its columns, who stands there. */
  #note(row: Uint16Array, column: number, owner: number): void {
    const at = this.#at[column] as number;
    const raw = row[column] as number;
    const names = this.#namesIn(column, raw);
    for (let k = 0; k < names.length; k++) {
      const id = names[k] as number;
      const member = this.#memberOf[id];
      if (member === undefined || member === owner) continue;
      this.#linked[member] = 1;
      if (owner !== NOBODY) this.#linked[owner] = 1;
      const n = this.#references++;
      this.#owners[n] = owner;
      this.#members[n] = member;
      this.#places[n] = mix(
        mix(at, owner === NOBODY ? this.#shape(column, raw) : 0),
        k * 8 + (this.#componentOf[id] as number),
      );
    }
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

  #namesIn(column: number, raw: number): Int32Array {
    switch (this.#kinds[column]) {
      case 'local':
        return this.#namesOfLocal(raw);
      case 'message':
        return raw === 0 ? EMPTY : this.#namesOfMessage(raw - 1);
      case 'value': {
        ONE[0] = raw;
        return this.#memberOf[raw] === undefined ? EMPTY : ONE;
      }
      default:
        return EMPTY;
    }
  }

  #namesOfLocal(local: LocalId): Int32Array {
    return this.#cachedNames(this.#localNames, local, () => {
      const { value, context } = this.#world.transitions.local(local);
      return [value, context];
    });
  }

  #namesOfMessage(event: number): Int32Array {
    return this.#cachedNames(this.#messageNames, event, () => this.#world.transitions.event(event));
  }

  #cachedNames(cache: Map<number, Int32Array>, id: number, data: () => unknown): Int32Array {
    let found = cache.get(id);
    if (found === undefined) {
      const ids: number[] = [];
      this.#collect(data(), ids);
      found = Int32Array.from(ids);
      cache.set(id, found);
    }
    return found;
  }

  /** Value numbers of the interchangeable names in plain data, in order. */
  #collect(value: unknown, into: number[]): void {
    if (typeof value === 'string') {
      const id = /^[a-z]+\d+$/.test(value) ? this.#world.values.id(value as never) : 0;
      if (this.#memberOf[id] !== undefined) into.push(id);
    } else if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) this.#collect(item, into);
    }
  }

  /** What a column's value looks like without its names. */
  #shape(column: number, raw: number): number {
    switch (this.#kinds[column]) {
      case 'local':
        return this.#shapeOf(this.#localShapes, raw, 'l', () => {
          const { value, context, machine } = this.#world.transitions.local(raw);
          return [machine, value, context];
        });
      case 'message':
        return raw === 0
          ? 1
          : this.#shapeOf(this.#messageShapes, raw, 'e', () => this.#world.transitions.event(raw - 1));
      case 'value':
        return this.#memberOf[raw] === undefined ? raw + 2 : 2;
      default:
        return raw + 2;
    }
  }

  #shapeOf(cache: Map<number, number>, id: number, kind: string, data: () => unknown): number {
    let shape = cache.get(id);
    if (shape === undefined) {
      const seen: string[] = [];
      const text = JSON.stringify(data(), (_, value: unknown) => {
        if (
          typeof value !== 'string' ||
          !/^[a-z]+\d+$/.test(value) ||
          this.#memberOf[this.#world.values.id(value as never)] === undefined
        )
          return value;
        if (!seen.includes(value)) seen.push(value);
        return `#${seen.indexOf(value)}`;
      });
      // By content, not by order of discovery: another process that goes on with a search finds the same forms.
      shape = hashOfText(kind + text);
      cache.set(id, shape);
    }
    return shape;
  }
}

/** The canonical form of one packed row after another. */
export class CanonicalRow implements CanonicalForm {
  readonly #symmetry: Symmetry;
  readonly #packing: Packing;
  readonly #makeRoom: () => void;
  readonly #plain: Uint16Array;
  readonly #image: Uint16Array;
  #isImage = false;

  /** `makeRoom` is called where the packing has no room for a value of a canonical row. */
  constructor(symmetry: Symmetry, width: number, packing: Packing, makeRoom: () => void) {
    this.#symmetry = symmetry;
    this.#packing = packing;
    this.#makeRoom = makeRoom;
    this.#plain = new Uint16Array(width);
    this.#image = new Uint16Array(width);
  }

  find(words: Int32Array, base: number): void {
    this.#packing.unpack(words, base, this.#plain);
    this.#isImage = this.#symmetry.arrange(this.#plain);
    if (this.#isImage) this.#symmetry.apply(this.#symmetry.image, this.#plain, this.#image);
    if (!this.#packing.learn(this.#isImage ? this.#image : this.#plain)) this.#makeRoom();
  }

  packPlain(into: Int32Array, base: number): void {
    this.#packing.pack(this.#plain, into, base);
  }

  packImage(into: Int32Array, base: number): void {
    this.#packing.pack(this.#isImage ? this.#image : this.#plain, into, base);
  }
}

const EMPTY = new Int32Array(0);
const ONE = new Int32Array(1);

/** FNV-1a. Texts with equal hashes only look alike, and are told apart by what follows. */
function hashOfText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash | 0;
}

function sortDescending(row: Uint16Array, { start, slots }: { start: number; slots: number }): void {
  for (let i = start + 1; i < start + slots; i++) {
    const moved = row[i] as number;
    let at = i;
    while (at > start && (row[at - 1] as number) < moved) {
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
