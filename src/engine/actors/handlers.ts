// Handlers and guards, typed by the event that they are for.
import type { Cells } from './cells.ts';
import type { Effects, Message } from './effects.ts';
import { MachineError } from './machine-error.ts';

/**
 * Handlers or guards of several groups together. Throws MachineError where two have the same name: one would be left out in silence.
 */
export function distinct<T>(...groups: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  const all: Record<string, T> = {};
  for (const [name, one] of groups.flatMap((group) => Object.entries(group))) {
    if (Object.hasOwn(all, name)) throw new MachineError('chart', `two handlers or guards are called "${name}"`);
    all[name] = one;
  }
  return all;
}

/** What a handler or guard looks at. */
export interface Handled<C, E> {
  readonly context: C;
  readonly event: E;
  readonly cells: Cells;
}

/** A handler with the events that it is for; null is any, for what is done on entry and by `always`. */
export interface Handler<C> {
  readonly for: readonly string[] | null;
  readonly run: (handled: Handled<C, never>) => Effects<C>;
  /** What it is called in a drawing, where the chart has no name for it. */
  readonly label: string;
}

/** A handler of any machine. */
export interface AnyHandler {
  readonly for: readonly string[] | null;
  readonly run: (handled: Handled<never, never>) => Effects<object>;
  readonly label: string;
}

/** A guard with the events that it is for. */
export interface Guard<C = never> {
  readonly for: readonly string[] | null;
  readonly test: (handled: Handled<C, never>) => boolean;
}

/** The messages of these types, also where one shape has several types. */
type Of<M extends Message, T extends string> = M extends { readonly type: infer U }
  ? [U & T] extends [never]
    ? never
    : M
  : never;

/** The makers of a machine's handlers and guards. */
export interface HandlerMakers<C, M extends Message> {
  /** A handler of one event, or of several. Bound to any other it throws. */
  readonly on: <const T extends M['type']>(
    types: T | readonly T[],
    run: (handled: Handled<C, Of<M, T>>) => Effects<C>,
  ) => Handler<C>;
  /** What is done whatever the event: on entry, by `always`, or on several events alike. */
  readonly act: (run: (handled: Handled<C, M>) => Effects<C>) => Handler<C>;
  /** A guard of one event, or of several. */
  readonly when: <const T extends M['type']>(
    types: T | readonly T[],
    test: (handled: Handled<C, Of<M, T>>) => boolean,
  ) => Guard<C>;
  /** A guard whatever the event. */
  readonly whenever: (test: (handled: Handled<C, M>) => boolean) => Guard<C>;
}

const listOf = <T extends string>(types: T | readonly T[]): readonly T[] => [types].flat() as readonly T[];

/**
 * The makers of handlers of one kind of machine.
 *
 * @example
 * const { on } = handlers<{ readonly count: number }, { readonly type: 'signal' }>();
 * const signal = on('signal', ({ context }) => set({ count: context.count + 1 }));
 */
export function handlers<C, M extends Message>(): HandlerMakers<C, M> {
  return {
    on: (types, run) => ({
      for: listOf(types),
      run: run,
      label: run.name || listOf(types).join(),
    }),
    act: (run) => ({ for: null, run: run, label: run.name }),
    when: (types, test) => ({ for: listOf(types), test: test }),
    whenever: (test) => ({ for: null, test: test }),
  };
}

/** Throws MachineError where a handler or guard is not for this event. */
export function expectFor(what: string, types: readonly string[] | null, event: string): void {
  if (types === null || types.includes(event)) return;
  throw new MachineError('binding', `${what} is for ${types.join(', ')}, it was bound to "${event}"`);
}
