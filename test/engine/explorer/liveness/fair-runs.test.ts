// Fair runs in random graphs: found exactly where the naive referee says so, and what is found is a fair lasso.
import { describe, expect, it } from 'vitest';
import { NO_TURN } from '../../../../src/engine/explorer/liveness/closed-walk.ts';
import type { PlaceLasso } from '../../../../src/engine/explorer/liveness/fair-runs.ts';
import { DUE, FairRuns, OPEN } from '../../../../src/engine/explorer/liveness/fair-runs.ts';
import { CALL, RunGraph } from '../../../../src/engine/explorer/graph/explored-graph.ts';
import { Watch } from '../../../../src/engine/explorer/search/watch.ts';
import { seeded } from '../../../../src/engine/world/schedulers.ts';
import type { Edge, Node } from '../../../referee/naive-liveness.ts';
import { hasFairRun } from '../../../referee/naive-liveness.ts';

interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly actor: number;
  readonly turn: number;
}

interface Sample {
  /** By state, in the order of a breadth-first search. */
  readonly arrows: readonly (readonly Arrow[])[];
  readonly levels: readonly number[];
  readonly parent: Int32Array;
  readonly status: Uint8Array;
}

const ACTORS = 3;

/** A random graph, numbered as the explorer would number it. */
function sampleOf(seed: number): Sample {
  const int = seeded(seed);
  const size = int(1, 12);
  const drawn = Array.from({ length: size }, () =>
    Array.from({ length: int(0, 3) }, () => {
      const actor = int(CALL, ACTORS - 1);
      return { to: int(0, size - 1), actor, turn: actor !== CALL && int(0, 2) === 0 ? actor * 2 + int(0, 1) : NO_TURN };
    }),
  );
  const order = [0];
  const parent: number[] = [-1];
  const levels = [0];
  let place = 0;
  for (let i = 0, end = 1; i < order.length; i++) {
    if (i === end) {
      levels.push(i);
      end = order.length;
    }
    for (const { to } of drawn[order[i] as number] ?? []) {
      if (!order.includes(to)) parent[order.push(to) - 1] = place;
      place += 1;
    }
  }
  const arrows = order.map((old, from) =>
    (drawn[old] ?? []).map(({ to, ...rest }) => ({ from, to: order.indexOf(to), ...rest })),
  );
  const status = Uint8Array.from(order, () => [0, OPEN, OPEN, OPEN, OPEN | DUE][int(0, 4)] as number);
  return { arrows, levels, parent: Int32Array.from(parent), status };
}

/** The same graph as the search wants it. */
function graphOf({ arrows, levels, parent }: Sample): RunGraph {
  const all = arrows.flat();
  const first = [0];
  for (const out of arrows) first.push((first.at(-1) as number) + out.length);
  const graph = {
    world: { actors: { length: ACTORS } },
    states: arrows.length,
    transitions: all.length,
    levels,
    parent,
    first: Int32Array.from(first),
    target: Int32Array.from(all, ({ to }) => to),
    actor: Int16Array.from(all, ({ actor }) => actor),
    source: (place: number): number => (all[place] as Arrow).from,
  };
  return Object.setPrototypeOf(graph, RunGraph.prototype) as RunGraph;
}

/** What the naive referee says. */
function isThere({ arrows, status }: Sample): boolean {
  const nodes = arrows.map((): Node => ({ row: new Uint16Array(), out: [], into: [] }));
  for (const { from, to, actor, turn } of arrows.flat()) {
    const [one, other] = [nodes[from] as Node, nodes[to] as Node];
    const edge: Edge = {
      from: one,
      to: other,
      actor: actor === CALL ? undefined : actor,
      event: 0,
      turn: turn === NO_TURN ? undefined : String(turn),
    };
    one.out.push(edge);
    other.into.push(edge);
  }
  const having = (bit: number): Node[] => nodes.filter((_, i) => ((status[i] as number) & bit) !== 0);
  return hasFairRun(new Set(having(OPEN)), having(DUE));
}

/** What is wrong with a lasso; null where it is one, fair and open. */
function faultOf({ arrows, status }: Sample, { stem, cycle }: PlaceLasso): string | null {
  const all = arrows.flat();
  let [at, isDue] = [0, status[0] === (OPEN | DUE)];
  const go = (place: number): void => {
    const arrow = all[place] as Arrow;
    if (arrow.from !== at) throw new Error('not a walk');
    at = arrow.to;
    isDue = ((status[at] as number) & OPEN) !== 0 && (isDue || ((status[at] as number) & DUE) !== 0);
  };
  for (const place of stem) go(place);
  if (!isDue) return 'not due';
  const passed = new Set([at]);
  for (const place of cycle) {
    go(place);
    if (!isDue) return 'not open';
    passed.add(at);
  }
  if (cycle.length > 0 && (all[cycle[0] as number] as Arrow).from !== at) return 'not closed';
  const taken = cycle.map((place) => all[place] as Arrow);
  const outs = [...passed].map((state) => arrows[state] ?? []);
  for (let actor = 0; actor < ACTORS; actor++) {
    const isAlways = outs.every((out) => out.some((arrow) => arrow.actor === actor));
    if (isAlways && !taken.some((arrow) => arrow.actor === actor)) return `unfair to ${actor}`;
  }
  for (const { turn } of outs.flat()) {
    if (turn !== NO_TURN && !taken.some((arrow) => arrow.turn === turn)) return `turn ${turn} never comes`;
  }
  return null;
}

describe('fair runs in random graphs', () => {
  it('are found where the referee says so, and are fair lassos', async () => {
    let found = 0;
    for (let seed = 1; seed <= 4000; seed++) {
      const sample = sampleOf(seed);
      const graph = graphOf(sample);
      const turns = sample.arrows.flat().map(({ turn }) => turn);
      const runs = new FairRuns(graph);
      // Every other time twice, because the arrays are used again.
      if (seed % 2 === 0) await runs.find(new Uint8Array(graph.states).fill(OPEN | DUE), () => NO_TURN, new Watch({}));
      const lasso = await runs.find(sample.status, (place) => turns[place] as number, new Watch({}));
      const fault = lasso === undefined ? null : faultOf(sample, lasso);
      expect({ seed, isFound: lasso !== undefined, fault }).toEqual({ seed, isFound: isThere(sample), fault: null });
      found += lasso === undefined ? 0 : 1;
    }
    expect([found > 800, found < 3200]).toEqual([true, true]);
  });
});
