// The live host: the same machines as real XState actors, under createActor, with inspection.
//
// Nothing is remembered and nothing packed here: every actor is an XState actor, messages in flight are a plain list,
// memory is what the world has for single runs. `row` expresses the state as the world would, so that the two can be
// compared. A step costs the same however many actors there are: each is a root of its own (spawnChild() is linear in its
// siblings), machines are provided with their actions once, and nothing is entered in the world's tables but by `choices`
// and `row`.
import type { Actor, AnyStateMachine, InspectionEvent } from 'xstate';
import { createActor } from 'xstate';
import { during } from '../actors/cells.ts';
import { activeStates, transitionsOn } from '../actors/chart.ts';
import { NotModelledError } from '../actors/machine-error.ts';
import type { Address, HostEffect, Observation } from '../actors/effects.ts';
import { transition } from '../actors/failure.ts';
import { HOST_ACTION } from '../actors/machine.ts';
import { expectSound } from '../actors/xstate-internals.ts';
import { CALL_DEPTH_MAX, endlessCalls } from './call-depth.ts';
import type { Value } from '../actors/name.ts';
import type { PlainEvent } from './events.ts';
import type { EventId } from './local-transitions.ts';
import { stateText } from './state-text.ts';
import type { PackedMemory } from './memory.ts';
import { WideRow } from './memory.ts';
import { NotedCells } from './noted-cells.ts';
import { channelFull } from './world-limit.ts';
import type { Row, World } from './world.ts';

/** One thing that may happen next in a live world. */
export interface LiveChoice {
  readonly event: PlainEvent;
  /** Place among the messages in flight, or -1 for what an actor does by itself. */
  readonly place: number;
}

/** A message in flight with the actor in whose channel it is, and the one that sent it. */
interface Flying {
  readonly event: PlainEvent;
  readonly channel: number;
  readonly from: Address;
}

/** A running system of XState actors. */
export class LiveHost {
  readonly memory: PackedMemory;
  readonly #world: World;
  readonly #actors: readonly Actor<AnyStateMachine>[];
  readonly #cells: WideRow;
  readonly #inFlight: Flying[] = [];
  /** What the machine that was asked last wants done. */
  #wanted: HostEffect[] = [];
  /** Messages delivered so far. */
  messages = 0;
  /**
   * Who sent the message that was delivered last; null where the actor acted by itself. XState is told of no sender, since the world
   * delivers: an onlooker of its inspection asks here, while it is told of `@xstate.event`.
   */
  sender: Address | null = null;

  /** Starts the actors. `inspect` sees every event and snapshot, as XState's inspection does. */
  constructor(world: World, inspect?: (event: InspectionEvent) => void) {
    this.#world = world;
    this.#cells = new WideRow(world.width);
    world.fillCells(this.#cells);
    this.memory = world.memoryFor(this.#cells);
    const machines = world.machines.map(({ logic }) =>
      logic.provide({
        actions: { [HOST_ACTION]: (_: unknown, effect: HostEffect) => this.#wanted.push(effect) },
      } as never),
    );
    this.#actors = world.actors.map(({ machine, address, input }) => {
      const logic = machines[machine];
      if (logic === undefined) throw new RangeError(`no machine ${machine}`);
      const actor = createActor(logic, {
        id: address,
        systemId: address,
        input,
        ...(inspect === undefined ? {} : { inspect }),
      });
      // Told of below, where it is thrown: else XState throws it once more, when nobody catches it.
      actor.subscribe({ error: () => {} });
      transition(() => expectSound(actor.start().getSnapshot()));
      return actor;
    });
  }

  /** The messages in flight, in the order in which they were sent. */
  get inFlight(): readonly PlainEvent[] {
    return this.#inFlight.map(({ event }) => event);
  }

  /** Place in flight of the first message that passes a test; -1 where none does. */
  placeOf(test: (event: PlainEvent) => boolean): number {
    return this.#inFlight.findIndex(({ event }) => test(event));
  }

  /** A message in flight by its place. */
  at(place: number): PlainEvent | undefined {
    return this.#inFlight[place]?.event;
  }

  /** The state that an actor is in, as XState has it. */
  stateOf(address: Address): unknown {
    return this.#snapshot(this.#world.actor(address)).value;
  }

  /** A cell of an actor. */
  load(actor: Address, cell: string): Value {
    return this.#newCells().load(actor, cell);
  }

  /** What an operation of a family answers. */
  ask(family: string, operation: string, ...args: readonly Value[]): Value {
    return this.#newCells().ask(family, operation, ...args);
  }

  #newCells(): NotedCells {
    return new NotedCells(this.#world.values, this.#world.operations, this.memory, []);
  }

  /** Everything that may happen next, in the order of `World.choices`. */
  choices(): LiveChoice[] {
    const { actors } = this.#world;
    const own = actors.flatMap(({ actsByItself, after, definition, address }, i) => {
      if (!actsByItself || !after.every((other) => this.#isDone(other))) return [];
      const offers = definition.machine.declaration.actsByItself?.offers(this.#snapshot(i), definition.program) ?? [];
      return offers
        .map((message): PlainEvent => ({ to: address, message: message as PlainEvent['message'] }))
        .filter((event) => this.#world.transitions.isEnabled(this.#localOf(i), this.#id(event), this.memory))
        .map((event) => ({ event, place: -1 }));
    });
    return [...own, ...this.#deliveries()];
  }

  #deliveries(): LiveChoice[] {
    // Equal messages of a channel are one choice; the order is that of the world's channels.
    const { transitions } = this.#world;
    const numbered = this.#inFlight.map(({ event, channel }, place) => ({ id: this.#id(event), channel, place }));
    const distinct = numbered.filter(
      ({ id, channel }, i) => numbered.findIndex((other) => other.id === id && other.channel === channel) === i,
    );
    return distinct
      .toSorted((one, other) => one.channel - other.channel || transitions.compareEvents(one.id, other.id))
      .filter(({ id }) => transitions.accepts(this.#localOf(this.#world.recipient(id)), id))
      .flatMap(({ id, place }) =>
        this.#world.variantsOf(id).map((variant) => ({ event: transitions.event(variant), place })),
      );
  }

  /** Takes one of the choices; answers what was observed, in order. */
  take({ event, place }: LiveChoice): readonly Observation[] {
    const [flying] = place >= 0 ? this.#inFlight.splice(place, 1) : [];
    const observations: Observation[] = [];
    this.#deliver(event, observations, 0, flying?.from ?? null);
    return observations;
  }

  #deliver(event: PlainEvent, observations: Observation[], depth: number, sender: Address | null): void {
    if (depth > CALL_DEPTH_MAX) throw endlessCalls(this.#world.language.event(event));
    this.#wanted = [];
    this.sender = sender;
    const index = this.#world.actor(event.to);
    const actor = this.#actorAt(index);
    during(this.#newCells(), () =>
      transition(() => {
        this.#expectTaken(index, event);
        actor.send(event.message);
        expectSound(actor.getSnapshot());
      }),
    );
    this.messages += 1;
    for (const effect of this.#wanted) {
      if (effect.do === 'show') {
        observations.push(effect.observation);
        continue;
      }
      const sent = { to: effect.to, message: effect.message as PlainEvent['message'] };
      if (effect.do === 'call') this.#deliver(sent, observations, depth + 1, event.to);
      else this.#putIn(effect.by === undefined ? index : this.#world.actor(effect.by), sent, event.to);
    }
  }

  #putIn(channel: number, event: PlainEvent, from: Address): void {
    const { slots } = this.#world.channel(channel);
    const occupied = this.#inFlight.reduce((sum, flying) => sum + (flying.channel === channel ? 1 : 0), 0);
    if (occupied >= slots) throw channelFull(slots, this.#world.actors[channel]?.address);
    this.#inFlight.push({ event, channel, from });
  }

  /** XState ignores an event that no transition is for; here that is a mistake. */
  #expectTaken(index: number, { to, message }: PlainEvent): void {
    const { machine } = this.#world.actors[index]?.definition ?? {};
    if (machine === undefined) throw new RangeError(`no actor ${index}`);
    const { value } = this.#snapshot(index);
    const active = activeStates(machine.declaration.chart, value);
    const ways = active.flatMap((state) => transitionsOn(state, message.type));
    if (ways.some(({ guard }) => guard === undefined)) return;
    if (ways.length > 0 && machine.logic.getTransitionData(this.#actorAt(index).getSnapshot(), message).length > 0)
      return;
    throw new NotModelledError(
      `${to} (machine ${machine.id}) does not take "${message.type}" in state ${stateText(value)}`,
    );
  }

  /** The state as the world's row. Throws WorldLimitError where the world has no rows. */
  row(): Row {
    const row = this.#world.initial();
    for (let column = this.#world.actors.length; column < row.length; column++) row[column] = this.#cells.get(column);
    for (const [i] of this.#world.actors.entries()) {
      row[i] = this.#localOf(i);
      const { start } = this.#world.channel(i);
      const ids = this.#inFlight.flatMap(({ event, channel }) => (channel === i ? [this.#id(event)] : []));
      const sorted = ids.toSorted((one, other) => this.#world.transitions.compareEvents(one, other));
      for (const [k, id] of sorted.entries()) row[start + k] = id + 1;
    }
    return row;
  }

  /** Stops all actors. */
  stop(): void {
    for (const actor of this.#actors) actor.stop();
  }

  #localOf(index: number): number {
    const { value, context } = this.#snapshot(index);
    return this.#world.transitions.internLocal({ machine: this.#world.actors[index]?.machine ?? 0, value, context });
  }

  #id(event: PlainEvent): EventId {
    return this.#world.transitions.internEvent(event);
  }

  #actorAt(index: number): Actor<AnyStateMachine> {
    const actor = this.#actors[index];
    if (actor === undefined) throw new RangeError(`no actor ${index}`);
    return actor;
  }

  #snapshot(index: number): { readonly value: unknown; readonly context: Readonly<Record<string, unknown>> } {
    const { value, context } = this.#actorAt(index).getSnapshot();
    return { value, context: context as Readonly<Record<string, unknown>> };
  }

  #isDone(index: number): boolean {
    const definition = this.#world.actors[index]?.definition;
    const acts = definition?.machine.declaration.actsByItself;
    return acts === undefined || acts.isDone(this.#snapshot(index), definition?.program);
  }
}
