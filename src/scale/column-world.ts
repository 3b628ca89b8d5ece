// A world in columns: the registry, any number of producers, consumers and threads, a few bytes each.
//
// The machines and their remembered transitions are those of `World`; an actor is a control state and up to four names, in
// typed arrays. Which thread calls, and who gets the mutex, is for the driver to say (storm.ts, simulate/contention.ts),
// as the choices of a `World` are for its scheduler. test/scale/column-world.test.ts runs both in lock step.
import type { Machine } from '../engine/actors/machine.ts';
import type { Name } from '../engine/actors/name.ts';
import type { Observation } from '../engine/actors/effects.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { ManagerOperation } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import type { NumberedSet } from './numbered-sets.ts';
import type { ColumnSizes } from './column-memory.ts';
import { ColumnMemory } from './column-memory.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import { instantiate } from '../engine/world/abstract-names.ts';
import { LocalTransitions } from '../engine/world/local-transitions.ts';
import { Operations } from '../engine/world/operations.ts';
import { Values } from '../engine/world/values.ts';
import { machinesOf } from '../scenarios/machines.ts';
import type { RenamedOutcome, Send, TemplateId } from './renamed-transitions.ts';
import { FIRST_NAME, RenamedTransitions, TO_REGISTRY } from './renamed-transitions.ts';
import type { Onlooker, StormWorld } from './scale-run-driver.ts';
import { WorldLimitError } from '../engine/world/world-limit.ts';

/** Names that an actor or a message of a world in columns can hold. */
const NAMES = 4;
/** A message in columns: to whom (plus 1, 0 is no message), what, its names. */
const MESSAGE = 2 + NAMES;
/** Function calls that wait for their turn within one step. */
const STACK = 64;

/** Machines of a world, by number (world.ts). */
const machine = { registry: 0, producer: 1, consumer: 2, thread: 3 } as const;

/** What a world in columns is made of. */
export interface ColumnDefinition extends ColumnSizes {
  readonly policy: Policy;
  readonly discipline: Discipline;
  /** The registry where it is not the revision's own: one with a bug. */
  readonly registryMachine?: Machine | undefined;
  /** The sets of producers and of consumers. */
  readonly sets: readonly [NumberedSet, NumberedSet];
}

/** A running world in columns. Producers, consumers, threads and eventfds are numbered from 0, each kind for itself. */
export class ColumnWorld implements StormWorld {
  readonly sizes: ColumnSizes;
  readonly memory: ColumnMemory;
  readonly transitions: RenamedTransitions;
  /** Messages delivered so far. */
  messages = 0;
  /** What was observed since someone last emptied it; null while nobody looks. */
  observed: Observation[] | null = null;
  onlooker: Onlooker | null = null;
  readonly #local: LocalTransitions;
  readonly #control: Uint16Array<ArrayBuffer>;
  readonly #names: Int32Array<ArrayBuffer>;
  /** For each thread its message that waits for the mutex; then the callback under way. */
  readonly #inFlight: Int32Array<ArrayBuffer>;
  readonly #stack = new Int32Array(STACK * MESSAGE);
  #stacked = 0;
  readonly #registry: number;
  readonly #firstCaller: number;
  readonly #firstEventfd: number;
  readonly #idle: number;
  readonly #templates = new Map<string, TemplateId>();

  constructor({ policy, discipline, registryMachine, sets, ...sizes }: ColumnDefinition) {
    this.sizes = sizes;
    const machines = machinesOf(policy, discipline);
    const all = [registryMachine ?? machines.registry, machines.producer, machines.consumer, machines.thread];
    const values = new Values();
    const operations = new Operations(all);
    this.#local = new LocalTransitions(values, all, operations);
    this.transitions = new RenamedTransitions(this.#local, values);
    this.#firstCaller = sizes.producers + sizes.consumers;
    this.#registry = this.#firstCaller + sizes.callers;
    this.#firstEventfd = FIRST_NAME + this.#registry + 1;
    this.memory = new ColumnMemory(values, operations, sizes, this.#firstEventfd, sets);
    const actors = this.#registry + 1;
    this.#control = new Uint16Array(actors);
    this.#names = new Int32Array(actors * NAMES);
    this.#inFlight = new Int32Array((sizes.callers + 1) * MESSAGE);
    this.#control.fill(this.transitions.initial(machine.producer), 0, sizes.producers);
    this.#control.fill(this.transitions.initial(machine.consumer), sizes.producers, this.#firstCaller);
    this.#idle = this.transitions.initial(machine.thread);
    this.#control.fill(this.#idle, this.#firstCaller, this.#registry);
    this.#control[this.#registry] = this.#local.initial(machine.registry, {
      self: REGISTRY,
      wiring: {},
      constants: {},
    });
    for (let actor = 0; actor < this.#registry; actor++) this.#names[actor * NAMES] = FIRST_NAME + actor;
  }

  /** How often a machine itself was asked. */
  get machineCalls(): number {
    return this.#local.machineCalls;
  }

  /** Bytes of all columns. */
  get bytes(): number {
    return this.#control.byteLength + this.#names.byteLength + this.#inFlight.byteLength + this.memory.bytes;
  }

  /** A thread calls the manager for a producer or consumer. It then waits for the mutex, or is done already. */
  call(thread: number, op: ManagerOperation, struct: number, eventfd: number): void {
    const names = this.#push(this.#firstCaller + thread, this.#callTemplate(op));
    const first = op.endsWith('producer') ? 0 : this.sizes.producers;
    this.#stack[names] = FIRST_NAME + first + struct;
    if (op.startsWith('register')) this.#stack[names + 1] = this.#firstEventfd + eventfd;
    this.#run(thread);
  }

  /** Is the thread between calls? */
  isIdle(thread: number): boolean {
    return this.#control[this.#firstCaller + thread] === this.#idle;
  }

  /** Does the thread wait for the mutex? */
  isWaiting(thread: number): boolean {
    return this.#inFlight[thread * MESSAGE] !== 0;
  }

  /** The message with which a thread waits for the mutex. Throws RangeError where it does not wait. */
  waiting(thread: number): PlainEvent {
    return this.#eventIn(thread);
  }

  /** The callback under way. Throws RangeError where there is none. */
  calledBack(): PlainEvent {
    return this.#eventIn(this.sizes.callers);
  }

  /** Live xarray nodes of both sets. */
  get nodes(): number {
    const [producers, consumers] = this.memory.sets;
    return producers.nodes + consumers.nodes;
  }

  /** References on irqbypass.ko. */
  get moduleReferences(): number {
    return this.memory.moduleReferences;
  }

  /** Entries in the sets of producers and of consumers. */
  registered(): readonly [number, number] {
    const [producers, consumers] = this.memory.sets;
    return [producers.size, consumers.size];
  }

  /** Are a struct's key and binding NULL? Producers come first, then consumers. */
  isBlank(struct: number): boolean {
    return this.memory.isBlank(struct);
  }

  /** Is a callback under way? */
  get callsBack(): boolean {
    return this.#inFlight[this.sizes.callers * MESSAGE] !== 0;
  }

  /** Could the thread that waits get the mutex now? */
  mayTake(thread: number): boolean {
    const template = this.#inFlight[thread * MESSAGE + 1] ?? 0;
    return this.isWaiting(thread) && this.transitions.accepts(this.#control[this.#registry] ?? 0, template);
  }

  /** The thread gets the mutex. */
  take(thread: number): void {
    this.#deliverInFlight(thread, thread);
  }

  /** The callback under way runs. `thread` is who holds the mutex. */
  callBack(thread: number): void {
    this.#deliverInFlight(this.sizes.callers, thread);
  }

  /** What is called what in observations: `p0`, `c0`, `t0`, `e0`. */
  nameOf(name: number): Name {
    const actor = name - FIRST_NAME;
    const { producers } = this.sizes;
    if (actor < producers) return `p${actor}` as Name;
    if (actor < this.#firstCaller) return `c${actor - producers}` as Name;
    if (actor < this.#registry) return `t${actor - this.#firstCaller}` as Name;
    return `e${name - this.#firstEventfd}` as Name;
  }

  #callTemplate(op: ManagerOperation): TemplateId {
    const known = this.#templates.get(op);
    if (known !== undefined) return known;
    const eventfd = op.startsWith('register') ? { eventfd: 'r1' } : {};
    const call = { type: 'call', how: 'call', call: { op, object: 'r0', ...eventfd }, next: { ok: 0, error: 0 } };
    const template = this.transitions.template('struct', call);
    this.#templates.set(op, template);
    return template;
  }

  /** Puts a message on the stack; answers where its names go. */
  #push(actor: number, template: TemplateId): number {
    const at = this.#stacked * MESSAGE;
    if (this.#stacked >= STACK) throw new WorldLimitError(`more than ${STACK} function calls in one step`);
    this.#stacked += 1;
    this.#stack[at] = actor;
    this.#stack[at + 1] = template;
    return at + 2;
  }

  #deliverInFlight(channel: number, thread: number): void {
    const at = channel * MESSAGE;
    const to = this.#inFlight[at] ?? 0;
    if (to === 0) throw new RangeError(`nothing in flight in channel ${channel}`);
    const names = this.#push(to - 1, this.#inFlight[at + 1] ?? 0);
    for (let i = 0; i < NAMES; i++) this.#stack[names + i] = this.#inFlight[at + 2 + i] ?? 0;
    this.#inFlight[at] = 0;
    this.#run(thread);
  }

  /** Delivers what is on the stack, and depth first the function calls that come of it. */
  #run(thread: number): void {
    while (this.#stacked > 0) {
      this.#stacked -= 1;
      const at = this.#stacked * MESSAGE;
      const actor = this.#stack[at] ?? 0;
      const outcome = this.transitions.deliver(
        this.#control[actor] ?? 0,
        this.#names,
        actor * NAMES,
        this.#stack[at + 1] ?? 0,
        this.#stack,
        at + 2,
        this.memory,
      );
      this.messages += 1;
      this.#become(actor, outcome);
      if (this.observed !== null) this.#observe(outcome, this.observed);
      if (this.onlooker !== null) this.#tell(outcome, this.onlooker);
      const channel = actor === this.#registry ? this.sizes.callers : thread;
      // The last call goes on the stack first: the first one and all that comes of it is through before the next.
      for (let i = outcome.sends.length - 1; i >= 0; i--) {
        const send = outcome.sends[i] as Send;
        if (send.travels) this.#putInFlight(channel, send);
        else this.#copyNames(send, this.#stack, this.#push(this.#actor(send), send.template));
      }
    }
  }

  #become(actor: number, { control, places }: RenamedOutcome): void {
    const { joint } = this.transitions;
    if (places.length > NAMES) throw new WorldLimitError(`an actor holds more than ${NAMES} names`);
    this.#control[actor] = control;
    for (let i = 0; i < places.length; i++) this.#names[actor * NAMES + i] = joint[places[i] ?? 0] ?? 0;
  }

  #actor(send: Send): number {
    return send.to === TO_REGISTRY ? this.#registry : (this.transitions.joint[send.to] ?? 0) - FIRST_NAME;
  }

  #copyNames({ places }: Send, into: Int32Array<ArrayBuffer>, at: number): void {
    const { joint } = this.transitions;
    if (places.length > NAMES) throw new WorldLimitError(`a message holds more than ${NAMES} names`);
    for (let i = 0; i < places.length; i++) into[at + i] = joint[places[i] ?? 0] ?? 0;
  }

  #putInFlight(channel: number, send: Send): void {
    const at = channel * MESSAGE;
    if (this.#inFlight[at] !== 0) throw new WorldLimitError(`two messages in flight in channel ${channel}`);
    this.#inFlight[at] = this.#actor(send) + 1;
    this.#inFlight[at + 1] = send.template;
    this.#copyNames(send, this.#inFlight, at + 2);
  }

  #tell({ notable, connection }: RenamedOutcome, onlooker: Onlooker): void {
    if (connection !== null) {
      const { joint } = this.transitions;
      const object = (joint[connection.object] ?? 0) - FIRST_NAME;
      const peer = (joint[connection.peer] ?? 0) - FIRST_NAME;
      if (connection.adds) onlooker.connected(object, peer);
      else onlooker.disconnected(object, peer);
    }
    if (notable !== null) onlooker.noted(instantiate(notable, this.#jointNames()) as Observation);
  }

  #eventIn(channel: number): PlainEvent {
    const at = channel * MESSAGE;
    const to = this.#inFlight[at] ?? 0;
    if (to === 0) throw new RangeError(`nothing in flight in channel ${channel}`);
    const names = Array.from(this.#inFlight.subarray(at + 2, at + MESSAGE), (one) =>
      one === 0 ? '' : this.nameOf(one),
    );
    const message = this.transitions.message(this.#inFlight[at + 1] ?? 0, names) as PlainEvent['message'];
    return { to: to - 1 === this.#registry ? REGISTRY : this.nameOf(to - 1 + FIRST_NAME), message };
  }

  #jointNames(): Name[] {
    return Array.from(this.transitions.joint.subarray(0, this.transitions.jointCount), (n) => this.nameOf(n));
  }

  #observe({ observations }: RenamedOutcome, into: Observation[]): void {
    const names = this.#jointNames();
    for (const template of observations) into.push(instantiate(template, names) as Observation);
  }
}
