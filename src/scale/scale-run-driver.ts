// What drives a storm: draws each step by a seed, and checks what comes of it, in whatever world it runs.
//
// Threads share the irqfds out among them. First every half is registered, which connects each pair; when all threads are
// through, everything must be connected; then all is unregistered, and nothing may be left. Each next step, a call, a taken
// mutex or a callback, is drawn from all that may happen.
import type { Observation as AnyObservation } from '../engine/actors/effects.ts';
import type { ManagerOperation } from '../machines/manager/protocol.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import { seeded } from '../engine/world/schedulers.ts';
import type { TraceStep } from '../engine/world/trace.ts';

/** Who is told what happens to structs. Structs are numbered: producers from 0, then consumers. */
export interface Onlooker {
  /** An add callback of a struct was called for a partner, and succeeded. */
  connected(struct: number, partner: number): void;
  /** A del callback of a struct was called for a partner. */
  disconnected(struct: number, partner: number): void;
  /** An error was returned, a warning printed, memory corrupted. */
  noted(observation: AnyObservation): void;
}

/** A world in which a storm can run. Producers, consumers, threads and eventfds are numbered from 0. */
export interface StormWorld {
  onlooker: Onlooker | null;
  /** What was observed since someone last emptied it; null while nobody looks. */
  observed: AnyObservation[] | null;
  readonly messages: number;
  /** Live xarray nodes. */
  readonly nodes: number;
  readonly moduleReferences: number;
  /** A callback is under way. */
  readonly callsBack: boolean;
  call(thread: number, op: ManagerOperation, struct: number, eventfd: number): void;
  isIdle(thread: number): boolean;
  isWaiting(thread: number): boolean;
  /** The message with which a thread waits for the mutex, or the callback under way. */
  waiting(thread: number): PlainEvent;
  calledBack(): PlainEvent;
  take(thread: number): void;
  callBack(thread: number): void;
  /** Entries in the sets of producers and of consumers. */
  registered(): readonly [number, number];
  /** Are a struct's key and binding NULL? */
  isBlank(struct: number): boolean;
}

/** What the next step of a storm is. */
export type StormStep =
  | {
      readonly kind: 'call';
      readonly thread: number;
      readonly op: ManagerOperation;
      readonly struct: number;
      readonly eventfd: number;
    }
  | { readonly kind: 'take' | 'callback'; readonly thread: number };

/** What went wrong: a property, as `run` and `explore` name them. */
export interface StormViolation {
  readonly property: StormProperty;
  readonly message: string;
  readonly step: number;
}

/** The properties that a storm checks; the others speak of states that it does not keep. */
export const stormProperties = [
  'i-err',
  'i-complete',
  'i-adddel',
  'i-keysync',
  'i-leak',
  'i-nocorrupt',
  'i-nowarn',
  'l-term',
] as const;
export type StormProperty = (typeof stormProperties)[number];

/** How large a storm is, and what of it is drawn. */
export interface StormSize {
  readonly irqfds: number;
  readonly threads: number;
  readonly seed: number;
  /** What is checked; everything where absent. */
  readonly checks?: readonly StormProperty[];
}

/** Steps of an irqfd where nothing fails: 4 calls, each taken by the registry, and twice 6 callbacks. */
export const STEPS_EACH = 20;
/** How many steps a trace of a storm keeps: the last ones. */
export const TRACED = 50;

const program: readonly ManagerOperation[] = [
  'register_producer',
  'register_consumer',
  'unregister_consumer',
  'unregister_producer',
];

/** A storm under way in a world. */
export class StormDriver<W extends StormWorld> implements Onlooker {
  readonly world: W;
  readonly irqfds: number;
  /** Steps taken. */
  steps = 0;
  /** Calls that threads have made, of `4 * irqfds`. */
  calls = 0;
  /** What went wrong first; the storm ends there. */
  violation: StormViolation | null = null;
  /** The manager's memory is corrupted, as some revisions can make it: the mutex is never given back. */
  isCorrupted = false;
  /** The most xarray nodes at any time. */
  peakNodes = 0;
  /** The last steps since `trace()`. */
  readonly traced: TraceStep[] = [];
  readonly #threads: number;
  readonly #checks: ReadonlySet<string>;
  readonly #random: (from: number, to: number) => number;
  /** For each thread the number of its next call. */
  readonly #next: Int32Array<ArrayBuffer>;
  /** Threads that may call, threads that wait for the mutex, threads that have registered all they have. */
  #callers: number[];
  readonly #waiters: number[] = [];
  #ready: number[] = [];
  #holder = -1;
  #isOver = false;
  /** For each struct its partner plus 1, by the callbacks that it got; 0 is none. */
  readonly #partner: Int32Array<ArrayBuffer>;
  #isTracing = false;
  #event: PlainEvent | null = null;
  #choice = 0;

  constructor(world: W, { irqfds, threads, seed, checks = stormProperties }: StormSize) {
    this.world = world;
    this.irqfds = irqfds;
    this.#threads = Math.min(threads, irqfds);
    this.#checks = new Set(checks);
    this.#random = seeded(seed);
    this.#next = new Int32Array(this.#threads);
    this.#callers = Array.from({ length: this.#threads }, (_, thread) => thread);
    this.#partner = new Int32Array(2 * irqfds);
    world.onlooker = this;
  }

  /** Actors of the world: producers, consumers, threads, the registry. */
  get actors(): number {
    return 2 * this.irqfds + this.#threads + 1;
  }

  /** Is this the moment between the halves: everything registered and connected, nothing unregistered yet? */
  get isConnected(): boolean {
    return this.calls === 2 * this.irqfds && this.#holder < 0 && this.#waiters.length === 0;
  }

  /** Takes up to so many steps; false when the storm is over. */
  run(steps: number): boolean {
    for (let i = 0; i < steps; i++) if (this.step() === null) return false;
    return true;
  }

  /** Notes the coming steps down. */
  trace(): void {
    this.#isTracing = true;
  }

  /** Takes one step; null when nothing is left to do. */
  step(): StormStep | null {
    if (this.#isOver || this.isCorrupted || this.violation !== null) return null;
    const isLocked = this.#holder >= 0;
    const others = isLocked ? 1 : this.#waiters.length;
    const callers = this.#callers.length;
    if (callers + others === 0) {
      this.#checkEnd();
      return null;
    }
    const drawn = callers + others === 1 ? 0 : this.#random(0, callers + others - 1);
    this.steps += 1;
    this.#choice = drawn;
    if (this.#isTracing) this.world.observed = [];
    const taken = drawn < callers ? this.#call(drawn) : isLocked ? this.#callBack() : this.#take(drawn - callers);
    if (this.#isTracing) this.#noteStep();
    return taken;
  }

  connected(struct: number, partner: number): void {
    if (this.#partner[struct] !== 0) this.#fail('i-adddel', `${this.#name(struct)} is connected twice`);
    this.#partner[struct] = partner + 1;
  }

  disconnected(struct: number, partner: number): void {
    if (this.#partner[struct] !== partner + 1)
      this.#fail(
        'i-adddel',
        `${this.#name(struct)} is disconnected from ${this.#name(partner)}, its partner is another or none`,
      );
    this.#partner[struct] = 0;
  }

  noted(shown: AnyObservation): void {
    const observation = asObservation(shown);
    switch (observation.kind) {
      case 'return':
        this.#fail('i-err', `${observation.op}(${observation.object ?? 'NULL'}) returns ${observation.value ?? ''}`);
        return;
      case 'warn':
        this.#fail('i-nowarn', `WARN in ${observation.in}: ${observation.condition}`);
        return;
      case 'corruption':
        this.#fail('i-nocorrupt', `CORRUPTION in ${observation.in}(${observation.object}): ${observation.what}`);
        return;
      default:
        this.#fail('i-nocorrupt', JSON.stringify(observation));
    }
  }

  #fail(property: StormProperty, message: string): void {
    if (!this.#checks.has(property)) return;
    this.violation ??= { property, message, step: this.steps };
  }

  #call(at: number): StormStep {
    const thread = this.#callers[at] ?? 0;
    remove(this.#callers, at);
    const number = this.#next[thread] ?? 0;
    this.#next[thread] = number + 1;
    this.calls += 1;
    const share = this.#share(thread);
    const isSecondHalf = number >= 2 * share;
    const op = program[(isSecondHalf ? 2 : 0) + (number % 2)] ?? 'register_producer';
    const irqfd = thread + this.#threads * (Math.floor(number / 2) % share);
    if (this.#isTracing) this.#event = callEvent(thread, op, irqfd);
    this.world.call(thread, op, irqfd, irqfd);
    if (this.world.isWaiting(thread)) this.#waiters.push(thread);
    else this.#goOn(thread);
    return { kind: 'call', thread, op, struct: irqfd, eventfd: irqfd };
  }

  #take(at: number): StormStep {
    const thread = this.#waiters[at] ?? 0;
    remove(this.#waiters, at);
    this.#holder = thread;
    if (this.#isTracing) this.#event = this.world.waiting(thread);
    this.world.take(thread);
    this.#afterStep();
    return { kind: 'take', thread };
  }

  #callBack(): StormStep {
    const thread = this.#holder;
    if (this.#isTracing) this.#event = this.world.calledBack();
    this.world.callBack(thread);
    this.#afterStep();
    return { kind: 'callback', thread };
  }

  #afterStep(): void {
    if (this.world.callsBack) return;
    const thread = this.#holder;
    if (!this.world.isIdle(thread)) {
      this.isCorrupted = true;
      this.#fail('l-term', `the call of t${thread} does not return, and keeps the mutex`);
      return;
    }
    this.#holder = -1;
    this.peakNodes = Math.max(this.peakNodes, this.world.nodes);
    this.#goOn(thread);
  }

  #goOn(thread: number): void {
    const next = this.#next[thread] ?? 0;
    const share = this.#share(thread);
    if (next === 2 * share) this.#ready.push(thread);
    else if (next < 4 * share) this.#callers.push(thread);
    if (this.#ready.length < this.#threads) return;
    this.#checkConnected();
    this.#callers = this.#ready;
    this.#ready = [];
  }

  /** How many irqfds a thread has: every `threads`-th one from its own number on. */
  #share(thread: number): number {
    return Math.ceil((this.irqfds - thread) / this.#threads);
  }

  /** In between: every half registered, every pair connected, both ways. */
  #checkConnected(): void {
    const [producers, consumers] = this.world.registered();
    if (producers !== this.irqfds || consumers !== this.irqfds)
      this.#fail('i-complete', `${producers} producers and ${consumers} consumers are registered, not ${this.irqfds}`);
    const { irqfds } = this;
    for (let i = 0; i < irqfds; i++) {
      if (this.#partner[i] === irqfds + i + 1 && this.#partner[irqfds + i] === i + 1) continue;
      this.#fail('i-complete', `p${i} and c${i} are registered under e${i} and not connected`);
      return;
    }
  }

  /** In the end: nothing in a set, no struct with a key or a partner, no reference on the module. */
  #checkEnd(): void {
    this.#isOver = true;
    const [producers, consumers] = this.world.registered();
    if (producers + consumers > 0)
      this.#fail('i-leak', `${producers} producers and ${consumers} consumers are still registered`);
    const { nodes, moduleReferences } = this.world;
    if (nodes > 0) this.#fail('i-leak', `${nodes} xarray nodes are left`);
    if (moduleReferences !== 0) this.#fail('i-leak', `${moduleReferences} references on the module are left`);
    for (let struct = 0; struct < 2 * this.irqfds && this.violation === null; struct++) {
      if (this.#partner[struct] !== 0) this.#fail('i-adddel', `${this.#name(struct)} is still connected`);
      if (!this.world.isBlank(struct)) this.#fail('i-keysync', `${this.#name(struct)} still has a key or a partner`);
    }
  }

  #noteStep(): void {
    const { to = 'registry', message = { type: '' } } = this.#event ?? {};
    const [producers, consumers] = this.world.registered();
    const observations = this.world.observed ?? [];
    const state = { registered: { producers, consumers } };
    this.traced.push({
      step: this.steps,
      choice: String(this.#choice),
      from: to,
      to,
      thread: to,
      message,
      calls: [],
      observations,
      state,
    });
    if (this.traced.length > TRACED) this.traced.shift();
  }

  #name(struct: number): string {
    return struct < this.irqfds ? `p${struct}` : `c${struct - this.irqfds}`;
  }
}

/** A thread's call as an event. */
export function callEvent(thread: number, op: ManagerOperation, irqfd: number): PlainEvent {
  const object = `${op.endsWith('producer') ? 'p' : 'c'}${irqfd}`;
  const eventfd = op.startsWith('register') ? { eventfd: `e${irqfd}` } : {};
  const message = { type: 'call', how: 'call', call: { op, object, ...eventfd }, next: { ok: 0, error: 0 } };
  return { to: `t${thread}`, message };
}

/** Removes one element of an array whose order does not matter. */
function remove(from: number[], at: number): void {
  const last = from.pop();
  if (last !== undefined && at < from.length) from[at] = last;
}
