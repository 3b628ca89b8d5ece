// Is there a fair run within a strongly connected component? Counted actor by actor.
//
// Weak fairness: an actor that can take a step in every state of the component must have one within it. Strong fairness:
// a turn that can come in some state must come within it, or such states are left out.
import type { TurnOf } from './closed-walk.ts';
import { NO_TURN } from './closed-walk.ts';
import { CALL } from '../graph/explored-graph.ts';
import type { Place, RunGraph } from '../graph/explored-graph.ts';
import type { StateId } from '../store/state-table.ts';

const NOBODY = new Int32Array(0);

/** Counters by actor, used again for every component. */
export class Tally {
  readonly #graph: RunGraph;
  /** In how many states it can take a step; the state that was counted last. */
  readonly #enabled: Int32Array;
  readonly #counted: Int32Array;
  /** Has it a step within the component? */
  readonly #taken: Uint8Array;
  /** Turns that could come; turns that come within the component. */
  readonly #due = new Set<number>();
  readonly #come = new Set<number>();

  constructor(graph: RunGraph) {
    const { length } = graph.world.actors;
    this.#graph = graph;
    [this.#enabled, this.#counted] = [new Int32Array(length), new Int32Array(length)];
    this.#taken = new Uint8Array(length);
  }

  /**
   * Judges a component by its members: `fair`, or the members within which a fair run may yet stay (none, where it is not
   * for want of strong fairness alone).
   */
  judge(members: Int32Array, isIn: (state: StateId) => boolean, turnOf: TurnOf): 'fair' | Int32Array {
    const goesOn = this.#count(members, isIn, turnOf);
    const isWeaklyFair = this.#enabled.every((states, whose) => states < members.length || this.#taken[whose] === 1);
    if (!goesOn || !isWeaklyFair) return NOBODY;
    const { first } = this.#graph;
    const starved = new Set([...this.#due].filter((turn) => !this.#come.has(turn)));
    if (starved.size === 0) return 'fair';
    return members.filter((state) => {
      for (let place = first[state] as Place; place < (first[state + 1] as Place); place++) {
        if (starved.has(turnOf(place))) return false;
      }
      return true;
    });
  }

  /** Counts; answers whether there is any transition within the component. */
  #count(members: Int32Array, isIn: (state: StateId) => boolean, turnOf: TurnOf): boolean {
    const { first, target, actor } = this.#graph;
    const [root] = members;
    // Most components are single states; most of those have no loop.
    const isSingle = members.length === 1 && root !== undefined;
    if (isSingle && !target.subarray(first[root], first[root + 1]).includes(root)) return false;
    this.#enabled.fill(0);
    this.#counted.fill(-1);
    this.#taken.fill(0);
    this.#due.clear();
    this.#come.clear();
    let goesOn = false;
    for (const state of members) {
      for (let place = first[state] as Place; place < (first[state + 1] as Place); place++) {
        const stays = isIn(target[place] as StateId);
        goesOn ||= stays;
        const whose = actor[place] as number;
        if (whose === CALL) continue;
        if (stays) this.#taken[whose] = 1;
        const turn = turnOf(place);
        if (turn !== NO_TURN) {
          this.#due.add(turn);
          if (stays) this.#come.add(turn);
        }
        if (this.#counted[whose] === state) continue;
        this.#counted[whose] = state;
        this.#enabled[whose] = (this.#enabled[whose] as number) + 1;
      }
    }
    return goesOn;
  }
}
