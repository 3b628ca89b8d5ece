// The counterexamples of a search: one a property, or as many different ones as are wanted.
import type { Property } from '../../world/property.ts';
import type { World } from '../../world/world.ts';
import type { DistinctBy, Violation } from '../../world/violation.ts';

/** Where many are wanted, this many more of a kind are looked at for different ones. */
const TRIES_PER_TRACE = 50;

/**
 * Counterexamples, shortest first.
 *
 * @param order - ids of properties: of those that are as long the first one comes first
 */
export function inOrder(violations: readonly Violation[], order: readonly string[]): readonly Violation[] {
  return violations.toSorted(
    (one, other) => one.path.length - other.path.length || order.indexOf(one.property) - order.indexOf(other.property),
  );
}

/** Keeps counterexamples. */
export class Violations {
  readonly #world: World;
  readonly #order: readonly string[];
  readonly #gathering: ReadonlySet<string>;
  readonly #atMost: number;
  readonly #distinctBy: DistinctBy;
  readonly #kept = new Map<string, Violation>();
  #tries = 0;

  constructor(
    world: World,
    properties: readonly Property[],
    traces: { readonly atMost: number; readonly distinctBy: DistinctBy } = { atMost: Infinity, distinctBy: 'property' },
  ) {
    this.#world = world;
    this.#order = properties.map(({ id }) => id);
    this.#gathering = new Set(properties.flatMap(({ id, gathered }) => (gathered === undefined ? [] : [id])));
    this.#atMost = traces.atMost;
    this.#distinctBy = traces.distinctBy;
  }

  get any(): boolean {
    return this.#kept.size > 0;
  }

  /** Is there one of each of some properties? */
  has(properties: ReadonlySet<string>): boolean {
    if (this.#kept.size < properties.size) return false;
    const found = new Set(this.all.map(({ property }) => property));
    return [...properties].every((property) => found.has(property));
  }

  /** Are there as many as were asked for? */
  get isFull(): boolean {
    return this.#kept.size >= this.#atMost;
  }

  /** Would another counterexample of a property be kept, as far as one can tell before it is known? */
  wants(property: string): boolean {
    if (this.isFull) return false;
    if (this.#distinctBy === 'property') return !this.#kept.has(property);
    // Each costs a way through the world: past some number they are all alike.
    return this.#tries < this.#atMost * TRIES_PER_TRACE;
  }

  /** Keeps a counterexample, if there is none like it. */
  add(violation: Violation): void {
    this.#tries += 1;
    const key = this.#keyOf(violation);
    if (!this.#kept.has(key)) this.#kept.set(key, violation);
  }

  /** Forgets everything but what gathered facts show: facts stay known, so it would not be found again. */
  clear(): void {
    for (const [key, { property }] of this.#kept) if (!this.#gathering.has(property)) this.#kept.delete(key);
    this.#tries = 0;
  }

  get all(): readonly Violation[] {
    return [...this.#kept.values()];
  }

  adopt(violations: readonly Violation[]): void {
    for (const violation of violations) this.#kept.set(this.#keyOf(violation), violation);
  }

  /** Shortest first, then in the order of the properties. */
  get sorted(): readonly Violation[] {
    return inOrder(this.all, this.#order);
  }

  #keyOf({ property, path }: Violation): string {
    if (this.#distinctBy === 'property') return property;
    let row = this.#world.initial();
    const actions: number[] = [];
    for (const index of path) {
      const choice = this.#world.choices(row)[index];
      if (choice === undefined) throw new RangeError(`no choice ${index} on the way to a violation`);
      actions.push(choice.event);
      row = this.#world.step(row, choice).row;
    }
    // Two orders of the same actions are one way to do it.
    const what = this.#distinctBy === 'actions' ? actions.toSorted((one, other) => one - other) : [...row];
    return `${property} ${what.join()}`;
  }
}
