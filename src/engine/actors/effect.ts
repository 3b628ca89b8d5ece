// How machines act: plain functions from context and event to an effect, made known to XState in this one place.
//
// An effect changes the context, sends messages and shows observations. Sends and observations are XState actions named
// `send` and `observe` that do nothing by themselves: whoever hosts the machine (world, live host) carries them out.
import type { ActionFunction, EventObject, MachineContext, ParameterizedObject } from 'xstate';
import { enqueueActions } from 'xstate';
import type { Observation, Outgoing } from '../../machines/manager/protocol.ts';

/** What an action does. Observations come before messages. */
export interface Effect<C> {
  readonly context?: Partial<C>;
  readonly observe?: readonly Observation[];
  readonly send?: readonly Outgoing[];
}

/** What an effect is computed from. */
export interface Arguments<C, E> {
  readonly context: C;
  readonly event: E;
}

/** The two actions that hosts provide; by themselves they do nothing. */
export const outputs: {
  send: (args: unknown, params: Outgoing) => void;
  observe: (args: unknown, params: Observation) => void;
} = { send: () => {}, observe: () => {} };

/**
 * Makes an XState action of a function that computes an effect. The function runs once per transition, within it, so
 * it may use `event.cells`. (The five `never` say which other actors, actions, guards and delays it names: none.)
 */
export function effect<
  C extends MachineContext,
  E extends EventObject,
  P extends ParameterizedObject['params'] | undefined = undefined,
>(
  compute: (args: Arguments<C, E>, params: P) => Effect<C>,
): ActionFunction<C, E, E, P, never, never, never, never, never> {
  return enqueueActions<C, E, P, E, never, never, never, never, never>(({ context, event, enqueue }, params) => {
    const done = compute({ context, event }, params);
    if (done.context !== undefined) enqueue.assign(done.context);
    for (const shown of done.observe ?? []) enqueue({ type: 'observe', params: shown } as never);
    for (const outgoing of done.send ?? []) enqueue({ type: 'send', params: outgoing } as never);
  });
}
