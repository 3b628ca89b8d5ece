// Mutants must die: every mutation is found where it says, every property has a mutant that breaks it.
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { checkLiveness } from '../../src/engine/explorer/liveness/liveness.ts';
import type { World } from '../../src/engine/world/world.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { livenessProperties } from '../../src/properties/liveness.ts';
import { properties } from '../../src/properties/properties.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';

function assembled(scenarioId: string, revision: string, mutation: string | null): ReturnType<typeof assemble> {
  const scenario = findScenario(scenarioId);
  if (scenario === undefined) throw new Error(`no scenario ${scenarioId}`);
  return assemble({ scenario, revision, mutation });
}

/** Properties of infinite runs that some run violates, of those that say something about the world. */
async function violatedByRuns(world: World): Promise<string[]> {
  const asked = livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
  return (await checkLiveness(world, { properties: asked })).violations.map(({ property }) => property);
}

describe('every mutation is caught', () => {
  for (const { id, title, shown } of mutations) {
    for (const { scenario, revision, breaks } of shown) {
      it(`${id} in ${scenario} on ${revision}: ${title}`, async () => {
        const { world, properties: checked } = assembled(scenario, revision, id);
        const found = await explore(world, { properties: checked });
        const violated = [...found.violations.map(({ property }) => property), ...(await violatedByRuns(world))];
        expect(violated).toEqual(expect.arrayContaining([...breaks]));
      });

      it(`${scenario} on ${revision} holds without ${id}`, async () => {
        const { world, properties: checked } = assembled(scenario, revision, null);
        expect((await explore(world, { properties: checked })).violations).toEqual([]);
        expect(await violatedByRuns(world)).toEqual([]);
      });
    }
  }
});

it('every property has a mutant', () => {
  const broken = new Set(mutations.flatMap(({ shown }) => shown.flatMap(({ breaks }) => breaks)));
  expect([...properties, ...livenessProperties].map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});
