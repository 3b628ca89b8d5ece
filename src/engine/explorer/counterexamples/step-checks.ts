// What properties say of one step and of the state it leads to, and of the run so far, asked directly: for walks and replays.
import type { Observation } from '../../actors/effects.ts';
import type { Property, StateCheck, StepView } from '../../world/property.ts';
import { appliesTo, deadlockMessage } from '../../world/property.ts';
import type { EventId } from '../../world/local-transitions.ts';
import { PlainRow } from '../../world/memory.ts';
import { WorldView } from '../../world/view.ts';
import type { Row, World } from '../../world/world.ts';

/** A property that does not hold, and what is wrong. */
export interface Broken {
  readonly property: string;
  readonly message: string;
}

/** Asks properties of steps and states of one world; views are made once. */
export class StepChecks {
  /** Properties that are still asked. */
  readonly open: Set<Property>;
  readonly #world: World;
  readonly #claims = new Map<Property, readonly StateCheck[]>();
  /** Facts of this run, of properties that gather them. */
  readonly #facts = new Map<Property, Set<string>>();
  readonly #before: WorldView;
  readonly #after: WorldView;
  readonly #beforeRow: PlainRow;
  readonly #afterRow: PlainRow;

  constructor(world: World, properties: readonly Property[], before: Row, after: Row) {
    this.#world = world;
    this.open = new Set(properties);
    for (const property of properties) {
      if (property.state !== undefined) this.#claims.set(property, property.state.checks(world));
      if (property.gathered !== undefined) this.#facts.set(property, new Set());
    }
    this.#beforeRow = new PlainRow(before);
    this.#afterRow = new PlainRow(after);
    this.#before = new WorldView(world, this.#beforeRow);
    this.#after = new WorldView(world, this.#afterRow);
  }

  /** Does a property look at a run as a whole, so that no step of it can be passed over? */
  get gathers(): boolean {
    return [...this.open].some(({ gathered }) => gathered !== undefined);
  }

  /** Begins another run. */
  restart(): void {
    for (const facts of this.#facts.values()) facts.clear();
  }

  /** What is wrong with a step from `before` to `after`, the rows that the checks were made with. */
  ofStep(event: EventId, observations: readonly Observation[]): Broken[] {
    const before = this.#beforeRow.row;
    const after = this.#afterRow.row;
    const touched = new Set<number>();
    for (let column = 0; column < after.length; column++) if (before[column] !== after[column]) touched.add(column);
    const plain = this.#world.transitions.event(event);
    const step = { before: this.#before, after: this.#after, event: plain, observations, touched };
    const broken: Broken[] = [];
    for (const property of this.open) {
      const message = property.step?.(step) ?? this.#ofRun(property, step) ?? this.#ofState(property);
      if (message !== null) broken.push({ property: property.id, message });
    }
    return broken;
  }

  /** What is wrong with the state `after` by itself. */
  ofState(): Broken[] {
    return [...this.open].flatMap((property) => {
      const message = this.#ofState(property);
      return message === null ? [] : [{ property: property.id, message }];
    });
  }

  /** What is wrong with `after` where it offers no choice. */
  ofEnd(): Broken[] {
    if (this.#world.isFinal(this.#afterRow)) return [];
    return [...this.open].flatMap((property) => {
      const message = deadlockMessage(property, this.#after);
      return message === null ? [] : [{ property: property.id, message }];
    });
  }

  #ofRun(property: Property, step: StepView): string | null {
    const { gathered } = property;
    const facts = this.#facts.get(property);
    if (gathered === undefined || facts === undefined) return null;
    for (const fact of gathered.facts(step)) facts.add(fact);
    return gathered.check([...facts]);
  }

  #ofState(property: Property): string | null {
    if (property.state === undefined || !appliesTo(property.state, this.#after)) return null;
    for (const claim of this.#claims.get(property) ?? []) {
      const message = claim(this.#after);
      if (message !== null) return message;
    }
    return null;
  }
}
