// Depth-first with a bound finds what breadth-first finds within it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFirst } from '../../../../src/engine/explorer/search/depth-first.ts';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../../src/scenarios/builtin.ts';
import type { EventId } from '../../../../src/engine/world/local-transitions.ts';
import type { Row, World } from '../../../../src/engine/world/world.ts';

function worldOf(id: string, mutation: string | null): ReturnType<typeof assemble> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, mutation });
}

const facts = ({ verdict, limit, states, transitions, depth, violations, vacuous, por }: Exploration): object => ({
  verdict,
  limit,
  states,
  transitions,
  depth,
  violated: violations.map(({ property }) => property).toSorted(),
  vacuous,
  por,
});

/** All states and edges that a search met, by what the states are, not by when they were found. */
async function graphOf(world: World, options: Omit<ExploreOptions, 'properties' | 'edge'>): Promise<string[]> {
  const edges: (readonly [number, EventId, number])[] = [];
  const { states } = await explore(world, {
    properties: [],
    ...options,
    edge: (from, event, to) => void edges.push([from, event, to]),
  });
  const rows: (Row | undefined)[] = [world.initial()];
  // In depth-first order an edge may come before its state has a row.
  for (let known = 0, size = 1; known < size; known = size, size = rows.filter((row) => row !== undefined).length) {
    for (const [from, event, to] of edges) {
      const row = rows[from];
      const choice = row === undefined ? undefined : world.choices(row).find((one) => one.event === event);
      if (row !== undefined && choice !== undefined) rows[to] ??= world.step(row, choice).row;
    }
  }
  expect(rows.filter((row) => row !== undefined)).toHaveLength(states);
  const text = (id: number): string => rows[id]?.join() ?? '?';
  return edges.map(([from, event, to]) => `${text(from)} ${event} ${text(to)}`).toSorted();
}

/** Small enough to be searched often; with and without violations, with and without interchangeable members. */
const small: readonly (readonly [string, string | null])[] = [
  ['pairing', null],
  ['pairing', 'b6'],
  ['re-pairing', null],
  ['connect-failure', 'b2'],
  ['double-register-race', null],
  ['loser-unregisters', null],
];

describe('depth-first with a bound', () => {
  it('has the graph of breadth-first, whatever the world and the bound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...small), fc.integer({ min: 1, max: 25 }), async ([id, mutation], maxDepth) => {
        const { world } = worldOf(id, mutation);
        const wide = await graphOf(world, { maxDepth });
        expect(await graphOf(world, { maxDepth, order: 'depth-first' })).toEqual(wide);
      }),
      { numRuns: 20 },
    );
  });

  for (const [id, mutation, bounds] of [
    ['manager', null, [1, 9, 22, 40]],
    ['manager', 'm-no-roll-back', [5, 12, 18]],
    ['pairing', 'b6', [1, 2, 3, 5, 17, 18]],
    ['assign', null, [6, 13]],
  ] as const) {
    for (const reductions of [{}, { por: true }, { symmetry: true }, { symmetry: true, por: true }]) {
      it(`${id} ${String(mutation)} ${JSON.stringify(reductions)}: counts, verdicts, violated properties`, async () => {
        for (const maxDepth of bounds) {
          const options = { ...reductions, maxDepth };
          const [one, other] = [worldOf(id, mutation), worldOf(id, mutation)];
          const wide = await explore(one.world, { properties: one.properties, ...options });
          const deep = await explore(other.world, {
            properties: other.properties,
            ...options,
            order: 'depth-first',
          });
          expect([maxDepth, facts(deep)]).toEqual([maxDepth, facts(wide)]);
        }
      });
    }
  }

  it('with partial order reduction: no bound ends a search on an assumption that a step within it refutes', async () => {
    // Two threads of module-unload are no movers: what says so is met two steps from the end.
    for (const order of ['breadth-first', 'depth-first'] as const) {
      const states = [];
      for (const maxDepth of [14, 15, 16, 17, 18, 19]) {
        const { world, properties } = worldOf('module-unload', null);
        states.push((await explore(world, { properties, por: true, order, maxDepth })).states);
      }
      expect([order, states]).toEqual([order, [56, 59, 62, 65, 66, 66]]);
    }
  });

  it('is at its end where all that is known is expanded, and then knows the shortest ways', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) => {
      const state = fc.nat(size - 1);
      return fc.record({
        edges: fc.array(fc.tuple(state, state), { maxLength: 40 }),
        bound: fc.integer({ min: 1, max: 8 }),
      });
    });
    fc.assert(
      fc.property(graph, ({ edges, bound }) => {
        // Breadth-first, by hand.
        const depths = new Map([[0, 0]]);
        for (const [state, depth] of depths)
          if (depth < bound)
            for (const [from, to] of edges) if (from === state && !depths.has(to)) depths.set(to, depth + 1);
        // Depth-first: states get their numbers as they are found.
        const numbers = [0];
        const deep = new DepthFirst(bound);
        const expanded = new Map<number, number>();
        for (let id = deep.next(); id !== undefined; id = deep.next()) {
          expanded.set(id, (expanded.get(id) ?? 0) + 1);
          expect(deep.isAgain).toBe((expanded.get(id) ?? 0) > 1);
          for (const [from, to] of edges) {
            if (from !== numbers[id]) continue;
            const known = numbers.indexOf(to);
            if (known < 0) numbers.push(to);
            else deep.isShorter(id, known);
          }
          deep.found(id, numbers.length);
        }
        expect(numbers.toSorted()).toEqual([...depths.keys()].toSorted());
        const within = [...depths.values()].filter((depth) => depth < bound);
        expect(expanded.size).toBe(within.length);
        expect(deep.depth).toBe(Math.max(...depths.values()));
        expect(deep.isCut).toBe(within.length < depths.size);
        for (const times of expanded.values()) expect(times).toBeLessThanOrEqual(bound + 1);
      }),
    );
  });
});
