// A cheapest flow without capacities, by shortest paths with potentials: between two searches flow goes along every path that costs nothing
// beyond them, which keeps it cheapest.
//
// Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 9 (successive shortest paths, primal-dual). A path goes back along an edge
// where there is flow on it.

/** An edge; its cost is not negative. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** A way from a node: forth along an edge, or back along one. */
interface Way {
  readonly edge: number;
  readonly isBack: boolean;
  readonly to: number;
  readonly cost: number;
}

/** Flows through one network. */
export class CheapestFlow {
  readonly #flow: Int32Array;
  readonly #ways: readonly Way[][];
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;

  /**
   * @param nodes - numbers from 0
   * @param edges - between them
   */
  constructor(nodes: number, edges: readonly FlowEdge[]) {
    this.#flow = new Int32Array(edges.length);
    const ways: Way[][] = Array.from({ length: nodes }, () => []);
    for (const [edge, { from, to, cost }] of edges.entries()) ways[from]?.push({ edge, isBack: false, to, cost });
    for (const [edge, { from, to, cost }] of edges.entries())
      ways[to]?.push({ edge, isBack: true, to: from, cost: -cost });
    this.#ways = ways;
    this.#potential = new Float64Array(nodes);
    this.#distance = new Float64Array(nodes);
  }

  /**
   * Brings what some nodes have too much to those that have too little.
   *
   * @param surplus - of each node; the sum is 0. It is 0 everywhere afterwards
   * @returns the flow on each edge; null where it cannot be brought
   */
  balance(surplus: Int32Array): Int32Array | null {
    while (surplus.some((one) => one > 0)) {
      this.#search(surplus);
      for (const [node, far] of this.#distance.entries())
        if (far < Infinity) this.#potential[node] = (this.#potential[node] as number) + far;
      if (!this.#augmentAll(surplus)) return null;
    }
    return this.#flow;
  }

  /** Dijkstra's algorithm from all nodes that have too much, by costs that potentials have made not negative. */
  #search(surplus: Int32Array): void {
    this.#distance.fill(Infinity);
    const queue = new Heap();
    for (const [node, one] of surplus.entries())
      if (one > 0) {
        this.#distance[node] = 0;
        queue.push(0, node);
      }
    while (queue.size > 0) {
      const [far, node] = queue.pop();
      if (far > (this.#distance[node] as number)) continue;
      for (const way of this.#ways[node] as Way[]) {
        if (!this.#isOpen(way)) continue;
        const length = far + this.#reducedCost(node, way);
        if (length >= (this.#distance[way.to] as number)) continue;
        this.#distance[way.to] = length;
        queue.push(length, way.to);
      }
    }
  }

  #isOpen({ isBack, edge }: Way): boolean {
    return !isBack || (this.#flow[edge] as number) > 0;
  }

  #reducedCost(from: number, { to, cost }: Way): number {
    return cost + (this.#potential[from] as number) - (this.#potential[to] as number);
  }

  /** Sends flow along paths that cost nothing, until a depth-first search finds none. Answers whether there was any. */
  #augmentAll(surplus: Int32Array): boolean {
    const nodes = surplus.length;
    /** Of each node the next way to try; nodes on the path, and those that lead nowhere. */
    const next = new Int32Array(nodes);
    const isMet = new Uint8Array(nodes);
    let hasAny = false;
    for (let source = 0; source < nodes; source++) {
      while ((surplus[source] as number) > 0) {
        const path = this.#freePath(source, surplus, next, isMet);
        if (path === null) break;
        hasAny = true;
        this.#augment(source, path, surplus);
        isMet[source] = 0;
        for (const { to } of path) isMet[to] = 0;
      }
    }
    return hasAny;
  }

  /** A path from a source to a node that has too little, over ways that cost nothing; null where none is left. */
  #freePath(source: number, surplus: Int32Array, next: Int32Array, isMet: Uint8Array): Way[] | null {
    if (isMet[source] === 1) return null;
    const path: Way[] = [];
    isMet[source] = 1;
    for (let node = source; ;) {
      if ((surplus[node] as number) < 0) return path;
      const ways = this.#ways[node] as Way[];
      let at = next[node] as number;
      while (at < ways.length && !this.#isFree(node, ways[at] as Way, isMet)) at += 1;
      next[node] = at;
      const way = ways[at];
      if (way !== undefined) {
        path.push(way);
        node = way.to;
        isMet[node] = 1;
        continue;
      }
      // It leads nowhere in this round: it stays met.
      const last = path.pop();
      if (last === undefined) return null;
      node = path.at(-1)?.to ?? source;
      next[node] = (next[node] as number) + 1;
    }
  }

  #isFree(from: number, way: Way, isMet: Uint8Array): boolean {
    return isMet[way.to] === 0 && this.#isOpen(way) && this.#reducedCost(from, way) === 0;
  }

  #augment(source: number, path: readonly Way[], surplus: Int32Array): void {
    const sink = path.at(-1)?.to ?? source;
    let amount = Math.min(surplus[source] as number, -(surplus[sink] as number));
    for (const { isBack, edge } of path) if (isBack) amount = Math.min(amount, this.#flow[edge] as number);
    for (const { isBack, edge } of path) this.#flow[edge] = (this.#flow[edge] as number) + (isBack ? -amount : amount);
    surplus[source] = (surplus[source] as number) - amount;
    surplus[sink] = (surplus[sink] as number) + amount;
  }
}

/** A binary heap of nodes by their distance. */
class Heap {
  readonly #keys: number[] = [];
  readonly #values: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  push(key: number, value: number): void {
    let at = this.#keys.length;
    this.#keys.push(key);
    this.#values.push(value);
    for (let up = (at - 1) >> 1; at > 0 && (this.#keys[up] as number) > key; up = (at - 1) >> 1) {
      this.#keys[at] = this.#keys[up] as number;
      this.#values[at] = this.#values[up] as number;
      at = up;
    }
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  pop(): readonly [key: number, value: number] {
    const top = [this.#keys[0] as number, this.#values[0] as number] as const;
    const key = this.#keys.pop() as number;
    const value = this.#values.pop() as number;
    const size = this.#keys.length;
    if (size === 0) return top;
    let at = 0;
    for (let down = 1; down < size; down = 2 * at + 1) {
      if (down + 1 < size && (this.#keys[down + 1] as number) < (this.#keys[down] as number)) down += 1;
      if ((this.#keys[down] as number) >= key) break;
      this.#keys[at] = this.#keys[down] as number;
      this.#values[at] = this.#values[down] as number;
      at = down;
    }
    this.#keys[at] = key;
    this.#values[at] = value;
    return top;
  }
}
