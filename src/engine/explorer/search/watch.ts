// The limits of a search, and of work that goes on after it: looked at now and then, with turns in between.
import { Turns } from '../../turns.ts';
import type { Exploration, Limits } from './exploration.ts';
import type { Host } from './host.ts';

const MiB = 1024 * 1024;

/** Seconds of wall clock, MiB of memory, interruption. */
export class Watch {
  /** The limit that was reached. */
  limit: Exploration['limit'];
  /** Seconds that were spent before, where a search is resumed. */
  secondsBefore = 0;
  readonly #limits: Limits;
  readonly #turns: Turns;
  readonly #host: Host;
  readonly #started = performance.now();

  constructor(limits: Limits & { readonly signal?: AbortSignal; readonly host?: Host }) {
    this.#limits = limits;
    this.#turns = new Turns(limits.signal);
    this.#host = limits.host ?? {};
  }

  /** Since the beginning. */
  get seconds(): number {
    return this.secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Memory taken; undefined where the host does not tell. To be asked rarely: in node it is a look into /proc. */
  get memoryMiB(): number | undefined {
    const memory = this.#host.memoryMiB?.();
    return memory === undefined ? undefined : Math.round(memory);
  }

  /** Is it time for a look? Cheap, but to be asked once in some dozen states only. */
  get isDue(): boolean {
    return this.#turns.isDue;
  }

  /** After how many states to ask again: few where each takes long. */
  pace(): number {
    return this.#turns.pace();
  }

  /**
   * Takes a turn, then looks at the limits. Answers whether work goes on.
   *
   * @param bytesSoon - what will be taken before the next look
   */
  async look(bytesSoon = 0): Promise<boolean> {
    const isInterrupted = !(await this.#turns.take());
    const { maxSeconds = Infinity, maxMemoryMiB } = this.#limits;
    if (this.seconds >= maxSeconds) this.limit = 'seconds-limit';
    if (maxMemoryMiB !== undefined && (this.#host.memoryMiB?.() ?? 0) + bytesSoon / MiB >= maxMemoryMiB)
      this.limit = 'memory-limit';
    if (isInterrupted) this.limit = 'interrupted';
    return this.limit === undefined;
  }
}
