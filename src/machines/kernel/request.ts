// How the primitives are asked and how they answer: threads of scenarios call them, machines of scripts do the same by message.
//
// Where C has a function that answers true or false, 0 stands for true and an error for false: programs of threads go on by
// errors.
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post } from '../../engine/actors/effects.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import { poolOf } from './task.ts';

/**
 * Who asks: `caller` is told by `return` when it has what it asked for. `task` is the thread in which it asks, where that is
 * another actor: an irqfd that takes a lock in the thread of a VMM. Who does several things at once says which one it is that
 * asks: the answer to `as: 'assign'` is `return.assign`.
 */
export type Asks = { readonly caller: Name; readonly task?: Name; readonly as?: string };

/**
 * May what is free be had in this very step? Right where the task has looked at nothing that others write since its last step: then
 * whoever could come between may as well have come before. Fewer steps, the same behaviour.
 */
export type AtOnce = { readonly atOnce?: boolean };

/** Who gives something back, or asks for what needs no answer: without a caller nobody is told. */
export type Tells = Asks | { readonly caller?: undefined; readonly task: Name };

/** Who may want an answer: with a caller, it is told. */
export type MayAsk = { readonly caller?: Name | undefined; readonly as?: string };

/** The answer. */
export type Answer<A extends string = never> = { readonly type: 'return' | `return.${A}`; readonly value: Value };

/** The task that something is asked in. */
export function taskOf({ caller, task }: Tells): Name {
  return (task ?? caller) as Name;
}

/** Who asks, to be put into another message. */
export function askerOf({ caller, task, as }: Asks): Asks {
  return { caller, ...(task === undefined ? {} : { task }), ...(as === undefined ? {} : { as }) };
}

/** Tells whoever asked, if it wants to be told. */
export function answer({ caller, as }: MayAsk, value: Value): readonly HostEffect[] {
  if (caller === undefined) return [];
  return [call<Answer<string>>(caller, { type: as === undefined ? 'return' : `return.${as}`, value })];
}

/** What an actor asks itself for on behalf of a task: it waits in the task's channel until it can be had. */
export function waitFor(
  self: Name,
  message: Asks & { readonly type: string; readonly [argument: string]: unknown },
): HostEffect {
  return post(self, message, taskOf(message));
}

/** A task sleeps: the workqueue that runs it may start another worker. */
export function sleeps(cells: Cells, task: Name): readonly HostEffect[] {
  return toPool('worker_sleeping', cells, task);
}

/** A task that slept runs again. */
export function wakes(cells: Cells, task: Name): readonly HostEffect[] {
  return toPool('worker_running', cells, task);
}

function toPool(type: 'worker_sleeping' | 'worker_running', cells: Cells, task: Name): readonly HostEffect[] {
  const pool = poolOf(cells, task);
  return pool === null ? [] : [call(pool, { type, worker: task })];
}

/** What the primitives send to those who use them, and to each other. */
export const primitiveSends = ['return', 'return.*', 'worker_sleeping', 'worker_running'] as const;
