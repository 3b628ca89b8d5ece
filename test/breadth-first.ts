// A search of a world in a few lines, to compare with: no tables, no packing, no reductions.
import type { Choice, Row, World } from '../src/engine/index.ts';

/** Every state and every transition of a world, counted; `seen` is told of each transition. */
export function breadthFirst(
  world: World,
  seen?: (before: Row, choice: Choice, after: Row) => void,
): { readonly states: number; readonly transitions: number } {
  const rows = [world.initial()];
  const known = new Set([rows[0]?.join()]);
  let transitions = 0;
  for (const row of rows) {
    for (const choice of world.choices(row)) {
      transitions += 1;
      const next = world.step(row, choice).row;
      seen?.(row, choice, next);
      if (known.has(next.join())) continue;
      known.add(next.join());
      rows.push(next);
    }
  }
  return { states: rows.length, transitions };
}
