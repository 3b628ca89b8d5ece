// Which variables keep taking new values: what makes a state space unbounded.
import { fields, sides } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import type { Packing } from './packing.ts';

/** A column that still grew when the search was ended. */
export interface GrowingColumn {
  /** `module references`, `p0.key`, `local state of c0`, `messages of registry`. */
  readonly name: string;
  /** How many values it has had. */
  readonly values: number;
}

/** Fewer new values than this say nothing. */
const LEAST = 8;

/** Remembers when each column last took a new value. */
export class Growth {
  readonly #packing: Packing;
  readonly #counts: Int32Array;
  readonly #lastGrown: Int32Array;

  constructor(packing: Packing) {
    this.#packing = packing;
    this.#counts = new Int32Array(packing.width);
    this.#lastGrown = new Int32Array(packing.width);
  }

  /** A level was searched. */
  level(depth: number): void {
    for (let column = 0; column < this.#counts.length; column++) {
      const count = this.#packing.cardinality(column);
      if (count > (this.#counts[column] as number)) this.#lastGrown[column] = depth;
      this.#counts[column] = count;
    }
  }

  /** Columns with new values in the last tenth of the levels, most values first. */
  growing(world: World, depth: number): GrowingColumn[] {
    return Array.from(this.#counts, (_, column) => ({ column, values: this.#packing.cardinality(column) }))
      .filter(({ column, values }) => values >= LEAST && (this.#lastGrown[column] as number) >= depth * 0.9)
      .toSorted((one, other) => other.values - one.values)
      .map(({ column, values }) => ({ name: columnName(world, column), values }));
  }
}

/** What a column holds, in words. */
export function columnName(world: World, column: number): string {
  const { actors, layout, values } = world;
  const actor = actors[column];
  if (actor !== undefined) return `local state of ${actor.address}`;
  if (column === layout.moduleReferences) return 'module references';
  for (const [struct, first] of layout.structs) {
    const field = fields[column - first];
    if (column >= first && field !== undefined) return `${String(values.value(struct))}.${field}`;
  }
  for (const [i, { start, slots }] of layout.sets.entries())
    if (column >= start && column < start + 2 * slots && column < (world.channelColumns[0] ?? Infinity))
      return `set of ${sides[i] ?? ''}`;
  for (const [eventfd, at] of layout.eventfds) if (at === column) return `eventfd ${String(values.value(eventfd))}`;
  return `messages of ${actors[world.channelAt(column)]?.address ?? '?'}`;
}
