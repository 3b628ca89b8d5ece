// Several threads over one store: the counts and verdicts of one thread, whatever their number.
import { describe, expect, it } from 'vitest';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { nodeHost } from '../../../../src/engine/explorer/threads/node-host.ts';
import type { SearchSnapshot } from '../../../../src/engine/explorer/search/snapshot.ts';
import { assemble } from '../../../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../../../src/scenarios/builtin.ts';
import type { Parameters } from '../../../../src/scenarios/define.ts';
import { isLong, sample } from '../../../sample.ts';
import { traceOf } from '../../../../src/engine/world/trace.ts';

async function search(
  id: string,
  set: Parameters,
  mutation: string | null,
  options: Partial<ExploreOptions>,
): Promise<Exploration> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  const { world, properties } = assemble({ scenario, set, mutation });
  const found = await explore(world, { properties, host: nodeHost, ...options });
  for (const { path } of found.violations) expect(traceOf(world, path)).toHaveLength(path.length);
  return found;
}

const facts = ({ verdict, states, transitions, depth, violations }: Exploration): unknown => ({
  verdict,
  states,
  transitions,
  depth,
  violated: violations.map(({ property, path }) => [property, path.length]),
});

describe('the same counts and verdicts with one, two and three threads', () => {
  for (const [id, set, mutation, options] of [
    ['manager', { producers: 2, consumers: 2, eventfds: 2 }, 'm-no-disconnect', { por: true }],
    ...(isLong
      ? ([
          ['manager', { producers: 3, consumers: 3, eventfds: 2 }, null, {}],
          ['assign', { vectors: 2, msis: false }, null, { maxDepth: 22 }],
          // The whole of it is over half an hour for three searches.
          ['assign', { vectors: 2, msis: false }, 'b8', { maxDepth: 22 }],
        ] as const)
      : []),
  ] as const) {
    it(`${id} ${JSON.stringify(set)} ${String(mutation)} ${JSON.stringify(options)}`, async () => {
      const alone = await search(id, set, mutation, options);
      // Else the others would not have begun.
      expect(alone.states).toBeGreaterThan(150_000);
      for (const workers of isLong ? [2, 3] : [2])
        expect(facts(await search(id, set, mutation, { ...options, workers }))).toEqual(facts(alone));
    });
  }
});

describe('with symmetry, too, where few things are interchangeable', () => {
  const powerpc = { arch: 'powerpc', vectors: 2, msis: false };
  const vmx = { vectors: 2, msis: false, faults: false };
  for (const [set, mutation, options] of [
    [powerpc, null, { symmetry: true }],
    ...(isLong
      ? ([
          [vmx, 'b7', { symmetry: true, por: true, maxDepth: 14 }],
          [powerpc, null, { symmetry: true, por: true }],
          [vmx, 'b8', { symmetry: true, maxDepth: 16 }],
        ] as const)
      : []),
  ] as const) {
    it(`${JSON.stringify(set)} ${String(mutation)} ${JSON.stringify(options)}`, async () => {
      const alone = await search('assign', set, mutation, options);
      expect(alone.states).toBeGreaterThan(5000);
      for (const workers of isLong ? [2, 3] : [2]) {
        const found = await search('assign', set, mutation, { ...options, workers, shareAt: 500 });
        expect(facts(found)).toEqual(facts(alone));
        expect([found.workers, found.representative]).toEqual([workers, 'exact']);
      }
    });
  }

  it('where many are, one thread searches', async () => {
    const found = await search('manager', { producers: 2, consumers: 2, eventfds: 2 }, null, {
      symmetry: true,
      workers: 2,
    });
    expect([found.workers, found.states]).toEqual([1, 1750]);
  });
});

it('whatever the seed of the hash', async () => {
  const set = { producers: 3, consumers: 3, eventfds: 2 };
  const found = [];
  for (const hashSeed of isLong ? [1, 0x7fff_ffff] : [0x7fff_ffff])
    found.push(facts(await search('manager', set, null, { workers: 2, hashSeed })));
  for (const one of found) expect(one).toMatchObject({ states: 519_129, transitions: 2_265_300 });
  expect(found.at(-1)).toEqual(found[0]);
});

it('when every state collides', async () => {
  const set = { producers: 2, consumers: 1, eventfds: 2 };
  const crowded = await search('manager', set, null, { workers: 2, shareAt: 1, collides: true });
  expect(facts(crowded)).toEqual(facts(await search('manager', set, null, {})));
});

it('resumed with two threads: what one thread finds, and no state beyond a limit but those of the last one', async () => {
  const set = { producers: 3, consumers: 3, eventfds: 2 };
  const saved: SearchSnapshot[] = [];
  const keep = {
    isDue: () => false,
    save: (snapshot: SearchSnapshot) => void saved.push(structuredClone(snapshot)),
  };
  const part = await search('manager', set, null, { maxStates: 200_000, checkpoint: keep });
  expect(part.limit).toBe('states-limit');
  const [resume] = saved;
  if (resume === undefined) throw new Error('nothing was saved');
  // Workers know nothing yet of what the first part has learnt: they leave a lot.
  const limited = await search('manager', set, null, { workers: 2, resume, maxStates: 230_000 });
  expect(limited.limit).toBe('states-limit');
  expect(limited.states).toBeLessThan(240_000);
  const rest = await search('manager', set, null, { workers: 2, resume });
  expect(rest).toMatchObject({ verdict: 'holds', states: 519_129, transitions: 2_265_300 });
});

it('limits end it as incomplete', async () => {
  const set = { producers: 3, consumers: 3, eventfds: 3 };
  const found = await search('manager', set, null, { workers: 2, maxStates: 300_000 });
  expect([found.verdict, found.limit]).toEqual(['incomplete', 'states-limit']);
});

describe('threads that help from the first state on', () => {
  // Each is searched again without threads whose calls do not commute, while the threads are at work.
  for (const { id } of sample(scenarios, 6)) {
    it(`${id}, with partial order reduction`, async () => {
      const alone = await search(id, {}, null, { por: true });
      expect(facts(await search(id, {}, null, { por: true, workers: 2, shareAt: 1 }))).toEqual(facts(alone));
    });
  }

  it('a limit of the world in a round leaves no state out', async () => {
    const limited = { workers: 2, shareAt: 1, maxSeconds: 60 };
    const found = await search('re-pairing', {}, 'm-start-not-awaited', limited);
    const alone = await search('re-pairing', {}, 'm-start-not-awaited', {});
    expect([found.limit, found.verdict]).toEqual([alone.limit, alone.verdict]);
  });
});
