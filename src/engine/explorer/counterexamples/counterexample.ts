// A counterexample as a path of choices: taken over to a fresh world, and asked what it shows there.
import type { Property } from '../../../properties/property.ts';
import type { Choice, World } from '../../world/world.ts';
import { StepChecks } from './step-checks.ts';

/**
 * The same way in a fresh world. Indexes of choices depend on what a world met first, where several callbacks are under
 * way; those of a fresh world are the same everywhere. Throws where a step of the way is not offered.
 */
export function pathInFreshWorld(world: World, path: readonly number[], fresh: World): number[] {
  let row = world.initial();
  let there = fresh.initial();
  return path.map((index) => {
    const taken = world.choices(row)[index] as Choice;
    const text = JSON.stringify(world.transitions.event(taken.event));
    const choices = fresh.choices(there);
    const found = choices.findIndex(({ event }) => JSON.stringify(fresh.transitions.event(event)) === text);
    const choice = choices[found];
    if (choice === undefined) throw new Error(`a fresh world does not offer ${text}`);
    row = world.step(row, taken).row;
    there = fresh.step(there, choice).row;
    return found;
  });
}

/** What a property says at the end of a path; null where the path is not offered or violates nothing at its end. */
export function messageAtEnd(world: World, path: readonly number[], property: Property): string | null {
  const before = world.initial();
  const after = world.initial();
  const checks = new StepChecks(world, [property], before, after);
  let broken = checks.ofState();
  for (const index of path) {
    const choice = world.choices(after)[index];
    if (choice === undefined) return null;
    before.set(after);
    const { row, observations } = world.step(after, choice);
    after.set(row);
    broken = checks.ofStep(choice.event, observations);
  }
  if (broken.length === 0 && world.choices(after).length === 0) broken = checks.ofEnd();
  return broken[0]?.message ?? null;
}
