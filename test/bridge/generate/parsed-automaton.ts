// What a parser of DOT makes of a file for rvgen, and how it reads words.

/** A transition. */
export interface ParsedTransition {
  readonly from: string;
  readonly event: string;
  readonly to: string;
}

/** An automaton, as rvgen has it. */
export interface ParsedAutomaton {
  readonly states: readonly string[];
  readonly initial: string;
  readonly finals: readonly string[];
  readonly transitions: readonly ParsedTransition[];
}

/** The same with everything in order, so that two can be compared. */
export function inOrder({ states, initial, finals, transitions }: ParsedAutomaton): ParsedAutomaton {
  const text = ({ from, event, to }: ParsedTransition): string => `${from} ${event} ${to}`;
  return {
    states: states.toSorted(),
    initial,
    finals: finals.toSorted(),
    transitions: transitions
      .map(({ from, event, to }) => ({ from, event, to }))
      .toSorted((a, b) => (text(a) < text(b) ? -1 : 1)),
  };
}

/** How many events of a word a monitor reads before it reports one; all of them where it reports none. */
export function eventsRead(automaton: ParsedAutomaton, word: readonly string[]): number {
  let next = tables.get(automaton);
  if (next === undefined) {
    next = new Map(automaton.transitions.map(({ from, event, to }) => [`${from} ${event}`, to]));
    tables.set(automaton, next);
  }
  let state = automaton.initial;
  for (const [i, event] of word.entries()) {
    const to = next.get(`${state} ${event}`);
    if (to === undefined) return i;
    state = to;
  }
  return word.length;
}

const tables = new WeakMap<ParsedAutomaton, ReadonlyMap<string, string>>();

/** Does a monitor read a word without a report? */
export function isRead(automaton: ParsedAutomaton, word: readonly string[]): boolean {
  return eventsRead(automaton, word) === word.length;
}
