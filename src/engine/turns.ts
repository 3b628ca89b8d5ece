// Long work takes turns with everything else: signals, timers, messages and the page are served in between.

/** Milliseconds of work between two turns. */
const TURN_MS = 40;

/** Pieces of work between two looks at the clock, at most. */
const PIECES_MAX = 64;

type Schedule = (callback: () => void) => void;

/** Runs callbacks in turns of their own. Timers will not do: a browser lets those that set each other wait for 4 ms. */
function byMessages(): Schedule {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}

let schedule: Schedule | undefined;

/** Lets everything that waits for its turn have it. In node as in a page or a worker of a browser. */
export async function nextTurn(): Promise<void> {
  // A message port of node would keep the process alive, and costs twice as much.
  schedule ??= (globalThis as { readonly setImmediate?: Schedule }).setImmediate ?? byMessages();
  const later = schedule;
  await new Promise<void>((resolve) => later(resolve));
}

/** When work has to pause, and whether it may go on. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #turned = performance.now();
  #looked = performance.now();
  /** Pieces of work between two looks at the clock. */
  #pieces = 1;

  /** @param signal - its abort ends the work as interrupted */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Is it time for a turn? Cheap, but to be asked once in some dozen states only. */
  get isDue(): boolean {
    return performance.now() - this.#turned > TURN_MS;
  }

  /**
   * After how many pieces of work it should be asked again whether a turn is due, as long as the last ones took: 64 short ones,
   * or one long one.
   */
  pace(): number {
    const now = performance.now();
    const each = (now - this.#looked) / this.#pieces;
    this.#looked = now;
    this.#pieces = Math.max(1, Math.min(this.#pieces * 2, PIECES_MAX, Math.floor(TURN_MS / 4 / each)));
    return this.#pieces;
  }

  get isInterrupted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Takes a turn. Answers whether the work may go on. */
  async take(): Promise<boolean> {
    await nextTurn();
    this.#turned = performance.now();
    return !this.isInterrupted;
  }
}
