// Finite automata of events: from edges to a deterministic automaton, and from that to the least one.
//
// Subset construction (Rabin, Scott, 1959) and partition refinement (Moore, Gedanken-experiments on sequential machines, 1956).

/** An edge between states that are numbers from 0; state 0 is the start. Several may leave a state by the same event. */
export interface Edge {
  readonly from: number;
  readonly event: string;
  readonly to: number;
}

/** A deterministic automaton. A word is read as long as there is a transition, and is complete where it ends in a final state. */
export interface Automaton {
  /** Of each state: where its events lead. State 0 is the start. */
  readonly next: readonly ReadonlyMap<string, number>[];
  readonly finals: ReadonlySet<number>;
}

/** What a deterministic automaton was made of. */
export interface Determinised {
  readonly automaton: Automaton;
  /** Of each of its states: the states that the edges may have led to. */
  readonly members: readonly (readonly number[])[];
}

/**
 * The deterministic automaton that reads the same words.
 *
 * @param edges - of the automaton that is not deterministic
 * @param finals - its final states
 * @returns the automaton, whose states are all reachable, and what they stand for
 */
export function determinised(edges: readonly Edge[], finals: ReadonlySet<number>): Determinised {
  const leaving = new Map<number, Edge[]>();
  for (const edge of edges) {
    const known = leaving.get(edge.from);
    if (known === undefined) leaving.set(edge.from, [edge]);
    else known.push(edge);
  }
  const members: (readonly number[])[] = [];
  const known = new Map<string, number>();
  const enter = (set: ReadonlySet<number>): number => {
    const sorted = [...set].toSorted((a, b) => a - b);
    const key = sorted.join(' ');
    const there = known.get(key);
    if (there !== undefined) return there;
    known.set(key, members.length);
    return members.push(sorted) - 1;
  };
  enter(new Set([0]));
  const next: ReadonlyMap<string, number>[] = [];
  for (const states of members) {
    const targets = new Map<string, Set<number>>();
    for (const { event, to } of states.flatMap((state) => leaving.get(state) ?? []))
      targets.set(event, (targets.get(event) ?? new Set<number>()).add(to));
    next.push(new Map([...targets].map(([event, to]) => [event, enter(to)])));
  }
  const complete = members.flatMap((states, i) => (states.some((state) => finals.has(state)) ? [i] : []));
  return { automaton: { next, finals: new Set(complete) }, members };
}

/** What a least automaton was made of. */
export interface Minimised {
  readonly automaton: Automaton;
  /** Of each of its states: the states that it stands for, which no word tells apart. */
  readonly members: readonly (readonly number[])[];
}

/**
 * The automaton with the fewest states that reads the same words, and of which the same are complete.
 *
 * @param automaton - any
 * @returns the automaton, its states in the order of a breadth-first search by events in alphabetical order
 */
export function minimised(automaton: Automaton): Minimised {
  const classOf = coarsest(automaton);
  const number = new Map([[classOf[0] ?? 0, 0]]);
  const example = [0];
  const next: ReadonlyMap<string, number>[] = [];
  for (const state of example) {
    const sorted = [...(automaton.next[state] as ReadonlyMap<string, number>)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    next.push(
      new Map(
        sorted.map(([event, to]) => {
          const its = classOf[to] as number;
          if (!number.has(its)) number.set(its, example.push(to) - 1);
          return [event, number.get(its) as number];
        }),
      ),
    );
  }
  const finals = new Set(example.flatMap((state, i) => (automaton.finals.has(state) ? [i] : [])));
  const members = example.map((): number[] => []);
  for (const state of reachable(automaton)) members[number.get(classOf[state] as number) as number]?.push(state);
  return { automaton: { next, finals }, members };
}

/** The coarsest partition whose classes agree in finality and, event by event, in the class that comes next. */
function coarsest({ next, finals }: Automaton): readonly number[] {
  let classOf: readonly number[] = next.map((_, state) => (finals.has(state) ? 1 : 0));
  for (let count = new Set(classOf).size; ;) {
    const known = new Map<string, number>();
    const refined = next.map((transitions, state) => {
      const targets = [...transitions].map(([event, to]) => `${event}>${classOf[to]}`).toSorted();
      const signature = [classOf[state], ...targets].join(' ');
      if (!known.has(signature)) known.set(signature, known.size);
      return known.get(signature) as number;
    });
    if (known.size === count) return refined;
    [classOf, count] = [refined, known.size];
  }
}

/** States that some word leads to. */
function reachable({ next }: Automaton): ReadonlySet<number> {
  const found = new Set([0]);
  for (const state of found) for (const to of next[state]?.values() ?? []) found.add(to);
  return found;
}

/**
 * Reads a word.
 *
 * @param automaton - deterministic
 * @param word - events
 * @returns the state that it ends in; null where an event of it has no transition
 */
export function stateAfter(automaton: Automaton, word: readonly string[]): number | null {
  let state = 0;
  for (const event of word) {
    const to = automaton.next[state]?.get(event);
    if (to === undefined) return null;
    state = to;
  }
  return state;
}
