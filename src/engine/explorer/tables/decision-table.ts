// Decision trees over the columns of packed rows, as flat tables: what was computed once is read off.
//
// A node asks for a column; the column's code chooses the child. Leaves are non-negative numbers that the owner gives a
// meaning to. What a computation read, in order, is the path to its leaf, so a tree is right for every row that agrees
// with the path, whatever the other columns hold.
import { WorldLimitError } from '../../world/world-limit.ts';
import type { Layout } from '../store/layout.ts';

/** Nothing known yet. */
const UNKNOWN = 0;
/** A node's edges begin so many places after it. */
const EDGES = 3;
/** A place in the array is a number of 32 bits with a sign, and what is negative is a leaf. */
const PLACES_MAX = 0x7fff_ffff;

/** Columns and codes that decisions have asked for, each column once, in order. */
export class Path {
  readonly columns: number[] = [];
  readonly codes: number[] = [];
  /** By column: the last path that noted it. */
  #seen = new Int32Array(64);
  #paths = 1;

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
    this.columns.length = 0;
    this.codes.length = 0;
    this.#paths += 1;
  }

  /** A column that is known anyway, and never noted. */
  pass(column: number): void {
    if (column >= this.#seen.length) {
      const wider = new Int32Array(column * 2);
      wider.set(this.#seen);
      this.#seen = wider;
    }
    this.#seen[column] = this.#paths;
  }

  note(column: number, code: number): void {
    if (this.#seen[column] === this.#paths) return;
    this.pass(column);
    this.columns.push(column);
    this.codes.push(code);
  }
}

/** Many trees in one array. A reference is 0 (unknown), where a node is, or -1 - leaf. */
export class DecisionTable {
  readonly #layout: Layout;
  /** Nodes one after the other: where the column is in a row (`Layout.place`), room for edges, the column, edges by code. */
  #nodes: Int32Array = new Int32Array(4096);
  #used = 1;

  /** Counts what was entered. */
  version = 0;
  /** The version of the layout that places of columns are of. */
  #placed = -1;

  readonly #placesMax: number;

  /**
   * @param layout - where columns are in a row
   * @param placesMax - how long the array may get
   */
  constructor(layout: Layout, placesMax = PLACES_MAX) {
    this.#layout = layout;
    this.#placesMax = placesMax;
  }

  /** The leaf for a packed row; -1 where the tree does not know it. */
  find(root: number, words: Int32Array, base: number): number {
    if (this.#placed !== this.#layout.version) this.#placeAll();
    const nodes = this.#nodes;
    let reference = root;
    while (reference > 0) {
      const place = nodes[reference] as number;
      // Shifts look at the low five bits of what they are given.
      const code = ((words[base + (place >>> 10)] as number) >>> (place >>> 5)) & ~(-1 << place);
      reference = code < (nodes[reference + 1] as number) ? (nodes[reference + EDGES + code] as number) : UNKNOWN;
    }
    return ~reference;
  }

  /**
   * The same for `count` rows, one after the other, and some of many trees: the leaf of each tree for the first row, then for
   * the next; -1 where it is not known. Tree by tree, so that its nodes are at hand, and rows that follow one another differ
   * little: most of a search is here.
   */
  findEach(
    roots: Int32Array,
    trees: Int32Array,
    words: Int32Array,
    base: number,
    count: number,
    leaves: Int32Array,
  ): void {
    if (this.#placed !== this.#layout.version) this.#placeAll();
    const nodes = this.#nodes;
    const stride = this.#layout.words;
    const many = trees.length;
    for (let i = 0; i < many; i++) {
      const root = roots[trees[i] as number] as number;
      for (let k = 0, row = base, at = i; k < count; k++, row += stride, at += many) {
        let reference = root;
        while (reference > 0) {
          const place = nodes[reference] as number;
          const code = ((words[row + (place >>> 10)] as number) >>> (place >>> 5)) & ~(-1 << place);
          reference = code < (nodes[reference + 1] as number) ? (nodes[reference + EDGES + code] as number) : UNKNOWN;
        }
        leaves[at] = ~reference;
      }
    }
  }

  /** The same, noting what was asked for. */
  follow(root: number, words: Int32Array, base: number, path: Path): number {
    const nodes = this.#nodes;
    let reference = root;
    while (reference > 0) {
      const column = nodes[reference + 2] as number;
      const code = this.read(column, words, base);
      path.note(column, code);
      reference = code < (nodes[reference + 1] as number) ? (nodes[reference + EDGES + code] as number) : UNKNOWN;
    }
    return ~reference;
  }

  /** The code of a column in a packed row. */
  read(column: number, words: Int32Array, base: number): number {
    return this.#layout.read(words, base, column);
  }

  /**
   * Enters a path: columns and codes as they were read, then the leaf. Answers the root, a new one where it had to move. Throws
   * WorldLimitError where there is no room.
   */
  enter(root: number, columns: readonly number[], codes: readonly number[], leaf: number): number {
    this.version += 1;
    if (columns.length === 0) {
      if (root !== UNKNOWN && root !== -1 - leaf) throw new Error('a decision is not deterministic');
      return -1 - leaf;
    }
    let top = root;
    let parent = -1;
    let reference = root;
    for (let depth = 0; depth < columns.length; depth++) {
      const column = columns[depth] as number;
      const code = codes[depth] as number;
      if (reference < 0 || (reference > 0 && this.#nodes[reference + 2] !== column))
        throw new Error('a decision is not deterministic');
      if (reference === UNKNOWN || code >= (this.#nodes[reference + 1] as number)) {
        reference = reference === UNKNOWN ? this.#addNode(column, code + 1) : this.#widened(reference, code + 1);
        if (parent < 0) top = reference;
        else this.#nodes[parent] = reference;
      }
      parent = reference + EDGES + code;
      reference = this.#nodes[parent] as number;
    }
    if (reference !== UNKNOWN && reference !== -1 - leaf) throw new Error('a decision is not deterministic');
    this.#nodes[parent] = -1 - leaf;
    return top;
  }

  #placeAll(): void {
    const nodes = this.#nodes;
    for (let node = 1; node < this.#used; node += EDGES + (nodes[node + 1] as number))
      nodes[node] = this.#layout.place(nodes[node + 2] as number);
    this.#placed = this.#layout.version;
  }

  #addNode(column: number, room: number): number {
    const node = this.#used;
    // A column that gets ever more values is asked for in ever larger nodes: a counter without end comes here after minutes.
    if (node + EDGES + room > this.#placesMax)
      throw new WorldLimitError(
        'more steps, of more values of what they hang on, than can be remembered: the world is too large',
      );
    this.#used += EDGES + room;
    if (this.#used > this.#nodes.length) {
      const grown = new Int32Array(Math.max(this.#nodes.length * 2, this.#used));
      grown.set(this.#nodes);
      this.#nodes = grown;
    }
    this.#nodes[node] = this.#layout.place(column);
    this.#nodes[node + 1] = room;
    this.#nodes[node + 2] = column;
    return node;
  }

  /** A copy of a node with more room. The old one stays where it was; nothing refers to it. */
  #widened(node: number, least: number): number {
    const room = this.#nodes[node + 1] as number;
    const wider = this.#addNode(this.#nodes[node + 2] as number, Math.max(room * 2, least));
    this.#nodes.copyWithin(wider + EDGES, node + EDGES, node + EDGES + room);
    return wider;
  }

  /** The tables as they are now. */
  get nodes(): Int32Array {
    return this.#nodes.slice(0, this.#used);
  }

  /** Takes over the tables of another thread. */
  take(nodes: Int32Array): void {
    this.#nodes = nodes;
    this.#used = nodes.length;
    this.#placed = -1;
  }
}
