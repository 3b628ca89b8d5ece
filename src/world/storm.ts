// A storm: up to a million irqfds, each a producer and a consumer, register, connect and unregister in one world.
//
// Threads share the irqfds out among them. First every half is registered, which connects each pair; then everything is
// unregistered. Each next step, a call, a taken mutex or a callback, is drawn from all that may happen, by a seed.
import type { Policy } from '../machines/policy.ts';
import type { ManagerOperation } from '../machines/protocol.ts';
import type { Addresses } from '../registry/numbered-sets.ts';
import { createNumberedSet, noWork } from '../registry/numbered-sets.ts';
import { ColumnWorld } from './column-world.ts';
import { seeded } from './schedulers.ts';

/** How large a storm is. */
export interface StormOptions {
  readonly policy: Policy;
  readonly irqfds: number;
  readonly threads: number;
  readonly seed: number;
  /** Where the eventfd contexts lie; number 0 is NULL. */
  readonly addresses?: Addresses;
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

const program: readonly ManagerOperation[] = [
  'register_producer',
  'register_consumer',
  'unregister_consumer',
  'unregister_producer',
];

/** Eventfd contexts one after the other, as kmalloc-64 hands them out. */
export function denseAddresses(count: number): Addresses {
  return {
    high: new Int32Array(count + 1).fill(0xffff_8881, 1),
    low: Int32Array.from({ length: count + 1 }, (_, i) => i * 64),
  };
}

/** A storm under way. */
export class Storm {
  readonly world: ColumnWorld;
  readonly irqfds: number;
  /** Steps taken. */
  steps = 0;
  /** Calls that threads have made, of `4 * irqfds`. */
  calls = 0;
  /** The manager's memory is corrupted, as some revisions can make it: the mutex is never given back. */
  isCorrupted = false;
  /** The most xarray nodes at any time. */
  peakNodes = 0;
  readonly #threads: number;
  readonly #random: (from: number, to: number) => number;
  /** For each thread the number of its next call. */
  readonly #next: Int32Array<ArrayBuffer>;
  /** Threads that may call, and threads that wait for the mutex. */
  readonly #callers: number[];
  readonly #waiters: number[] = [];
  #holder = -1;

  constructor({ policy, irqfds, threads, seed, addresses = denseAddresses(irqfds) }: StormOptions) {
    this.irqfds = irqfds;
    this.#threads = Math.min(threads, irqfds);
    this.#random = seeded(seed);
    const work = noWork();
    const sets = [0, 1].map(() => createNumberedSet(policy.index, work, addresses));
    this.world = new ColumnWorld({
      policy,
      discipline: 'clean',
      producers: irqfds,
      consumers: irqfds,
      eventfds: irqfds,
      callers: this.#threads,
      sets: sets as unknown as ConstructorParameters<typeof ColumnWorld>[0]['sets'],
    });
    this.#next = new Int32Array(this.#threads);
    this.#callers = Array.from({ length: this.#threads }, (_, thread) => thread);
  }

  /** Actors of the world: producers, consumers, threads, the registry. */
  get actors(): number {
    return 2 * this.irqfds + this.#threads + 1;
  }

  /** Takes up to so many steps; false when the storm is over. */
  run(steps: number): boolean {
    for (let i = 0; i < steps; i++) if (this.step() === null) return false;
    return true;
  }

  /** Takes one step; null when nothing is left to do. */
  step(): StormStep | null {
    if (this.isCorrupted) return null;
    const isLocked = this.#holder >= 0;
    const others = isLocked ? 1 : this.#waiters.length;
    const callers = this.#callers.length;
    if (callers + others === 0) return null;
    const drawn = callers + others === 1 ? 0 : this.#random(0, callers + others - 1);
    this.steps += 1;
    if (drawn < callers) return this.#call(drawn);
    return isLocked ? this.#callBack() : this.#take(drawn - callers);
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
    this.world.call(thread, op, irqfd, irqfd);
    if (this.world.isWaiting(thread)) this.#waiters.push(thread);
    else this.#goOn(thread);
    return { kind: 'call', thread, op, struct: irqfd, eventfd: irqfd };
  }

  #take(at: number): StormStep {
    const thread = this.#waiters[at] ?? 0;
    remove(this.#waiters, at);
    this.#holder = thread;
    this.world.take(thread);
    this.#afterStep();
    return { kind: 'take', thread };
  }

  #callBack(): StormStep {
    const thread = this.#holder;
    this.world.callBack(thread);
    this.#afterStep();
    return { kind: 'callback', thread };
  }

  #afterStep(): void {
    if (this.world.callsBack) return;
    const thread = this.#holder;
    if (!this.world.isIdle(thread)) {
      this.isCorrupted = true;
      return;
    }
    this.#holder = -1;
    const [producers, consumers] = this.world.memory.sets;
    this.peakNodes = Math.max(this.peakNodes, producers.nodes + consumers.nodes);
    this.#goOn(thread);
  }

  #goOn(thread: number): void {
    if ((this.#next[thread] ?? 0) < 4 * this.#share(thread)) this.#callers.push(thread);
  }

  /** How many irqfds a thread has: every `threads`-th one from its own number on. */
  #share(thread: number): number {
    return Math.ceil((this.irqfds - thread) / this.#threads);
  }
}

/** Removes one element of an array whose order does not matter. */
function remove(from: number[], at: number): void {
  const last = from.pop();
  if (last !== undefined && at < from.length) from[at] = last;
}
