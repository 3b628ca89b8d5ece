// A readable view of a row: what properties, reports and pages ask of a state.
import type { CallerContext } from '../../machines/manager/thread.ts';
import type { Callback, Field, Name, Side, Value } from '../../machines/manager/protocol.ts';
import type { StructContext } from '../../machines/manager/struct.ts';
import type { RegistryContext } from '../../registry/critical-section.ts';
import type { RowAccess } from './memory.ts';
import { accessTo, callbackNames, fields, operation, PackedMemory, sides } from './memory.ts';
import type { PlainEvent } from './local-transitions.ts';
import type { Row, World } from './world.ts';

/** An entry of a set. */
export interface SetEntry {
  readonly key: Name | null;
  readonly object: Name;
}

/** One state of a world, by names. The same object can be pointed at one row after another. */
export class WorldView {
  readonly world: World;
  readonly producers: readonly Name[];
  readonly consumers: readonly Name[];
  readonly #memory: PackedMemory;
  #access: RowAccess;

  constructor(world: World, row: Row | RowAccess) {
    this.world = world;
    this.#access = accessTo(row);
    this.#memory = new PackedMemory(world.values, world.layout, world.definition.policy, this.#access);
    this.producers = world.definition.producers.map((struct) => struct.name as Name);
    this.consumers = world.definition.consumers.map((struct) => struct.name as Name);
  }

  /** The row that is viewed. */
  get row(): RowAccess {
    return this.#access;
  }

  set row(row: Row | RowAccess) {
    this.#access = accessTo(row);
  }

  /** The state value of an actor, such as `running` or `{locked: {connecting: 'addConsumer'}}`. */
  value(address: Name | 'registry'): unknown {
    return this.#local(address).value;
  }

  /** The context of an actor. */
  context(address: Name): unknown {
    return this.#local(address).context;
  }

  /** The operation that holds the mutex; `op` is null while it is free. */
  get registry(): RegistryContext {
    return this.#local('registry').context as RegistryContext;
  }

  /** Is the mutex free? */
  get isFree(): boolean {
    return this.value('registry') === 'unlocked';
  }

  /** Has a list operation or a look-up gone wrong, so that the kernel stopped? */
  get isCorrupt(): boolean {
    return this.value('registry') === 'corrupted';
  }

  /** The entries of a set, in walking order. */
  entries(side: Side): SetEntry[] {
    this.#memory.row = this.#access;
    const { values } = this.world;
    return this.#memory
      .entries(sides.indexOf(side))
      .map(([key, object]) => ({ key: values.value(key) as Name | null, object: values.value(object) as Name }));
  }

  /** The set that an object belongs to. */
  sideOf(object: Name): Side {
    return this.producers.includes(object) ? 'producers' : 'consumers';
  }

  /** The first entry with a key, as a look-up finds it. */
  holder(side: Side, key: Name | null): Name | null {
    const { values } = this.world;
    this.#memory.row = this.#access;
    return values.value(this.#memory.perform(operation.find, sides.indexOf(side), values.id(key), 0)) as Name | null;
  }

  /** Is this object in its set? */
  isRegistered(object: Name): boolean {
    // Under its own key, as a rule; else anywhere.
    if (this.holder(this.sideOf(object), this.field(object, 'key') as Name | null) === object) return true;
    return this.entries(this.sideOf(object)).some((entry) => entry.object === object);
  }

  /** A field of a struct. */
  field(object: Name, field: Field): Value {
    const { world } = this;
    const column = world.layout.structs.get(world.values.id(object));
    if (column === undefined) throw new RangeError(`${object} is not a struct`);
    return world.values.value(this.#access.get(column + fields.indexOf(field)));
  }

  /** Has this struct this callback? */
  has(object: Name, callback: Callback): boolean {
    const attributes = this.world.layout.callbacks.get(this.world.values.id(object));
    return attributes !== undefined && (attributes.has & (1 << callbackNames.indexOf(callback))) !== 0;
  }

  /** Has the owner of an eventfd put its last reference? */
  isPut(eventfd: Name): boolean {
    const column = this.world.layout.eventfds.get(this.world.values.id(eventfd));
    return column !== undefined && this.#access.get(column) === 1;
  }

  /** Is a struct between stop and start? */
  isStopped(object: Name): boolean {
    return this.value(object) === 'stopped';
  }

  /** The partners that a struct's own callbacks have added. */
  added(object: Name): readonly Name[] {
    return (this.#local(object).context as StructContext).added;
  }

  /**
   * The partner of an object: the binding where the revision keeps one, else what the callbacks imply (several only
   * when something is wrong).
   */
  partners(object: Name): readonly Name[] {
    if (this.world.definition.policy.binding !== 'implied') {
      const peer = this.field(object, 'peer') as Name | null;
      return peer === null ? [] : [peer];
    }
    if (this.consumers.includes(object)) return this.added(object);
    return this.consumers.filter((consumer) => this.added(consumer).includes(object));
  }

  /** The other half of the pair that the registry works on, if this object is one half. */
  partnerInCall(object: Name): readonly Name[] {
    const { producer, consumer } = this.registry;
    if (producer === null || consumer === null) return [];
    if (object === producer) return [consumer];
    return object === consumer ? [producer] : [];
  }

  /** What the threads are doing: name, and the call in progress. */
  callers(): { readonly name: Name; readonly context: CallerContext; readonly value: unknown }[] {
    return this.world.definition.callers.map((caller) => {
      const { context, value } = this.#local(caller.name as Name);
      return { name: caller.name as Name, context: context as CallerContext, value };
    });
  }

  /** Is a call about this object in progress? */
  isBusy(object: Name): boolean {
    return this.callers().some(({ context }) => context.object === object);
  }

  /** References on irqbypass.ko. */
  get moduleReferences(): number {
    return Number(this.world.values.value(this.#access.get(this.world.layout.moduleReferences)));
  }

  /** Messages on their way. */
  inFlight(): PlainEvent[] {
    return this.world.inFlight(this.#access).map(({ event }) => event);
  }

  /** Callbacks that the registry has called and that have not returned. */
  callbacksUnderWay(): PlainEvent[] {
    const { start, slots } = this.world.channel(0);
    return Array.from({ length: slots }, (_, i) => this.#access.get(start + i)).flatMap((message) =>
      message === 0 ? [] : [this.world.transitions.event(message - 1)],
    );
  }

  /** Everything at once, as plain data: for pages, JSON and state differences. */
  toJSON(): Record<string, unknown> {
    const structs = Object.fromEntries(
      [...this.producers, ...this.consumers].map((object) => [
        object,
        {
          state: this.value(object),
          key: this.field(object, 'key'),
          peer: this.field(object, 'peer'),
          irq: this.field(object, 'irq'),
        },
      ]),
    );
    const set = (side: Side): Record<string, string> =>
      Object.fromEntries(this.entries(side).map(({ key, object }) => [String(key), object]));
    return {
      registry: this.value('registry'),
      producers: set('producers'),
      consumers: set('consumers'),
      structs,
      callers: Object.fromEntries(
        this.callers().map(({ name, value, context }) => [name, { state: value, pc: context.pc }]),
      ),
      ...(this.world.definition.system === undefined ? {} : { actors: this.#systemActors() }),
      inFlight: this.inFlight().map(({ to, message }) => ({ to, ...message })),
    };
  }

  /** The actors of a system world: state and what their contexts hold. */
  #systemActors(): Record<string, unknown> {
    const embedded = [...this.world.definition.producers, ...this.world.definition.consumers];
    const names = [
      ...embedded.filter(({ embeddedIn }) => embeddedIn !== undefined),
      ...(this.world.definition.system?.actors ?? []),
    ];
    return Object.fromEntries(
      names.map(({ name }) => {
        const { value, context } = this.#local(name as Name);
        const { self: _self, caller: _caller, added: _added, ...rest } = context as Record<string, unknown>;
        const isStateless = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
        return [name, { ...(isStateless ? {} : { state: value }), ...rest }];
      }),
    );
  }

  #local(address: Name | 'registry'): { readonly value: unknown; readonly context: unknown } {
    return this.world.transitions.local(this.#access.get(this.world.actor(address)));
  }
}
