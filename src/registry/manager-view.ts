// A state of a world with a manager, by its own names: sets, keys, bindings, the operation that holds the mutex.
import type { Name, Value } from '../engine/actors/name.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Callback, Side, structCells } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import type { StructContext } from '../machines/manager/struct.ts';
import type { ThreadContext } from '../machines/manager/thread.ts';
import type { RegistryContext } from './critical-section.ts';
import { policyOf } from './structure-memory.ts';
import type { PackedSet } from './structures/packed-index.ts';

/** A field of a struct. */
export type Field = keyof typeof structCells;

/** An entry of a set. */
export interface SetEntry {
  readonly key: Name | null;
  readonly object: Name;
}

const views = new WeakMap<WorldView, ManagerView>();

/** The manager in a state. The view is pointed at another row when the state is. */
export function managerIn(state: WorldView): ManagerView {
  let view = views.get(state);
  if (view === undefined) {
    view = new ManagerView(state);
    views.set(state, view);
  }
  return view;
}

/** Has this world a manager? */
export function hasManager({ definition }: World): boolean {
  return definition.actors.some(({ name }) => name === REGISTRY);
}

/** The manager in the state that a world view shows. */
export class ManagerView {
  readonly state: WorldView;
  readonly policy: Policy;
  readonly producers: readonly Name[];
  readonly consumers: readonly Name[];
  readonly eventfds: readonly Name[];

  constructor(state: WorldView) {
    this.state = state;
    this.policy = policyOf(state.world);
    this.producers = state.actorsOf('producer');
    this.consumers = state.actorsOf('consumer');
    this.eventfds = state.actorsOf('eventfd');
  }

  get world(): World {
    return this.state.world;
  }

  /** The operation that holds the mutex; `op` is null while it is free. */
  get registry(): RegistryContext {
    return this.state.context<RegistryContext>(REGISTRY);
  }

  /** Is the mutex free? */
  get isFree(): boolean {
    return this.state.value(REGISTRY) === 'unlocked';
  }

  /** Has a list operation or a look-up gone wrong, so that the kernel stopped? */
  get isCorrupt(): boolean {
    return this.state.value(REGISTRY) === 'corrupted';
  }

  /** The entries of a set, in walking order. */
  entries(side: Side): SetEntry[] {
    const { layout, operations, values } = this.state.world;
    const laidOut = layout.families[operations.families.findIndex(({ id }) => id === side)];
    if (laidOut === undefined) return [];
    const words = {
      get: (place: number) => this.state.row.get(laidOut.start + place),
      set: () => {
        throw new RangeError('a view only looks');
      },
    };
    const keyOf = (object: number): number => values.id(this.field(values.value(object) as Name, 'key'));
    return (laidOut.family as PackedSet)
      .entries(words, keyOf)
      .map(([key, object]) => ({ key: values.value(key) as Name | null, object: values.value(object) as Name }));
  }

  /** First column and number of columns of a set. */
  columnsOf(side: Side): { readonly start: number; readonly count: number } {
    const { layout, operations } = this.state.world;
    const laidOut = layout.families[operations.families.findIndex(({ id }) => id === side)];
    return { start: laidOut?.start ?? 0, count: laidOut?.family.columns.length ?? 0 };
  }

  /** The set that an object belongs to. */
  sideOf(object: Name): Side {
    return this.producers.includes(object) ? 'producers' : 'consumers';
  }

  /** The first entry with a key, as a look-up finds it. */
  holder(side: Side, key: Name | null): Name | null {
    return this.state.ask(side, 'find', key) as Name | null;
  }

  /** Is this object in its set? */
  isRegistered(object: Name): boolean {
    // Under its own key, as a rule; else anywhere.
    if (this.holder(this.sideOf(object), this.field(object, 'key') as Name | null) === object) return true;
    return this.entries(this.sideOf(object)).some((entry) => entry.object === object);
  }

  /** A field of a struct. */
  field(object: Name, field: Field): Value {
    return this.state.load(object, field);
  }

  /** Has this struct this callback? */
  has(object: Name, callback: Callback): boolean {
    const constant = `has ${callback}`;
    const declared = this.state.definitionOf(object).machine.declaration.constants ?? {};
    return Object.hasOwn(declared, constant) && this.state.constant(object, constant) === true;
  }

  /** Has the owner of an eventfd put its last reference? */
  isPut(eventfd: Name): boolean {
    return this.state.load(eventfd, 'put') === true;
  }

  /** Is a struct between stop and start? A machine that embeds one has a region with that state. */
  isStopped(object: Name): boolean {
    return isActive(this.state.value(object), 'stopped');
  }

  /** The partners that a struct's own callbacks have added. */
  added(object: Name): readonly Name[] {
    return this.state.context<StructContext>(object).added;
  }

  /**
   * The partner of an object: the binding where the revision keeps one, else what the callbacks imply (several only
   * when something is wrong).
   */
  partners(object: Name): readonly Name[] {
    if (this.policy.binding !== 'implied') {
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
  threads(): { readonly name: Name; readonly context: ThreadContext; readonly value: unknown }[] {
    return this.state
      .actorsOf('thread')
      .map((name) => ({ name, context: this.state.context<ThreadContext>(name), value: this.state.value(name) }));
  }

  /** References on irqbypass.ko. */
  get moduleReferences(): number {
    return Number(this.state.ask('module_references', 'count'));
  }

  /** Callbacks that the registry has called and that have not returned. */
  callbacksUnderWay(): PlainEvent[] {
    return this.state.inChannel(REGISTRY);
  }
}

/** Is a state of this name active anywhere? */
function isActive(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key === name || isActive(inner, name));
}
