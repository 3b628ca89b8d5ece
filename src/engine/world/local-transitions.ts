// Local transitions, remembered: XState computes each one once, however many actors and states it serves.
//
// What a machine does on one delivery depends on its local state, the event, and what shared memory answered. That is a
// decision tree: a node is an operation on memory, an edge is its answer, a leaf is the next local state with the
// messages and observations. Trees are remembered up to renaming: names are numbered by first occurrence in state,
// event and answers, since machines can only compare them (data independence; Ip and Dill's scalarsets). A second,
// concrete copy of each tree has names filled in, so that a warm step compares integers only.
import type { AnyActorScope, AnyStateMachine } from 'xstate';
import { createActor, initialTransition } from 'xstate';
import type { Address, Observation, Outgoing, Value } from '../../machines/manager/protocol.ts';
import { NAME_PATTERN } from '../../machines/manager/protocol.ts';
import type { Request } from './cells.ts';
import { blankCells, NotedCells } from './cells.ts';
import type { Memory, OperationCode } from './memory.ts';
import { CoverageNotes } from './machine-coverage.ts';
import { shapes } from './memory.ts';
import type { ValueId, Values } from './values.ts';
import { within } from './world-limit.ts';

export type LocalId = number;
export type EventId = number;

/** A machine's state value and context: plain data, all there is to know of an actor. */
export interface LocalState {
  readonly machine: number;
  readonly value: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

/** An event as delivered, without the cells: a message, perhaps with the environment's answer. */
export interface PlainEvent {
  readonly to: Address;
  readonly message: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** Local states and events by number: what the numbers in rows mean. */
export interface InternedState {
  readonly locals: readonly LocalState[];
  readonly events: readonly PlainEvent[];
}

/** What one delivery leads to. */
export interface Outcome {
  readonly local: LocalId;
  /** Messages that go in flight. */
  readonly calls: readonly EventId[];
  /** Messages that are delivered within the same step, in order. */
  readonly immediate: readonly EventId[];
  readonly observations: readonly Observation[];
}

/** A tree up to renaming: values in arguments and answers are templates over `#0`, `#1`, ... */
interface AbstractNode {
  request: { readonly code: OperationCode; readonly args: readonly unknown[] } | null;
  outcome: { readonly state: unknown; readonly sends: unknown; readonly observations: unknown } | null;
  readonly edges: Map<string, AbstractNode>;
  /** Under how many sets of names the outcome was computed afresh and found the same. */
  comparisons: number;
}

/** The same node with names filled in. */
interface ConcreteNode {
  readonly machine: number;
  readonly abstract: AbstractNode;
  readonly names: readonly string[];
  request: Request | null;
  outcome: Outcome | null;
  /** Was the outcome computed under these names, or compared, or others' often enough? */
  isTrusted: boolean;
  readonly edges: Map<ValueId, ConcreteNode>;
}

const isName = (value: unknown): value is string => typeof value === 'string' && NAME_PATTERN.test(value);

/** Replaces every name by `#n`, n its place in `names`; names not there yet are appended, or refused. */
export function abstract(value: unknown, names: string[], mayAppend: boolean): unknown {
  if (isName(value)) {
    let place = names.indexOf(value);
    if (place < 0) {
      if (!mayAppend) throw new Error(`a machine made up the name "${value}": names are opaque`);
      place = names.push(value) - 1;
    }
    return `#${place}`;
  }
  if (Array.isArray(value)) return value.map((item) => abstract(item, names, mayAppend));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, abstract(item, names, mayAppend)]);
  return Object.fromEntries(entries) as unknown;
}

/** The inverse of `abstract`. */
export function instantiate(template: unknown, names: readonly string[]): unknown {
  if (typeof template === 'string') return template.startsWith('#') ? names[Number(template.slice(1))] : template;
  if (Array.isArray(template)) return template.map((item) => instantiate(item, names));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, instantiate(item, names)]));
}

/** So many times a remembered outcome is compared with what the machine does under other names. */
const COMPARISONS = 8;

/** A machine does not treat all names alike, so that neither remembered transitions nor symmetry are right for it. */
export class OpaqueNamesError extends Error {
  override name = 'OpaqueNamesError';
}

/** What it takes to call a machine's transition function again and again. */
interface Host {
  readonly logic: AnyStateMachine;
  readonly scope: AnyActorScope;
  /** What the transition at hand wants done. */
  readonly actions: { type: string; params: unknown }[];
}

/** The local transitions of a world's machines. */
export class LocalTransitions {
  /** How often XState's transition function was called. */
  machineCalls = 0;
  /** Off: every delivery is computed afresh, to compare with. */
  remembers = true;
  readonly #values: Values;
  readonly #machines: readonly AnyStateMachine[];
  readonly #locals: LocalState[] = [];
  readonly #localNames: (readonly string[])[] = [];
  readonly #localIds = new Map<string, LocalId>();
  readonly #events: PlainEvent[] = [];
  readonly #eventIds = new Map<string, EventId>();
  readonly #abstractRoots = new Map<string, AbstractNode>();
  readonly #concreteRoots = new Map<number, ConcreteNode>();
  readonly #accepts = new Map<number, boolean>();
  /** The same by machine, state value and type of message: XState is slow to tell. */
  readonly #acceptsKind = new Map<string, boolean>();
  readonly #hosts: (Host | undefined)[] = [];
  /** Which transitions were taken, how guards came out. */
  readonly coverage: CoverageNotes;

  constructor(values: Values, machines: readonly AnyStateMachine[]) {
    this.#values = values;
    this.#machines = machines;
    this.coverage = new CoverageNotes(machines);
  }

  /** The local state in which a machine starts. */
  initial(machine: number, input: unknown): LocalId {
    const [snapshot] = initialTransition(this.#machine(machine), input) as [
      { value: unknown; context: Readonly<Record<string, unknown>> },
      unknown,
    ];
    return this.internLocal({ machine, value: snapshot.value, context: snapshot.context });
  }

  /** The number of a local state. */
  internLocal(state: LocalState): LocalId {
    const names: string[] = [];
    const template = abstract([state.value, state.context], names, true);
    const key = `${state.machine} ${JSON.stringify(template)} ${names.join()}`;
    const known = this.#localIds.get(key);
    if (known !== undefined) return known;
    const id = within(this.#locals.push(state) - 1, 'local states');
    this.#localNames.push(names);
    this.#localIds.set(key, id);
    return id;
  }

  /** The local state of a number. */
  local(id: LocalId): LocalState {
    const state = this.#locals[id];
    if (state === undefined) throw new RangeError(`no local state has the number ${id}`);
    return state;
  }

  /** The number of an event. */
  internEvent(event: PlainEvent): EventId {
    const key = `${event.to} ${JSON.stringify(event.message)}`;
    const known = this.#eventIds.get(key);
    if (known !== undefined) return known;
    const id = within(this.#events.push(event) - 1, 'events');
    this.#eventIds.set(key, id);
    return id;
  }

  /** The event of a number. */
  event(id: EventId): PlainEvent {
    const event = this.#events[id];
    if (event === undefined) throw new RangeError(`no event has the number ${id}`);
    return event;
  }

  /** All local states and events, by number. */
  get interned(): InternedState {
    return { locals: this.#locals, events: this.#events };
  }

  /** Takes over local states and events by number; those that are there already must be the same. Throws otherwise. */
  adopt({ locals, events }: InternedState): void {
    for (const [id, state] of locals.entries())
      if (this.internLocal(state) !== id) throw new RangeError(`local state ${id} is not what it was`);
    for (const [id, event] of events.entries())
      if (this.internEvent(event) !== id) throw new RangeError(`event ${id} is not what it was`);
  }

  /** Does a machine in this state take this event, or does the event have to wait? Decided by state and type alone. */
  accepts(local: LocalId, event: EventId): boolean {
    const key = local * 0x1_0000 + event;
    const known = this.remembers ? this.#accepts.get(key) : undefined;
    if (known !== undefined) return known;
    const { machine, value } = this.local(local);
    const { message } = this.event(event);
    if (!this.remembers) return this.#snapshot(local).can({ ...message, cells: blankCells });
    const kind = `${machine} ${JSON.stringify(value)} ${message.type}`;
    const accepted = this.#acceptsKind.get(kind) ?? this.#snapshot(local).can({ ...message, cells: blankCells });
    this.#acceptsKind.set(kind, accepted);
    this.#accepts.set(key, accepted);
    return accepted;
  }

  /**
   * Delivers an event to an actor in a local state. Performs the operations on `memory` and returns the outcome.
   * Throws when the machine does not take the event: for messages in flight ask `accepts` first.
   */
  deliver(local: LocalId, event: EventId, memory: Memory): Outcome {
    if (!this.remembers) return this.#fresh(local, event, memory);
    const key = local * 0x1_0000 + event;
    let node = this.#concreteRoots.get(key);
    if (node === undefined) {
      node = this.#root(local, event);
      this.#concreteRoots.set(key, node);
    }
    const answers: ValueId[] = [];
    for (;;) {
      if (node.outcome !== null) {
        if (!node.isTrusted) this.#compareAfresh(node, local, event, answers, memory);
        return node.outcome;
      }
      if (node.request === null && !this.#refill(node)) return this.#compute(node, local, event, answers, memory);
      if (node.request === null) continue;
      const { code, args } = node.request;
      const answer: ValueId = memory.perform(code, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
      answers.push(answer);
      node = node.edges.get(answer) ?? this.#follow(node, answer);
    }
  }

  #machine(index: number): AnyStateMachine {
    const machine = this.#machines[index];
    if (machine === undefined) throw new RangeError(`no machine ${index}`);
    return machine;
  }

  #snapshot(local: LocalId): ReturnType<AnyStateMachine['resolveState']> {
    const { machine, value, context } = this.local(local);
    return this.#machine(machine).resolveState({ value: value as never, context });
  }

  #root(local: LocalId, event: EventId): ConcreteNode {
    const state = this.local(local);
    const names: string[] = [];
    const stateTemplate = abstract([state.value, state.context], names, true);
    const eventTemplate = abstract(this.event(event).message, names, true);
    const key = `${state.machine} ${JSON.stringify(stateTemplate)} ${JSON.stringify(eventTemplate)}`;
    let root = this.#abstractRoots.get(key);
    if (root === undefined) {
      root = { request: null, outcome: null, edges: new Map(), comparisons: 0 };
      this.#abstractRoots.set(key, root);
    }
    return this.#concrete(root, names, state.machine);
  }

  /** Fills names into an abstract node. */
  #concrete(node: AbstractNode, names: readonly string[], machine: number): ConcreteNode {
    const request =
      node.request === null
        ? null
        : {
            code: node.request.code,
            args: node.request.args.map((arg, i) =>
              shapes[node.request?.code ?? 0]?.values[i] === true
                ? this.#values.id(instantiate(arg, names) as Value)
                : Number(arg),
            ),
          };
    const outcome = node.outcome === null ? null : this.#outcome(node.outcome, names, machine);
    return { machine, abstract: node, names, request, outcome, isTrusted: false, edges: new Map() };
  }

  #outcome(template: NonNullable<AbstractNode['outcome']>, names: readonly string[], machine: number): Outcome {
    const [value, context] = instantiate(template.state, names) as [unknown, Readonly<Record<string, unknown>>];
    const sends = instantiate(template.sends, names) as readonly Outgoing[];
    return {
      local: this.internLocal({ machine, value, context }),
      calls: this.#internSends(sends, 'call'),
      immediate: this.#internSends(sends, 'immediate'),
      observations: instantiate(template.observations, names) as readonly Observation[],
    };
  }

  #internSends(sends: readonly Outgoing[], how: Outgoing['how']): readonly EventId[] {
    return sends
      .filter((outgoing) => outgoing.how === how)
      .map(({ to, message }) => this.internEvent({ to, message: message as unknown as PlainEvent['message'] }));
  }

  /** Takes over what was found out meanwhile about the same node under other names. */
  #refill(node: ConcreteNode): boolean {
    if (node.abstract.request === null && node.abstract.outcome === null) return false;
    const { request, outcome } = this.#concrete(node.abstract, node.names, node.machine);
    node.request = request;
    node.outcome = outcome;
    return true;
  }

  /** The edge key of an answer, and the names known after it. */
  #edge(names: readonly string[], answer: ValueId): { readonly key: string; readonly names: readonly string[] } {
    const value = this.#values.value(answer);
    if (!isName(value)) return { key: JSON.stringify(value), names };
    const place = names.indexOf(value);
    return place >= 0 ? { key: `#${place}`, names } : { key: '#new', names: [...names, value] };
  }

  /** The child of a node for an answer, from the abstract tree or unexplored. */
  #follow(node: ConcreteNode, answer: ValueId): ConcreteNode {
    const { key, names } = this.#edge(node.names, answer);
    let child = node.abstract.edges.get(key);
    if (child === undefined) {
      child = { request: null, outcome: null, edges: new Map(), comparisons: 0 };
      node.abstract.edges.set(key, child);
    }
    const concrete = this.#concrete(child, names, node.machine);
    node.edges.set(answer, concrete);
    return concrete;
  }

  #run(
    local: LocalId,
    event: EventId,
    cells: NotedCells,
  ): { state: LocalState; sends: Outgoing[]; observations: Observation[] } {
    const { machine } = this.local(local);
    const { to, message } = this.event(event);
    const snapshot = this.#snapshot(local);
    const delivered = { ...message, cells };
    if (!snapshot.can(delivered)) {
      throw new Error(`${to} does not take "${message.type}" in state ${JSON.stringify(snapshot.value)}`);
    }
    this.machineCalls += 1;
    const { next, actions } = this.#transition(machine, snapshot, delivered);
    return {
      state: { machine, value: next.value, context: next.context },
      sends: actions.filter((action) => action.type === 'send').map((action) => action.params as Outgoing),
      observations: actions.filter((action) => action.type === 'observe').map((action) => action.params as Observation),
    };
  }

  /** XState's own transition, in one scope for all transitions of a machine instead of one each. */
  #transition(
    machine: number,
    snapshot: { readonly value: unknown; readonly context: Readonly<Record<string, unknown>> },
    event: unknown,
  ): {
    next: { value: unknown; context: Readonly<Record<string, unknown>> };
    actions: { type: string; params: unknown }[];
  } {
    const { logic, scope, actions } = (this.#hosts[machine] ??= this.#host(machine));
    actions.length = 0;
    const { value, context } = snapshot;
    // Resolved again, so that it is the guards that are listened to which decide.
    const own = logic.resolveState({ value: value as never, context });
    const next = logic.transition(own, event, scope) as never;
    return { next, actions: [...actions] };
  }

  #host(machine: number): Host {
    const original = this.#machine(machine);
    const logic = this.coverage.listenTo(original);
    const actions: { type: string; params: unknown }[] = [];
    const self = createActor(logic);
    self.system.inspect((event) => {
      if (event.type === '@xstate.microstep') this.coverage.taken(original, event._transitions);
    });
    const scope: AnyActorScope = {
      self,
      system: self.system,
      id: '',
      sessionId: '',
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action) => actions.push(action),
    };
    return { logic, scope, actions };
  }

  #fresh(local: LocalId, event: EventId, memory: Memory): Outcome {
    const { state, sends, observations } = this.#run(local, event, new NotedCells(this.#values, memory, []));
    return {
      local: this.internLocal(state),
      calls: this.#internSends(sends, 'call'),
      immediate: this.#internSends(sends, 'immediate'),
      observations,
    };
  }

  /** Runs the machine from an unexplored node on, performing what it asks, and grows both trees. */
  #compute(from: ConcreteNode, local: LocalId, event: EventId, known: readonly ValueId[], memory: Memory): Outcome {
    const cells = new NotedCells(this.#values, memory, known);
    const run = this.#run(local, event, cells);
    let node = from;
    for (let i = known.length; i < cells.requests.length; i++) {
      const request = cells.requests[i];
      const answer = cells.answers[i];
      if (request === undefined || answer === undefined) throw new Error('an operation was not noted');
      node.request = request;
      node.abstract.request = this.#abstractRequest(request, node.names);
      node = this.#follow(node, answer);
    }
    if (node.request !== null) throw new Error('a local transition is not deterministic');
    if (node.outcome !== null) return node.outcome;
    const names = [...node.names];
    node.abstract.outcome = {
      state: abstract([run.state.value, run.state.context], names, false),
      sends: abstract(run.sends, names, false),
      observations: abstract(run.observations, names, false),
    };
    node.outcome = this.#outcome(node.abstract.outcome, node.names, run.state.machine);
    node.isTrusted = true;
    return node.outcome;
  }

  /**
   * Names are opaque: what was computed under other names must come out under these. The machine is asked, the first few
   * times. Throws OpaqueNamesError where it tells them apart.
   */
  #compareAfresh(
    node: ConcreteNode,
    local: LocalId,
    event: EventId,
    answers: readonly ValueId[],
    memory: Memory,
  ): void {
    node.isTrusted = true;
    const { outcome } = node.abstract;
    if (outcome === null || node.abstract.comparisons >= COMPARISONS) return;
    node.abstract.comparisons += 1;
    const cells = new NotedCells(this.#values, memory, answers);
    const { state, sends, observations } = this.#run(local, event, cells);
    const fresh = [[state.value, state.context], sends, observations];
    const known = [outcome.state, outcome.sends, outcome.observations].map((one) => instantiate(one, node.names));
    if (cells.requests.length === answers.length && JSON.stringify(fresh) === JSON.stringify(known)) return;
    const { to, message } = this.event(event);
    throw new OpaqueNamesError(
      `the machine of ${to} tells names apart: on "${message.type}" with ${node.names.join(', ')} it does something else than with other names; names are opaque, it may only compare them with each other`,
    );
  }

  #abstractRequest(request: Request, names: readonly string[]): NonNullable<AbstractNode['request']> {
    const shape = shapes[request.code];
    const args = request.args.map((arg, i) =>
      shape?.values[i] === true ? abstract(this.#values.value(arg), [...names], false) : arg,
    );
    return { code: request.code, args };
  }
}
