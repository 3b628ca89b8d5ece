// The states seen so far: rows in one growing array, exact, with an open-addressing index and parents for traces.
import type { Row } from '../world/world.ts';

/** A state's number, in order of discovery; 0 is the initial state. */
export type StateId = number;

const FNV_PRIME = 0x0100_0193;

/** Hash of a row: FNV-1a over its columns, with a final mix. */
export function hashRow(row: Row): number {
  let hash = 0x811c_9dc5;
  for (const column of row) hash = Math.imul(hash ^ column, FNV_PRIME);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b_3c6d) >>> 0;
}

/** Rows without duplicates. Adding a row that is there answers its number. */
export class StateStore {
  readonly #width: number;
  #rows: Uint16Array<ArrayBuffer>;
  /** The state from which a state was first reached, and the index of the choice that was taken there. */
  #parents: Int32Array<ArrayBuffer>;
  #choices: Uint16Array<ArrayBuffer>;
  #index: Int32Array<ArrayBuffer>;
  size = 0;

  /** `width` is the number of columns of a row. */
  constructor(width: number, capacity = 1024) {
    this.#width = width;
    this.#rows = new Uint16Array(capacity * width);
    this.#parents = new Int32Array(capacity);
    this.#choices = new Uint16Array(capacity);
    this.#index = new Int32Array(capacity * 2);
  }

  /** Adds a row. Answers its number, or `-1 - number` when it was there already. */
  add(row: Row, parent: StateId, choice: number): StateId {
    if (this.size * 2 >= this.#index.length) this.#grow();
    const mask = this.#index.length - 1;
    let slot = hashRow(row) & mask;
    for (let stored = this.#index[slot] ?? 0; stored !== 0; stored = this.#index[slot] ?? 0) {
      if (this.#equals(stored - 1, row)) return -stored;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    this.#rows.set(row, id * this.#width);
    this.#parents[id] = parent;
    this.#choices[id] = choice;
    this.#index[slot] = id + 1;
    return id;
  }

  /** The row of a state. A view: valid until the next `add`. */
  row(id: StateId): Row {
    return this.#rows.subarray(id * this.#width, (id + 1) * this.#width);
  }

  /** The choices that lead from the initial state to this one, by a shortest way where the search was breadth-first. */
  path(id: StateId): number[] {
    const path: number[] = [];
    for (let state = id; state !== 0; state = this.#parents[state] ?? 0) path.push(this.#choices[state] ?? 0);
    return path.toReversed();
  }

  #equals(id: StateId, row: Row): boolean {
    const start = id * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#rows[start + i] !== row[i]) return false;
    return true;
  }

  #grow(): void {
    const capacity = this.#index.length;
    const rows = new Uint16Array(capacity * this.#width);
    rows.set(this.#rows);
    this.#rows = rows;
    const parents = new Int32Array(capacity);
    parents.set(this.#parents);
    this.#parents = parents;
    const choices = new Uint16Array(capacity);
    choices.set(this.#choices);
    this.#choices = choices;
    this.#index = new Int32Array(capacity * 2);
    const mask = this.#index.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = hashRow(this.row(id)) & mask;
      while ((this.#index[slot] ?? 0) !== 0) slot = (slot + 1) & mask;
      this.#index[slot] = id + 1;
    }
  }
}
