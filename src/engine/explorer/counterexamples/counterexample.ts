// A counterexample as a path of choices: what does it show in a world?
import type { Property } from '../../world/property.ts';
import type { World } from '../../world/world.ts';
import type { Broken } from './step-checks.ts';
import { StepChecks } from './step-checks.ts';

/**
 * What a property says at the end of a path; null where the path is not offered or violates nothing at its end.
 *
 * @param alongside - paths of other runs, whose facts count, too (`Violation.alongside`)
 */
export function messageAtEnd(
  world: World,
  path: readonly number[],
  property: Property,
  alongside: readonly (readonly number[])[] = [],
): string | null {
  const before = world.initial();
  const after = world.initial();
  const checks = new StepChecks(world, [property], before, after);
  let broken: readonly Broken[] = [];
  for (const run of [...alongside, path]) {
    after.set(world.initial());
    broken = checks.ofState();
    for (const index of run) {
      const choice = world.choices(after)[index];
      if (choice === undefined) return null;
      before.set(after);
      const { row, observations } = world.step(after, choice);
      after.set(row);
      broken = checks.ofStep(choice.event, observations);
    }
  }
  if (broken.length === 0 && world.choices(after).length === 0) broken = checks.ofEnd();
  return broken[0]?.message ?? null;
}
