// The order of a depth-first search: what was found last is expanded first, up to a bound.
//
// With a bound, a state that was first reached by a long way may have successors that are within the bound only by a
// shorter one. So a state that is reached in fewer steps is expanded again (Spin does that with -DREACH). Its depth shrinks
// each time, so it happens at most as often as the bound is deep; in the end all depths are those of a breadth-first search.
import type { StateId } from '../store/state-table.ts';

/** States that wait, and how far each is from the initial one by the shortest way met so far. */
export class DepthFirst {
  readonly #bound: number;
  readonly #stack: StateId[] = [0];
  readonly #depths: number[] = [0];
  /** How far a state was when it was expanded last; only with a bound, because without one that happens once. */
  readonly #expandedAt: number[] = [];
  /** The depth of the farthest state that was expanded. */
  #deepest = 0;
  /** Was the state that `next` answered last expanded before? */
  isAgain = false;

  /** States `bound` steps away are not expanded. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** The state to expand next; undefined at the end. */
  next(): StateId | undefined {
    for (let id = this.#stack.pop(); id !== undefined; id = this.#stack.pop()) {
      const depth = this.#depths[id] as number;
      if (depth >= this.#bound) continue;
      if (this.#bound < Infinity) {
        const before = this.#expandedAt[id] ?? Infinity;
        // It waited twice, and a shorter way came first.
        if (before <= depth) continue;
        this.isAgain = before < Infinity;
        this.#expandedAt[id] = depth;
      }
      this.#deepest = Math.max(this.#deepest, depth);
      return id;
    }
    if (this.#bound < Infinity) this.#deepest = this.#depths.reduce((most, depth) => Math.max(most, depth), 0);
    return undefined;
  }

  /** All states up to `size` that are new were found in an expansion of a state. */
  found(from: StateId, size: number): void {
    for (let id = this.#depths.length; id < size; id++) {
      this.#depths.push((this.#depths[from] as number) + 1);
      this.#stack.push(id);
    }
  }

  /** There is a step from one state to another. Answers whether that is a shorter way to a state that is known. */
  isShorter(from: StateId, to: StateId): boolean {
    const depth = (this.#depths[from] as number) + 1;
    if (to >= this.#depths.length || depth >= (this.#depths[to] as number)) return false;
    this.#depths[to] = depth;
    this.#stack.push(to);
    return true;
  }

  /** States that wait; some may wait twice. */
  get waiting(): number {
    return this.#stack.length;
  }

  /** Steps to the farthest state, as first met; at the end of a search with a bound, by the shortest way. */
  get depth(): number {
    return this.#deepest;
  }

  /** Are there states at the bound, of which nobody knows what comes after them? */
  get isCut(): boolean {
    return this.#depths.some((depth) => depth >= this.#bound);
  }
}
