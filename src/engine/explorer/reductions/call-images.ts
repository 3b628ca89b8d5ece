// Calls under other names: with symmetry a search meets a call of one member only, and perhaps what it does not commute with only of another.
//
// Whatever runs of the world do, runs of the states that are kept do under some exchange of members. So a call commutes with all that
// others can do where each of its images commutes with what was met. docs/decisions/015-early-calls.md.
import type { Packing } from '../store/packing.ts';
import type { Footprint, StepTable } from '../tables/step-table.ts';
import type { Permutation, RowRenaming } from './row-renaming.ts';
import { NOBODY } from './row-renaming.ts';

/** Of a call that has more images nothing is known. */
const IMAGES_MAX = 128;

/** Images of calls under all permutations of interchangeable members. */
export class CallImages {
  readonly #rows: RowRenaming;
  readonly #packing: Packing;
  readonly #steps: StepTable;
  /** By call, with how many columns step properties had read of it then. */
  readonly #known = new Map<Footprint, { readonly checked: number; readonly images: readonly Footprint[] | null }>();

  constructor(rows: RowRenaming, packing: Packing, steps: StepTable) {
    this.#rows = rows;
    this.#packing = packing;
    this.#steps = steps;
  }

  /**
   * What a call is under all names.
   *
   * @returns the call first; null where images are too many, or where it has to do with a channel that is kept in order
   */
  of(call: Footprint): readonly Footprint[] | null {
    const known = this.#known.get(call);
    if (known?.checked === call.checked.size) return known.images;
    const images = this.#imagesOf(call);
    this.#known.set(call, { checked: call.checked.size, images });
    return images;
  }

  #imagesOf(call: Footprint): readonly Footprint[] | null {
    const touched = this.#touched(call);
    if (touched === null) return null;
    let permutations: Permutation[] = [Int32Array.from({ length: this.#rows.members }, () => NOBODY)];
    for (const { first, count } of this.#rows.groups) {
      const members = touched.filter((member) => member >= first && member < first + count);
      let many = permutations.length;
      for (const i of members.keys()) many *= count - i;
      if (many > IMAGES_MAX) return null;
      for (const member of members)
        permutations = permutations.flatMap((permutation) => placed(permutation, member, first, count));
    }
    return permutations.map((permutation) => this.#image(call, completed(permutation, this.#rows.groups)));
  }

  /** Members that a call has to do with; null where that is more than columns can tell. */
  #touched({ choice, path, checked, writes }: Footprint): readonly number[] | null {
    const { ownerOf, memberOf, kinds, wide, columnValues } = this.#rows;
    const found = new Set<number>();
    const note = (names: Int32Array): void => {
      for (const id of names) found.add(memberOf[id] as number);
    };
    for (const column of [...path.keys(), ...checked, ...writes.keys()]) {
      if (wide.some(({ start, slots }) => column >= start && column < start + slots)) return null;
      const owner = ownerOf[column] as number;
      if (owner !== NOBODY) found.add(owner);
    }
    for (const codes of [path, writes])
      for (const [column, code] of codes)
        note(columnValues.namesIn(kinds[column] ?? 'plain', this.#packing.raw(column, code)));
    note(columnValues.namesOfMessage(this.#steps.eventOf(choice)));
    return [...found].toSorted((one, other) => one - other);
  }

  #image(call: Footprint, permutation: Permutation): Footprint {
    if (permutation.every((to, member) => to === member)) return call;
    const rows = this.#rows;
    const column = (at: number): number => rows.columnImage(permutation, at);
    const codes = (some: ReadonlyMap<number, number>): Map<number, number> =>
      new Map(
        [...some].map(([at, code]) => {
          const to = column(at);
          return [to, this.#packing.code(to, rows.rename(permutation, at, this.#packing.raw(at, code)))];
        }),
      );
    const row = new Uint16Array(call.row.length);
    rows.apply(permutation, call.row, row);
    return {
      ...call,
      choice: this.#steps.choice(rows.eventImage(permutation, this.#steps.eventOf(call.choice)), -1),
      source: column(call.source),
      path: codes(call.path),
      checked: new Set([...call.checked].map(column)),
      writes: codes(call.writes),
      row,
      observations: rows.dataImage(permutation, call.observations),
    };
  }
}

/** A permutation that says where a member goes, too: everywhere where no other member of its group goes. */
function placed(permutation: Permutation, member: number, first: number, count: number): Permutation[] {
  const free = Array.from({ length: count }, (_, i) => first + i).filter((to) => !permutation.includes(to));
  // The identity first.
  free.sort((one, other) => Number(other === member) - Number(one === member));
  return free.map((to) => permutation.with(member, to));
}

/** The others of a group go where there is room: where that is says nothing of a call that has nothing to do with them. */
function completed(permutation: Permutation, groups: RowRenaming['groups']): Permutation {
  const whole = permutation.slice();
  for (const { first, count } of groups) {
    const members = Array.from({ length: count }, (_, i) => first + i);
    const free = members.filter((to) => !whole.includes(to));
    for (const member of members) {
      if (whole[member] !== NOBODY) continue;
      const own = free.indexOf(member);
      whole[member] = free.splice(Math.max(own, 0), 1)[0] as number;
    }
  }
  return whole;
}
