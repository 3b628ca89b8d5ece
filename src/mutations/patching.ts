// What patches of machines are written with.
import type { State, Transition } from '../engine/actors/chart.ts';
import { many } from '../engine/actors/chart.ts';
import type { Effect } from '../engine/actors/effects.ts';
import type { AnyHandler, Handled } from '../engine/actors/handlers.ts';
import type { Machine } from '../engine/actors/machine.ts';
import { changeState } from '../engine/actors/machine.ts';
import { MachineError } from '../engine/actors/machine-error.ts';
import { isSamePlain } from '../engine/actors/plain-data.ts';

/** A handler of a machine. Throws MachineError where it has none of that name. */
export function handlerOf(machine: Machine, name: string): AnyHandler {
  const handler = machine.declaration.handlers?.[name];
  if (handler === undefined) throw new MachineError('patch', `machine ${machine.id} has no handler "${name}"`);
  return handler;
}

/** A handler whose effects are changed. */
export function changed(
  machine: Machine,
  name: string,
  change: (effects: readonly Effect<object>[], handled: Handled<never, never>) => readonly Effect<object>[],
): AnyHandler {
  const original = handlerOf(machine, name);
  return { ...original, run: (handled) => change([original.run(handled)].flat(), handled) };
}

/**
 * A chart with the transitions of a state on an event changed. The given chart stays as it is.
 *
 * @param chart - the chart of a machine
 * @param path - the state, by keys with dots between them: `locked.finding`; empty for the chart itself
 * @param event - the type of the event; `always` for the transitions that need none
 * @param change - answers the transitions as they are to be; it is given those that are there, none where there are none
 * @returns the changed chart
 * @throws MachineError where there is no such state, or nothing changes
 * @example
 * changeTransitions(chart, 'locked.disconnected', 'always', (transitions) => transitions.slice(1)); // without the first
 */
export function changeTransitions(
  chart: State,
  path: string,
  event: string,
  change: (transitions: readonly Transition[]) => readonly Transition[],
): State {
  const changed = (there: readonly Transition[]): readonly Transition[] => {
    const transitions = change(there);
    if (isSamePlain(transitions, there))
      throw new MachineError('patch', `state ${path}: the patch changes nothing on ${event}`);
    return transitions;
  };
  return changeState(chart, path, (state) => {
    if (event === 'always') return { ...state, always: changed(many(state.always)) };
    return { ...state, on: { ...state.on, [event]: changed(many(state.on?.[event] as Transition | undefined)) } };
  });
}

/** A chart with states replaced, by path. */
export function replaceStates(chart: State, states: Readonly<Record<string, State>>): State {
  return Object.entries(states).reduce((changing, [path, state]) => changeState(changing, path, () => state), chart);
}

/** Several changes of a chart, one after the other. */
export function inTurn(chart: State, ...changes: readonly ((chart: State) => State)[]): State {
  return changes.reduce((changing, change) => change(changing), chart);
}
