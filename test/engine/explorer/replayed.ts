// What a path violates in its last step, asked as a single run asks, apart from walks and searches.
import type { Property } from '../../../src/engine/world/property.ts';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import type { World } from '../../../src/engine/world/world.ts';

/** The properties that the last step of a path violates, or the state that it ends in. Each is run on its own. */
export async function violatedAtEnd(
  world: World,
  properties: readonly Property[],
  path: readonly number[],
): Promise<string[]> {
  const found: string[] = [];
  for (const property of properties) {
    let step = 0;
    const run = await runOnce(world, () => path[step++] ?? 0, [property], path.length + 1);
    if (run.violation?.step === path.length) found.push(property.id);
  }
  return found;
}
