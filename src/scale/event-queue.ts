// Events of virtual time in order: a binary heap in typed arrays; equal times come in the order in which they were set.

/** What a thread is about to do: numbers that the simulation gives a meaning. */
export interface TimedEvent {
  readonly time: number;
  readonly kind: number;
  readonly thread: number;
}

/** A queue of events, earliest first. */
export class EventQueue {
  #times = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #kinds = new Int32Array(1024);
  #threads = new Int32Array(1024);
  #order = 0;
  length = 0;

  push(time: number, kind: number, thread: number): void {
    if (this.length === this.#times.length) this.#grow();
    let at = this.length++;
    const order = this.#order++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(time, order, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, kind, thread);
  }

  pop(): TimedEvent | null {
    if (this.length === 0) return null;
    const first = { time: this.#times[0] ?? 0, kind: this.#kinds[0] ?? 0, thread: this.#threads[0] ?? 0 };
    const last = --this.length;
    const time = this.#times[last] ?? 0;
    const order = this.#orders[last] ?? 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(this.#times[child + 1] ?? 0, this.#orders[child + 1] ?? 0, child))
        child += 1;
      if (this.#isBefore(time, order, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, order, this.#kinds[last] ?? 0, this.#threads[last] ?? 0);
    return first;
  }

  #isBefore(time: number, order: number, other: number): boolean {
    const otherTime = this.#times[other] ?? 0;
    return time < otherTime || (time === otherTime && order < (this.#orders[other] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, this.#kinds[from] ?? 0, this.#threads[from] ?? 0);
  }

  #put(at: number, time: number, order: number, kind: number, thread: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#kinds[at] = kind;
    this.#threads[at] = thread;
  }

  #grow(): void {
    const grown = <A extends Float64Array | Int32Array>(old: A): A => {
      const next = new (old.constructor as new (length: number) => A)(2 * old.length);
      next.set(old);
      return next;
    };
    this.#times = grown(this.#times);
    this.#orders = grown(this.#orders);
    this.#kinds = grown(this.#kinds);
    this.#threads = grown(this.#threads);
  }
}
