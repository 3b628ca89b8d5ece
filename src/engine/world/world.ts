// The world: a closed, finite system of actors with the messages in flight between them.
//
// A state is a row of small integers: one local state per actor, the cells, the messages in flight (a channel per actor:
// nothing orders two waiters on a lock; within a channel messages are in order of their content). `choices` lists the whole
// freedom of the environment, deliveries included; `step` takes one: it runs function calls depth first, as C does. Same
// world, same row, same choice: same next row.
import type { Address, Message, Observation } from '../actors/effects.ts';
import type { Given, LocalValue, Machine } from '../actors/machine.ts';
import { expectMessages, guarded, transition } from '../actors/failure.ts';
import { MachineError, sameMessage } from '../actors/machine-error.ts';
import type { Name, Value } from '../actors/name.ts';
import { CALL_DEPTH_MAX, endlessCalls } from './call-depth.ts';
import { layOut } from './cell-layout.ts';
import type { ActorDefinition, WorldDefinition } from './definition.ts';
import type { PlainEvent } from './events.ts';
import type { Language } from './language.ts';
import { argumentsOf, callText, plainLanguage } from './language.ts';
import type { EventId, LocalId } from './local-transitions.ts';
import { LocalTransitions } from './local-transitions.ts';
import type { CellLayout, RowAccess } from './memory.ts';
import { accessTo, PackedMemory, PlainRow } from './memory.ts';
import type { Model } from './model.ts';
import { Operations } from './operations.ts';
import { Values } from './values.ts';
import { expectWired } from './wiring.ts';
import { channelFull, WorldLimitError } from './world-limit.ts';

export type { ActorDefinition, WorldDefinition } from './definition.ts';

/** A state of a world, packed. */
export type Row = Uint16Array;

/** One thing that may happen next: an event is delivered, from flight (its column) or from an actor itself (-1). */
export interface Choice {
  readonly event: EventId;
  /** Column of the message in flight, or -1 for what an actor does by itself. */
  readonly column: number;
}

/** What a step led to. */
export interface Step {
  readonly row: Row;
  readonly observations: readonly Observation[];
}

/** Who is told what a step is made of: every delivery and every message put in flight, in order. */
export interface StepListener {
  /** `from` is null for what was chosen: what was in flight, or what an actor does by itself. `depth` counts calls within calls. */
  readonly delivered?: (event: EventId, from: Address | null, depth: number) => void;
  readonly posted?: (event: EventId, from: Address, channel: number) => void;
}

/** An actor of a world. */
export interface Actor {
  readonly address: Address;
  /** Its machine, by number. */
  readonly machine: number;
  readonly input: Given;
  readonly definition: ActorDefinition;
  /** First column of its channel, and how many of its messages may be in flight at once. */
  readonly channel: { readonly start: number; readonly slots: number };
  /** Actors that must be done before it starts. */
  readonly after: readonly number[];
  /** Does it act by itself, by a program of the scenario? */
  readonly actsByItself: boolean;
}

/** Values of a world without rows: a small integer of V8. */
const MAX_LIVE_NAMES = 2 ** 30;

/** The machines that actors run, each once. */
function machinesOf({ actors }: WorldDefinition): readonly Machine[] {
  return [...new Set(actors.map(({ machine }) => machine))];
}

/** A world: a model of actors. */
export class World implements Model<Choice> {
  readonly definition: WorldDefinition;
  readonly language: Language;
  readonly values: Values;
  readonly machines: readonly Machine[];
  readonly operations: Operations;
  readonly transitions: LocalTransitions;
  readonly actors: readonly Actor[];
  readonly layout: CellLayout;
  /** Number of columns of a row. */
  readonly width: number;
  /** Columns that hold messages in flight, as event number + 1; 0 is none. */
  readonly channelColumns: readonly number[];
  /** The actor of each column of messages, which are the last ones. */
  readonly #channelOwners: readonly number[];
  readonly #memory: PackedMemory;
  readonly #initialCells: ReadonlyMap<number, Value>;
  readonly #byAddress: ReadonlyMap<string, number>;
  readonly #channelOf = new Map<EventId, number>();
  readonly #offers = new Map<number, readonly EventId[]>();
  readonly #variants = new Map<EventId, readonly EventId[]>();

  /**
   * @param definition - actors, wiring, programs
   * @param like - a world whose machines are the same: remembered transitions are shared with it
   * @throws InputError where the wiring is wrong
   */
  constructor(definition: WorldDefinition, like?: World) {
    this.definition = definition;
    this.language = definition.language ?? plainLanguage;
    expectWired(definition.actors, definition.names ?? []);
    this.values = like?.values ?? new Values(definition.holdsRows === false ? MAX_LIVE_NAMES : undefined);
    this.machines = like?.machines ?? machinesOf(definition);
    if (machinesOf(definition).some((machine) => !this.machines.includes(machine)))
      throw new RangeError('worlds of different machines cannot share transitions');
    this.operations = like?.operations ?? new Operations(this.machines);
    this.transitions = like?.transitions ?? new LocalTransitions(this.values, this.machines, this.operations);
    this.#byAddress = new Map(definition.actors.map(({ name }, i) => [name, i]));
    const { layout, initial, end } = layOut(definition.actors, this.operations, this.values);
    this.layout = layout;
    this.#initialCells = initial;
    let column = end;
    this.actors = definition.actors.map((one): Actor => {
      const slots = one.machine.declaration.slots ?? 1;
      const channel = { start: column, slots };
      column += slots;
      return {
        address: one.name,
        machine: this.machines.indexOf(one.machine),
        input: {
          self: one.name as Name,
          wiring: (one.wiring ?? {}) as Given['wiring'],
          constants: { ...one.machine.declaration.constants, ...one.constants },
        },
        definition: one,
        channel,
        after: (one.after ?? []).map((other) => this.actor(other)),
        actsByItself: one.machine.declaration.actsByItself !== undefined && one.program !== undefined,
      };
    });
    this.channelColumns = Array.from({ length: column - end }, (_, i) => end + i);
    this.#channelOwners = this.actors.flatMap(({ channel: { slots } }, i) => Array.from({ length: slots }, () => i));
    this.width = column;
    const row = new PlainRow(new Uint16Array(definition.holdsRows === false ? 0 : this.width));
    this.#memory = new PackedMemory(this.values, this.operations, this.layout, row);
  }

  /** The state in which nothing has happened yet. */
  initial(): Row {
    if (this.definition.holdsRows === false)
      throw new WorldLimitError('this world is only hosted live, it has no rows');
    const row = new Uint16Array(this.width);
    for (const [i, { machine, input }] of this.actors.entries()) row[i] = this.transitions.initial(machine, input);
    this.fillCells(new PlainRow(row));
    return row;
  }

  /** Writes what the cells are when nothing has happened yet into columns that are all 0. */
  fillCells(row: RowAccess): void {
    for (const [column, value] of this.#initialCells) row.set(column, this.values.id(value));
  }

  /** Shared memory for a single run: with real structures beside the cells, where the definition brings them. */
  memoryFor(row: RowAccess): PackedMemory {
    return this.definition.memory?.(this, row) ?? new PackedMemory(this.values, this.operations, this.layout, row);
  }

  /** Everything that may happen next, in a fixed order: what actors do by themselves first, then deliveries. */
  choices(row: Row | RowAccess): Choice[] {
    const found: Choice[] = [];
    const access = accessTo(row);
    for (const [i, { actsByItself, after }] of this.actors.entries()) {
      if (!actsByItself || !after.every((other) => this.isDone(other, access.get(other)))) continue;
      for (const event of this.offersOf(i, access.get(i)))
        if (this.isEnabled(event, access)) found.push({ event, column: -1 });
    }
    let previous = 0;
    for (const column of this.channelColumns) {
      const message = access.get(column);
      if (message === 0 || message === previous) continue;
      previous = message;
      const event = message - 1;
      if (!this.transitions.accepts(access.get(this.recipient(event)), event)) continue;
      for (const variant of this.variantsOf(event)) found.push({ event: variant, column });
    }
    return found;
  }

  /**
   * What a choice is called: readable text that means the same in every run, process and release, and that no other choice of
   * the same state has: `t0 register_producer(p0, e0)`, `c0.add_producer(p0) = -EIO`.
   */
  nameOf({ event, column }: Choice): string {
    const { to, message } = this.transitions.event(event);
    const { value } = this.language;
    const call = message['call'];
    if (column < 0 && message.type === 'call' && typeof call === 'object' && call !== null)
      return `${to} ${callText(call as Readonly<Record<string, unknown>>, value)}`;
    const args = argumentsOf(message);
    const text = `${message.type}(${args.map(([, one]) => value(one)).join(', ')})`;
    if (column < 0) return `${to} ${text}`;
    const channel = this.actors[this.channelAt(column)]?.address ?? '';
    const isTold = channel === to || args.some(([, one]) => one === channel) || !/\d/.test(channel);
    const answer = message['answer'] === undefined ? '' : ` = ${value(message['answer'])}`;
    return `${to}.${text}${answer}${isTold ? '' : ` for ${channel}`}`;
  }

  /** Whose step a choice is: the thread's on whose behalf a message travels, else its recipient's. */
  whoseStep({ event, column }: Choice): number {
    if (column < 0) return this.recipient(event);
    const channel = this.channelAt(column);
    return this.#actorAt(channel).actsByItself ? channel : this.recipient(event);
  }

  /** The choice of a state that has a name; undefined where none has. */
  choiceNamed(row: Row | RowAccess, name: string): Choice | undefined {
    return this.choices(row).find((choice) => this.nameOf(choice) === name);
  }

  /** Takes one choice: delivers its event and the function calls that come of it, and puts what travels in flight. */
  step(row: Row, choice: Choice, memory: PackedMemory = this.#memory, listener?: StepListener): Step {
    const next = row.slice();
    const observations = this.stepOn(new PlainRow(next), choice, memory, listener);
    return { row: next, observations };
  }

  /** Takes one choice in place; answers what was observed, in order. */
  stepOn(row: RowAccess, choice: Choice, memory: PackedMemory = this.#memory, listener?: StepListener): Observation[] {
    memory.row = row;
    if (choice.column >= 0) this.#takeOut(row, choice.column);
    const observations: Observation[] = [];
    this.#deliver({ row, memory, observations, listener }, choice.event, null, 0);
    return observations;
  }

  #deliver(to: Delivery, event: EventId, from: Address | null, depth: number): void {
    if (depth > CALL_DEPTH_MAX) throw endlessCalls(this.language.event(this.transitions.event(event)));
    const { row, memory, observations, listener } = to;
    const actor = this.recipient(event);
    const sender = this.#actorAt(actor).address;
    listener?.delivered?.(event, from, depth);
    const { local, effects } = this.transitions.deliver(row.get(actor), event, memory);
    row.set(actor, local);
    for (const effect of effects) {
      if (effect.do === 'show') observations.push(effect.observation);
      else if (effect.do === 'call') this.#deliver(to, effect.event, sender, depth + 1);
      else {
        const channel = effect.by === null ? actor : this.actor(effect.by);
        this.#putIn(row, channel, effect.event);
        listener?.posted?.(effect.event, sender, channel);
      }
    }
  }

  /** What a driver lets an actor do that acts by itself and has no program. */
  call(actor: Address, message: object): Choice {
    return { event: this.#intern({ to: actor, message: message as PlainEvent['message'] }), column: -1 };
  }

  /** Is this a state in which nothing more has to happen: everyone that acts by itself done, nothing in flight? */
  isFinal(row: Row | RowAccess): boolean {
    const access = accessTo(row);
    if (this.channelColumns.some((column) => access.get(column) !== 0)) return false;
    return this.actors.every((_, i) => this.isDone(i, access.get(i)));
  }

  /** The index of an actor. Throws where there is none of that name. */
  actor(address: Address): number {
    const index = this.#byAddress.get(address);
    if (index === undefined) throw new MachineError('memory', `no actor is called ${address}`);
    return index;
  }

  /** The messages in flight: column and event. */
  inFlight(row: Row | RowAccess): { readonly column: number; readonly event: PlainEvent; readonly id: EventId }[] {
    const access = accessTo(row);
    return this.channelColumns.flatMap((column) => {
      const message = access.get(column);
      return message === 0 ? [] : [{ column, event: this.transitions.event(message - 1), id: message - 1 }];
    });
  }

  /** The same message as the environment may deliver it: with another answer, with failing allocations. */
  variant(id: EventId, extra: object): EventId {
    const { to, message } = this.transitions.event(id);
    return this.#intern({ to, message: { ...message, ...extra } });
  }

  /** First column of an actor's channel and how many messages it holds. */
  channel(actor: number): Actor['channel'] {
    return this.#actorAt(actor).channel;
  }

  /** The actor whose channel a column belongs to. Throws where it belongs to none. */
  channelAt(column: number): number {
    const actor = this.#channelOwners[column - (this.width - this.#channelOwners.length)];
    if (actor === undefined) throw new RangeError(`column ${column} holds no messages`);
    return actor;
  }

  /** Has an actor in this local state nothing more to do by itself? */
  isDone(actor: number, local: LocalId): boolean {
    const { definition } = this.#actorAt(actor);
    const { actsByItself } = definition.machine.declaration;
    const done = (): boolean => actsByItself?.isDone(this.local(local), definition.program) ?? true;
    return transition(() => guarded(`machine ${definition.machine.id}, isDone`, done));
  }

  /** Value and context of a local state. */
  local(local: LocalId): LocalValue {
    return this.transitions.local(local);
  }

  /** What an actor in this local state may do by itself. */
  offersOf(actor: number, local: LocalId): readonly EventId[] {
    const key = local * this.actors.length + actor;
    const known = this.#offers.get(key);
    if (known !== undefined) return known;
    const { address, actsByItself, definition } = this.#actorAt(actor);
    const { id, declaration } = definition.machine;
    const ask = (): readonly Message[] => declaration.actsByItself?.offers(this.local(local), definition.program) ?? [];
    const what = `machine ${id}, offers`;
    const messages = actsByItself ? transition(() => expectMessages(what, guarded(what, ask))) : [];
    const events = messages.map((message) => this.#intern({ to: address, message: message as PlainEvent['message'] }));
    this.#offers.set(key, events);
    return events;
  }

  /** May an actor do now what it offers to do by itself, or do its guards make it wait? */
  isEnabled(event: EventId, row: RowAccess): boolean {
    this.#memory.row = row;
    return this.transitions.isEnabled(row.get(this.recipient(event)), event, this.#memory);
  }

  /** A message in flight as the environment may deliver it: as its recipient's machine says. */
  variantsOf(event: EventId): readonly EventId[] {
    const known = this.#variants.get(event);
    if (known !== undefined) return known;
    const { to, message } = this.transitions.event(event);
    const { definition, input } = this.#actorAt(this.actor(to));
    const { name, failures = [] } = definition;
    const facts = { name, failures, constants: input.constants };
    const { id, declaration } = definition.machine;
    const ask = (): readonly object[] => declaration.variants?.[message.type]?.(message, facts) ?? [];
    const what = `machine ${id}, variants of "${message.type}"`;
    const others = transition(() => expectMessages(what, guarded(what, ask)));
    const variants = [event, ...others.map((extra) => this.variant(event, extra))];
    this.#variants.set(event, variants);
    return variants;
  }

  /** The actor that an event is for. */
  recipient(event: EventId): number {
    return this.actor(this.transitions.event(event).to);
  }

  #actorAt(index: number): Actor {
    const actor = this.actors[index];
    if (actor === undefined) throw new RangeError(`no actor ${index}`);
    return actor;
  }

  #intern(event: PlainEvent): EventId {
    return this.transitions.internEvent(event);
  }

  /** Does a message stand before another in a channel? By content, and what is there before what is not. */
  isBefore(message: number, other: number): boolean {
    if (message === 0 || other === 0) return other === 0 && message !== 0;
    return this.transitions.compareEvents(message - 1, other - 1) < 0;
  }

  #putIn(row: RowAccess, actor: number, event: EventId): void {
    // In a search a message stands for its channel.
    const known = this.#channelOf.get(event) ?? actor;
    this.#channelOf.set(event, known);
    if (known !== actor)
      throw sameMessage(this.language.event(this.transitions.event(event)), this.actors, [known, actor]);
    const { start, slots } = this.channel(actor);
    let carried = event + 1;
    for (let column = start; column < start + slots; column++) {
      const there = row.get(column);
      if (this.isBefore(carried, there)) {
        row.set(column, carried);
        carried = there;
      }
      if (carried === 0) return;
    }
    throw channelFull(slots, this.#actorAt(actor).address);
  }

  #takeOut(row: RowAccess, column: number): void {
    const { start, slots } = this.channel(this.channelAt(column));
    const end = start + slots;
    for (let i = column; i < end; i++) row.set(i, i + 1 < end ? row.get(i + 1) : 0);
  }
}

/** One step under way. */
interface Delivery {
  readonly row: RowAccess;
  readonly memory: PackedMemory;
  readonly observations: Observation[];
  readonly listener: StepListener | undefined;
}
