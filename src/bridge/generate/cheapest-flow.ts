// A cheapest flow without capacities, by successive shortest paths with potentials.
//
// Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 9. A path goes back along an edge where there is flow on it.

/** An edge; its cost is not negative. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** The way back of an edge, and the edge of a way back. -1 is no edge. */
const backOf = (code: number): number => -2 - code;

/** Flows through one network. */
export class CheapestFlow {
  readonly #edges: readonly FlowEdge[];
  readonly #flow: Int32Array;
  readonly #out: readonly number[][];
  readonly #into: readonly number[][];
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  /** The edge by which the shortest path comes to a node, or the way back of one. */
  readonly #via: Int32Array;

  /**
   * @param nodes - numbers from 0
   * @param edges - between them
   */
  constructor(nodes: number, edges: readonly FlowEdge[]) {
    this.#edges = edges;
    this.#flow = new Int32Array(edges.length);
    const lists = (): number[][] => Array.from({ length: nodes }, () => []);
    [this.#out, this.#into] = [lists(), lists()];
    for (const [i, { from, to }] of edges.entries()) {
      this.#out[from]?.push(i);
      this.#into[to]?.push(i);
    }
    this.#potential = new Float64Array(nodes);
    this.#distance = new Float64Array(nodes);
    this.#via = new Int32Array(nodes);
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
      const sink = this.#nearestSink(surplus);
      if (sink < 0) return null;
      for (const [node, far] of this.#distance.entries())
        if (far < Infinity) this.#potential[node] = (this.#potential[node] as number) + far;
      this.#augment(surplus, sink);
    }
    return this.#flow;
  }

  /** Dijkstra's algorithm from all nodes that have too much, by costs that potentials have made not negative. */
  #search(surplus: Int32Array): void {
    this.#distance.fill(Infinity);
    this.#via.fill(-1);
    const queue = new Heap();
    for (const [node, one] of surplus.entries())
      if (one > 0) {
        this.#distance[node] = 0;
        queue.push(0, node);
      }
    while (queue.size > 0) {
      const [far, node] = queue.pop();
      if (far > (this.#distance[node] as number)) continue;
      for (const i of this.#out[node] ?? []) {
        const { to, cost } = this.#edges[i] as FlowEdge;
        this.#relax(queue, far, node, to, cost, i);
      }
      for (const i of this.#into[node] ?? []) {
        const { from, cost } = this.#edges[i] as FlowEdge;
        if ((this.#flow[i] as number) > 0) this.#relax(queue, far, node, from, -cost, backOf(i));
      }
    }
  }

  #relax(queue: Heap, far: number, node: number, to: number, cost: number, code: number): void {
    const length = far + cost + (this.#potential[node] as number) - (this.#potential[to] as number);
    if (length >= (this.#distance[to] as number)) return;
    this.#distance[to] = length;
    this.#via[to] = code;
    queue.push(length, to);
  }

  #nearestSink(surplus: Int32Array): number {
    let [sink, least] = [-1, Infinity];
    for (const [node, one] of surplus.entries()) {
      const real = (this.#distance[node] as number) + (this.#potential[node] as number);
      if (one < 0 && real < least) [sink, least] = [node, real];
    }
    return sink;
  }

  #augment(surplus: Int32Array, sink: number): void {
    const path: number[] = [];
    let source = sink;
    for (let code = this.#via[source] as number; code !== -1; code = this.#via[source] as number) {
      path.push(code);
      source = code >= 0 ? (this.#edges[code] as FlowEdge).from : (this.#edges[backOf(code)] as FlowEdge).to;
    }
    let amount = Math.min(surplus[source] as number, -(surplus[sink] as number));
    for (const code of path) if (code < 0) amount = Math.min(amount, this.#flow[backOf(code)] as number);
    for (const code of path) {
      const i = code >= 0 ? code : backOf(code);
      this.#flow[i] = (this.#flow[i] as number) + (code >= 0 ? amount : -amount);
    }
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
