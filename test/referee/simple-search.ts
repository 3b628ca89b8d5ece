// The referee for verdicts: a breadth-first search over plain rows that asks every property in every state and step.
//
// No packing, no decision tables, nothing skipped: what the explorer reads off its tables is computed here each time.
import type { Property } from '../../src/engine/world/property.ts';
import { appliesTo } from '../../src/engine/world/property.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { Row, World } from '../../src/engine/world/world.ts';

/** Length of the shortest way to a violation, by property. */
export function simpleVerdicts(world: World, properties: readonly Property[]): Record<string, number> {
  const found: Record<string, number> = {};
  const violate = (id: string, steps: number): void => {
    found[id] = Math.min(found[id] ?? Infinity, steps);
  };
  const claims = properties.flatMap(
    ({ id, state }) => state?.checks(world).map((check) => ({ id, claim: state, check })) ?? [],
  );
  const checkState = (row: Row, steps: number): void => {
    const view = new WorldView(world, row);
    for (const { id, claim, check } of claims) if (appliesTo(claim, view) && check(view) !== null) violate(id, steps);
  };
  /** What steps have shown so far, by property. */
  const facts = new Map<string, Set<string>>();
  const first = world.initial();
  const seen = new Set([first.join()]);
  checkState(first, 0);
  let frontier: Row[] = [first];
  for (let depth = 0; frontier.length > 0; depth++) {
    const next: Row[] = [];
    for (const row of frontier) {
      const choices = world.choices(row);
      const view = new WorldView(world, row);
      if (choices.length === 0 && !world.isFinal(row))
        for (const { id, deadlock } of properties) if ((deadlock?.(view) ?? null) !== null) violate(id, depth);
      for (const choice of choices) {
        const { row: after, observations } = world.step(row, choice);
        const touched = new Set([...row.keys()].filter((column) => row[column] !== after[column]));
        const event = world.transitions.event(choice.event);
        const step = { before: view, after: new WorldView(world, after), event, observations, touched };
        for (const { id, step: claim, gathered } of properties) {
          if ((claim?.(step) ?? null) !== null) violate(id, depth + 1);
          const known = facts.get(id) ?? new Set();
          for (const fact of gathered?.facts(step) ?? []) facts.set(id, known.add(fact));
          if ((gathered?.check([...known]) ?? null) !== null) violate(id, depth + 1);
        }
        if (seen.has(after.join())) continue;
        seen.add(after.join());
        checkState(after, depth + 1);
        next.push(after);
      }
    }
    frontier = next;
  }
  return found;
}
