// The referee: a naive search over XState snapshots and plain objects. Nothing remembered, nothing packed.
//
// Shares only the machines and the thread programs with the explorer; memory, steps and search are written again, as
// simply as possible, so that equal counts mean something.
import type { AnyStateMachine, AnyMachineSnapshot } from 'xstate';
import { initialTransition, transition } from 'xstate';
import type { CallerContext } from '../../src/machines/manager/thread.ts';
import type { Callback, Cells, Field, Name, Outgoing, Side, Value } from '../../src/machines/manager/protocol.ts';
import { offers } from '../../src/engine/world/program.ts';
import type { StructDefinition, World } from '../../src/engine/world/world.ts';

interface Plain {
  actors: Record<string, { value: unknown; context: unknown }>;
  fields: Record<string, Record<Field, Value>>;
  sets: Record<Side, { key: Name | null; object: Name }[]>;
  put: string[];
  references: number;
  inFlight: { to: string; message: Record<string, unknown> }[];
}

const has: Record<Side, readonly Callback[]> = {
  producers: ['stop', 'start', 'add_consumer', 'del_consumer'],
  consumers: ['stop', 'start', 'add_producer', 'del_producer'],
};

/** Cells over plain objects. */
function plainCells(world: World, state: Plain): Cells {
  const { policy, producers, consumers } = world.definition;
  const isXArray = policy.index === 'xarray';
  const struct = (object: Name): StructDefinition | undefined =>
    [...producers, ...consumers].find((one) => one.name === object);
  const keyOf = (entry: { key: Name | null; object: Name }): Value => {
    if (isXArray) return entry.key;
    const key = state.fields[entry.object]?.key ?? null;
    return policy.index === 'hash' && key !== entry.key ? ('elsewhere' as never) : key;
  };
  const find = (side: Side, key: Name | null): Name | null =>
    state.sets[side].find((entry) => keyOf(entry) === key)?.object ?? null;
  const insert = (side: Side, key: Name | null, object: Name, fails: boolean, refuses: boolean): number => {
    if (!isXArray) return 0;
    if (refuses && find(side, key) !== null) return -16;
    if (fails && (key !== null || state.sets[side].some((entry) => entry.key !== null))) return -12;
    state.sets[side] = state.sets[side].filter((entry) => entry.key !== key);
    state.sets[side].push({ key, object });
    return 0;
  };
  return {
    load: (object, field) => state.fields[object]?.[field] ?? null,
    store: (object, field, value) => {
      const fields = state.fields[object];
      if (fields !== undefined) fields[field] = value;
    },
    has: (object, callback) => {
      const side: Side = producers.some((one) => one.name === object) ? 'producers' : 'consumers';
      return has[side].includes(callback) && struct(object)?.lacks?.includes(callback) !== true;
    },
    reenters: (object, callback) => struct(object)?.reenters === callback,
    find,
    walksFreed: (side, key) => {
      if (isXArray) return false;
      for (const entry of state.sets[side]) {
        if (state.fields[entry.object]?.freed === true) return true;
        if (keyOf(entry) === key) return false;
      }
      return false;
    },
    contains: (side, object) => state.sets[side].some((entry) => entry.object === object),
    insert: (side, key, object, fails) => insert(side, key, object, fails, true),
    put: (side, key, object, fails) => insert(side, key, object, fails, false),
    erase: (side, key) => {
      if (!isXArray) return null;
      const found = find(side, key);
      state.sets[side] = state.sets[side].filter((entry) => entry.key !== key);
      return found;
    },
    add: (side, object) => {
      if (state.sets[side].some((entry) => entry.object === object)) return false;
      state.sets[side].unshift({ key: (state.fields[object]?.key ?? null) as Name | null, object });
      return true;
    },
    del: (side, object) => {
      const before = state.sets[side].length;
      state.sets[side] = state.sets[side].filter((entry) => entry.object !== object);
      return state.sets[side].length < before;
    },
    moduleReferences: (change) => {
      state.references += change;
    },
    copy: (from, to) => {
      state.fields[to] = { ...(state.fields[from] as Record<Field, Value>) };
    },
    eventfd: (eventfd, alive) => {
      state.put = alive
        ? state.put.filter((one) => one !== eventfd)
        : [...state.put.filter((one) => one !== eventfd), eventfd].toSorted();
    },
  };
}

interface PlainChoice {
  readonly to: string;
  readonly message: Record<string, unknown>;
  readonly place: number;
}

/** Counts of a search. */
export interface NaiveCounts {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}

/** Explores a world breadth-first, with a `Map` of JSON strings. */
export function naiveSearch(world: World, limit = Infinity): NaiveCounts {
  const search = new NaiveSearch(world);
  const first = search.initial();
  const seen = new Map<string, number>([[search.key(first), 0]]);
  let frontier = [first];
  let transitions = 0;
  let depth = -1;
  while (frontier.length > 0 && seen.size < limit) {
    depth += 1;
    const next: Plain[] = [];
    for (const state of frontier) {
      for (const choice of search.choices(state)) {
        transitions += 1;
        const after = search.step(state, choice);
        const key = search.key(after);
        if (seen.has(key)) continue;
        seen.set(key, depth + 1);
        next.push(after);
      }
    }
    frontier = next;
  }
  return { states: seen.size, transitions, depth };
}

/** The pieces of the naive search; also what the model-based tests drive. */
export class NaiveSearch {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  initial(): Plain {
    const { producers, consumers } = this.#world.definition;
    const actors = this.#world.actors.map(({ address, machine, input }) => {
      const [snapshot] = initialTransition(this.#machine(machine), input) as unknown as [AnyMachineSnapshot];
      return [address, { value: snapshot.value as unknown, context: snapshot.context as unknown }] as const;
    });
    const zeroed = { key: null, peer: null, irq: null, freed: false };
    return {
      actors: Object.fromEntries(actors),
      fields: Object.fromEntries([...producers, ...consumers].map(({ name }) => [name, { ...zeroed }])),
      sets: { producers: [], consumers: [] },
      put: [],
      references: 0,
      inFlight: [],
    };
  }

  key(state: Plain): string {
    const isXArray = this.#world.definition.policy.index === 'xarray';
    const isHash = this.#world.definition.policy.index === 'hash';
    const set = (side: Side): unknown => {
      const entries = state.sets[side].map(({ key, object }) =>
        isXArray || isHash ? `${String(key)} ${object}` : object,
      );
      return isXArray ? entries.toSorted() : entries;
    };
    const inFlight = state.inFlight.map((message) => JSON.stringify(message)).toSorted();
    return JSON.stringify([
      state.actors,
      state.fields,
      set('producers'),
      set('consumers'),
      state.put,
      state.references,
      inFlight,
    ]);
  }

  choices(state: Plain): PlainChoice[] {
    const found: PlainChoice[] = [];
    const { callers } = this.#world.definition;
    const pcOf = (name: string): { idle: boolean; pc: number; oopsed: boolean } => {
      const actor = state.actors[name];
      return {
        idle: actor?.value === 'idle',
        oopsed: actor?.value === 'oopsed',
        pc: (actor?.context as CallerContext | undefined)?.pc ?? 0,
      };
    };
    const isDone = (name: string): boolean => {
      const program = callers.find((caller) => caller.name === name)?.program ?? [];
      const { idle, pc, oopsed } = pcOf(name);
      return oopsed || (idle && (program === 'open' || pc >= program.length));
    };
    for (const { name, program, after } of callers) {
      if (!pcOf(name).idle || !(after ?? []).every(isDone)) continue;
      for (const message of offers(program, pcOf(name).pc))
        found.push({ to: name, message: message as unknown as Record<string, unknown>, place: -1 });
    }
    const seen = new Set<string>();
    for (const [place, { to, message }] of state.inFlight.entries()) {
      const key = JSON.stringify([to, message]);
      if (seen.has(key)) continue;
      seen.add(key);
      if (to === 'registry' && state.actors['registry']?.value !== 'unlocked') continue;
      if (to !== 'registry' && !this.#takes(state, to, message)) continue;
      found.push(...this.#variants(to, message).map((variant) => ({ to, message: variant, place })));
    }
    return found;
  }

  #variants(to: string, message: Record<string, unknown>): Record<string, unknown>[] {
    const { producers, consumers, allocationFaults, policy } = this.#world.definition;
    const type = String(message['type']);
    const everyone = [...producers, ...consumers, ...(this.#world.definition.system?.actors ?? [])];
    const failures =
      type.startsWith('add_') || (type === 'irq_set_vcpu_affinity' && message['purpose'] === 'add_producer')
        ? (everyone.find(({ name }) => name === to)?.failures ?? [])
        : [];
    const allocation =
      allocationFaults && policy.insertion !== 'list_add' && type.startsWith('register_')
        ? [{ ...message, allocation: 'fails' }]
        : [];
    return [message, ...failures.map((answer) => ({ ...message, answer })), ...allocation];
  }

  /** Does an actor other than the registry take a message now? */
  #takes(state: Plain, to: string, message: Record<string, unknown>): boolean {
    const machine = this.#machine(this.#world.actors[this.#world.actor(to as Name)]?.machine ?? 0);
    const cells = plainCells(this.#world, structuredClone(state));
    return machine.resolveState(state.actors[to] as never).can({ ...message, cells });
  }

  step(state: Plain, { to, message, place }: PlainChoice): Plain {
    const next = structuredClone(state);
    if (place >= 0) next.inFlight.splice(place, 1);
    const cells = plainCells(this.#world, next);
    const queue = [{ to, message }];
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const actor = next.actors[one.to];
      const machine = this.#machine(this.#world.actors[this.#world.actor(one.to as Name)]?.machine ?? 0);
      if (actor === undefined) throw new Error(`no actor ${one.to}`);
      const snapshot = machine.resolveState(actor as never);
      const [after, actions] = transition(machine, snapshot, { ...one.message, cells });
      next.actors[one.to] = { value: after.value, context: after.context };
      for (const action of actions as unknown as { type: string; params: unknown }[]) {
        if (action.type !== 'send') continue;
        const outgoing = action.params as Outgoing;
        const sent = { to: outgoing.to, message: outgoing.message as unknown as Record<string, unknown> };
        if (outgoing.how === 'immediate') queue.push(sent);
        else next.inFlight.push(sent);
      }
    }
    return next;
  }

  #machine(index: number): AnyStateMachine {
    const machine = this.#world.machines[index];
    if (machine === undefined) throw new Error(`no machine ${index}`);
    return machine;
  }
}
