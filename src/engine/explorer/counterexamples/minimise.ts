// Shortens a counterexample: fewer steps, the same property violated.
//
// First loops are cut out. Then delta debugging over events (ddmin: Zeller and Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input", IEEE TSE 28(2), 2002), single events until none can be left out, and a bounded search for
// shorter ways between states of the path. An event that is not offered when its turn comes is skipped.
import type { Property } from '../../world/property.ts';
import type { EventId } from '../../world/local-transitions.ts';
import { WorldLimitError } from '../../world/world-limit.ts';
import type { Choice, Row, World } from '../../world/world.ts';
import { StepChecks } from './step-checks.ts';

/** How much work the shortening may be. */
export interface MinimiseOptions {
  /** Steps that may be taken in all; what was reached by then is the result. */
  readonly maxSteps?: number;
  /** States of the search for a shorter way from the initial state; a tenth of it from each later one. */
  readonly maxStates?: number;
}

/** A counterexample as it came out. */
export interface Minimised {
  /** Indexes into `choices` of each state on the way; never longer than the path that was given. */
  readonly path: readonly number[];
  /** What the property says at the end of it. */
  readonly message: string;
  /** Can no single event be left out? False only where `maxSteps` ended the work. */
  readonly isMinimal: boolean;
}

/** A path that does not lead to a violation of the property: it cannot be shortened. */
export class NoCounterexampleError extends Error {
  override readonly name = 'NoCounterexampleError';
}

const DEFAULT_STEPS = 400_000;
const DEFAULT_STATES = 5000;
const LATER_SEARCHES = 10;

/**
 * Shortens a counterexample.
 *
 * @param world - the world that the path is taken in
 * @param path - indexes into `choices` of each state on the way
 * @param property - the property that the path violates, and that the shorter one has to violate
 * @param options - limits of the work
 * @returns a path that is never longer, and what the property says at its end
 * @throws NoCounterexampleError where the path takes a choice that is not offered, or does not violate the property
 */
export function minimise(
  world: World,
  path: readonly number[],
  property: Property,
  options: MinimiseOptions = {},
): Minimised {
  return new Minimiser(world, property, options).run(path);
}

/** A way that violates the property in its last step, or in the state that it ends in. */
interface Candidate {
  readonly events: readonly EventId[];
  readonly path: readonly number[];
  readonly message: string;
}

class Minimiser {
  readonly #world: World;
  readonly #maxStates: number;
  readonly #before: Row;
  readonly #after: Row;
  readonly #checks: StepChecks;
  #stepsLeft: number;

  constructor(world: World, property: Property, options: MinimiseOptions) {
    this.#world = world;
    this.#maxStates = options.maxStates ?? DEFAULT_STATES;
    this.#stepsLeft = options.maxSteps ?? DEFAULT_STEPS;
    this.#before = world.initial();
    this.#after = world.initial();
    this.#checks = new StepChecks(world, [property], this.#before, this.#after);
  }

  run(path: readonly number[]): Minimised {
    let best = this.#replay(this.#eventsOf(path));
    if (best === null || best.path.length > path.length)
      throw new NoCounterexampleError('the path does not violate the property');
    best = this.#withoutLoops(best);
    best = this.#ddmin(best);
    for (let length = Infinity; best.path.length < length && this.#stepsLeft > 0;) {
      length = best.path.length;
      best = this.#withoutSingles(best);
      // What a run as a whole shows is not seen from the middle of it.
      if (!this.#checks.gathers) best = this.#withShortcuts(best);
    }
    return { path: best.path, message: best.message, isMinimal: this.#stepsLeft > 0 };
  }

  /** The events of a path of indexes. */
  #eventsOf(path: readonly number[]): EventId[] {
    let row = this.#world.initial();
    return path.map((index, i) => {
      const choice = this.#world.choices(row)[index];
      if (choice === undefined) throw new NoCounterexampleError(`there is no choice ${index} at step ${i + 1}`);
      row = this.#world.step(row, choice).row;
      return choice.event;
    });
  }

  /** Takes those of the events that are offered, up to the first violation; null where there is none. */
  #replay(events: readonly EventId[]): Candidate | null {
    const world = this.#world;
    const taken: EventId[] = [];
    const path: number[] = [];
    this.#after.set(world.initial());
    this.#checks.restart();
    const [atStart] = this.#checks.ofState();
    if (atStart !== undefined) return { events: taken, path, message: atStart.message };
    for (let i = 0; ;) {
      const choices = world.choices(this.#after);
      if (choices.length === 0) {
        const [stuck] = this.#checks.ofEnd();
        return stuck === undefined ? null : { events: taken, path, message: stuck.message };
      }
      let index = -1;
      for (; i < events.length && index < 0; i++) index = choices.findIndex(({ event }) => event === events[i]);
      if (index < 0) return null;
      const choice = choices[index] as Choice;
      taken.push(choice.event);
      path.push(index);
      const message = this.#take(choice);
      if (message === undefined) return null;
      if (message !== null) return { events: taken, path, message };
    }
  }

  /** Takes a step; what is wrong with it, null where nothing is, undefined where the world has no room for it. */
  #take(choice: Choice): string | null | undefined {
    this.#stepsLeft -= 1;
    this.#before.set(this.#after);
    try {
      const { row, observations } = this.#world.step(this.#after, choice);
      this.#after.set(row);
      return this.#checks.ofStep(choice.event, observations)[0]?.message ?? null;
    } catch (error) {
      if (error instanceof WorldLimitError) return undefined;
      throw error;
    }
  }

  /** The shorter of two ways, if there are two. */
  #better(best: Candidate, events: readonly EventId[]): Candidate {
    const way = this.#replay(events);
    return way !== null && way.path.length < best.path.length ? way : best;
  }

  /** States of a way, the one before each event, and the last one. */
  #rowsOf({ events }: Candidate): Row[] {
    const rows = [this.#world.initial()];
    for (const event of events) {
      const row = rows.at(-1) as Row;
      const choice = this.#world.choices(row).find((one) => one.event === event) as Choice;
      rows.push(this.#world.step(row, choice).row);
    }
    return rows;
  }

  /** Goes on from the last visit to a state, wherever a state is visited twice. The violating step stays. */
  #withoutLoops(best: Candidate): Candidate {
    const rows = this.#rowsOf(best).slice(0, -1);
    const last = new Map(rows.map((row, i) => [keyOf(row), i]));
    const events: EventId[] = [];
    for (let i = 0; i < rows.length; i++) {
      i = last.get(keyOf(rows[i] as Row)) ?? i;
      events.push(best.events[i] as EventId);
    }
    return this.#better(best, events);
  }

  #ddmin(given: Candidate): Candidate {
    let best = given;
    for (let parts = 2; parts <= best.events.length && this.#stepsLeft > 0;) {
      const { events } = best;
      const size = Math.ceil(events.length / parts);
      let shorter = best;
      for (let from = 0; from < events.length && shorter === best && this.#stepsLeft > 0; from += size) {
        shorter = this.#better(best, [...events.slice(0, from), ...events.slice(from + size)]);
      }
      if (shorter !== best) parts = Math.max(parts - 1, 2);
      else if (size === 1) break;
      else parts = Math.min(2 * parts, events.length);
      best = shorter;
    }
    return best;
  }

  /** Leaves out single events until no one of them can be left out. */
  #withoutSingles(given: Candidate): Candidate {
    let best = given;
    for (let i = best.events.length - 1; i >= 0 && this.#stepsLeft > 0; i--) {
      const shorter = this.#better(best, best.events.toSpliced(i, 1));
      if (shorter === best) continue;
      best = shorter;
      i = best.events.length;
    }
    return best;
  }

  /** Looks for shorter ways from states of the path to later ones, or to any violation. */
  #withShortcuts(given: Candidate): Candidate {
    let best = given;
    for (let from = 0; from < best.events.length - 1 && this.#stepsLeft > 0; from++) {
      const { events } = best;
      const maxStates = from === 0 ? this.#maxStates : this.#maxStates / LATER_SEARCHES;
      const shortcut = this.#shortcut(this.#rowsOf(best), from, maxStates);
      if (shortcut === null) continue;
      best = this.#better(best, [...events.slice(0, from), ...shortcut.events, ...events.slice(shortcut.to)]);
    }
    return best;
  }

  /** The shortcut from one state of a path that saves most, within a bounded breadth-first search. */
  #shortcut(rows: readonly Row[], from: number, maxStates: number): Shortcut | null {
    const end = rows.length - 1;
    // The violating step itself is kept: the last target is the state before it.
    const place = new Map(rows.slice(0, end).map((row, i) => [keyOf(row), i]));
    const found: Found[] = [{ row: rows[from] as Row, event: -1, parent: -1, depth: 0 }];
    const known = new Set([keyOf(rows[from] as Row)]);
    let best: { readonly state: number; readonly to: number } | null = null;
    let saved = 0;
    for (let i = 0; i < found.length && found.length < maxStates && this.#stepsLeft > 0; i++) {
      const { row, depth } = found[i] as Found;
      // So deep, nothing more than what was saved can be saved.
      if (depth + 1 + saved >= end - from) break;
      const choices = this.#world.choices(row);
      this.#after.set(row);
      if (choices.length === 0 && this.#checks.ofEnd().length > 0) return { events: eventsTo(found, i), to: end };
      for (const choice of choices) {
        this.#after.set(row);
        const message = this.#take(choice);
        if (message === undefined) continue;
        const key = keyOf(this.#after);
        if (message === null && known.has(key)) continue;
        known.add(key);
        found.push({ row: this.#after.slice(), event: choice.event, parent: i, depth: depth + 1 });
        // The first violation that is met is the nearest one.
        if (message !== null) return { events: eventsTo(found, found.length - 1), to: end };
        const to = place.get(key) ?? 0;
        if (to - from - (depth + 1) <= saved) continue;
        saved = to - from - (depth + 1);
        best = { state: found.length - 1, to };
      }
    }
    return best === null ? null : { events: eventsTo(found, best.state), to: best.to };
  }
}

/** Events that lead from one state of a path to another, or to a violation (`to` is then the end of the path). */
interface Shortcut {
  readonly events: readonly EventId[];
  readonly to: number;
}

/** A state of a search for a shortcut. */
interface Found {
  readonly row: Row;
  readonly event: EventId;
  readonly parent: number;
  readonly depth: number;
}

/** The events on the way to a state of a search. */
function eventsTo(found: readonly Found[], state: number): EventId[] {
  const events: EventId[] = [];
  for (let at = state; at > 0; at = (found[at] as Found).parent) events.push((found[at] as Found).event);
  return events.toReversed();
}

/** A row as a key of a map: a code unit a column. Not by spreading it, which takes four times as long. */
function keyOf(row: Row): string {
  return Reflect.apply(String.fromCharCode, undefined, row);
}
