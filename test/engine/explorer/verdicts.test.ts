// Verdicts read off decision tables are those of a search that asks every property everywhere.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../../src/scenarios/builtin.ts';
import { manifest } from '../../../src/scenarios/manifest.ts';
import type { Parameters } from '../../../src/scenarios/define.ts';
import { isLong, sample } from '../../sample.ts';
import { whereText } from '../assembled.ts';
import { simpleVerdicts } from '../../referee/simple-search.ts';

/** The plain search asks every property in every state, which takes minutes in the worlds of these: in test:long. */
const slow = new Set(['assign', 'routing-race', 'two-vms', 'intx-swap']);

/** The same of a revision's worlds: what has more states is for test:long. */
const isQuick = (id: string, revision: string): boolean => isLong || (manifest[id]?.[revision]?.states ?? 0) <= 3000;

async function bothVerdicts(
  scenarioId: string,
  revision: string,
  mutation: string | null,
  set: Parameters = {},
): Promise<[unknown, unknown]> {
  const scenario = findScenario(scenarioId);
  if (scenario === undefined) throw new Error(scenarioId);
  const { world, properties } = assemble({ scenario, revision, mutation, set });
  const { violations } = await explore(world, { properties });
  const mine = Object.fromEntries(violations.map(({ property, path }) => [property, path.length]));
  return [mine, simpleVerdicts(world, properties)];
}

describe('every small scenario on every revision', () => {
  for (const [turn, { id: revision }] of sample([...revisions.entries()], 2)) {
    it(revision, async () => {
      // Without end on likexu-v2, which leaks module references in assign.
      const ends = (id: string): boolean => id !== 'manager' && !(id === 'assign' && revision === 'likexu-v2');
      for (const { id } of sample(scenarios, 36, turn).filter((one) => ends(one.id) && isQuick(one.id, revision))) {
        const [mine, theirs] = await bothVerdicts(id, revision, null);
        expect({ id, found: mine }).toEqual({ id, found: theirs });
      }
    });
  }
});

describe('every mutation where it is shown', () => {
  for (const { id, shown } of sample(mutations, 20)) {
    for (const { scenario, revision, set = {} } of shown) {
      if (slow.has(scenario) && !isLong) continue;
      it(`${id} in ${whereText({ scenario, revision, set })}`, async () => {
        const [mine, theirs] = await bothVerdicts(scenario, revision, id, set);
        expect(mine).toEqual(theirs);
      });
    }
  }
});

describe('the state table is exact', () => {
  const scenario = findScenario('duplicate-producer');
  if (scenario === undefined) throw new Error('no scenario');

  it('whatever the seed of the hash, and when every state collides', async () => {
    const counts = [];
    for (const options of [{}, { hashSeed: 1 }, { hashSeed: 0x7fff_ffff }, { collides: true }]) {
      const { world, properties } = assemble({ scenario });
      const { states, transitions, depth, verdict } = await explore(world, { properties, ...options });
      counts.push({ states, transitions, depth, verdict });
    }
    expect(new Set(counts.map((one) => JSON.stringify(one))).size).toBe(1);
  });
});
