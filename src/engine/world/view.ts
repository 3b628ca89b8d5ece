// A readable view of a row: what properties, reports and pages ask of a state.
import type { Address } from '../actors/effects.ts';
import { kindsOf } from '../actors/machine.ts';
import type { Name, Value } from '../actors/name.ts';
import type { PlainEvent } from './events.ts';
import type { RowAccess } from './memory.ts';
import { accessTo, PackedMemory } from './memory.ts';
import { CONSTANT, LOAD } from './operations.ts';
import type { ValueId } from './values.ts';
import type { ActorDefinition, Row, World } from './world.ts';

/** One state of a world, by names. The same object can be pointed at one row after another. */
export class WorldView {
  readonly world: World;
  readonly #memory: PackedMemory;
  readonly #byKind = new Map<string, readonly Name[]>();
  #access: RowAccess;

  constructor(world: World, row: Row | RowAccess) {
    this.world = world;
    this.#access = accessTo(row);
    this.#memory = new PackedMemory(world.values, world.operations, world.layout, this.#access);
  }

  /** The row that is viewed. */
  get row(): RowAccess {
    return this.#access;
  }

  set row(row: Row | RowAccess) {
    this.#access = accessTo(row);
  }

  /** Names of the actors of a kind: of a machine, or of what is embedded in it. */
  actorsOf(kind: string): readonly Name[] {
    let found = this.#byKind.get(kind);
    if (found === undefined) {
      found = this.world.definition.actors.flatMap(({ name, machine }) =>
        kindsOf(machine).includes(kind) ? [name as Name] : [],
      );
      this.#byKind.set(kind, found);
    }
    return found;
  }

  /** How an actor is defined. */
  definitionOf(address: Address): ActorDefinition {
    return this.world.actors[this.world.actor(address)]?.definition as ActorDefinition;
  }

  /** The state value of an actor, such as `running` or `{locked: {connecting: 'addConsumer'}}`. */
  value(address: Address): unknown {
    return this.#local(address).value;
  }

  /** Is a state of an actor active: `locked.connecting`? */
  matches(address: Address, path: string): boolean {
    let value = this.value(address);
    const keys = path.split('.');
    for (const [i, key] of keys.entries()) {
      if (value === key) return i === keys.length - 1;
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    return true;
  }

  /** The context of an actor. */
  context<C = Readonly<Record<string, unknown>>>(address: Address): C {
    return this.#local(address).context as C;
  }

  /** A cell of an actor. */
  load(address: Address, cell: string): Value {
    return this.#perform(LOAD, this.#id(address), this.world.operations.cell(cell), 0);
  }

  /** A constant of an actor. */
  constant(address: Address, constant: string): Value {
    return this.#perform(CONSTANT, this.#id(address), this.world.operations.constant(constant), 0);
  }

  /** An operation of a family that only reads. Throws RangeError for one that writes. */
  ask(family: string, operation: string, ...args: readonly Value[]): Value {
    const { operations } = this.world;
    const code = operations.code(family, operation);
    const shape = operations.shapes[code];
    if (shape?.reads !== true) throw new RangeError(`${family}.${operation} writes: a view only looks`);
    const numbers = args.map((arg, i) => (shape.values[i] === true ? this.#id(arg) : Number(arg)));
    return this.#perform(code, numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0);
  }

  /** Columns of a cell of an actor; -1 where the actor has no such cell. */
  columnOf(address: Address, cell: string): number {
    const { layout, operations } = this.world;
    return layout.cells.get(this.#id(address))?.[operations.cell(cell)] ?? -1;
  }

  /** Has an actor nothing more to do by itself? */
  isDone(address: Address): boolean {
    const actor = this.world.actor(address);
    return this.world.isDone(actor, this.#access.get(actor));
  }

  /** Messages on their way. */
  inFlight(): PlainEvent[] {
    return this.world.inFlight(this.#access).map(({ event }) => event);
  }

  /** Messages on their way in an actor's channel. */
  inChannel(address: Address): PlainEvent[] {
    const { start, slots } = this.world.channel(this.world.actor(address));
    return Array.from({ length: slots }, (_, i) => this.#access.get(start + i)).flatMap((message) =>
      message === 0 ? [] : [this.world.transitions.event(message - 1)],
    );
  }

  /** Everything at once, as plain data, in the words of the model: for pages, JSON and state differences. */
  toJSON(): Readonly<Record<string, unknown>> {
    return this.world.language.state(this);
  }

  /** The actors with state, context and cells, and the messages in flight: the plain form of a state. */
  actorsAsData(): Record<string, unknown> {
    const actors = Object.fromEntries(
      this.world.actors.map(({ address, definition }) => {
        const { value, context } = this.#local(address);
        const { self: _self, ...rest } = context as Record<string, unknown>;
        const isStateless = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
        const cells = Object.fromEntries(
          Object.keys(definition.machine.declaration.cells ?? {}).map((cell) => [cell, this.load(address, cell)]),
        );
        return [address, { ...(isStateless ? {} : { state: value }), ...rest, ...cells }];
      }),
    );
    return { ...actors, inFlight: this.inFlight().map(({ to, message }) => ({ to, ...message })) };
  }

  #id(value: Value | Address): ValueId {
    return this.world.values.id(value as Value);
  }

  #perform(code: number, a: number, b: number, c: number): Value {
    this.#memory.row = this.#access;
    return this.world.values.value(this.#memory.perform(code, a, b, c));
  }

  #local(address: Address): { readonly value: unknown; readonly context: unknown } {
    return this.world.transitions.local(this.#access.get(this.world.actor(address)));
  }
}
