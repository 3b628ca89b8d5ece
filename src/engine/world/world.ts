// The world: a closed, finite system of actors with the messages in flight between them.
//
// A state is a row of small integers: one local state per actor, the cells, the messages in flight (a channel per
// sender: nothing orders two waiters on a mutex). `choices` lists the whole freedom of the environment, deliveries included;
// `step` takes one. Same world, same row, same choice: same next row.
import type { AnyStateMachine } from 'xstate';
import { createCallerMachine, type CallerContext, type Discipline } from '../../machines/manager/thread.ts';
import { createConsumerMachine } from '../../machines/manager/consumer.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import { createProducerMachine } from '../../machines/manager/producer.ts';
import type { Address, Callback, Message, Name, Observation } from '../../machines/manager/protocol.ts';
import { name, REGISTRY } from '../../machines/manager/protocol.ts';
import type { ArchPolicy } from '../../machines/system-protocol.ts';
import { archPolicy } from '../../machines/system-protocol.ts';
import { createRegistryMachine } from '../../registry/registry.ts';
import type { EventId, LocalId, PlainEvent } from './local-transitions.ts';
import { LocalTransitions } from './local-transitions.ts';
import type { CellLayout, RowAccess } from './memory.ts';
import { accessTo, callbackNames, fields, PackedMemory, PlainRow } from './memory.ts';
import type { SystemMachine } from './machines.ts';
import { createSystemMachine } from './machines.ts';
import type { Program } from './program.ts';
import { isDone, offers } from './program.ts';
import { Values } from './values.ts';
import { WorldLimitError } from './world-limit.ts';

/** A producer or consumer of a world. */
export interface StructDefinition {
  readonly name: string;
  /** Callbacks whose function pointer is NULL. */
  readonly lacks?: readonly Callback[];
  /** A callback that calls the manager again. */
  readonly reenters?: Callback;
  /** What its add callback may answer, besides 0. */
  readonly failures?: readonly number[];
  /** In a system world: the machine that the struct is embedded in, and the other actors it knows. */
  readonly embeddedIn?: { readonly machine: SystemMachine; readonly wiring: Readonly<Record<string, string>> };
}

/** An actor of a system world that is no producer, consumer or thread. */
export interface SystemActorDefinition {
  readonly name: string;
  readonly machine: SystemMachine;
  /** Names of other actors that it knows, by role. */
  readonly wiring?: Readonly<Record<string, string>>;
  /** What it may answer to a fallible message, besides 0. */
  readonly failures?: readonly number[];
}

/** A thread of a world. */
export interface CallerDefinition {
  readonly name: string;
  readonly program: Program;
  /** Threads that must be done before this one starts. */
  readonly after?: readonly string[];
}

/** Everything that defines a world: a manager world, or with `system` a system world. */
export interface WorldDefinition {
  readonly policy: Policy;
  readonly discipline: Discipline;
  readonly producers: readonly StructDefinition[];
  readonly consumers: readonly StructDefinition[];
  readonly eventfds: readonly string[];
  readonly callers: readonly CallerDefinition[];
  /** May node allocations fail during a registration? */
  readonly allocationFaults: boolean;
  /** Groups of interchangeable members; a member is names that go together, as a producer and its thread. */
  readonly interchangeable?: readonly (readonly (readonly string[])[])[];
  /** The other actors of a system world, and how its machines behave. */
  readonly system?: { readonly actors: readonly SystemActorDefinition[]; readonly arch: ArchPolicy };
  /** The most callbacks under way at once; more than one only in mutants. */
  readonly maxCallbacks?: number;
  /** False for a world that is only hosted live (live-host.ts): it has no rows, so it may have more names than they hold. */
  readonly holdsRows?: false;
}

/** A state of a world, packed. */
export type Row = Uint16Array;

/** One thing that may happen next: an event is delivered, from flight (its column) or from outside (-1). */
export interface Choice {
  readonly event: EventId;
  /** Column of the message in flight, or -1 for a call that a thread makes. */
  readonly column: number;
}

/** What a step led to. */
export interface Step {
  readonly row: Row;
  readonly observations: readonly Observation[];
}

/** Callbacks under way at once, unless a world says otherwise: one, and some room for mutants. */
const MAX_CALLBACKS = 3;
/** Values of a world without rows: a small integer of V8. */
const MAX_LIVE_NAMES = 2 ** 30;

interface Actor {
  readonly address: Address;
  readonly kind: 'caller' | 'producer' | 'consumer' | 'registry' | 'system';
  readonly machine: number;
  /** What its machine starts with: its own name and those of others that it knows. */
  readonly input: Readonly<Record<string, Name>>;
  /** How many of its messages may be in flight at once. */
  readonly slots: number;
  readonly program: Program;
  readonly after: readonly number[];
  readonly failures: readonly number[];
}

/** The machines that the structs and other actors of a system world need, each once. */
function systemMachines({ producers, consumers, system }: WorldDefinition): SystemMachine[] {
  const used = [
    ...[...producers, ...consumers].flatMap(({ embeddedIn }) => (embeddedIn === undefined ? [] : [embeddedIn.machine])),
    ...(system?.actors ?? []).map(({ machine }) => machine),
  ];
  return [...new Set(used)].toSorted();
}

/** The registry, producers, consumers, threads, then the other actors of a system world. */
function actorsOf(definition: WorldDefinition, system: readonly SystemMachine[]): Actor[] {
  const { producers, consumers, callers } = definition;
  const own = { program: 'open', after: [], failures: [], slots: 1 } as const;
  const wired = (self: string, wiring: Readonly<Record<string, string>> = {}): Record<string, Name> =>
    Object.fromEntries(Object.entries({ self, ...wiring }).map(([role, other]) => [role, name(other)]));
  const place = (machine: SystemMachine): number => 4 + system.indexOf(machine);
  const struct = (one: StructDefinition, kind: 'producer' | 'consumer', machine: number): Actor => ({
    ...own,
    kind,
    address: name(one.name),
    machine: one.embeddedIn === undefined ? machine : place(one.embeddedIn.machine),
    input: wired(one.name, one.embeddedIn?.wiring),
    failures: one.failures ?? [],
    // Its life and a callback each may wait for a lock.
    slots: one.embeddedIn === undefined ? 1 : 2,
  });
  const firstCaller = 1 + producers.length + consumers.length;
  const callerIndex = (text: string): number => firstCaller + callers.findIndex((caller) => caller.name === text);
  const slots = definition.maxCallbacks ?? MAX_CALLBACKS;
  return [
    { ...own, address: REGISTRY, kind: 'registry', machine: 0, input: {}, slots },
    ...producers.map((one) => struct(one, 'producer', 1)),
    ...consumers.map((one) => struct(one, 'consumer', 2)),
    ...callers.map((one): Actor => ({
      ...own,
      address: name(one.name),
      kind: 'caller',
      machine: 3,
      input: wired(one.name),
      program: one.program,
      after: (one.after ?? []).map(callerIndex),
    })),
    ...(definition.system?.actors ?? []).map((one): Actor => ({
      ...own,
      address: name(one.name),
      kind: 'system',
      machine: place(one.machine),
      input: wired(one.name, one.wiring),
      failures: one.failures ?? [],
    })),
  ];
}

function mask(callbacks: readonly Callback[]): number {
  return callbacks.reduce((bits, callback) => bits | (1 << callbackNames.indexOf(callback)), 0);
}

const own: Record<'producer' | 'consumer', readonly Callback[]> = {
  producer: ['stop', 'start', 'add_consumer', 'del_consumer'],
  consumer: ['stop', 'start', 'add_producer', 'del_producer'],
};

/** A world of raw producers and consumers, the registry, and the threads that call it. */
export class World {
  readonly definition: WorldDefinition;
  readonly values: Values;
  readonly transitions: LocalTransitions;
  readonly actors: readonly Actor[];
  readonly layout: CellLayout;
  /** Number of columns of a row. */
  readonly width: number;
  readonly #memory: PackedMemory;
  /** Registry, producer, consumer, caller. */
  readonly machines: readonly AnyStateMachine[];
  /** Columns that hold messages in flight, as event number + 1; 0 is none. */
  readonly channelColumns: readonly number[];
  readonly #channels: readonly { readonly start: number; readonly slots: number }[];
  readonly #byAddress: ReadonlyMap<string, number>;
  readonly #offers = new Map<LocalId, readonly EventId[]>();
  readonly #variants = new Map<EventId, readonly EventId[]>();

  /** `like` is a world with the same policy and discipline, whose machines and remembered transitions are shared. */
  constructor(definition: WorldDefinition, like?: World) {
    this.definition = definition;
    const { policy, discipline } = definition;
    const isLike =
      like?.definition.policy === policy &&
      like.definition.discipline === discipline &&
      like.definition.system?.arch === definition.system?.arch;
    if (like !== undefined && !isLike) {
      throw new RangeError('worlds of different policies cannot share transitions');
    }
    this.values = like?.values ?? new Values(definition.holdsRows === false ? MAX_LIVE_NAMES : undefined);
    const system = systemMachines(definition);
    this.machines = like?.machines ?? [
      createRegistryMachine(policy),
      createProducerMachine(policy),
      createConsumerMachine(policy),
      createCallerMachine(policy, discipline),
      ...system.map((machine) => createSystemMachine(machine, policy, definition.system?.arch ?? archPolicy)),
    ];
    this.transitions = like?.transitions ?? new LocalTransitions(this.values, this.machines);
    this.actors = actorsOf(definition, system);
    this.#byAddress = new Map(this.actors.map((actor, i) => [actor.address, i]));
    const layout = this.#layOut();
    this.layout = layout.cells;
    let column = layout.end;
    this.#channels = this.actors.map(({ slots }) => {
      const channel = { start: column, slots };
      column += slots;
      return channel;
    });
    this.channelColumns = Array.from({ length: column - layout.end }, (_, i) => layout.end + i);
    this.width = column;
    this.#memory = new PackedMemory(this.values, this.layout, policy, new PlainRow(new Uint16Array(this.width)));
  }

  #layOut(): { readonly cells: CellLayout; readonly end: number } {
    const { producers, consumers, eventfds, policy } = this.definition;
    let column = this.actors.length;
    const take = (count: number): number => {
      const start = column;
      column += count;
      return start;
    };
    const structs = new Map<number, number>();
    const callbacks = new Map<number, { has: number; reenters: number }>();
    const enter = (kind: 'producer' | 'consumer', struct: StructDefinition): void => {
      const id = this.values.id(name(struct.name));
      structs.set(id, take(fields.length));
      const has = own[kind].filter((callback) => struct.lacks?.includes(callback) !== true);
      callbacks.set(id, { has: mask(has), reenters: struct.reenters === undefined ? 0 : mask([struct.reenters]) });
    };
    for (const producer of producers) enter('producer', producer);
    for (const consumer of consumers) enter('consumer', consumer);
    const keySlots = new Map([[0, 0]]);
    for (const [i, eventfd] of eventfds.entries()) keySlots.set(this.values.id(name(eventfd)), i + 1);
    const eventfdColumns = new Map(eventfds.map((eventfd) => [this.values.id(name(eventfd)), take(1)]));
    const moduleReferences = take(1);
    const sets = [producers, consumers].map((members) => {
      const slots = policy.index === 'xarray' ? eventfds.length + 1 : members.length;
      return { start: take(policy.index === 'hash' ? 2 * slots : slots), slots };
    });
    return { cells: { eventfds: eventfdColumns, structs, callbacks, moduleReferences, sets, keySlots }, end: column };
  }

  /** The state in which nothing has happened yet. */
  initial(): Row {
    if (this.definition.holdsRows === false)
      throw new WorldLimitError('this world is only hosted live, it has no rows');
    const row = new Uint16Array(this.width);
    for (const [i, actor] of this.actors.entries()) {
      row[i] = this.transitions.initial(actor.machine, actor.input);
    }
    this.fillCells(new PlainRow(row));
    return row;
  }

  /** Writes what the cells are when nothing has happened yet into columns that are all 0. */
  fillCells(row: RowAccess): void {
    for (const column of this.layout.structs.values()) row.set(column + fields.indexOf('freed'), this.values.id(false));
    row.set(this.layout.moduleReferences, this.values.id(0));
  }

  /** Everything that may happen next, in a fixed order: calls of threads first, then deliveries. */
  choices(row: Row | RowAccess): Choice[] {
    const found: Choice[] = [];
    const access = accessTo(row);
    for (const [i, actor] of this.actors.entries()) {
      if (actor.kind !== 'caller' || actor.program === 'open') continue;
      if (!actor.after.every((other) => this.isDone(other, access.get(other)))) continue;
      for (const event of this.offersOf(i, access.get(i))) found.push({ event, column: -1 });
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

  /** Takes one choice: delivers its event, then whatever is immediate, and puts calls in flight. */
  step(row: Row, choice: Choice, memory: PackedMemory = this.#memory): Step {
    const next = row.slice();
    const observations = this.stepOn(new PlainRow(next), choice, memory);
    return { row: next, observations };
  }

  /** Takes one choice in place; answers what was observed. */
  stepOn(row: RowAccess, choice: Choice, memory: PackedMemory = this.#memory): Observation[] {
    memory.row = row;
    if (choice.column >= 0) this.#takeOut(row, choice.column);
    const observations: Observation[] = [];
    const queue: EventId[] = [choice.event];
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      const actor = this.recipient(event);
      const outcome = this.transitions.deliver(row.get(actor), event, memory);
      row.set(actor, outcome.local);
      observations.push(...outcome.observations);
      for (const call of outcome.calls) this.#putIn(row, this.channelOf(call, actor), call);
      queue.push(...outcome.immediate);
    }
    return observations;
  }

  /** A call that a thread makes, for drivers that choose it themselves. */
  call(caller: Name, message: Message): Choice {
    return { event: this.#intern({ to: caller, message: message as unknown as PlainEvent['message'] }), column: -1 };
  }

  /** Is this a state in which nothing more has to happen: every thread done, nothing in flight? */
  isFinal(row: Row | RowAccess): boolean {
    const access = accessTo(row);
    if (this.channelColumns.some((column) => access.get(column) !== 0)) return false;
    return this.actors.every((actor, i) => actor.kind !== 'caller' || this.isDone(i, access.get(i)));
  }

  /** The index of an actor. Throws where there is none of that name. */
  actor(address: Address): number {
    const index = this.#byAddress.get(address);
    if (index === undefined) throw new RangeError(`no actor is called ${address}`);
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
  variant(id: EventId, extra: { readonly answer?: number; readonly allocation?: 'fails' }): EventId {
    const { to, message } = this.transitions.event(id);
    return this.#intern({ to, message: { ...message, ...extra } });
  }

  /**
   * The channel of a message: that of the thread on whose behalf it was sent, else of the actor that sent it. Messages of
   * different channels have no order; within a channel they are sorted.
   */
  channelOf(event: EventId, emitter: number): number {
    const { caller } = this.transitions.event(event).message;
    return (typeof caller === 'string' ? this.#byAddress.get(caller) : undefined) ?? emitter;
  }

  /** First column of an actor's channel and how many messages it holds. */
  channel(actor: number): { readonly start: number; readonly slots: number } {
    const channel = this.#channels[actor];
    if (channel === undefined) throw new RangeError(`no channel ${actor}`);
    return channel;
  }

  /** The actor whose channel a column belongs to. Throws where it belongs to none. */
  channelAt(column: number): number {
    const actor = this.#channels.findIndex(({ start, slots }) => column >= start && column < start + slots);
    if (actor < 0) throw new RangeError(`column ${column} holds no messages`);
    return actor;
  }

  /** Is a thread in this local state at the end of its program? */
  isDone(actor: number, local: LocalId): boolean {
    const { value, context } = this.transitions.local(local);
    if (value === 'oopsed') return true;
    return value === 'idle' && isDone(this.actors[actor]?.program ?? 'open', (context as CallerContext).pc);
  }

  /** The calls that a thread in this local state may make. */
  offersOf(actor: number, local: LocalId): readonly EventId[] {
    const known = this.#offers.get(local);
    if (known !== undefined) return known;
    const { address, program } = this.#actorAt(actor);
    const { value, context } = this.transitions.local(local);
    const messages = value === 'idle' ? offers(program, (context as CallerContext).pc) : [];
    const events = messages.map((message) =>
      this.#intern({ to: address, message: message as unknown as PlainEvent['message'] }),
    );
    this.#offers.set(local, events);
    return events;
  }

  /** A message in flight as the environment may deliver it: with every answer, with failing allocations. */
  variantsOf(event: EventId): readonly EventId[] {
    const known = this.#variants.get(event);
    if (known !== undefined) return known;
    const { to, message } = this.transitions.event(event);
    const mayFail = message.type.startsWith('add_') || message['purpose'] === 'add_producer';
    const failures = mayFail ? (this.actors[this.actor(to)]?.failures ?? []) : [];
    const { allocationFaults, policy } = this.definition;
    const allocates = allocationFaults && policy.insertion !== 'list_add' && message.type.startsWith('register_');
    const variants = [
      event,
      ...failures.map((answer) => this.variant(event, { answer })),
      ...(allocates ? [this.variant(event, { allocation: 'fails' })] : []),
    ];
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

  #putIn(row: RowAccess, actor: number, event: EventId): void {
    const { start, slots } = this.channel(actor);
    let carried = event + 1;
    // Descending, so that free columns are at the end.
    for (let column = start; column < start + slots; column++) {
      const there = row.get(column);
      if (there < carried) {
        row.set(column, carried);
        carried = there;
      }
      if (carried === 0) return;
    }
    throw new WorldLimitError(`more than ${slots} messages of ${this.#actorAt(actor).address} in flight`);
  }

  #takeOut(row: RowAccess, column: number): void {
    const channel = this.#channels.find(({ start, slots }) => column >= start && column < start + slots);
    const end = channel === undefined ? column + 1 : channel.start + channel.slots;
    for (let i = column; i < end; i++) row.set(i, i + 1 < end ? row.get(i + 1) : 0);
  }
}
