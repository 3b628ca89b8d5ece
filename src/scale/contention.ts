// Contention in virtual time: many CPUs create irqfds against the one mutex.
//
// A discrete-event simulation. Threads are the scheduled world's own callers, structs and registry (world/column-world.ts):
// a request is a `call`, the moment at which the mutex is taken delivers the message to the registry's machine, and how
// long the mutex is held follows from the work that the structures counted meanwhile (cost-model.ts).
import { createNumberedSet, noWork } from './numbered-sets.ts';
import { ColumnWorld } from './column-world.ts';
import { seeded } from '../engine/world/schedulers.ts';
import type { HostCosts } from './cost-model.ts';
import { hostCosts, sectionTime } from './cost-model.ts';
import type { Distribution } from './distribution.ts';
import { distributionOf, logHistogram } from './distribution.ts';
import { EventQueue } from './event-queue.ts';
import type { LayoutName } from './layouts.ts';
import { addressesOf } from './layouts.ts';
import { Fifo, SimulatedMutex, type Grant } from './mutex.ts';
import { Pauses } from './pauses.ts';
import type { Contestant } from './structures.ts';
import type { Workload } from './workloads.ts';

export interface ContentionOptions {
  readonly contestant: Contestant;
  readonly workload: Workload;
  readonly layout: LayoutName;
  readonly seed: number;
  readonly costs?: HostCosts;
  /** Asked every 50 ms, once the event loop had its turn; true ends the simulation with what it has. */
  readonly shouldStop?: () => boolean;
}

/** What a simulation found. Times are nanoseconds. */
export interface ContentionResult {
  readonly isComplete: boolean;
  readonly irqfds: number;
  /** Virtual time from the first request to the last return. */
  readonly elapsed: number;
  /** Operations that found the mutex taken; the others took it at once, and their waits are costs of taking it. */
  readonly contended: number;
  readonly wait: Distribution;
  readonly operation: Distribution;
  /** Whole creations: a thread's irqfds, and what it does besides. */
  readonly creation: Distribution;
  readonly waits: readonly { readonly from: number; readonly count: number }[];
  readonly handOffs: number;
  readonly wakeUps: number;
  readonly messages: number;
  readonly machineCalls: number;
}

const event = { request: 0, release: 1, awake: 2, slice: 3 } as const;
const BINS_PER_DECADE = 5;
/** Steps between two looks at the clock. */
const LOOK_EVERY = 64;

class Contention {
  readonly #workload: Workload;
  readonly #costs: HostCosts;
  readonly #layout: LayoutName;
  readonly #world: ColumnWorld;
  readonly #work = noWork();
  readonly #mutex: SimulatedMutex;
  readonly #events = new EventQueue();
  readonly #random: (from: number, to: number) => number;
  /** Threads that have something to do and no CPU. */
  readonly #runnable = new Fifo();
  readonly #began: Float64Array<ArrayBuffer>;
  readonly #requested: Float64Array<ArrayBuffer>;
  readonly #next: Int32Array<ArrayBuffer>;
  readonly #waits: Float64Array<ArrayBuffer>;
  readonly #operations: Float64Array<ArrayBuffer>;
  readonly #creations: Float64Array<ArrayBuffer>;
  #done = 0;
  #contended = 0;
  #created = 0;
  #now = 0;
  #sliceIsSet = false;

  constructor({ contestant, workload, layout, seed, costs = hostCosts }: ContentionOptions) {
    const { threads, irqfds, background } = workload;
    this.#workload = workload;
    this.#costs = costs;
    this.#layout = layout;
    this.#random = seeded(seed);
    this.#mutex = new SimulatedMutex(costs, workload.sockets);
    const addresses = addressesOf(layout, seed, background + irqfds);
    const set = (): ReturnType<typeof createNumberedSet> =>
      createNumberedSet(contestant.policy.index, this.#work, addresses, contestant.variant);
    this.#world = new ColumnWorld({
      policy: contestant.policy,
      discipline: 'clean',
      producers: 0,
      consumers: background + irqfds,
      eventfds: background + irqfds,
      callers: threads,
      sets: [set(), set()],
    });
    this.#began = new Float64Array(threads);
    this.#requested = new Float64Array(threads);
    this.#next = new Int32Array(threads);
    this.#waits = new Float64Array(irqfds);
    this.#operations = new Float64Array(irqfds);
    this.#creations = new Float64Array(threads);
  }

  /** Registers what is there before, and lets the threads begin. */
  prepare(): void {
    const { background, threads, span } = this.#workload;
    for (let i = 0; i < background; i++) {
      this.#world.call(0, 'register_consumer', i, i);
      this.#world.take(0);
    }
    const places = this.#shuffled(threads);
    for (let thread = 0; thread < threads; thread++) {
      const time = (((places[thread] ?? 0) + this.#fraction()) / threads) * span;
      this.#began[thread] = time;
      this.#events.push(time, event.request, thread);
    }
  }

  /** Runs to the end, or until it is to stop: then false. */
  async run(pauses: Pauses): Promise<boolean> {
    if (await pauses.take()) return false;
    for (let steps = 1; ; steps++) {
      const next = this.#events.pop();
      if (next === null) return true;
      this.#now = next.time;
      if (next.kind === event.request) this.#runnable.push(next.thread);
      else if (next.kind === event.release) this.#release(next.thread);
      else if (next.kind === event.awake) this.#enter(this.#mutex.awake(this.#now));
      else this.#sliceIsSet = false;
      this.#dispatch();
      if (steps % LOOK_EVERY === 0 && pauses.isDue && (await pauses.take())) return false;
    }
  }

  /** Gives CPUs to threads that have none: a free one, or that of a spinner whose time is up. */
  #dispatch(): void {
    for (;;) {
      const thread = this.#runnable.peek();
      if (thread === undefined) return;
      const { cpus } = this.#workload;
      if (cpus > 1 && this.#mutex.spinning >= cpus - 1) {
        const oldest = this.#mutex.oldestSpinner();
        const end = (this.#requested[oldest] ?? 0) + this.#costs.slice;
        if (end > this.#now) {
          if (!this.#sliceIsSet) this.#events.push(end, event.slice, oldest);
          this.#sliceIsSet = true;
          return;
        }
        this.#mutex.descheduleSpinner();
      }
      this.#runnable.shift();
      this.#request(thread);
    }
  }

  #request(thread: number): void {
    const { background, threads } = this.#workload;
    const irqfd = background + thread + threads * (this.#next[thread] ?? 0);
    this.#requested[thread] = this.#now;
    this.#world.call(thread, 'register_consumer', irqfd, irqfd);
    // On one CPU the owner cannot run while somebody spins: osq_lock() is compiled for SMP only.
    const grant = this.#mutex.request(thread, this.#now, this.#workload.cpus > 1);
    if (grant === null) this.#contended += 1;
    this.#enter(grant);
  }

  /** The thread has the mutex: the machines run, and the work that they cause says when it is given back. */
  #enter(grant: Grant | null): void {
    if (grant === null) return;
    const { thread, time } = grant;
    const work = this.#work;
    work.visited = 0;
    work.levels = 0;
    work.allocated = 0;
    work.freed = 0;
    const [producers, consumers] = this.#world.memory.sets;
    const listed = producers.size + consumers.size;
    this.#world.take(thread);
    let callbacks = 0;
    while (this.#world.callsBack) {
      this.#world.callBack(thread);
      callbacks += 1;
    }
    const end = time + sectionTime(this.#costs, { ...work, callbacks, listed, layout: this.#layout });
    const requested = this.#requested[thread] ?? 0;
    this.#waits[this.#done] = time - requested;
    this.#operations[this.#done] = end - requested;
    this.#done += 1;
    this.#events.push(end, event.release, thread);
  }

  #release(thread: number): void {
    const { threads, irqfds, think, besides } = this.#workload;
    const { next, wakesAt } = this.#mutex.release(this.#now);
    if (wakesAt !== null) this.#events.push(wakesAt, event.awake, -1);
    this.#enter(next);
    const number = (this.#next[thread] ?? 0) + 1;
    this.#next[thread] = number;
    if (thread + threads * number < irqfds) {
      this.#events.push(this.#now - think * Math.log(1 - this.#fraction()), event.request, thread);
    } else {
      this.#creations[this.#created++] = this.#now - (this.#began[thread] ?? 0) + besides;
    }
  }

  /** The numbers from 0 in random order. */
  #shuffled(count: number): Int32Array<ArrayBuffer> {
    const numbers = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const other = this.#random(0, i);
      const held = numbers[i] ?? 0;
      numbers[i] = numbers[other] ?? 0;
      numbers[other] = held;
    }
    return numbers;
  }

  /** From 0 to below 1. */
  #fraction(): number {
    return this.#random(0, 0x3fff_ffff) / 0x4000_0000;
  }

  result(isComplete: boolean): ContentionResult {
    const waits = this.#waits.subarray(0, this.#done);
    return {
      isComplete,
      irqfds: this.#done,
      elapsed: this.#now,
      contended: this.#contended,
      wait: distributionOf(waits),
      operation: distributionOf(this.#operations.subarray(0, this.#done)),
      creation: distributionOf(this.#creations.subarray(0, this.#created)),
      waits: logHistogram(waits, BINS_PER_DECADE),
      handOffs: this.#mutex.handOffs,
      wakeUps: this.#mutex.wakeUps,
      messages: this.#world.messages,
      machineCalls: this.#world.machineCalls,
    };
  }
}

const nothing = distributionOf(new Float64Array());

/** What is left of a workload where only the consumers of VMs with a device are registered. */
function withDevices(workload: Workload): Workload {
  const irqfds = Math.round(workload.irqfds * workload.withDevice);
  const background = Math.round(workload.background * workload.withDevice);
  return { ...workload, irqfds, background, threads: Math.min(workload.threads, irqfds) };
}

/** Simulates a workload on a contestant. The same options give the same result. */
export async function simulateContention(options: ContentionOptions): Promise<ContentionResult> {
  const { registers } = options.contestant;
  const workload = registers === 'devices' ? withDevices(options.workload) : options.workload;
  if (registers === 'none' || workload.irqfds === 0) {
    // Nobody calls the manager, so nobody waits for it.
    const creations = new Float64Array(options.workload.threads).fill(workload.besides);
    const none = { elapsed: 0, contended: 0, wait: nothing, operation: nothing, waits: [], handOffs: 0, wakeUps: 0 };
    return { ...none, isComplete: true, irqfds: 0, creation: distributionOf(creations), messages: 0, machineCalls: 0 };
  }
  const contention = new Contention({ ...options, workload });
  contention.prepare();
  return contention.result(await contention.run(new Pauses(options.shouldStop)));
}
