// The statechart of a machine as it is declared: plain data over names of handlers and guards, typed by events.
import type { AnyHandler, Guard } from './handlers.ts';

/** An action of a chart: a handler by name, or the handler itself. */
export type Action = string | AnyHandler;

/** One way on from a state. */
export interface Transition<A = Action, G extends string = string> {
  readonly target?: string;
  readonly guard?: G;
  readonly actions?: A | readonly A[];
}

type OneOrMany<T> = T | readonly T[];

/** A state: XState's own shape, which messages wait while it is active, and what it is in the kernel. */
export interface State<A = Action, G extends string = string, T extends string = string> {
  readonly id?: string;
  readonly type?: 'parallel' | 'final';
  readonly initial?: string;
  readonly entry?: OneOrMany<A>;
  readonly exit?: OneOrMany<A>;
  readonly on?: { readonly [type in T]?: OneOrMany<Transition<A, G>> };
  readonly always?: OneOrMany<Transition<A, G>>;
  readonly states?: Readonly<Record<string, State<A, G, T>>>;
  /** Messages that stay in flight while the state is active, as a thread that waits for a lock. */
  readonly waits?: readonly T[];
  /** The kernel function, or the part of one, that the state is: `__connect()`. Drawings say so. */
  readonly kernel?: string;
}

/** Handlers and guards by name. */
export type Handlers = Readonly<Record<string, AnyHandler>>;
export type Guards = Readonly<Record<string, Guard>>;

/** One or several as a list. */
export function many<T>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? (given as readonly T[]) : [given as T];
}

/**
 * States of something that does one thing at a time: what would begin the next one waits in all of them but one.
 *
 * @param idle - the state in which it does nothing
 * @param begins - messages that begin something
 * @param states - the states, by name
 */
export function oneAtATime<S extends State>(
  idle: string,
  begins: readonly string[],
  states: Readonly<Record<string, S>>,
): Readonly<Record<string, S>> {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => [
      name,
      name === idle ? state : { ...state, waits: [...(state.waits ?? []), ...begins] },
    ]),
  );
}

/** All states of a chart with their paths, parents first. */
export function statesOf(chart: State, path: readonly string[] = []): (readonly [readonly string[], State])[] {
  return [
    [path, chart],
    ...Object.entries(chart.states ?? {}).flatMap(([key, state]) => statesOf(state, [...path, key])),
  ];
}

/** The state that keys lead to from another one; undefined where there is none. */
export function stateAt(from: State, keys: readonly string[]): State | undefined {
  return keys.reduce<State | undefined>(
    (state, key) => (Object.hasOwn(state?.states ?? {}, key) ? state?.states?.[key] : undefined),
    from,
  );
}

/** Keys of a target, as XState reads them: dots are between keys, but where a backslash is before one. */
function keysOf(target: string): readonly string[] {
  return target.split(/(?<!\\)\./).map((key) => key.replaceAll(/\\(.)/g, '$1'));
}

/**
 * Does a target name a state: `#id`, `.child`, or a sibling, further keys after dots?
 *
 * @param machine - id of the chart's machine, which is its top state's whatever that says
 * @param path - the state whose transition has the target
 */
export function isTarget(chart: State, machine: string, path: readonly string[], target: string): boolean {
  if (target.startsWith('#')) {
    const [id, ...keys] = keysOf(target.slice(1));
    const named = statesOf(chart).find(([, state]) => (state === chart ? machine : state.id) === id);
    return named !== undefined && stateAt(named[1], keys) !== undefined;
  }
  if (target.startsWith('.')) return stateAt(chart, [...path, ...keysOf(target.slice(1))]) !== undefined;
  return path.length > 0 && stateAt(chart, [...path.slice(0, -1), ...keysOf(target)]) !== undefined;
}

/** The active states of a value, parents first. */
export function activeStates(chart: State, value: unknown): readonly State[] {
  const found: State[] = [chart];
  if (typeof value === 'string') {
    const child = chart.states?.[value];
    if (child !== undefined) found.push(child);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const child = chart.states?.[key];
      if (child !== undefined) found.push(...activeStates(child, inner));
    }
  }
  return found;
}

/** The transitions of a state on an event, in order. */
export function transitionsOn(state: State, type: string): readonly Transition[] {
  return many<Transition>(state.on?.[type]);
}
