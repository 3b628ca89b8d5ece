// Rows of a world under other names: what is interchangeable, whose columns are whose, and what a permutation makes of a row.
//
// Always the whole row is permuted, no part of it is rebuilt from another.
import type { ColumnKind } from './column-values.ts';
import { ColumnValues } from './column-values.ts';
import type { Name } from '../../actors/name.ts';
import { name } from '../../actors/name.ts';
import { checkInterchangeable, renamed, SymmetryError } from './interchangeable.ts';
import type { World } from '../../world/world.ts';

/** A permutation of members: `image[m]` is where member m goes. */
export type Permutation = Int32Array;

/** No member: of a column that is nobody's. */
export const NOBODY = -1;

/** What is interchangeable in a world, and what its rows look like with other names. */
export class RowRenaming {
  readonly world: World;
  /** Member of a name, by value number; components of one member share it. */
  readonly memberOf: number[] = [];
  /** Which component of its member a name is, by value number. */
  readonly componentOf: number[] = [];
  /** Value numbers of a member's names, by component. */
  readonly #names: number[][] = [];
  /** First member and number of members of each group. */
  readonly groups: { readonly first: number; readonly count: number }[] = [];
  readonly kinds: ColumnKind[] = [];
  /** Columns of each member, in the same order for all members of a group. */
  readonly columns: number[][] = [];
  /** Channels of several messages, which are kept in order of their numbers. */
  readonly wide: { readonly start: number; readonly slots: number }[] = [];
  /** Place of a column among its owner's; the same for all slots of a channel, by column. */
  readonly at: number[] = [];
  /** Columns that stay where they are. */
  readonly fixed: number[] = [];
  readonly columnValues: ColumnValues;
  /** Member whose column it is, by column. */
  readonly ownerOf: number[] = [];
  readonly #localRenames: (Map<number, number> | undefined)[] = [];
  readonly #eventRenames: (Map<number, number> | undefined)[] = [];
  /** More than any name's value number. */
  readonly #radix: number;

  constructor(world: World) {
    this.world = world;
    checkInterchangeable(world.definition);
    for (const group of world.definition.interchangeable ?? []) {
      this.groups.push({ first: this.#names.length, count: group.length });
      for (const member of group) {
        const ids = member.map((one) => world.values.id(name(one)));
        for (const [component, id] of ids.entries()) {
          this.memberOf[id] = this.#names.length;
          this.componentOf[id] = component;
        }
        this.#names.push(ids);
        this.columns.push([]);
      }
    }
    this.columnValues = new ColumnValues(world, this.memberOf, this.componentOf);
    this.#layOut();
    this.#radix = this.memberOf.length + 1;
  }

  /** How many members all groups have. */
  get members(): number {
    return this.#names.length;
  }

  /** Says of every column what it holds and whose it is. */
  #layOut(): void {
    const { layout, operations, values, actors, width } = this.world;
    const owners: (number | undefined)[] = Array.from({ length: width }, () => undefined);
    const kinds: ColumnKind[] = Array.from({ length: width }, () => 'plain' as const);
    const claim = (column: number, kind: ColumnKind, owner?: number): void => {
      kinds[column] = kind;
      owners[column] = owner;
    };
    for (const [column, { address }] of actors.entries()) {
      const owner = values.id(address as Name);
      claim(column, 'local', owner);
      const { start, slots } = this.world.channel(column);
      for (let slot = 0; slot < slots; slot++) claim(start + slot, 'message', owner);
      if (slots > 1) this.wide.push({ start, slots });
    }
    for (const [actor, cells] of layout.cells)
      for (const cell of operations.cells.keys()) {
        const column = cells[cell];
        if (column !== undefined) claim(column, 'value', actor);
      }
    for (const { start, family } of layout.families)
      for (const [i, { holds, owner }] of family.columns.entries())
        claim(start + i, holds, owner === undefined ? undefined : values.id(owner));
    const ofNames: number[][] = this.memberOf.map(() => []);
    for (let column = 0; column < width; column++) {
      this.kinds.push(kinds[column] ?? 'plain');
      const owner = owners[column];
      const member = owner === undefined ? undefined : this.memberOf[owner];
      this.ownerOf.push(member ?? NOBODY);
      if (member === undefined) this.fixed.push(column);
      else ofNames[owner as number]?.push(column);
    }
    // By component: in which order actors are declared says nothing.
    for (const [member, ids] of this.#names.entries())
      this.columns[member]?.push(...ids.flatMap((id) => ofNames[id] ?? []));
    this.#expectAlike();
    for (const columns of [this.fixed, ...this.columns])
      for (const [i, column] of columns.entries()) this.at[column] = i;
    for (const { start, slots } of this.wide)
      for (let slot = 1; slot < slots; slot++) this.at[start + slot] = this.at[start] as number;
  }

  /** Throws where members of a group have other columns than the first: a permutation would put values where they do not belong. */
  #expectAlike(): void {
    const slots = new Map(this.wide.map((channel) => [channel.start, channel.slots]));
    const shapeOf = (member: number): string =>
      (this.columns[member] ?? []).map((column) => `${this.kinds[column] ?? ''} ${slots.get(column) ?? 1}`).join();
    for (const { first, count } of this.groups)
      for (let member = first + 1; member < first + count; member++)
        if (shapeOf(member) !== shapeOf(first))
          throw new SymmetryError(
            `${this.#textOf(first)} and ${this.#textOf(member)} are declared interchangeable, but have other columns in a state`,
          );
  }

  #textOf(member: number): string {
    return (this.#names[member] ?? []).map((id) => String(this.world.values.value(id))).join(' with ');
  }

  /**
   * Permutes a whole row.
   *
   * @param image - where each member goes
   * @param row - stays as it is
   * @param into - becomes the image
   */
  apply(image: Permutation, row: Uint16Array, into: Uint16Array): void {
    for (const column of this.fixed) into[column] = this.rename(image, column, row[column] as number);
    for (const [member, columns] of this.columns.entries()) {
      const target = this.columns[image[member] as number] as number[];
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i] as number;
        into[target[i] as number] = this.rename(image, column, row[column] as number);
      }
    }
    for (let c = 0; c < this.wide.length; c++)
      sortChannel(this.world, into, this.wide[c] as { start: number; slots: number });
  }

  /** The name that a value number goes to. */
  nameImage(image: Permutation, id: number): number {
    const member = this.memberOf[id];
    if (member === undefined) return id;
    return this.#names[image[member] as number]?.[this.componentOf[id] as number] as number;
  }

  /** Plain data with its names renamed. */
  dataImage<T>(image: Permutation, data: T): T {
    return renamed(data, this.#renaming(image)) as T;
  }

  /** The event that an event goes to. */
  eventImage(image: Permutation, event: number): number {
    return this.#renameData(image, event, 'e', (renaming) => {
      const { to, message } = this.world.transitions.event(event);
      return this.world.transitions.internEvent({
        to: renamed(to, renaming) as never,
        message: renamed(message, renaming) as never,
      });
    });
  }

  #renaming(image: Permutation): Map<string, string> {
    const { values } = this.world;
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
    const { values } = this.world;
    const renaming = new Map<string, string>();
    for (const id of names) renaming.set(String(values.value(id)), String(values.value(this.nameImage(image, id))));
    return renaming;
  }

  /** The column that a column becomes; of channels with several slots the first alone has one. */
  columnImage(image: Permutation, column: number): number {
    const owner = this.ownerOf[column] as number;
    if (owner === NOBODY) return column;
    return this.columns[image[owner] as number]?.[this.at[column] as number] as number;
  }

  /** What becomes of the raw value of a column. */
  rename(image: Permutation, column: number, raw: number): number {
    switch (this.kinds[column]) {
      case 'value':
        return this.nameImage(image, raw);
      case 'message':
        return raw === 0 ? 0 : this.eventImage(image, raw - 1) + 1;
      case 'local':
        return this.#renameData(image, raw, 'l', (renaming) => {
          const state = this.world.transitions.local(raw);
          return this.world.transitions.internLocal(renamed(state, renaming) as typeof state);
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
    const names = kind === 'l' ? this.columnValues.namesOfLocal(id) : this.columnValues.namesOfMessage(id);
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
}

/** Puts the messages of a channel in order of their content. */
export function sortChannel(world: World, row: Uint16Array, { start, slots }: { start: number; slots: number }): void {
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
