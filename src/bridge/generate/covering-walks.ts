// As few and as short walks as there are that take every arc of a graph: the directed Chinese postman with resets.
//
// Edmonds, Johnson, Matching, Euler tours and the Chinese postman (Mathematical Programming 5, 1973): a cheapest circulation that takes
// every arc at least once falls apart into an Euler tour, since everything is reachable. A reset, back to the start from anywhere,
// begins the next walk.

import { CheapestFlow } from './cheapest-flow.ts';

/** A graph whose nodes are numbers from 0; node 0 is the start, from which all are reachable. */
export interface Graph {
  readonly nodes: number;
  /** From where to where; several may lead the same way. */
  readonly arcs: readonly { readonly from: number; readonly to: number }[];
}

/** Walks from the start. */
export interface Cover {
  /** Arcs of each walk, by their place in the graph. */
  readonly walks: readonly (readonly number[])[];
  /** Arcs in all walks together. */
  readonly steps: number;
  /** The least number of steps that there is; what `walks` have, where they are exact. */
  readonly optimum: number;
}

/** What a reset costs; an arc costs as much as more resets than there can be. */
const RESET = 1;

/**
 * Walks that take every arc at least once, with the fewest steps, and among those with the fewest walks.
 *
 * @param graph - every node reachable from node 0
 * @returns the walks; `steps` is `optimum`
 * @throws RangeError where a node cannot be reached
 */
export function coverArcs(graph: Graph): Cover {
  if (graph.arcs.length === 0) return { walks: [], steps: 0, optimum: 0 };
  const extra = cheapestBalance(graph);
  const steps = graph.arcs.length + extra.arcs.reduce((sum, count) => sum + count, 0);
  const walks = tour(graph, extra);
  if (walks.reduce((sum, walk) => sum + walk.length, 0) !== steps)
    throw new RangeError('a node of the graph cannot be reached from its start');
  return { walks, steps, optimum: steps };
}

interface Balance {
  /** How often each arc is taken besides the first time. */
  readonly arcs: number[];
  /** How often each node is left by a reset. */
  readonly resets: number[];
}

/** The cheapest way to let as many arcs leave each node as enter it: a flow from nodes that more enter to those that more leave. */
function cheapestBalance({ nodes, arcs }: Graph): Balance {
  const price = arcs.length + nodes + 1;
  // Besides the nodes one more, through which every reset goes: to the start it costs nothing from there.
  const hub = nodes;
  const edges = [
    ...arcs.map(({ from, to }) => ({ from, to, cost: price })),
    ...Array.from({ length: nodes }, (_, node) => ({ from: node, to: hub, cost: RESET })),
    { from: hub, to: 0, cost: 0 },
  ];
  const surplus = new Int32Array(nodes + 1);
  for (const { from, to } of arcs) {
    surplus[to] = (surplus[to] as number) + 1;
    surplus[from] = (surplus[from] as number) - 1;
  }
  const flow = new CheapestFlow(nodes + 1, edges).balance(surplus);
  if (flow === null) throw new RangeError('a node of the graph cannot be reached from its start');
  return {
    arcs: Array.from(flow.subarray(0, arcs.length)),
    resets: Array.from(flow.subarray(arcs.length, arcs.length + nodes)),
  };
}

/** The Euler tour through all arcs, as often as they are taken, cut where it is reset (Hierholzer). */
function tour({ nodes, arcs }: Graph, { arcs: extra, resets }: Balance): number[][] {
  const RESET_ARC = -1;
  const left: number[][] = Array.from({ length: nodes }, () => []);
  // Resets last in, so that a walk that must end ends late; arcs in their order.
  for (const [node, count] of resets.entries()) for (let k = 0; k < count; k++) left[node]?.push(RESET_ARC);
  for (let i = arcs.length - 1; i >= 0; i--)
    for (let k = 0; k <= (extra[i] as number); k++) left[(arcs[i] as Graph['arcs'][number]).from]?.push(i);
  const stack: (readonly [node: number, by: number | null])[] = [[0, null]];
  const circuit: number[] = [];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const [node] = top;
    const next = left[node]?.pop();
    if (next === undefined) {
      const [, by] = stack.pop() as readonly [number, number | null];
      if (by !== null) circuit.push(by);
    } else stack.push([next === RESET_ARC ? 0 : (arcs[next] as Graph['arcs'][number]).to, next]);
  }
  const walks: number[][] = [[]];
  for (const by of circuit.toReversed())
    if (by === RESET_ARC) walks.push([]);
    else walks.at(-1)?.push(by);
  return walks.filter((walk) => walk.length > 0);
}

/**
 * Walks that take every pair of arcs that follow each other, and every first arc: all arcs of the line graph.
 *
 * @param graph - every node reachable from node 0
 * @returns walks by arcs of the graph itself; `steps` and `optimum` count those
 */
export function coverPairs(graph: Graph): Cover {
  const { arcs } = graph;
  const leaving: number[][] = Array.from({ length: graph.nodes }, () => []);
  for (const [i, { from }] of arcs.entries()) leaving[from]?.push(i);
  // A node for each arc, after the start; who goes to it takes the arc.
  const pairs = [
    ...(leaving[0] ?? []).map((to) => ({ from: 0, to: to + 1 })),
    ...arcs.flatMap(({ to }, i) => (leaving[to] ?? []).map((next) => ({ from: i + 1, to: next + 1 }))),
  ];
  const { walks, steps, optimum } = coverArcs({ nodes: arcs.length + 1, arcs: pairs });
  const taken = walks.map((walk) => walk.map((pair) => (pairs[pair] as { to: number }).to - 1));
  return { walks: taken, steps, optimum };
}

/**
 * Walks that come to every node: to each leaf of a breadth-first tree one. `optimum` is a bound, one step for each node but the start.
 *
 * @param graph - every node reachable from node 0
 */
export function coverNodes({ nodes, arcs }: Graph): Cover {
  const leaving: number[][] = Array.from({ length: nodes }, () => []);
  for (const [i, { from }] of arcs.entries()) leaving[from]?.push(i);
  const via = Array.from({ length: nodes }, () => -1);
  const order = [0];
  const isParent = new Set<number>();
  for (const node of order)
    for (const i of leaving[node] ?? []) {
      const { to } = arcs[i] as { to: number };
      if (to === 0 || (via[to] as number) >= 0) continue;
      via[to] = i;
      isParent.add(node);
      order.push(to);
    }
  const walks = order
    .filter((node) => node !== 0 && !isParent.has(node))
    .map((leaf) => {
      const walk: number[] = [];
      for (let node = leaf; node !== 0; node = (arcs[via[node] as number] as { from: number }).from)
        walk.push(via[node] as number);
      return walk.toReversed();
    });
  return { walks, steps: walks.reduce((sum, walk) => sum + walk.length, 0), optimum: nodes - 1 };
}
