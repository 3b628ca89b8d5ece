// What a search will ask next: of the next states that are held what was asked of the last one. It is asked before, so that the
// harness works while the search compares.

/** What was asked of one state. */
export interface Asked {
  /** Numbers of calls that were made. */
  readonly made: Int32Array;
  /** Numbers of calls of which it was asked whether they commute. */
  readonly commuting: Int32Array;
}

/** Foresees the questions of a search that goes through the states in the order in which they were held. */
export class LookAhead {
  readonly #queue: number[] = [];
  #next = 0;
  #current = -1;
  #made: Int32Array[] = [];
  #commuting: Int32Array[] = [];
  #habit: Asked | undefined;

  /** A state will be asked of, after all that were held before. */
  hold(state: number): void {
    this.#queue.push(state);
  }

  /** A state is asked of; answers whether that begins with this. */
  begin(state: number): boolean {
    if (state === this.#current) return false;
    if (this.#made.length > 0) this.#habit = { made: joined(this.#made), commuting: joined(this.#commuting) };
    this.#made = [];
    this.#commuting = [];
    this.#current = state;
    const found = this.#queue.indexOf(state, this.#next);
    if (found >= 0) this.#next = found + 1;
    return true;
  }

  /** Calls were made in the state that was begun. */
  makes(numbers: Int32Array): void {
    this.#made.push(numbers);
  }

  /** It was asked of calls whether they commute. */
  commutes(numbers: Int32Array): void {
    this.#commuting.push(numbers);
  }

  /** So many of the states that come next, and what will be asked of each; nothing where that is not known. */
  next(count: number): { readonly states: readonly number[]; readonly asked: Asked } | undefined {
    const states = this.#queue.slice(this.#next, this.#next + count).filter((one) => one !== this.#current);
    return this.#habit === undefined ? undefined : { states, asked: this.#habit };
  }
}

function joined(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of arrays) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
