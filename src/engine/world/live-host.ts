// The live host: the same machines as real XState actors, under createActor, with inspection.
//
// Nothing is remembered and nothing packed here: every actor is an XState actor, messages in flight are a plain list,
// the sets are real structures. `row` expresses the state as the world would, so that the two can be compared. A step costs
// the same however many actors there are: each is a root of its own (spawnChild() is linear in its siblings), machines are
// provided with their actions once, and nothing is entered in the world's tables but by `choices` and `row`.
import type { Actor, AnyStateMachine, InspectionEvent } from 'xstate';
import { createActor } from 'xstate';
import type { CallerContext } from '../../machines/manager/thread.ts';
import type { Address, Field, Name, Observation, Outgoing, Side, Value } from '../../machines/manager/protocol.ts';
import { blankCells, NotedCells } from './cells.ts';
import type { EventId, PlainEvent } from './local-transitions.ts';
import { sides, WideRow } from './memory.ts';
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
  readonly #cells: WideRow;
  readonly #events: PlainEvent[] = [];
  /** Who sent each message in flight. */
  readonly #emitters: number[] = [];
  /** Messages that are delivered within the current step. */
  readonly #queue: PlainEvent[] = [];
  #observations: Observation[] = [];
  /** Messages delivered so far. */
  messages = 0;

  /** Starts the actors. `inspect` sees every event and snapshot, as XState's inspection does. */
  constructor(world: World, inspect?: (event: InspectionEvent) => void) {
    this.#world = world;
    this.#cells = new WideRow(world.width);
    world.fillCells(this.#cells);
    this.#memory = new StructureMemory(world, this.#cells);
    const machines = world.machines.map((logic) => this.#provide(logic));
    this.#actors = world.actors.map(({ machine, address, input }) => {
      const logic = machines[machine];
      if (logic === undefined) throw new RangeError(`no machine ${machine}`);
      const actor = createActor(logic, {
        id: address,
        systemId: address,
        input,
        ...(inspect === undefined ? {} : { inspect }),
      });
      actor.start();
      return actor;
    });
  }

  #provide(logic: AnyStateMachine): AnyStateMachine {
    return logic.provide({
      actions: {
        send: ({ self }: { readonly self: { readonly id: string } }, outgoing: Outgoing) =>
          this.#send(outgoing, self.id),
        observe: (_: unknown, observation: Observation) => this.#observations.push(observation),
      },
    } as never);
  }

  #send({ to, how, message }: Outgoing, emitter: string): void {
    const event = { to, message: message as unknown as PlainEvent['message'] };
    if (how === 'immediate') {
      this.#queue.push(event);
      return;
    }
    this.#events.push(event);
    this.#emitters.push(this.#world.actor(emitter as Address));
  }

  /** The messages in flight, in the order in which they were sent. */
  get inFlight(): readonly PlainEvent[] {
    return this.#events;
  }

  /** The state that an actor is in, as XState has it. */
  stateOf(address: Address): unknown {
    return this.#snapshot(this.#world.actor(address)).value;
  }

  /** A field of a struct. */
  load(object: Name, field: Field): Value {
    return new NotedCells(this.#world.values, this.#memory, []).load(object, field);
  }

  /** The structs in a set, in its own order. */
  registered(side: Side): Name[] {
    const entries = this.#memory.realEntries(sides.indexOf(side));
    return entries.map(([, object]) => this.#world.values.value(object) as Name);
  }

  /** Live nodes of both xarrays. */
  get nodes(): number {
    return this.#memory.nodes;
  }

  /** References on irqbypass.ko. */
  get moduleReferences(): number {
    const { values, layout } = this.#world;
    return Number(values.value(this.#cells.get(layout.moduleReferences)));
  }

  #channels(): {
    readonly event: PlainEvent;
    readonly id: EventId;
    readonly channel: number;
    readonly place: number;
  }[] {
    return this.#events.map((event, place) => {
      const id = this.#id(event);
      return { event, id, channel: this.#world.channelOf(id, this.#emitters[place] ?? 0), place };
    });
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
    const numbered = this.#channels();
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
    if (place >= 0) {
      this.#events.splice(place, 1);
      this.#emitters.splice(place, 1);
    }
    this.#observations = [];
    this.#queue.push(event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const cells = new NotedCells(this.#world.values, this.#memory, []);
      this.#actor(next).send({ ...next.message, cells });
      this.messages += 1;
    }
    return this.#observations;
  }

  /** The state as the world's row. Throws WorldLimitError where the world has no rows. */
  row(): Row {
    const row = this.#world.initial();
    for (let column = this.#world.actors.length; column < row.length; column++) row[column] = this.#cells.get(column);
    for (const [i, { machine }] of this.#world.actors.entries()) {
      const { value, context } = this.#snapshot(i);
      row[i] = this.#world.transitions.internLocal({ machine, value, context });
    }
    const inFlight = this.#channels();
    for (const [i] of this.#world.actors.entries()) {
      const { start } = this.#world.channel(i);
      const ids = inFlight.filter(({ channel }) => channel === i).map(({ id }) => id + 1);
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
