// Decision trees over the columns of packed rows, as flat tables: what was computed once is read off.
//
// A node asks for a column; the column's code chooses the child. Leaves are non-negative numbers that the owner gives a
// meaning to. What a computation read, in order, is the path to its leaf, so a tree is right for every row that agrees
// with the path, whatever the other columns hold.
import type { Layout } from './layout.ts';

/** Nothing known yet. */
const UNKNOWN = 0;
const ROOM = 4;
const NODE = 4;

/** Columns and codes that decisions have asked for, each column once, in order. */
export class Path {
  columns: number[] = [];
  codes: number[] = [];
  readonly #seen = new Set<number>();

  /** Begins anew, with one column. Answers its code. */
  begin(decisions: DecisionTable, column: number, words: Int32Array, base: number): number {
    this.clear();
    return this.look(decisions, column, words, base);
  }

  /** Notes a column. Answers its code. */
  look(decisions: DecisionTable, column: number, words: Int32Array, base: number): number {
    const code = decisions.read(column, words, base);
    this.note(column, code);
    return code;
  }

  clear(): void {
    this.columns = [];
    this.codes = [];
    this.#seen.clear();
  }

  /** A column that is known anyway, and never noted. */
  pass(column: number): void {
    this.#seen.add(column);
  }

  note(column: number, code: number): void {
    if (this.#seen.has(column)) return;
    this.#seen.add(column);
    this.columns.push(column);
    this.codes.push(code);
  }
}

/** Many trees in one pair of arrays. A reference is 0 (unknown), n + 1 (node n), or -1 - leaf. */
export class DecisionTable {
  readonly #layout: Layout;
  /** Four numbers a node: column, where that is in a row (`Layout.place`), first edge, room for edges. */
  #nodes: Int32Array = new Int32Array(NODE * 1024);
  #nodeCount = 0;
  #edges: Int32Array = new Int32Array(8 * 1024);
  #edgeCount = 0;

  /** Counts what was entered. */
  version = 0;
  /** The version of the layout that places of columns are of. */
  #placed = -1;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The leaf for a packed row, or -1 when the tree does not know it. */
  find(root: number, words: Int32Array, base: number): number {
    if (this.#placed !== this.#layout.version) this.#placeAll();
    const nodes = this.#nodes;
    const edges = this.#edges;
    let reference = root;
    while (reference > 0) {
      const node = (reference - 1) * NODE;
      const place = nodes[node + 1] as number;
      // Shifts look at the low five bits of what they are given.
      const code = ((words[base + (place >>> 10)] as number) >>> (place >>> 5)) & ~(-1 << place);
      reference = code < (nodes[node + 3] as number) ? (edges[(nodes[node + 2] as number) + code] as number) : UNKNOWN;
    }
    return reference === UNKNOWN ? -1 : -1 - reference;
  }

  /** The same, noting what was asked for. */
  follow(root: number, words: Int32Array, base: number, path: Path): number {
    let reference = root;
    while (reference > 0) {
      const node = (reference - 1) * NODE;
      const column = this.#nodes[node] as number;
      const code = this.read(column, words, base);
      path.note(column, code);
      reference =
        code < (this.#nodes[node + 3] as number)
          ? (this.#edges[(this.#nodes[node + 2] as number) + code] as number)
          : UNKNOWN;
    }
    return reference === UNKNOWN ? -1 : -1 - reference;
  }

  /** The code of a column in a packed row. */
  read(column: number, words: Int32Array, base: number): number {
    return this.#layout.read(words, base, column);
  }

  /** Enters a path: columns and codes as they were read, then the leaf. Answers the root, a new one if it was unknown. */
  enter(root: number, columns: readonly number[], codes: readonly number[], leaf: number): number {
    this.version += 1;
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
      const node = (reference - 1) * NODE;
      if (reference < 0 || this.#nodes[node] !== column) throw new Error('a decision is not deterministic');
      if (code >= (this.#nodes[node + 3] as number)) this.#growNode(node, code);
      parent = (this.#nodes[node + 2] as number) + code;
      reference = this.#edges[parent] as number;
    }
    this.#edges[parent] = -1 - leaf;
    return top;
  }

  #placeAll(): void {
    for (let node = 0; node < this.#nodeCount * NODE; node += NODE)
      this.#nodes[node + 1] = this.#layout.place(this.#nodes[node] as number);
    this.#placed = this.#layout.version;
  }

  #addNode(column: number, code: number): number {
    const at = this.#nodeCount * NODE;
    if (at + NODE > this.#nodes.length) {
      const grown = new Int32Array(this.#nodes.length * 2);
      grown.set(this.#nodes);
      this.#nodes = grown;
    }
    const room = Math.max(ROOM, code + 1);
    this.#nodes[at] = column;
    this.#nodes[at + 1] = this.#layout.place(column);
    this.#nodes[at + 2] = this.#takeEdges(room);
    this.#nodes[at + 3] = room;
    this.#nodeCount += 1;
    return this.#nodeCount;
  }

  #growNode(node: number, code: number): void {
    const old = this.#nodes[node + 2] as number;
    const room = this.#nodes[node + 3] as number;
    const wider = Math.max(room * 2, code + 1);
    const start = this.#takeEdges(wider);
    this.#edges.copyWithin(start, old, old + room);
    this.#nodes[node + 2] = start;
    this.#nodes[node + 3] = wider;
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

  /** The tables as they are now. */
  get tables(): { readonly nodes: Int32Array; readonly edges: Int32Array } {
    return { nodes: this.#nodes.slice(0, this.#nodeCount * NODE), edges: this.#edges.slice(0, this.#edgeCount) };
  }

  /** Takes over the tables of another thread. */
  take({ nodes, edges }: { readonly nodes: Int32Array; readonly edges: Int32Array }): void {
    this.#nodes = nodes;
    this.#nodeCount = nodes.length / NODE;
    this.#edges = edges;
    this.#edgeCount = edges.length;
    this.#placed = -1;
  }
}
