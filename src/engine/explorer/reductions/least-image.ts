// Canonical rows of small groups: the least of all images of a row, column by column.
//
// Images are compared in one order of columns, by the raw values that stand there: permutations that are not least at a column
// drop out, and mostly one is left after a few. What a permutation makes of the value of a column is remembered by the code of the
// value, so that a row is compared packed as it is. Which of two raw values is less means nothing, but stays so for a search and
// whoever goes on with it.
import { Colours, ValueColours } from './colours.ts';
import type { Permutation, RowRenaming } from './row-renaming.ts';
import { NOBODY } from './row-renaming.ts';

const UNKNOWN = -1;
/** So many images are compared as they are, without sorting members first. */
const UNSORTED_MAX = 6;

/** All permutations of groups of members; the identity first. */
export function permutationsOf(groups: RowRenaming['groups'], members: number): Permutation[] {
  let images: Permutation[] = [Int32Array.from({ length: members }, (_, member) => member)];
  for (const { first, count } of groups)
    images = images.flatMap((image) =>
      ordersOf(count).map((order) =>
        image.map((to, i) => (i < first || i >= first + count ? to : first + (order[i - first] as number))),
      ),
    );
  return images;
}

/** All orders of so many; the one they are in first. */
function ordersOf(count: number): number[][] {
  if (count === 0) return [[]];
  return ordersOf(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, i) => order.toSpliced(count - 1 - i, 0, count - 1)),
  );
}

/** Comes a member before another of its group: by colour, linked ones last, by number where nothing tells them apart? */
function isBefore(one: number, other: number, colours: Int32Array, linked: Uint8Array): boolean {
  const a = colours[one] as number;
  const b = colours[other] as number;
  if (a !== b) return a < b;
  const isLinked = linked[one] as number;
  const isOtherLinked = linked[other] as number;
  return isLinked !== isOtherLinked ? isLinked < isOtherLinked : isLinked === 0 && one < other;
}

/** How many orders a group has, and the number of each by its digits. */
interface Orders {
  readonly orders: number;
  readonly numbers: Int32Array;
}

function numberedOrders(count: number): Orders {
  const all = ordersOf(count);
  const numbers = new Int32Array(count ** count);
  for (const [n, order] of all.entries()) numbers[order.reduce((key, to) => key * count + to, 0)] = n;
  return { orders: all.length, numbers };
}

/** The least image of rows under the permutations of a small group. */
export class LeastImage {
  /** The permutations; the identity first. */
  readonly images: readonly Permutation[];
  /** Members, where each goes in the least image of the row that was arranged last. */
  image: Permutation;
  /** Columns in the order in which images are compared; of channels with several slots the first slot alone. */
  readonly order: Int32Array;
  /** Columns without later slots of channels. */
  readonly #firstSlots: Int32Array;
  /** Which member becomes a member: by permutation and member. */
  readonly #before: Int32Array;
  /** Columns by member and place among its columns, and that place by column. */
  readonly #columns: Int32Array;
  readonly #places: Int32Array;
  readonly #stride: number;
  /** Slots of a channel that begins at a column; 1 for any other. */
  readonly slots: Int32Array;
  readonly rows: RowRenaming;
  /** Are members sorted by colour before images are compared? Of two or three images one column tells. */
  readonly sortsFirst: boolean;
  readonly #image: Uint16Array;
  readonly #best: Uint16Array;
  readonly values: ValueColours;
  readonly colours: Colours;
  readonly #open: Int32Array;
  readonly #orders: readonly Orders[];
  /** Colours before members were individualised, by how many are. */
  readonly #apart: Int32Array[] = [];

  constructor(rows: RowRenaming) {
    this.rows = rows;
    this.images = permutationsOf(rows.groups, rows.members);
    this.image = this.images[0] as Permutation;
    const { width } = rows.world;
    this.slots = new Int32Array(width).fill(1);
    const later = new Set<number>();
    for (const { start, slots } of rows.wide) {
      this.slots[start] = slots;
      for (let slot = 1; slot < slots; slot++) later.add(start + slot);
    }
    this.#firstSlots = Int32Array.from(this.slots.keys()).filter((column) => !later.has(column));
    this.order = Int32Array.from(this.#columnsInOrder().filter((column) => !later.has(column)));
    const { members, columns } = rows;
    this.#before = new Int32Array(this.images.length * members);
    for (const [g, image] of this.images.entries())
      for (const [member, to] of image.entries()) this.#before[g * members + to] = member;
    this.#stride = Math.max(0, ...columns.map((some) => some.length));
    this.#columns = new Int32Array(members * this.#stride);
    this.#places = new Int32Array(width);
    for (const [member, some] of columns.entries())
      for (const [place, column] of some.entries()) {
        this.#columns[member * this.#stride + place] = column;
        this.#places[column] = place;
      }
    this.sortsFirst = this.images.length > UNSORTED_MAX;
    this.values = new ValueColours(rows);
    this.colours = new Colours(rows.members);
    this.#open = new Int32Array(this.images.length);
    this.#orders = this.sortsFirst ? rows.groups.map(({ count }) => numberedOrders(count)) : [];
    this.#image = new Uint16Array(width);
    this.#best = new Uint16Array(width);
  }

  /** Where a column of an image comes from. */
  from(g: number, column: number): number {
    const owner = this.rows.ownerOf[column] as number;
    if (owner === NOBODY) return column;
    const member = this.#before[g * this.rows.members + owner] as number;
    return this.#columns[member * this.#stride + (this.#places[column] as number)] as number;
  }

  /** Columns of an image that come from elsewhere, or whose values may hold names; of channels the first slots. */
  moving(g: number): Int32Array {
    const { kinds } = this.rows;
    return this.#firstSlots.filter((column) => this.from(g, column) !== column || kinds[column] !== 'plain');
  }

  /**
   * The permutations that put members in order of their colours, by number. Of linked members of one colour each is individualised in
   * turn, and the others follow: several permutations, of which the least image is taken.
   *
   * @param into - where the numbers go
   * @returns how many there are
   */
  sorted(into: Int32Array): number {
    if (this.#tied() === NOBODY) {
      into[0] = this.#inOrder();
      return 1;
    }
    this.colours.refine();
    return this.#branch(into, 0, 0);
  }

  #branch(into: Int32Array, found: number, depth: number): number {
    const tied = this.#tied();
    if (tied === NOBODY) {
      into[found] = this.#inOrder();
      return found + 1;
    }
    const { colours, linked } = this.colours;
    const { first, count } = this.rows.groups.find((group) => tied < group.first + group.count) as {
      first: number;
      count: number;
    };
    const before = (this.#apart[depth] ??= new Int32Array(colours.length));
    before.set(colours);
    let all = found;
    for (let member = tied; member < first + count; member++) {
      if (before[member] !== before[tied] || linked[member] === 0) continue;
      colours.set(before);
      this.colours.individualise(member);
      all = this.#branch(into, all, depth + 1);
    }
    return all;
  }

  /** Of the first group with linked members of one colour the first of those with the least. */
  #tied(): number {
    const { colours, linked } = this.colours;
    const { groups } = this.rows;
    for (let n = 0; n < groups.length; n++) {
      const { first, count } = groups[n] as { first: number; count: number };
      let found = NOBODY;
      for (let one = first; one < first + count; one++) {
        const colour = colours[one] as number;
        if (linked[one] === 0 || (found !== NOBODY && colour >= (colours[found] as number))) continue;
        for (let other = one + 1; other < first + count; other++)
          if (colours[other] === colour && linked[other] === 1) found = one;
      }
      if (found !== NOBODY) return found;
    }
    return NOBODY;
  }

  /** The permutation that puts members in order, where nothing that is linked looks alike. */
  #inOrder(): number {
    const { colours, linked } = this.colours;
    const { groups } = this.rows;
    let g = 0;
    for (let n = 0; n < groups.length; n++) {
      const { first, count } = groups[n] as { first: number; count: number };
      let key = 0;
      for (let i = first; i < first + count; i++) {
        let less = 0;
        for (let k = first; k < first + count; k++) if (isBefore(k, i, colours, linked)) less += 1;
        key = key * count + less;
      }
      const { orders, numbers } = this.#orders[n] as Orders;
      g = g * orders + (numbers[key] as number);
    }
    return g;
  }

  /** Members first, each with its local state first: they tell images apart soonest. Numbers that name nothing stay as they are. */
  #columnsInOrder(): readonly number[] {
    const { columns, kinds, fixed } = this.rows;
    const place = (column: number): number => ['local', 'value', 'message', 'plain'].indexOf(kinds[column] ?? 'plain');
    const own = columns.flatMap((some) => some.toSorted((a, b) => place(a) - place(b) || a - b));
    return [...own, ...fixed.filter((column) => kinds[column] !== 'plain')];
  }

  /** Sets `image` to the first permutation that makes a row least. Answers false when that is the identity. */
  arrange(row: Uint16Array): boolean {
    const tried = this.#tried(row);
    let chosen = UNKNOWN;
    for (const g of tried) {
      this.rows.apply(this.images[g] as Permutation, row, this.#image);
      if (chosen !== UNKNOWN && !this.#isLess(this.#image, this.#best)) continue;
      chosen = g;
      this.#best.set(this.#image);
    }
    this.image = this.images[chosen] as Permutation;
    return chosen !== 0;
  }

  #tried(row: Uint16Array): Iterable<number> {
    if (!this.sortsFirst) return this.images.keys();
    this.values.colour(row, this.colours);
    return this.#open.subarray(0, this.sorted(this.#open));
  }

  #isLess(one: Uint16Array, other: Uint16Array): boolean {
    for (const first of this.order)
      for (let column = first; column < first + (this.slots[first] as number); column++) {
        const [a, b] = [one[column] as number, other[column] as number];
        if (a !== b) return a < b;
      }
    return false;
  }
}
