// What a machine does besides changing its state: a list of effects, carried out in the order in which they are written.
import type { Name } from './name.ts';

/** Whom a message is for: an actor by name, or one of which a world has only one (`registry`). */
export type Address = string;

/** A message: what is asked for, and plain data. */
export interface Message {
  readonly type: string;
}

/** What an onlooker sees of a step. Never a crash of the tool: outcomes of the model. */
export interface Observation {
  readonly kind: string;
}

/** A function call or return: delivered at once, depth first. The callee is through before the next effect is carried out. */
export interface CallEffect {
  readonly do: 'call';
  readonly to: Address;
  readonly message: Message;
}

/**
 * A message that travels: it may be overtaken, and waits where its receiver does not take it (a thread that waits for a
 * lock). `by` is the actor in whose channel it travels, where that is not the sender: the thread on whose behalf it asks.
 */
export interface PostEffect {
  readonly do: 'post';
  readonly to: Address;
  readonly message: Message;
  readonly by?: Name;
}

/** Something that an onlooker sees. */
export interface ShowEffect {
  readonly do: 'show';
  readonly observation: Observation;
}

/** What a host carries out. */
export type HostEffect = CallEffect | PostEffect | ShowEffect;

/** A change of the machine's own context; later handlers of the same delivery see it. */
export interface SetEffect<C> {
  readonly do: 'set';
  readonly context: Partial<C>;
}

/** One thing that a handler does: something that the host carries out, or a change of the context `C`. */
export type Effect<C> = HostEffect | SetEffect<C>;

/** What a handler answers: one effect, or several in order. `[]` says that nothing is to be done. */
export type Effects<C> = Effect<C> | readonly Effect<C>[];

/** Changes fields of the context. */
export function set<C>(context: Partial<C>): SetEffect<C> {
  return { do: 'set', context };
}

/**
 * Calls a function of another actor, or returns to it.
 *
 * @param to - the actor that is called, by name
 * @param message - what it is asked for: a type, and plain data
 * @returns the effect: the call is over before the next effect is carried out
 */
export function call<M extends Message>(to: Address, message: M): CallEffect {
  return { do: 'call', to, message };
}

/**
 * Sends a message that travels: others may overtake it, and it waits where its receiver does not take it.
 *
 * @param to - the actor that it is for, by name
 * @param message - what is asked for: a type, and plain data
 * @param by - the actor in whose channel it travels, such as the thread on whose behalf it asks; the sender where absent
 * @returns the effect
 */
export function post<M extends Message>(to: Address, message: M, by?: Name): PostEffect {
  return by === undefined ? { do: 'post', to, message } : { do: 'post', to, message, by };
}

/** Shows something to onlookers. */
export function show<O extends Observation>(observation: O): ShowEffect {
  return { do: 'show', observation };
}
