// Mutants must die: every mutation is found where it says, every property has a mutant that breaks it.
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { checkLiveness } from '../../src/engine/explorer/liveness/liveness.ts';
import type { World } from '../../src/engine/world/world.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { livenessProperties } from '../../src/properties/liveness.ts';
import { properties } from '../../src/properties/properties.ts';
import { assembled, whereText } from '../engine/assembled.ts';

/** Properties of infinite runs that some run violates, of those that say something about the world: each with what it says. */
async function violatedByRuns(world: World): Promise<Readonly<Record<string, string>>> {
  const asked = livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
  const { violations } = await checkLiveness(world, { properties: asked });
  return Object.fromEntries(violations.map(({ property, message }) => [property, message]));
}

/** Each world without a bug in which some bug is shown, once. */
const correctOnes = new Map(
  mutations.flatMap(({ shown }) =>
    shown.map(({ scenario, revision, set = {} }) => {
      const where = { scenario, revision, set };
      return [whereText(where), where] as const;
    }),
  ),
);

describe('every mutation is caught', () => {
  for (const { id, title, shown } of mutations) {
    for (const { scenario, revision, set = {}, breaks } of shown) {
      it(`${id} in ${whereText({ scenario, revision, set })}: ${title}`, async () => {
        const { world, properties: checked } = assembled(scenario, { revision, set, mutation: id });
        const found = await explore(world, { properties: checked });
        const byRuns = Object.keys(await violatedByRuns(world));
        const violated = [...found.violations.map(({ property }) => property), ...byRuns];
        expect(violated).toEqual(expect.arrayContaining([...breaks]));
      });
    }
  }
});

describe('without a bug all holds where bugs are shown', () => {
  it.each([...correctOnes])('%s', async (_, { scenario, revision, set }) => {
    const { world, properties: checked } = assembled(scenario, { revision, set });
    const found = await explore(world, { properties: checked });
    expect([found.verdict, found.violations]).toEqual(['holds', []]);
    expect(await violatedByRuns(world)).toEqual({});
  });
});

it('every property has a mutant', () => {
  const broken = new Set(mutations.flatMap(({ shown }) => shown.flatMap(({ breaks }) => breaks)));
  expect([...properties, ...livenessProperties].map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});
