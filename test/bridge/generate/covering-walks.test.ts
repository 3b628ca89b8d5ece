// Covers of graphs: they cover, they start at the start, and there is no cheaper one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cover, Graph } from '../../../src/bridge/generate/covering-walks.ts';
import { coverArcs, coverNodes, coverPairs } from '../../../src/bridge/generate/covering-walks.ts';

/** Each walk begins at node 0 and each of its arcs where the one before has ended. */
function expectWalks({ arcs }: Graph, { walks, steps }: Cover): void {
  for (const walk of walks) {
    let node = 0;
    for (const place of walk) {
      expect(arcs[place]?.from).toBe(node);
      node = arcs[place]?.to ?? -1;
    }
  }
  expect(walks.reduce((sum, walk) => sum + walk.length, 0)).toBe(steps);
}

/** Graphs whose nodes are all reachable: a tree, and more arcs. */
const graphs = fc
  .integer({ min: 1, max: 6 })
  .chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      parents: fc.tuple(...Array.from({ length: nodes - 1 }, (_, i) => fc.integer({ min: 0, max: i }))),
      more: fc.array(fc.record({ from: fc.nat(nodes - 1), to: fc.nat(nodes - 1) }), { maxLength: 5 }),
    }),
  )
  .map(({ nodes, parents, more }): Graph => ({
    nodes,
    arcs: [...parents.map((from, i) => ({ from, to: i + 1 })), ...more],
  }));

/** The fewest steps, by trying: breadth-first over where one is and which arcs are taken. */
function fewest({ arcs }: Graph): number {
  const all = 2 ** arcs.length - 1;
  let level = new Set([`0 0`]);
  const seen = new Set(level);
  for (let steps = 0; ; steps++) {
    // A reset costs no step.
    const now = new Set(level);
    for (const one of level) {
      const reset = `0 ${one.split(' ')[1] ?? ''}`;
      if (!seen.has(reset)) {
        seen.add(reset);
        now.add(reset);
      }
    }
    const next = new Set<string>();
    for (const one of now) {
      const [node = 0, taken = 0] = one.split(' ').map(Number);
      if (taken === all) return steps;
      for (const [place, arc] of arcs.entries()) {
        if (arc.from !== node) continue;
        const state = `${arc.to} ${taken | (1 << place)}`;
        if (!seen.has(state)) {
          seen.add(state);
          next.add(state);
        }
      }
    }
    level = next;
  }
}

describe('every arc', () => {
  it('is taken, and with the fewest steps that there are', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cover = coverArcs(graph);
        expectWalks(graph, cover);
        expect(new Set(cover.walks.flat()).size).toBe(graph.arcs.length);
        expect(cover.steps).toBe(fewest(graph));
        expect(cover.optimum).toBe(cover.steps);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('of a ring is taken in one walk, of a star in one for each ray', () => {
    const ring = Array.from({ length: 7 }, (_, i) => ({ from: i, to: (i + 1) % 7 }));
    expect(coverArcs({ nodes: 7, arcs: ring })).toMatchObject({ steps: 7, walks: { length: 1 } });
    const star = Array.from({ length: 6 }, (_, i) => ({ from: 0, to: i + 1 }));
    expect(coverArcs({ nodes: 7, arcs: star })).toMatchObject({ steps: 6, walks: { length: 6 } });
  });

  it('of a node that is not reachable is an error', () => {
    expect(() => coverArcs({ nodes: 3, arcs: [{ from: 1, to: 2 }] })).toThrow('cannot be reached');
  });
});

describe('every pair of arcs', () => {
  it('is taken, and every first arc', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cover = coverPairs(graph);
        expectWalks(graph, cover);
        const taken = new Set(
          cover.walks.flatMap((walk) => walk.map((arc, i) => `${i === 0 ? '' : (walk[i - 1] ?? '')}-${arc}`)),
        );
        const { arcs } = graph;
        for (const [next, { from }] of arcs.entries()) {
          if (from === 0) expect(taken).toContain(`-${next}`);
          for (const [before, { to }] of arcs.entries()) if (to === from) expect(taken).toContain(`${before}-${next}`);
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('every node', () => {
  it('is come to', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const cover = coverNodes(graph);
        expectWalks(graph, cover);
        const met = new Set([0, ...cover.walks.flat().map((place) => graph.arcs[place]?.to)]);
        expect(met.size).toBe(graph.nodes);
        expect(cover.optimum).toBeLessThanOrEqual(cover.steps);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
