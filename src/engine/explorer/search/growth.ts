// Which variables keep taking new values: what makes a state space unbounded.
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';

/** A column that still grew when the search was ended. */
export interface GrowingColumn {
  /** `module references`, `p0.key`, `local state of c0`, `messages of registry`. */
  readonly name: string;
  /** How many values it has had. */
  readonly values: number;
}

/** What is remembered of each column: values by code, and the level of the last new one. */
export interface GrowthSnapshot {
  readonly seen: readonly (readonly number[])[];
  readonly lastGrown: readonly number[];
}

/** Fewer values than this say nothing. */
const LEAST = 8;
/** States of a level that are looked at. */
const SAMPLE = 256;

/** Remembers when each column last took a new value, in a sample of the states of every level. */
export class Growth {
  readonly #packing: Packing;
  readonly #seen: readonly Set<number>[];
  readonly #lastGrown: Int32Array;

  constructor(packing: Packing) {
    this.#packing = packing;
    this.#seen = Array.from({ length: packing.width }, () => new Set<number>());
    this.#lastGrown = new Int32Array(packing.width);
  }

  /** For a search that goes on in another process, with the same dictionaries. */
  get snapshot(): GrowthSnapshot {
    return { seen: this.#seen.map((codes) => [...codes]), lastGrown: [...this.#lastGrown] };
  }

  adopt({ seen, lastGrown }: GrowthSnapshot): void {
    for (const [column, codes] of seen.entries()) for (const code of codes) this.#seen[column]?.add(code);
    this.#lastGrown.set(lastGrown);
  }

  /** A level has these states: from one number to another. */
  level(depth: number, rows: Int32Array, from: number, to: number): void {
    const { words, width, mask } = this.#packing;
    const stride = Math.max(1, Math.floor((to - from) / SAMPLE));
    for (let id = from; id < to; id += stride) {
      for (let column = 0; column < width; column++) {
        if (mask[column] === 0) continue;
        const code = this.#packing.read(rows, id * words, column);
        const seen = this.#seen[column] as Set<number>;
        if (seen.has(code)) continue;
        seen.add(code);
        this.#lastGrown[column] = depth;
      }
    }
  }

  /** Columns with new values in the last tenth of the levels, most values first. */
  growing(world: World, depth: number): GrowingColumn[] {
    return this.#seen
      .map((seen, column) => ({ column, values: seen.size }))
      .filter(({ column, values }) => values >= LEAST && (this.#lastGrown[column] as number) >= depth * 0.9)
      .toSorted((one, other) => other.values - one.values)
      .map(({ column, values }) => ({ name: columnName(world, column), values }));
  }
}

/** What a column holds, in words. */
export function columnName(world: World, column: number): string {
  const { actors, layout, operations, values } = world;
  const actor = actors[column];
  if (actor !== undefined) return `local state of ${actor.address}`;
  for (const [owner, cells] of layout.cells) {
    const cell = cells.indexOf(column);
    if (cell >= 0) return `${String(values.value(owner))}.${operations.cells[cell] ?? '?'}`;
  }
  for (const [i, { start, family }] of layout.families.entries())
    if (column >= start && column < start + family.columns.length) return operations.families[i]?.id ?? '?';
  return `messages of ${actors[world.channelAt(column)]?.address ?? '?'}`;
}
