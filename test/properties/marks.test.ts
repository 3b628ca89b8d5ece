// Every mark is met by a minimal scenario, and not by one that avoids its branch.
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { marks } from '../../src/properties/marks.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';

/** Which marks a scenario leaves out. */
async function neverMet(id: string, revision: string): Promise<string[]> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  const { world, properties } = assemble({ scenario, revision });
  const { coverage } = await explore(world, { properties, marks, maxStates: 20_000 });
  return coverage.neverMet.map((text) => text.slice(0, text.indexOf(':')));
}

/** Where each branch is, and where it cannot be. */
const places: Readonly<Record<string, readonly [string, string, string, string]>> = {
  registered: ['pairing', 'v2p8', 'null-key', 'v1p2'],
  einval: ['null-key', 'v1p2', 'pairing', 'v2p8'],
  ebusy: ['duplicate-producer', 'v2p8', 'pairing', 'v2p8'],
  enomem: ['allocation-failure', 'v2p8', 'allocation-failure', 'base'],
  enodev: ['module-unload', 'base', 'module-unload', 'v2p8'],
  stop: ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'add-consumer': ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'add-consumer-fails': ['connect-failure', 'v2p8', 'pairing', 'v2p8'],
  'add-producer': ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'add-producer-fails': ['connect-failure', 'v2p8', 'pairing', 'v2p8'],
  start: ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'del-producer': ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'del-consumer': ['pairing', 'v2p8', 'unpaired', 'v2p8'],
  'unregister-nothing': ['double-unregister', 'v2p8', 'pairing', 'v2p8'],
  warn: ['double-unregister-race', 'v2p8', 'pairing', 'v2p8'],
  posted: ['assign', 'v2p8', 'pairing', 'v2p8'],
  injected: ['assign', 'v2p8', 'pairing', 'v2p8'],
};

it('every mark has its place', () => {
  expect(Object.keys(places)).toEqual(marks.map(({ id }) => id));
});

describe('each mark', () => {
  for (const [id, [there, revision, elsewhere, other]] of Object.entries(places)) {
    it(`${id} is met in ${there} on ${revision}, not in ${elsewhere} on ${other}`, async () => {
      expect(await neverMet(there, revision)).not.toContain(id);
      const isAbout = marks.find((mark) => mark.id === id)?.needs === undefined;
      if (isAbout) expect(await neverMet(elsewhere, other)).toContain(id);
    });
  }
});

it('the halves that are embedded in a vector and in an irqfd meet marks, too', async () => {
  const missing = await neverMet('assign', 'v2p8');
  const met = marks.map(({ id }) => id).filter((id) => !missing.includes(id));
  // A registration that failed is unregistered all the same: there is nothing to do.
  const there = ['registered', 'add-producer', 'add-producer-fails', 'del-producer', 'unregister-nothing'];
  expect(met).toEqual([...there, 'posted', 'injected']);
});
