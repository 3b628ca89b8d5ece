// What becomes of values under permutations: by what becomes of the members that a value names.
import type { ColumnKind } from './column-values.ts';
import type { LeastImage } from './least-image.ts';
import type { Permutation } from './row-renaming.ts';

/** Of a value: the members that it names, and its images by where they go (digits of a number); no table where it names many. */
interface Images {
  readonly members: Int32Array;
  readonly table: Int32Array | undefined;
}

const NAMELESS: Images = { members: new Int32Array(0), table: undefined };
/** Names of a value that has a table. */
const TABLE_NAMES_MAX = 2;

/** Images of values, remembered. */
export class ValueImages {
  readonly #least: LeastImage;
  readonly #radix: number;
  /** By raw value. */
  readonly #locals: Images[] = [];
  readonly #messages: Images[] = [];
  readonly #values: Images[] = [];

  constructor(least: LeastImage) {
    this.#least = least;
    this.#radix = least.rows.members;
  }

  /**
   * The raw value that a value becomes.
   *
   * @param column - where it stands
   * @param g - number of the permutation
   */
  image(column: number, raw: number, g: number): number {
    const kind = this.#least.rows.kinds[column] as ColumnKind;
    if (kind === 'plain') return raw;
    const all = kind === 'local' ? this.#locals : kind === 'message' ? this.#messages : this.#values;
    const images = all[raw] ?? (all[raw] = this.#imagesOf(kind, raw));
    if (images === NAMELESS) return raw;
    const permutation = this.#least.images[g] as Permutation;
    const { members, table } = images;
    if (table === undefined) return this.#least.rows.rename(permutation, column, raw);
    let key = permutation[members[0] as number] as number;
    if (members.length > 1) key = key * this.#radix + (permutation[members[1] as number] as number);
    const known = table[key] as number;
    return known >= 0 ? known : (table[key] = this.#least.rows.rename(permutation, column, raw));
  }

  #imagesOf(kind: ColumnKind, raw: number): Images {
    const { columnValues, memberOf } = this.#least.rows;
    const named = [...columnValues.namesIn(kind, raw)].map((id) => memberOf[id] as number);
    const members = Int32Array.from(new Set(named));
    if (members.length === 0) return NAMELESS;
    const size = this.#radix ** members.length;
    return { members, table: members.length > TABLE_NAMES_MAX ? undefined : new Int32Array(size).fill(-1) };
  }
}
