// A closed walk through a strongly connected component that is fair to every actor.
import { CALL } from './run-graph.ts';
import type { Place, RunGraph } from './run-graph.ts';
import type { StateId } from './state-table.ts';

/** A part of a graph, and what is to be fair in it. */
export interface Component {
  readonly graph: RunGraph;
  readonly has: (state: StateId) => boolean;
  /** Transitions to which strong fairness is due, besides weak fairness to all. */
  readonly isInTurn: (place: Place) => boolean;
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
  /** Strong fairness: actors that could take such a step somewhere, and have taken none. */
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
    const { graph, isInTurn } = this.#component;
    const enabled = new Set<number>();
    for (let place = graph.first[state] as Place; place < (graph.first[state + 1] as Place); place++) {
      const actor = graph.actor[place] as number;
      enabled.add(actor);
      if (actor !== CALL && isInTurn(place) && !this.#paid.has(actor)) this.strong.add(actor);
    }
    for (const actor of this.weak) if (!enabled.has(actor)) this.weak.delete(actor);
  }

  /** Takes a transition. */
  take(place: Place): void {
    const { graph, isInTurn } = this.#component;
    const actor = graph.actor[place] as number;
    this.weak.delete(actor);
    if (isInTurn(place)) {
      this.#paid.add(actor);
      this.strong.delete(actor);
    }
    this.pass(graph.target[place] as StateId);
  }

  /** Would this transition, or the state to which it leads, pay something? */
  isPaidBy(place: Place): boolean {
    const { graph, isInTurn } = this.#component;
    const actor = graph.actor[place] as number;
    if (this.weak.has(actor) || (this.strong.has(actor) && isInTurn(place))) return true;
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
 * actor can take none; where strong fairness is due it takes a step of that kind, or passes no state where it could. The
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
