// Explores any model, breadth-first, by its small interface alone. Worlds have a faster way (explore.ts).
import type { Model, ModelProperty, ModelState } from '../../world/model.ts';
import type { Limits } from './exploration.ts';
import { Watch } from './watch.ts';

/** What is asked of a model, and how far the search may go. */
export interface ExploreModelOptions<C> extends Limits {
  readonly properties?: readonly ModelProperty<C>[];
  /** Its abort ends the search as interrupted. */
  readonly signal?: AbortSignal;
  /** Called for every transition. */
  readonly edge?: (from: number, choice: C, to: number) => void;
}

/** A violated property with the shortest way to it: names of choices. */
export interface ModelViolation {
  readonly property: string;
  readonly message: string;
  readonly path: readonly string[];
}

/** What a search of a model found. */
export interface ModelExploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  readonly limit?: string;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  /** The first violation of every violated property. */
  readonly violations: readonly ModelViolation[];
}

/** States between two looks at the clock. */
const LOOK_EVERY = 256;

/**
 * Explores a model: every choice from every state, exact, breadth-first.
 *
 * @param model - the model; a `World` is one
 * @param options - claims and limits
 * @returns counts, verdict, and a shortest counterexample of each violated property
 * @example
 * const { states } = await exploreModel(new World(definition));
 */
export async function exploreModel<C>(
  model: Model<C>,
  options: ExploreModelOptions<C> = {},
): Promise<ModelExploration> {
  return new ModelSearch(model, options).run();
}

/** A state on record: how it was reached. */
interface Found<C> {
  readonly row: ModelState;
  readonly parent: number;
  readonly choice: C | null;
  readonly depth: number;
}

class ModelSearch<C> {
  readonly #model: Model<C>;
  readonly #options: ExploreModelOptions<C>;
  readonly #watch: Watch;
  readonly #found: Found<C>[] = [];
  readonly #ids = new Map<string, number>();
  readonly #violations = new Map<string, ModelViolation>();
  #transitions = 0;

  constructor(model: Model<C>, options: ExploreModelOptions<C>) {
    this.#model = model;
    this.#options = options;
    this.#watch = new Watch(options);
  }

  async run(): Promise<ModelExploration> {
    const { maxStates = Infinity } = this.#options;
    this.#enter(this.#model.initial(), -1, null);
    let isFull = false;
    let next = 0;
    for (; next < this.#found.length && !isFull; next++) {
      if (next % LOOK_EVERY === 0 && this.#watch.isDue && !(await this.#watch.look())) break;
      this.#expand(next);
      isFull = this.#found.length >= maxStates;
    }
    const limit = this.#watch.limit ?? (isFull && next < this.#found.length ? 'states-limit' : undefined);
    const violations = [...this.#violations.values()].toSorted((one, other) => one.path.length - other.path.length);
    return {
      verdict: violations.length > 0 ? 'violated' : limit === undefined ? 'holds' : 'incomplete',
      ...(limit === undefined ? {} : { limit }),
      states: this.#found.length,
      transitions: this.#transitions,
      depth: this.#found.at(-1)?.depth ?? 0,
      seconds: this.#watch.seconds,
      violations,
    };
  }

  #expand(id: number): void {
    const { row } = this.#at(id);
    const choices = this.#model.choices(row);
    if (choices.length === 0 && !this.#model.isFinal(row))
      for (const { id: property, deadlock } of this.#options.properties ?? [])
        this.#note(property, deadlock?.(row) ?? null, id);
    for (const choice of choices) {
      const { row: after, observations } = this.#model.step(row, choice);
      this.#transitions += 1;
      const to = this.#enter(after, id, choice);
      this.#options.edge?.(id, choice, to);
      for (const { id: property, step } of this.#options.properties ?? [])
        this.#note(property, step?.({ before: row, choice, after, observations }) ?? null, id, choice);
    }
  }

  /** The number of a state; a new one is asked about. */
  #enter(row: ModelState, parent: number, choice: C | null): number {
    const key = row.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#found.push({ row, parent, choice, depth: parent < 0 ? 0 : this.#at(parent).depth + 1 }) - 1;
    this.#ids.set(key, id);
    for (const { id: property, state } of this.#options.properties ?? [])
      this.#note(property, state?.(row) ?? null, id);
    return id;
  }

  #note(property: string, message: string | null, state: number, last?: C): void {
    if (message === null || this.#violations.has(property)) return;
    const path: string[] = last === undefined ? [] : [this.#model.nameOf(last)];
    for (let at = this.#at(state); at.choice !== null; at = this.#at(at.parent))
      path.unshift(this.#model.nameOf(at.choice));
    this.#violations.set(property, { property, message, path });
  }

  #at(id: number): Found<C> {
    const found = this.#found[id];
    if (found === undefined) throw new RangeError(`no state ${id}`);
    return found;
  }
}
