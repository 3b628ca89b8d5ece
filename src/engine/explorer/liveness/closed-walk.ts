// A closed walk through a strongly connected component that is fair to every actor.
import { CALL } from '../graph/explored-graph.ts';
import type { Place, RunGraph } from '../graph/explored-graph.ts';
import type { StateId } from '../store/state-table.ts';

/**
 * Strong fairness, besides the weak one to all actors: who has a message of which kind served in turn, as a number; -1 for
 * a transition to which none is due.
 */
export type TurnOf = (place: Place) => number;

/** Instead of a turn. */
export const NO_TURN = -1;

/** A part of a graph, and what is to be fair in it. */
export interface Component {
  readonly graph: RunGraph;
  readonly has: (state: StateId) => boolean;
  readonly turnOf: TurnOf;
}

/** A breadth-first search within a component for the nearest transition that will do; answers the way, that one included. */
function nearest({ graph, has }: Component, from: StateId, isGoal: (place: Place) => boolean): Place[] {
  const via = new Map<StateId, Place>();
  const queue = [from];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as StateId;
    for (let place = graph.first[state] as Place; place < (graph.first[state + 1] as Place); place++) {
      const to = graph.target[place] as StateId;
      if (!has(to)) continue;
      if (isGoal(place)) {
        const way = [place];
        for (let at = state; at !== from;) {
          const last = via.get(at) as Place;
          way.push(last);
          at = graph.source(last);
        }
        return way.toReversed();
      }
      if (to === from || via.has(to)) continue;
      via.set(to, place);
      queue.push(to);
    }
  }
  throw new Error('a component is not strongly connected, or not fair');
}

/** What a walk has yet to do to be fair. */
class Debts {
  /** Weak fairness: actors that could take a step in every state so far, and have taken none. */
  readonly weak: Set<number>;
  /** Strong fairness: turns that could have come somewhere, and have not. */
  readonly strong = new Set<number>();
  readonly #paid = new Set<number>();
  readonly #component: Component;

  constructor(component: Component) {
    this.#component = component;
    const { actor } = component.graph;
    this.weak = new Set(actor);
    this.weak.delete(CALL);
  }

  /** Passes a state. */
  pass(state: StateId): void {
    const { graph, turnOf } = this.#component;
    const enabled = new Set<number>();
    for (let place = graph.first[state] as Place; place < (graph.first[state + 1] as Place); place++) {
      enabled.add(graph.actor[place] as number);
      const turn = turnOf(place);
      if (turn !== NO_TURN && !this.#paid.has(turn)) this.strong.add(turn);
    }
    for (const actor of this.weak) if (!enabled.has(actor)) this.weak.delete(actor);
  }

  /** Takes a transition. */
  take(place: Place): void {
    const { graph, turnOf } = this.#component;
    const turn = turnOf(place);
    this.weak.delete(graph.actor[place] as number);
    this.strong.delete(turn);
    this.#paid.add(turn);
    this.pass(graph.target[place] as StateId);
  }

  /** Would this transition, or the state to which it leads, pay something? */
  isPaidBy(place: Place): boolean {
    const { graph, turnOf } = this.#component;
    if (this.weak.has(graph.actor[place] as number) || this.strong.has(turnOf(place))) return true;
    const to = graph.target[place] as StateId;
    const enabled = new Set(graph.actor.subarray(graph.first[to], graph.first[to + 1]));
    return [...this.weak].some((one) => !enabled.has(one));
  }

  get isFree(): boolean {
    return this.weak.size === 0 && this.strong.size === 0;
  }
}

/**
 * A closed walk of at least one transition from a state. For every actor it takes a step of it, or passes a state where the
 * actor can take none; every turn that could come in a state that
 * it passes comes. The
 * component must be strongly connected and admit that. Short, not always shortest.
 */
export function closedWalk(component: Component, from: StateId): Place[] {
  const { target } = component.graph;
  const debts = new Debts(component);
  const walk: Place[] = [];
  let at = from;
  debts.pass(from);
  while (walk.length === 0 || at !== from || !debts.isFree) {
    const isGoal = debts.isFree ? (place: Place) => target[place] === from : (place: Place) => debts.isPaidBy(place);
    for (const place of nearest(component, at, isGoal)) {
      walk.push(place);
      debts.take(place);
      at = target[place] as StateId;
    }
  }
  return walk;
}
