// Long work that listens: it goes back to the event loop every 50 ms, so that signals, timers and the progress line run.
import { nextTurn } from '../engine/turns.ts';

const EVERY_MS = 50;

/** When work has to pause, and whether it may go on. */
export class Pauses {
  readonly #shouldStop: () => boolean;
  #last = performance.now();

  constructor(shouldStop: () => boolean = () => false) {
    this.#shouldStop = shouldStop;
  }

  get isDue(): boolean {
    return performance.now() - this.#last >= EVERY_MS;
  }

  /** Gives the event loop a turn. True when the work is to end. */
  async take(): Promise<boolean> {
    await nextTurn();
    this.#last = performance.now();
    return this.#shouldStop();
  }
}
