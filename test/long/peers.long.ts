// Larger sizes than CI has time for: threads, seeds and reductions agree.
import { expect, it } from 'vitest';
import type { ExploreOptions } from '../../src/engine/explorer/search/explore.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { nodeHost } from '../../src/engine/explorer/threads/node-host.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';

async function search(id: string, set: Parameters, options: Partial<ExploreOptions>): Promise<unknown> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  const { world, properties } = assemble({ scenario, set });
  const { verdict, states, transitions, depth } = await explore(world, { properties, host: nodeHost, ...options });
  return { verdict, states, transitions, depth };
}

it('manager 3,3,3: one, two and three threads, three seeds', async () => {
  const set = { producers: 3, consumers: 3, eventfds: 3 };
  const expected = { verdict: 'holds', states: 5_553_664, transitions: 24_928_128, depth: 42 };
  for (const options of [{}, { workers: 2 }, { workers: 3 }, { hashSeed: 7 }, { workers: 2, hashSeed: 0x7fff_ffff }])
    expect(await search('manager', set, options)).toEqual(expected);
});

it('assign with two vectors: one and two threads', async () => {
  const set = { vectors: 2 };
  expect(await search('assign', set, { workers: 2 })).toEqual(await search('assign', set, {}));
});

it('every state in one slot of the hash table', async () => {
  const set = { producers: 2, consumers: 1, eventfds: 2 };
  expect(await search('manager', set, { collides: true })).toEqual(await search('manager', set, {}));
});
