// Fair infinite runs that leave a claim "P leads to Q" open for ever.
//
// Lichtenstein and Pnueli, "Checking that finite state concurrent programs satisfy their linear specification", 1985: such
// a run ends in a strongly connected component of the states where Q is due. For weak fairness a whole component will do;
// where strong fairness cannot be had, the states that ask for it are left out and the rest is searched again. Components
// by Tarjan, "Depth-first search and linear graph algorithms", 1972, without recursion.
import { closedWalk } from './closed-walk.ts';
import { CALL } from '../graph/explored-graph.ts';
import type { Place, RunGraph } from '../graph/explored-graph.ts';
import type { TurnOf } from './closed-walk.ts';
import { Tally } from './fairness-tally.ts';
import type { StateId } from '../store/state-table.ts';
import type { Watch } from '../search/watch.ts';

/** What a claim says of a state, as bits. OPEN: Q does not hold, and all transitions are known. DUE: P holds, too. */
export const OPEN = 1;
export const DUE = 2;

/** A run that goes on for ever: transitions to the cycle, transitions of the cycle; without any it stays where it is. */
export interface PlaceLasso {
  readonly stem: readonly Place[];
  readonly cycle: readonly Place[];
}

/** Not reached while the claim was open; reached first as a state where it fell due. */
const OUTSIDE = -2;
const SOURCE = -1;
/** Component of a state that was not completed yet, and of one whose component no fair run stays in. */
const NONE = -1;
const UNFAIR = -2;

/** Steps of a search between two looks at the clock. */
const LOOK_EVERY = 16_384;

/** Searches one graph for fair runs, claim by claim; its arrays are used again. */
export class FairRuns {
  readonly #graph: RunGraph;
  /** Transition by which each state was reached while the claim was open. */
  readonly #via: Int32Array;
  /** The states so reached, nearest to the initial state first. */
  readonly #order: Int32Array;
  #count = 0;
  /** Tarjan's number (from 1), the lowest one reachable, the next transition to follow, the component. */
  readonly #number: Int32Array;
  readonly #low: Int32Array;
  readonly #next: Int32Array;
  readonly #component: Int32Array;
  readonly #stack: Int32Array;
  readonly #path: Int32Array;
  #numbers = 0;
  /** Parts of components that are to be searched again. */
  readonly #rest: Int32Array[] = [];
  readonly #tally: Tally;

  constructor(graph: RunGraph) {
    const { states } = graph;
    this.#graph = graph;
    const array = (): Int32Array => new Int32Array(states);
    [this.#via, this.#order, this.#number, this.#low] = [array(), array(), array(), array()];
    [this.#next, this.#component, this.#stack, this.#path] = [array(), array(), array(), array()];
    this.#tally = new Tally(graph);
  }

  /**
   * A fair run on which a claim stays open, with a stem as short as any; undefined where there is none (or a limit was
   * reached, which the watch knows). `status` has OPEN and DUE for every state; `turnOf` says what strong fairness is
   * due to.
   */
  async find(status: Uint8Array, turnOf: TurnOf, watch: Watch): Promise<PlaceLasso | undefined> {
    const graph = this.#graph;
    this.#spread(status);
    this.#numbers = 0;
    this.#rest.length = 0;
    this.#rest.push(this.#order.slice(0, this.#count));
    for (let part = this.#rest.pop(); part !== undefined; part = this.#rest.pop()) {
      // All others are numbered, and their components complete: the search keeps within the part.
      for (const state of part) this.#number[state] = 0;
      await this.#findComponents(part, turnOf, watch);
      if (watch.limit !== undefined) return undefined;
    }
    const entry = this.#order
      .subarray(0, this.#count)
      .find((state) => this.#rests(state) || (this.#component[state] as number) >= 0);
    if (entry === undefined) return undefined;
    const component = this.#component[entry] as number;
    const has = (state: StateId): boolean => this.#via[state] !== OUTSIDE && this.#component[state] === component;
    const cycle = this.#rests(entry) ? [] : closedWalk({ graph, has, turnOf }, entry);
    return { stem: this.#stem(entry), cycle };
  }

  /** Reaches all states where the claim is open since it fell due, nearest to the initial state first. */
  #spread(status: Uint8Array): void {
    const { first, target, levels, states } = this.#graph;
    const via = this.#via.fill(OUTSIDE);
    const order = this.#order;
    let [head, tail] = [0, 0];
    for (let depth = 0; head < tail || depth < levels.length; depth++) {
      // First those that are reached with so many steps, then those where the claim falls due after so many.
      const end = levels[depth + 1] ?? states;
      for (let state = levels[depth] ?? states; state < end; state++) {
        if (((status[state] as number) & DUE) === 0 || via[state] !== OUTSIDE) continue;
        via[state] = SOURCE;
        order[tail++] = state;
      }
      for (const stop = tail; head < stop; head++) {
        const state = order[head] as StateId;
        for (let place = first[state] as Place; place < (first[state + 1] as Place); place++) {
          const to = target[place] as StateId;
          if (((status[to] as number) & OPEN) === 0 || via[to] !== OUTSIDE) continue;
          via[to] = place;
          order[tail++] = to;
        }
      }
    }
    this.#count = tail;
  }

  /** Tarjan's algorithm over a part of the reached states. */
  async #findComponents(part: Int32Array, turnOf: TurnOf, watch: Watch): Promise<void> {
    const { first, target } = this.#graph;
    const [number, low, next, path] = [this.#number, this.#low, this.#next, this.#path];
    let [depth, height, steps] = [0, 0, 0];
    const enter = (state: StateId): void => {
      number[state] = low[state] = ++this.#numbers;
      next[state] = first[state] as Place;
      this.#component[state] = NONE;
      this.#stack[height++] = state;
      path[depth++] = state;
    };
    for (const root of part) {
      if (number[root] === 0) enter(root);
      while (depth > 0) {
        if (++steps % LOOK_EVERY === 0 && watch.isDue && !(await watch.look())) return;
        const state = path[depth - 1] as StateId;
        const place = next[state] as Place;
        if (place < (first[state + 1] as Place)) {
          next[state] = place + 1;
          const to = target[place] as StateId;
          if (this.#via[to] === OUTSIDE) continue;
          if (number[to] === 0) enter(to);
          else if (this.#component[to] === NONE) low[state] = Math.min(low[state] as number, number[to] as number);
          continue;
        }
        depth -= 1;
        const above = path[depth - 1];
        if (depth > 0 && above !== undefined) low[above] = Math.min(low[above] as number, low[state] as number);
        if (low[state] === number[state]) height = this.#complete(state, height, turnOf);
      }
    }
  }

  /** Takes a component off the stack, where `root` is its lowest state; says whether a fair run stays in it. */
  #complete(root: StateId, height: number, turnOf: TurnOf): number {
    let bottom = height;
    do {
      bottom -= 1;
      this.#component[this.#stack[bottom] as StateId] = root;
    } while (this.#stack[bottom] !== root);
    const members = this.#stack.subarray(bottom, height);
    const isIn = (state: StateId): boolean => this.#via[state] !== OUTSIDE && this.#component[state] === root;
    const answer = this.#tally.judge(members, isIn, turnOf);
    if (answer === 'fair') return bottom;
    for (const state of members) this.#component[state] = UNFAIR;
    if (answer.length > 0) this.#rest.push(answer);
    return bottom;
  }

  /** Can nothing be delivered? Then the run may end here: no thread has to make another call. */
  #rests(state: StateId): boolean {
    const { first, actor } = this.#graph;
    return actor.subarray(first[state], first[state + 1]).every((whose) => whose === CALL);
  }

  /** The transitions to a state: while the claim is open back to where it fell due, from there a shortest way. */
  #stem(entry: StateId): Place[] {
    const { parent } = this.#graph;
    const stem: Place[] = [];
    let state = entry;
    for (let place = this.#via[state] as Place; place !== SOURCE; place = this.#via[state] as Place) {
      stem.push(place);
      state = this.#graph.source(place);
    }
    for (let place = parent[state] as Place; place >= 0; place = parent[state] as Place) {
      stem.push(place);
      state = this.#graph.source(place);
    }
    return stem.toReversed();
  }
}
