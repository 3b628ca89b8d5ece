// How long a search has to go, by the trend of its frontier.
//
// While levels grow nobody can tell. Once they shrink they tend to shrink by a steady factor: what is left is a geometric
// series, searched at the present rate.

const LEVELS = 4;

/** Sizes of the last levels. */
export class Trend {
  readonly #levels: { readonly states: number; readonly seconds: number }[] = [];

  /** A level of so many states is to be expanded now. */
  level(states: number, seconds: number): void {
    this.#levels.push({ states, seconds });
    if (this.#levels.length > LEVELS) this.#levels.shift();
  }

  /** Seconds to go; undefined while the frontier does not shrink. `inLevel` states of the present level are left. */
  secondsLeft(now: number, inLevel: number): number | undefined {
    const [first] = this.#levels;
    const last = this.#levels.at(-1);
    if (first === undefined || last === undefined || this.#levels.length < LEVELS) return undefined;
    const factor = (last.states / first.states) ** (1 / (LEVELS - 1));
    const done = this.#levels.reduce((sum, { states }) => sum + states, 0) - inLevel;
    if (factor >= 1 || done <= 0) return undefined;
    const left = inLevel + (last.states * factor) / (1 - factor);
    return (left * (now - first.seconds)) / done;
  }
}
