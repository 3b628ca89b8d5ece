// The live host: the same machines as real XState actors, under createActor, with inspection.
//
// Nothing is remembered and nothing packed here: every actor is an XState actor, messages in flight are a plain list,
// the sets are real structures. `row` expresses the state as the world would, so that the two can be compared.
import type { Actor, AnyStateMachine, InspectionEvent } from 'xstate';
import { createActor } from 'xstate';
import type { CallerContext } from '../machines/caller.ts';
import type { Observation, Outgoing } from '../machines/protocol.ts';
import { blankCells, NotedCells } from './cells.ts';
import type { EventId, PlainEvent } from './local-transitions.ts';
import { isDone, offers } from './program.ts';
import { StructureMemory } from './structure-memory.ts';
import type { Row, World } from './world.ts';

/** One thing that may happen next in a live world. */
export interface LiveChoice {
  readonly event: PlainEvent;
  /** Place among the messages in flight, or -1 for a call that a thread makes. */
  readonly place: number;
}

/** A running system of XState actors. */
export class LiveHost {
  readonly #world: World;
  readonly #actors: readonly Actor<AnyStateMachine>[];
  readonly #memory: StructureMemory;
  /** Holds the cells; the rest of it is filled in by `row`. */
  readonly #row: Row;
  #inFlight: { readonly event: PlainEvent; readonly channel: number }[] = [];
  /** Messages that are delivered within the current step. */
  readonly #queue: PlainEvent[] = [];
  #observations: Observation[] = [];

  /** Starts the actors. `inspect` sees every event and snapshot, as XState's inspection does. */
  constructor(world: World, inspect?: (event: InspectionEvent) => void) {
    this.#world = world;
    this.#row = world.initial();
    this.#memory = new StructureMemory(world, this.#row);
    this.#actors = world.actors.map(({ machine, address, input }, i) => {
      const logic = world.machines[machine];
      if (logic === undefined) throw new RangeError(`no machine ${machine}`);
      const actor = createActor(this.#provide(logic, i), {
        id: address,
        systemId: address,
        input,
        ...(inspect === undefined ? {} : { inspect }),
      });
      actor.start();
      return actor;
    });
  }

  #provide(logic: AnyStateMachine, emitter: number): AnyStateMachine {
    return logic.provide({
      actions: {
        send: (_: unknown, outgoing: Outgoing) => this.#send(outgoing, emitter),
        observe: (_: unknown, observation: Observation) => this.#observations.push(observation),
      },
    } as never);
  }

  #send({ to, how, message }: Outgoing, emitter: number): void {
    const event = { to, message: message as unknown as PlainEvent['message'] };
    if (how === 'immediate') this.#queue.push(event);
    else this.#inFlight.push({ event, channel: this.#world.channelOf(this.#id(event), emitter) });
  }

  /** Everything that may happen next, in the order of `World.choices`. */
  choices(): LiveChoice[] {
    const { actors } = this.#world;
    const calls = actors.flatMap((actor, i) => {
      if (actor.kind !== 'caller' || !actor.after.every((other) => this.#isDone(other))) return [];
      const { value, context } = this.#snapshot(i);
      const messages = value === 'idle' ? offers(actor.program, (context as CallerContext).pc) : [];
      return messages.map((message) => ({
        event: { to: actor.address, message: message as unknown as PlainEvent['message'] },
        place: -1,
      }));
    });
    return [...calls, ...this.#deliveries()];
  }

  #deliveries(): LiveChoice[] {
    // Equal messages are one choice; the order is that of the world's channels.
    const numbered = this.#inFlight.map(({ event, channel }, place) => ({
      id: this.#id(event),
      event,
      channel,
      place,
    }));
    const distinct = numbered.filter(({ id }, i) => numbered.findIndex((other) => other.id === id) === i);
    return distinct
      .toSorted((one, other) => one.channel - other.channel || other.id - one.id)
      .filter(({ event }) =>
        this.#actor(event)
          .getSnapshot()
          .can({ ...event.message, cells: blankCells }),
      )
      .flatMap(({ id, place }) =>
        this.#world.variantsOf(id).map((variant) => ({ event: this.#world.transitions.event(variant), place })),
      );
  }

  /** Takes one of the choices; answers what was observed. */
  take({ event, place }: LiveChoice): readonly Observation[] {
    if (place >= 0) this.#inFlight = this.#inFlight.filter((_, i) => i !== place);
    this.#observations = [];
    this.#queue.push(event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const cells = new NotedCells(this.#world.values, this.#memory, []);
      this.#actor(next).send({ ...next.message, cells });
    }
    return this.#observations;
  }

  /** The state as the world's row. */
  row(): Row {
    const row = this.#row.slice();
    for (const [i, { machine }] of this.#world.actors.entries()) {
      const { value, context } = this.#snapshot(i);
      row[i] = this.#world.transitions.internLocal({ machine, value, context });
    }
    for (const [i] of this.#world.actors.entries()) {
      const { start } = this.#world.channel(i);
      const ids = this.#inFlight.filter(({ channel }) => channel === i).map(({ event }) => this.#id(event) + 1);
      for (const [k, id] of ids.toSorted((one, other) => other - one).entries()) row[start + k] = id;
    }
    return row;
  }

  /** Stops all actors. */
  stop(): void {
    for (const actor of this.#actors) actor.stop();
  }

  #id(event: PlainEvent): EventId {
    return this.#world.transitions.internEvent(event);
  }

  #actor(event: PlainEvent): Actor<AnyStateMachine> {
    const actor = this.#actors[this.#world.actor(event.to)];
    if (actor === undefined) throw new RangeError(`no actor ${event.to}`);
    return actor;
  }

  #snapshot(index: number): { readonly value: unknown; readonly context: Readonly<Record<string, unknown>> } {
    const snapshot = this.#actors[index]?.getSnapshot();
    if (snapshot === undefined) throw new RangeError(`no actor ${index}`);
    return { value: snapshot.value, context: snapshot.context as Readonly<Record<string, unknown>> };
  }

  #isDone(index: number): boolean {
    const { value, context } = this.#snapshot(index);
    return (
      value === 'oopsed' ||
      (value === 'idle' && isDone(this.#world.actors[index]?.program ?? 'open', (context as CallerContext).pc))
    );
  }
}
