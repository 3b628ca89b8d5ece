// A producer or a consumer whose callbacks a script writes: the struct as it is embedded in somebody's own.
import type { Cells } from '../engine/actors/cells.ts';
import type { HostEffect } from '../engine/actors/effects.ts';
import type { Handled } from '../engine/actors/handlers.ts';
import type { Declaration, Given, Machine } from '../engine/actors/machine.ts';
import { machine } from '../engine/actors/machine.ts';
import type { Name, Value } from '../engine/actors/name.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { createStruct } from '../machines/manager/producer-and-consumer.ts';
import type { Callback, callbacksOf, CallbackMessage, Half, StructMessage } from '../machines/manager/protocol.ts';
import { structCells } from '../machines/manager/protocol.ts';
import type { StructContext } from '../machines/manager/struct.ts';
import { handlerOf } from '../mutations/patching.ts';

/** What a callback looks at. */
export interface CallbackCall<R extends string = string> {
  /** The struct, and the one that it is to be connected with or disconnected from; null for stop and start. */
  readonly self: Name;
  readonly peer: Name | null;
  /** The other actors that it knows, by role. */
  readonly wiring: Readonly<Record<R, Name>>;
  readonly cells: Cells;
}

/** A callback: what it returns, 0 or an error; or, where it does not return, what it does instead. */
export type CallbackBody<R extends string = string> = (call: CallbackCall<R>) => number | readonly HostEffect[];

/** A struct of a script's own that embeds a producer or a consumer. */
export interface Embedding<H extends Half, R extends string = string> {
  readonly id: string;
  readonly title: string;
  /** Roles of other actors that it knows, and the kinds of machine that can play them. */
  readonly wiring?: Readonly<Record<R, string>>;
  /** Words that others read, beside those of the embedded struct. */
  readonly cells?: Readonly<Record<string, Value>>;
  /** Types of the messages that its callbacks send. */
  readonly sends?: readonly string[];
  /** What its callbacks do; those that are not here return what the scenario lets them return. */
  readonly callbacks: { readonly [callback in (typeof callbacksOf)[H][number]]?: CallbackBody<R> };
}

type Context = StructContext & { readonly wiring: CallbackCall['wiring'] };

const peerOf = (event: CallbackMessage): Name | null => {
  if ('consumer' in event) return event.consumer;
  return 'producer' in event ? event.producer : null;
};

/**
 * A machine with a producer or consumer embedded. It registers, unregisters, is freed and copied as the plain struct is; its
 * callbacks are the script's.
 *
 * @param half - which of the two is embedded
 * @param embedding - id, title, wiring and cells of the struct, and what its callbacks do
 * @returns for `embeddedIn`: the machine by revision
 * @example
 * const irqfd = embed('consumer', {
 *   id: 'my-irqfd', title: 'An irqfd that refuses every producer',
 *   callbacks: { add_producer: () => -errno.EIO },
 * });
 */
export function embed<H extends Half, R extends string = never>(
  half: H,
  embedding: Embedding<H, R>,
): (policy: Policy) => Machine {
  const { id, title, wiring = {}, cells = {}, sends = [] } = embedding;
  const callbacks = embedding.callbacks as { readonly [callback in Callback]?: CallbackBody };
  return (policy) => {
    const plain = createStruct(half, policy, id);
    const { declaration } = plain;
    const answer = handlerOf(plain, 'answer');
    const run = ({ context, event, cells: memory }: Handled<Context, CallbackMessage>) => {
      const body = callbacks[event.type];
      const goOn = (message: object) =>
        answer.run({ context: context as never, event: message as never, cells: memory });
      if (body === undefined) return goOn(event);
      const { self, wiring: wired } = context;
      const answered = body({ self, peer: peerOf(event), wiring: wired, cells: memory });
      return typeof answered === 'number' ? goOn({ ...event, answer: answered }) : answered;
    };
    return machine({
      ...declaration,
      title,
      kinds: [half],
      wiring,
      cells: { ...structCells, ...cells },
      sends: [...(declaration.sends ?? []), ...sends],
      handlers: { ...declaration.handlers, answer: { ...answer, run } },
      context: (given: Given) => ({ ...declaration.context(given), wiring: given.wiring }),
    } as unknown as Declaration<Context, StructMessage>);
  };
}
