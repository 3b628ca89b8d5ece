// Local transitions, remembered: XState computes each one once, however many actors and states it serves.
//
// What a machine does on one delivery depends on its local state, the event, and what shared memory answered. That is a
// decision tree: a node is an operation on memory, an edge is its answer, a leaf is the next local state with the effects.
// Trees are remembered up to renaming: names are numbered by first occurrence in state, event and answers, since machines can
// only compare them (data independence; Ip and Dill's scalarsets). A second, concrete copy of each tree has names filled in,
// so that a warm step compares integers only.
import type { Cells } from '../actors/cells.ts';
import { during } from '../actors/cells.ts';
import type { Transition } from '../actors/chart.ts';
import { activeStates, transitionsOn } from '../actors/chart.ts';
import type { HostEffect, Observation } from '../actors/effects.ts';
import type { Machine } from '../actors/machine.ts';
import { HOST_ACTION } from '../actors/machine.ts';
import { NotModelledError } from '../actors/machine-error.ts';
import type { Name, Value } from '../actors/name.ts';
import type { Snapshot } from '../actors/xstate-internals.ts';
import { initialSnapshot, Stepper } from '../actors/xstate-internals.ts';
import { abstract, instantiate, isName, OpaqueNamesError } from './abstract-names.ts';
import type { PlainEvent } from './events.ts';
import { CoverageNotes } from './machine-coverage.ts';
import type { Memory } from './memory.ts';
import type { Request } from './noted-cells.ts';
import { noCells, NotedCells } from './noted-cells.ts';
import type { OperationCode, Operations } from './operations.ts';
import type { ValueId, Values } from './values.ts';
import { stateText } from './state-text.ts';
import { within } from './world-limit.ts';

export type { PlainEvent } from './events.ts';
export type LocalId = number;
export type EventId = number;

/** A machine's state value and context: plain data, all there is to know of an actor. */
export interface LocalState extends Snapshot {
  readonly machine: number;
}

/** Local states and events by number: what the numbers in rows mean. */
export interface InternedState {
  readonly locals: readonly LocalState[];
  readonly events: readonly PlainEvent[];
}

/** One thing that a delivery has done, in the order in which the handler says it. */
export type Effected =
  /** A function call: delivered now. */
  | { readonly do: 'call'; readonly event: EventId }
  /** A message that travels, in the channel of `by` where that is not the sender. */
  | { readonly do: 'post'; readonly event: EventId; readonly by: Name | null }
  | { readonly do: 'show'; readonly observation: Observation };

/** What one delivery leads to. */
export interface Outcome {
  readonly local: LocalId;
  readonly effects: readonly Effected[];
}

/** A tree up to renaming: values in arguments and answers are templates over `#0`, `#1`, ... */
interface AbstractNode {
  request: { readonly code: OperationCode; readonly args: readonly unknown[] } | null;
  outcome: { readonly value: unknown; readonly context: unknown; readonly effects: unknown } | null;
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

/** So many times a remembered outcome is compared with what the machine does under other names. */
const COMPARISONS = 8;

/** What a machine did when it was run. */
interface Ran extends Snapshot {
  readonly effects: readonly HostEffect[];
}

/** The local transitions of a world's machines. */
export class LocalTransitions {
  /** How often XState's transition function was called. */
  machineCalls = 0;
  /**
   * `no`: every delivery is computed afresh, to compare with (which transitions a state has is looked up as ever). `asks`: what
   * is remembered is used, what is not is computed and not remembered, as in rows that perhaps no run leads to.
   */
  remembers: 'yes' | 'no' | 'asks' = 'yes';
  readonly machines: readonly Machine[];
  readonly operations: Operations;
  readonly #values: Values;
  readonly #locals: LocalState[] = [];
  readonly #localIds = new Map<string, LocalId>();
  readonly #events: PlainEvent[] = [];
  readonly #eventTexts: string[] = [];
  readonly #eventIds = new Map<string, EventId>();
  readonly #abstractRoots = new Map<string, AbstractNode>();
  readonly #concreteRoots = new Map<number, ConcreteNode>();
  readonly #accepts = new Map<number, boolean>();
  /** Is there a guard on every way that an event can be taken: by local state and event? */
  readonly #guarded = new Map<number, boolean>();
  /** By local state: the number of its machine and active states. */
  readonly #configurations: number[] = [];
  readonly #configurationIds = new Map<string, number>();
  /** Transitions on an event: by configuration, then type of the event. */
  readonly #waysBy: (Map<string, readonly Transition[]> | undefined)[] = [];
  readonly #steppers: (Stepper | undefined)[] = [];
  /** Which transitions were taken, how guards came out. */
  readonly coverage: CoverageNotes;

  constructor(values: Values, machines: readonly Machine[], operations: Operations) {
    this.#values = values;
    this.machines = machines;
    this.operations = operations;
    this.coverage = new CoverageNotes(machines);
  }

  /** The local state in which a machine starts. */
  initial(machine: number, input: unknown): LocalId {
    const { value, context } = initialSnapshot(this.#machine(machine).logic, input);
    return this.internLocal({ machine, value, context });
  }

  /** The number of a local state. */
  internLocal(state: LocalState): LocalId {
    const key = `${state.machine} ${JSON.stringify([state.value, state.context])}`;
    const known = this.#localIds.get(key);
    if (known !== undefined) return known;
    const id = within(this.#locals.push(state) - 1, 'local states');
    const configuration = `${state.machine} ${JSON.stringify(state.value)}`;
    const number = this.#configurationIds.get(configuration) ?? this.#configurationIds.size;
    this.#configurationIds.set(configuration, number);
    this.#configurations.push(number);
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
    this.#eventTexts.push(key);
    this.#eventIds.set(key, id);
    return id;
  }

  /** The event of a number. */
  event(id: EventId): PlainEvent {
    const event = this.#events[id];
    if (event === undefined) throw new RangeError(`no event has the number ${id}`);
    return event;
  }

  /** An order of events by their content, the same in every run: negative where the first comes first. */
  compareEvents(one: EventId, other: EventId): number {
    if (one === other) return 0;
    return (this.#eventTexts[one] ?? '') < (this.#eventTexts[other] ?? '') ? -1 : 1;
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

  /**
   * Does a machine in this state take this message, or does it wait? Throws NotModelledError where it does neither: then the
   * machine does not say what the message means there.
   */
  accepts(local: LocalId, event: EventId): boolean {
    const key = local * 0x1_0000 + event;
    const known = this.remembers === 'no' ? undefined : this.#accepts.get(key);
    if (known !== undefined) return known;
    const accepted = this.takes(local, event);
    if (!accepted) this.#expectToWait(local, event);
    if (this.remembers === 'yes') this.#accepts.set(key, accepted);
    return accepted;
  }

  /** The same where the two perhaps never meet: what is not modelled is not taken. */
  takes(local: LocalId, event: EventId): boolean {
    return this.#takes(local, event, noCells);
  }

  #takes(local: LocalId, event: EventId, cells: Cells): boolean {
    const ways = this.#ways(local, event);
    if (ways.some(({ guard }) => guard === undefined)) return true;
    if (ways.length === 0) return false;
    const { machine, value, context } = this.local(local);
    return during(cells, () => this.#stepper(machine).can({ value, context }, this.event(event).message));
  }

  #ways(local: LocalId, event: EventId): readonly Transition[] {
    const { machine, value } = this.local(local);
    const { type } = this.event(event).message;
    const known = (this.#waysBy[this.#configurations[local] as number] ??= new Map<string, readonly Transition[]>());
    let ways = known.get(type);
    if (ways === undefined) {
      const { chart } = this.#machine(machine).declaration;
      ways = activeStates(chart, value).flatMap((state) => transitionsOn(state, type));
      known.set(type, ways);
    }
    return ways;
  }

  /**
   * May an actor in this state do now what it offers to do by itself? Not while every transition for it has a guard that is
   * false: then it waits, as for a word of shared memory (the `await` of the literature). What no transition is for may be
   * tried, and is not modelled.
   */
  isEnabled(local: LocalId, event: EventId, memory: Memory): boolean {
    const key = local * 0x1_0000 + event;
    let isGuarded = this.#guarded.get(key);
    if (isGuarded === undefined) {
      const ways = this.#ways(local, event);
      isGuarded = ways.length > 0 && ways.every(({ guard }) => guard !== undefined);
      this.#guarded.set(key, isGuarded);
    }
    return !isGuarded || this.#takes(local, event, new NotedCells(this.#values, this.operations, memory, []));
  }

  #expectToWait(local: LocalId, event: EventId): void {
    const { machine, value } = this.local(local);
    const { to, message } = this.event(event);
    const { id, declaration, takes } = this.#machine(machine);
    const active = activeStates(declaration.chart, value);
    if (active.some(({ waits }) => waits?.includes(message.type) === true)) return;
    // A guard that is false is a condition to wait for.
    if (active.some((state) => transitionsOn(state, message.type).length > 0)) return;
    const what = `${to} (machine ${id}) gets "${message.type}" in state ${stateText(value)}, and does not say what it means there`;
    const hint = takes.has(message.type)
      ? `not modelled: handle it in that state, or list it under "waits" where it has to wait`
      : `not modelled: no state of machine ${id} takes "${message.type}" (it takes ${[...takes].join(', ') || 'nothing'})`;
    throw new NotModelledError(what, hint);
  }

  /**
   * Delivers an event to an actor in a local state. Performs the operations on `memory` and returns the outcome. Throws
   * NotModelledError when the machine does not take the event.
   */
  deliver(local: LocalId, event: EventId, memory: Memory): Outcome {
    if (this.remembers === 'no') return this.#fresh(local, event, memory);
    if (this.remembers === 'asks') return this.#asked(local, event, memory);
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

  #machine(index: number): Machine {
    const machine = this.machines[index];
    if (machine === undefined) throw new RangeError(`no machine ${index}`);
    return machine;
  }

  #stepper(machine: number): Stepper {
    return (this.#steppers[machine] ??= this.#newStepper(this.#machine(machine)));
  }

  #newStepper(machine: Machine): Stepper {
    return new Stepper(this.coverage.listenTo(machine), (transitions) => this.coverage.taken(machine, transitions));
  }

  #root(local: LocalId, event: EventId): ConcreteNode {
    const { machine, value, context } = this.local(local);
    const names: string[] = [];
    const contextTemplate = abstract(context, names, true);
    const eventTemplate = abstract(this.event(event).message, names, true);
    const key = `${machine} ${JSON.stringify([value, contextTemplate, eventTemplate])}`;
    let root = this.#abstractRoots.get(key);
    if (root === undefined) {
      root = { request: null, outcome: null, edges: new Map(), comparisons: 0 };
      this.#abstractRoots.set(key, root);
    }
    return this.#concrete(root, names, machine);
  }

  /** Fills names into an abstract node. */
  #concrete(node: AbstractNode, names: readonly string[], machine: number): ConcreteNode {
    const { request } = node;
    const shape = request === null ? undefined : this.operations.shapes[request.code];
    return {
      machine,
      abstract: node,
      names,
      request:
        request === null
          ? null
          : {
              code: request.code,
              args: request.args.map((arg, i) =>
                shape?.values[i] === true ? this.#values.id(instantiate(arg, names) as Value) : Number(arg),
              ),
            },
      outcome: node.outcome === null ? null : this.#outcome(node.outcome, names, machine),
      isTrusted: false,
      edges: new Map(),
    };
  }

  #outcome(template: NonNullable<AbstractNode['outcome']>, names: readonly string[], machine: number): Outcome {
    const context = instantiate(template.context, names) as LocalState['context'];
    const effects = instantiate(template.effects, names) as readonly HostEffect[];
    return { local: this.internLocal({ machine, value: template.value, context }), effects: this.#effected(effects) };
  }

  #effected(effects: readonly HostEffect[]): readonly Effected[] {
    return effects.map((effect): Effected => {
      if (effect.do === 'show') return effect;
      const event = this.internEvent({ to: effect.to, message: effect.message as PlainEvent['message'] });
      return effect.do === 'call' ? { do: 'call', event } : { do: 'post', event, by: effect.by ?? null };
    });
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

  #run(local: LocalId, event: EventId, cells: NotedCells): Ran {
    if (!this.#takes(local, event, cells)) this.#refuse(local, event);
    const { machine, value, context } = this.local(local);
    this.machineCalls += 1;
    const { message } = this.event(event);
    const next = during(cells, () => this.#stepper(machine).step({ value, context }, message, HOST_ACTION));
    return { value: next.value, context: next.context, effects: next.wanted as HostEffect[] };
  }

  #refuse(local: LocalId, event: EventId): never {
    const { machine, value } = this.local(local);
    const { to, message } = this.event(event);
    const { id } = this.#machine(machine);
    throw new NotModelledError(
      `${to} (machine ${id}) is called with "${message.type}" in state ${stateText(value)}, and does not say what it means there`,
      'not modelled: a function call cannot wait; handle it in that state, or post it',
    );
  }

  /** The remembered outcome, else a fresh one; nothing is added to what is remembered. */
  #asked(local: LocalId, event: EventId, memory: Memory): Outcome {
    const answers: ValueId[] = [];
    let node = this.#concreteRoots.get(local * 0x1_0000 + event);
    while (node !== undefined) {
      if (node.outcome !== null) {
        if (node.isTrusted) return node.outcome;
        break;
      }
      if (node.request === null) break;
      const { code, args } = node.request;
      const answer: ValueId = memory.perform(code, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
      answers.push(answer);
      node = node.edges.get(answer);
    }
    return this.#fresh(local, event, memory, answers);
  }

  #fresh(local: LocalId, event: EventId, memory: Memory, known: readonly ValueId[] = []): Outcome {
    const cells = new NotedCells(this.#values, this.operations, memory, known);
    const { value, context, effects } = this.#run(local, event, cells);
    const { machine } = this.local(local);
    return { local: this.internLocal({ machine, value, context }), effects: this.#effected(effects) };
  }

  /** Runs the machine from an unexplored node on, performing what it asks, and grows both trees. */
  #compute(from: ConcreteNode, local: LocalId, event: EventId, known: readonly ValueId[], memory: Memory): Outcome {
    const cells = new NotedCells(this.#values, this.operations, memory, known);
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
      value: run.value,
      context: abstract(run.context, names, false),
      effects: abstract(run.effects, names, false),
    };
    node.outcome = this.#outcome(node.abstract.outcome, node.names, from.machine);
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
    const cells = new NotedCells(this.#values, this.operations, memory, answers);
    const { value, context, effects } = this.#run(local, event, cells);
    const known = [outcome.value, instantiate(outcome.context, node.names), instantiate(outcome.effects, node.names)];
    const isSame = JSON.stringify([value, context, effects]) === JSON.stringify(known);
    if (cells.requests.length === answers.length && isSame) return;
    const { to, message } = this.event(event);
    throw new OpaqueNamesError(
      `the machine of ${to} tells names apart: on "${message.type}" with ${node.names.join(', ')} it does something else than with other names; names are opaque, it may only compare them with each other`,
    );
  }

  #abstractRequest(request: Request, names: readonly string[]): NonNullable<AbstractNode['request']> {
    const shape = this.operations.shapes[request.code];
    const args = request.args.map((arg, i) =>
      shape?.values[i] === true ? abstract(this.#values.value(arg), [...names], false) : arg,
    );
    return { code: request.code, args };
  }
}
