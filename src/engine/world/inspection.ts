// XState's inspection of a live run, as the Stately inspector reads it.
//
// The shape is that of @statelyai/inspect 0.7 (createWebSocketInspector sends each event as a JSON text): three of XState's kinds, with ids
// for references, a snapshot as plain data, and the definition of a machine as JSON in a string. Here the ids are addresses: the same in every run.
import type { AnyActorRef, AnyStateMachine, InspectionEvent } from 'xstate';
import type { Address } from '../actors/effects.ts';
import type { PlainEvent } from './events.ts';

/** Release of @statelyai/inspect whose shape this is. */
const INSPECT_VERSION = '0.7.2';

/** An event of the Stately inspector: plain data, a line of JSON. */
export type StatelyEvent = {
  readonly sessionId: Address;
  readonly rootId: Address;
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
} & (
  | {
      readonly type: '@xstate.actor';
      readonly name: string;
      readonly parentId?: undefined;
      readonly definition: string;
      readonly snapshot: unknown;
    }
  | { readonly type: '@xstate.event'; readonly event: PlainEvent['message']; readonly sourceId?: Address }
  | { readonly type: '@xstate.snapshot'; readonly event: PlainEvent['message']; readonly snapshot: unknown }
);

/** Functions have a name in a definition, and nothing else that JSON can hold. */
const named = (_key: string, value: unknown): unknown => (typeof value === 'function' ? { type: value.name } : value);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, named) ?? 'null');

/** Takes what XState tells of, one event at a time, and hands on what the Stately inspector knows. */
export class StatelyInspection {
  readonly #send: (event: StatelyEvent) => void;
  readonly #sender: () => Address | null;
  readonly #now: () => number;
  /** XState tells of actors before they have a state: they are told of with their first event. */
  readonly #unborn = new Set<AnyActorRef>();

  /**
   * @param send - is given each event
   * @param sender - who sent what is delivered just now (`LiveHost.sender`); null for nobody
   * @param now - milliseconds that an event is stamped with
   */
  constructor(send: (event: StatelyEvent) => void, sender: () => Address | null, now: () => number = Date.now) {
    this.#send = send;
    this.#sender = sender;
    this.#now = now;
  }

  /** For `new LiveHost(world, inspection.next)`. */
  readonly next = (inspected: InspectionEvent): void => {
    const { actorRef } = inspected;
    if (inspected.type === '@xstate.actor') {
      this.#unborn.add(actorRef as AnyActorRef);
      return;
    }
    if (this.#unborn.delete(actorRef as AnyActorRef)) this.#tell(actorRef as AnyActorRef);
    const { event } = inspected as { readonly event?: PlainEvent['message'] };
    if (event === undefined) return;
    const about = this.#about(actorRef as AnyActorRef);
    if (inspected.type === '@xstate.snapshot')
      this.#send({ type: '@xstate.snapshot', event, snapshot: plain(inspected.snapshot), ...about });
    if (inspected.type !== '@xstate.event') return;
    const sourceId = this.#sender();
    this.#send({ type: '@xstate.event', event, ...(sourceId === null ? {} : { sourceId }), ...about });
  };

  #tell(actor: AnyActorRef): void {
    const { config } = (actor as AnyActorRef & { readonly logic: AnyStateMachine }).logic;
    this.#send({
      type: '@xstate.actor',
      name: actor.id,
      definition: JSON.stringify(config, named),
      snapshot: plain(actor.getSnapshot()),
      ...this.#about(actor),
    });
  }

  /** Each actor of a live host is a root of its own. */
  #about({ id }: AnyActorRef): Pick<StatelyEvent, 'sessionId' | 'rootId' | 'createdAt' | 'id' | '_version'> {
    return { sessionId: id, rootId: id, createdAt: String(this.#now()), id: null, _version: INSPECT_VERSION };
  }
}
