// With and without each reduction: the same verdicts, the same violated properties, counterexamples as short and real.
import { describe, expect, it } from 'vitest';
import type { Exploration, ExploreOptions } from '../../src/explorer/explore.ts';
import { explore } from '../../src/explorer/explore.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { revisions } from '../../src/registry/revisions.ts';
import type { Assembled } from '../../src/scenarios/assemble.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';
import { ScenarioError } from '../../src/scenarios/define.ts';
import { traceOf } from '../../src/world/trace.ts';

const reductions = [{ por: true }, { symmetry: true }, { por: true, symmetry: true }] as const;

/** Puts more callbacks in flight than a row has room for: where that ends a search depends on its order. */
const UNBOUNDED = 'm-start-not-awaited';

const found = ({ verdict, violations }: Exploration): unknown => [
  verdict,
  violations.map(({ property, path }) => [property, path.length]),
];

/** Explores afresh; undefined where the mutation makes no sense on the revision. */
async function search(
  id: string,
  revision: string,
  mutation: string | null,
  options: Partial<ExploreOptions>,
  set: Parameters = {},
): Promise<{ assembled: Assembled; exploration: Exploration } | undefined> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  let assembled: Assembled;
  try {
    assembled = assemble({ scenario, revision, mutation, set });
  } catch (error) {
    if (error instanceof ScenarioError) return undefined;
    throw error;
  }
  const { world, properties } = assembled;
  return { assembled, exploration: await explore(world, { properties, ...options }) };
}

async function compare(id: string, revision: string, mutation: string | null, set: Parameters = {}): Promise<void> {
  const plain = await search(id, revision, mutation, {}, set);
  if (plain === undefined) return;
  for (const options of reductions) {
    const reduced = await search(id, revision, mutation, options, set);
    if (reduced === undefined) throw new Error('assembled once, but not twice');
    const what = { id, revision, mutation, options };
    expect({ what, found: found(reduced.exploration) }).toEqual({ what, found: found(plain.exploration) });
    expect(reduced.exploration.states).toBeLessThanOrEqual(plain.exploration.states);
    for (const { path } of reduced.exploration.violations)
      expect(traceOf(reduced.assembled.world, path)).toHaveLength(path.length);
  }
}

const small = scenarios.filter(({ id }) => id !== 'manager');

describe('every scenario on every revision', () => {
  for (const { id: revision } of revisions) {
    it(revision, async () => {
      // Without end on likexu-v2, which leaks module references in assign.
      const ends = (id: string): boolean => !(id === 'assign' && revision === 'likexu-v2');
      for (const { id } of small.filter((one) => ends(one.id))) await compare(id, revision, null);
      await compare('manager', revision, null, { producers: 2, consumers: 2, eventfds: 1 });
    });
  }
});

describe('every mutation in every scenario', () => {
  for (const { id: mutation } of mutations.filter(({ id }) => id !== UNBOUNDED)) {
    it(mutation, async () => {
      for (const { id } of small) {
        for (const revision of ['v2p8', 'base']) await compare(id, revision, mutation);
      }
      await compare('manager', 'v2p8', mutation, { producers: 2, consumers: 2, eventfds: 1 });
    });
  }
});

describe('every bug of the system world, with vCPUs that are interchangeable', () => {
  for (const { id: mutation } of mutations.filter(({ needs }) => needs === 'system')) {
    it(mutation, async () => {
      const set = { vcpus: 2, msis: false };
      const one = await search('assign', 'v2p8', mutation, { symmetry: true }, set);
      expect(one?.exploration).toMatchObject({ verdict: 'violated', symmetry: true });
      await compare('assign', 'v2p8', mutation, set);
    });
  }
});

describe('right movers', () => {
  it('shrink the manager world, together with symmetry to what does not grow with threads', async () => {
    const states = [];
    for (const set of [
      { producers: 5, consumers: 5 },
      { producers: 6, consumers: 6 },
    ]) {
      const one = await search('manager', 'v2p8', null, { por: true, symmetry: true }, { ...set, eventfds: 3 });
      expect(one?.exploration).toMatchObject({ verdict: 'holds', por: true, symmetry: true });
      states.push(one?.exploration.states);
    }
    expect(states).toEqual([440, 440]);
  });

  it('are given up for threads whose calls meet on one struct', async () => {
    const one = await search('double-unregister-race', 'v2p8', null, { por: true });
    const plain = await search('double-unregister-race', 'v2p8', null, {});
    // Both unregister p0: what one reads the other clears. With their calls put off, too, there would be 108.
    expect([one?.exploration.states, plain?.exploration.states]).toEqual([182, 206]);
  });

  it('leave the graph alone where it is asked for', async () => {
    const edges: number[] = [];
    const one = await search('pairing', 'v2p8', null, { por: true, edge: (from) => edges.push(from) });
    const plain = await search('pairing', 'v2p8', null, {});
    expect([one?.exploration.por, edges.length]).toEqual([false, plain?.exploration.transitions]);
  });
});
