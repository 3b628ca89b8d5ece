// The kernel's mutex in virtual time: fast path, optimistic spinning, sleeping waiters, hand-off.
//
// Kernel source: kernel/locking/mutex.c and osq_lock.c, Linux 6.12. A thread that finds the mutex taken spins while the
// owner runs and nobody else wants its CPU; spinners queue in order (osq) and the first one takes the mutex as it is given
// back. The others sleep in order; the first is woken at each release, and if it comes too late it demands the mutex: the
// next release hands it over. So a stream of spinners gets at most every second turn from those who sleep.
import type { HostCosts } from './cost-model.ts';

/** What happens next to a thread. */
export interface Grant {
  readonly thread: number;
  readonly time: number;
}

/** A queue of numbers that forgets from the front. */
export class Fifo {
  #items: number[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }
  push(item: number): void {
    this.#items.push(item);
  }
  peek(): number | undefined {
    return this.#items[this.#first];
  }
  shift(): number | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first += 1;
    if (this.#first > 1024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}

const NOBODY = -1;

/** One mutex. Times are nanoseconds of virtual time; `request`, `awake` and `release` are called in their order. */
export class SimulatedMutex {
  /** How often a sleeper was woken, and how often the mutex was handed over. */
  wakeUps = 0;
  handOffs = 0;
  #owner = NOBODY;
  #lastOwner = NOBODY;
  readonly #spinners = new Fifo();
  readonly #sleepers = new Fifo();
  /** The first sleeper: asleep, on its way, or awake and demanding. */
  #first: 'asleep' | 'waking' | 'demanding' = 'asleep';
  readonly #costs: HostCosts;
  readonly #sockets: number;

  constructor(costs: HostCosts, sockets: number) {
    this.#costs = costs;
    this.#sockets = sockets;
  }

  get spinning(): number {
    return this.#spinners.length;
  }
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** mutex_lock(): taken at once, or the thread waits, spinning if it has a CPU for itself. */
  request(thread: number, time: number, spins: boolean): Grant | null {
    if (this.#owner === NOBODY && this.#spinners.length === 0) return this.#grant(thread, time);
    if (spins) this.#spinners.push(thread);
    else this.#sleepers.push(thread);
    return null;
  }

  /** The spinner that waited longest, or -1. */
  oldestSpinner(): number {
    return this.#spinners.peek() ?? NOBODY;
  }

  /** The spinner that waited longest has to give its CPU away: it goes to sleep at the end. */
  descheduleSpinner(): number | null {
    const thread = this.#spinners.shift();
    if (thread === undefined) return null;
    this.#sleepers.push(thread);
    return thread;
  }

  /** mutex_unlock(): who has it next, if anybody is there; `wakes` says when a sleeper that was woken will look. */
  release(time: number): { readonly next: Grant | null; readonly wakesAt: number | null } {
    this.#owner = NOBODY;
    if (this.#first === 'demanding') {
      this.handOffs += 1;
      return { next: this.#grantSleeper(time), wakesAt: null };
    }
    let wakesAt: number | null = null;
    if (this.#sleepers.length > 0 && this.#first === 'asleep') {
      this.#first = 'waking';
      this.wakeUps += 1;
      wakesAt = time + this.#costs.wake;
    }
    const spinner = this.#spinners.shift();
    return { next: spinner === undefined ? null : this.#grant(spinner, time), wakesAt };
  }

  /** The woken sleeper looks: it takes the mutex if it is free, and else demands it. */
  awake(time: number): Grant | null {
    if (this.#owner === NOBODY) return this.#grantSleeper(time);
    this.#first = 'demanding';
    return null;
  }

  #grantSleeper(time: number): Grant | null {
    const thread = this.#sleepers.shift();
    this.#first = 'asleep';
    return thread === undefined ? null : this.#grant(thread, time);
  }

  #grant(thread: number, time: number): Grant {
    const { lockOwn, lockSocket, lockRemote } = this.#costs;
    const last = this.#lastOwner;
    const cost =
      last === thread || last === NOBODY
        ? lockOwn
        : last % this.#sockets === thread % this.#sockets
          ? lockSocket
          : lockRemote;
    this.#owner = thread;
    this.#lastOwner = thread;
    return { thread, time: time + cost };
  }
}
