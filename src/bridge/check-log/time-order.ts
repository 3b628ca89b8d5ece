// Events by time, where a log has those of several CPUs one buffer after the other.
import type { LogEvent } from './log-event.ts';

/** Hands events on in the order of their times, as long as none is out of place by more than a window of events. */
export class TimeOrder {
  readonly #window: number;
  readonly #next: (event: LogEvent, text: string) => void;
  /** The latest first. */
  readonly #waiting: { readonly event: LogEvent; readonly text: string }[] = [];

  /**
   * @param window - events that are held back; 0 where the log is in order
   * @param next - is given them in order
   */
  constructor(window: number, next: (event: LogEvent, text: string) => void) {
    this.#window = window;
    this.#next = next;
  }

  take(event: LogEvent, text: string): void {
    if (this.#window === 0) {
      this.#next(event, text);
      return;
    }
    const time = event.time ?? 0n;
    let at = this.#waiting.length;
    // What comes last belongs near the end of what waits: the list is searched from its young side.
    let low = 0;
    while (low < at) {
      const middle = (low + at) >> 1;
      const other = this.#waiting[middle];
      if (other !== undefined && (other.event.time ?? 0n) > time) low = middle + 1;
      else at = middle;
    }
    this.#waiting.splice(low, 0, { event, text });
    if (this.#waiting.length > this.#window) this.#pass();
  }

  /** The log is over. */
  end(): void {
    while (this.#waiting.length > 0) this.#pass();
  }

  #pass(): void {
    const one = this.#waiting.pop();
    if (one !== undefined) this.#next(one.event, one.text);
  }
}
