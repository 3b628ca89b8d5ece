// The limits of work that goes on after a search: looked at now and then, with turns of the event loop in between.
import { setImmediate } from 'node:timers/promises';
import type { Exploration, Limits } from './explore.ts';

/** Milliseconds between two turns of the event loop, so that signals arrive. */
const TURN_MS = 40;
const MiB = 1024 * 1024;

/** Seconds of wall clock, MiB of resident memory, interruption. */
export class Watch {
  /** The limit that was reached. */
  limit: Exploration['limit'];
  readonly #limits: Limits;
  readonly #isInterrupted: (() => boolean) | undefined;
  readonly #started = performance.now();
  #turned = performance.now();

  constructor(limits: Limits, isInterrupted: (() => boolean) | undefined) {
    this.#limits = limits;
    this.#isInterrupted = isInterrupted;
  }

  /** Since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Is it time for a look? Cheap, but to be asked once in some dozen states only. */
  get isDue(): boolean {
    return performance.now() - this.#turned > TURN_MS;
  }

  /** Lets the event loop turn, then looks at the limits. Answers whether work goes on. */
  async look(): Promise<boolean> {
    await setImmediate();
    this.#turned = performance.now();
    const { maxSeconds, maxMemoryMiB } = this.#limits;
    if (maxSeconds !== undefined && this.seconds >= maxSeconds) this.limit = 'seconds-limit';
    if (maxMemoryMiB !== undefined && process.memoryUsage.rss() / MiB >= maxMemoryMiB) this.limit = 'memory-limit';
    if (this.#isInterrupted?.() === true) this.limit = 'interrupted';
    return this.limit === undefined;
  }
}
