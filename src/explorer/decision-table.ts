// Decision trees over the columns of packed rows, as flat tables: what was computed once is read off.
//
// A node asks for a column; the column's code chooses the child. Leaves are non-negative numbers that the owner gives a
// meaning to. What a computation read, in order, is the path to its leaf, so a tree is right for every row that agrees
// with the path, whatever the other columns hold.
import type { Packing } from './packing.ts';

/** Nothing known yet. */
const UNKNOWN = 0;
const ROOM = 4;

/** Many trees in one pair of arrays. A reference is 0 (unknown), n + 1 (node n), or -1 - leaf. */
export class DecisionTable {
  readonly #packing: Packing;
  /** Three numbers a node: column, first edge, room for edges. */
  #nodes = new Int32Array(3 * 1024);
  #nodeCount = 0;
  #edges = new Int32Array(8 * 1024);
  #edgeCount = 0;

  constructor(packing: Packing) {
    this.#packing = packing;
  }

  /** The leaf for a packed row, or -1 when the tree does not know it. */
  find(root: number, words: Int32Array, base: number): number {
    const nodes = this.#nodes;
    const edges = this.#edges;
    const { word, shift, mask } = this.#packing;
    let reference = root;
    while (reference > 0) {
      const node = (reference - 1) * 3;
      const column = nodes[node] as number;
      const code =
        ((words[base + (word[column] as number)] as number) >>> (shift[column] as number)) & (mask[column] as number);
      reference = code < (nodes[node + 2] as number) ? (edges[(nodes[node + 1] as number) + code] as number) : UNKNOWN;
    }
    return reference === UNKNOWN ? -1 : -1 - reference;
  }

  /** Enters a path: columns and codes as they were read, then the leaf. Answers the root, a new one if it was unknown. */
  enter(root: number, columns: readonly number[], codes: readonly number[], leaf: number): number {
    if (columns.length === 0) {
      if (root !== UNKNOWN && root !== -1 - leaf) throw new Error('a decision is not deterministic');
      return -1 - leaf;
    }
    let top = root;
    let parent = -1;
    let reference = root;
    for (const [depth, column] of columns.entries()) {
      const code = codes[depth] as number;
      if (reference === UNKNOWN) {
        reference = this.#addNode(column, code);
        if (parent < 0) top = reference;
        else this.#edges[parent] = reference;
      }
      const node = (reference - 1) * 3;
      if (reference < 0 || this.#nodes[node] !== column) throw new Error('a decision is not deterministic');
      if (code >= (this.#nodes[node + 2] as number)) this.#growNode(node, code);
      parent = (this.#nodes[node + 1] as number) + code;
      reference = this.#edges[parent] as number;
    }
    this.#edges[parent] = -1 - leaf;
    return top;
  }

  #addNode(column: number, code: number): number {
    const at = this.#nodeCount * 3;
    if (at + 3 > this.#nodes.length) {
      const grown = new Int32Array(this.#nodes.length * 2);
      grown.set(this.#nodes);
      this.#nodes = grown;
    }
    const room = Math.max(ROOM, code + 1);
    this.#nodes[at] = column;
    this.#nodes[at + 1] = this.#takeEdges(room);
    this.#nodes[at + 2] = room;
    this.#nodeCount += 1;
    return this.#nodeCount;
  }

  #growNode(node: number, code: number): void {
    const old = this.#nodes[node + 1] as number;
    const room = this.#nodes[node + 2] as number;
    const wider = Math.max(room * 2, code + 1);
    const start = this.#takeEdges(wider);
    this.#edges.copyWithin(start, old, old + room);
    this.#nodes[node + 1] = start;
    this.#nodes[node + 2] = wider;
  }

  #takeEdges(room: number): number {
    const start = this.#edgeCount;
    this.#edgeCount += room;
    if (this.#edgeCount > this.#edges.length) {
      const grown = new Int32Array(Math.max(this.#edges.length * 2, this.#edgeCount));
      grown.set(this.#edges);
      this.#edges = grown;
    }
    return start;
  }
}
