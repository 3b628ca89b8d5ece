// Exhaustive exploration: every choice from every state, breadth-first, exact.
//
// Clarke, Grumberg, Peled, "Model Checking", chapter 2: explicit-state reachability. Breadth-first, so every
// counterexample is a shortest one.
import { setImmediate } from 'node:timers/promises';
import type { DeadlockProperty, Property, StateProperty, StepProperty, StepView } from '../properties/property.ts';
import { WorldView } from '../world/view.ts';
import type { World } from '../world/world.ts';
import type { StateId } from './state-store.ts';
import { StateStore } from './state-store.ts';

/** Limits of a search; reaching one makes it incomplete. */
export interface Limits {
  /** States stored. */
  readonly maxStates?: number;
  /** Resident memory of the process, in MiB. */
  readonly maxMemoryMiB?: number;
  /** Wall clock, in seconds. */
  readonly maxSeconds?: number;
}

export interface ExploreOptions extends Limits {
  readonly properties: readonly Property[];
  /** Stop at the first violation instead of looking for a shortest one of every property. */
  readonly stopAtFirst?: boolean;
  /** Called now and then. */
  readonly progress?: (progress: Progress) => void;
  /** Asked now and then; true ends the search as interrupted. */
  readonly isInterrupted?: () => boolean;
  /** Called for every transition, for graphs: state numbers and the index of the choice. */
  readonly edge?: (from: StateId, choice: number, to: StateId) => void;
}

/** Where a search stands. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly frontier: number;
  readonly depth: number;
  readonly seconds: number;
}

/** A violated property, with the choices that lead there. */
export interface Violation {
  readonly property: string;
  readonly message: string;
  /** Indexes into `choices` of each state on the way: a shortest way. */
  readonly path: readonly number[];
}

/** What a search found out. */
export interface Exploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** The limit that ended it, where one did. */
  readonly limit?: 'states-limit' | 'memory-limit' | 'seconds-limit' | 'interrupted';
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the farthest one. */
  readonly depth: number;
  readonly seconds: number;
  readonly memoryMiB: number;
  /** One per violated property, in order of discovery. */
  readonly violations: readonly Violation[];
  /** Calls of XState's transition function. */
  readonly machineCalls: number;
}

const CHECK_EVERY = 4096;
const MiB = 1024 * 1024;

/** Explores a world. Gives way to the event loop now and then, so that signals arrive. */
export async function explore(world: World, options: ExploreOptions): Promise<Exploration> {
  return new Search(world, options).run();
}

class Search {
  readonly #world: World;
  readonly #options: ExploreOptions;
  readonly #store: StateStore;
  readonly #state: readonly StateProperty[];
  readonly #step: readonly StepProperty[];
  readonly #deadlock: DeadlockProperty | undefined;
  readonly #before: WorldView;
  readonly #after: WorldView;
  readonly #violations = new Map<string, Violation>();
  readonly #started = performance.now();
  #transitions = 0;
  #depth = 0;
  /** States of the level being expanded end here. */
  #levelEnd = 1;
  #limit: Exploration['limit'];

  constructor(world: World, options: ExploreOptions) {
    this.#world = world;
    this.#options = options;
    this.#store = new StateStore(world.width);
    const of = <K extends Property['kind']>(kind: K): Extract<Property, { kind: K }>[] =>
      options.properties.filter((property): property is Extract<Property, { kind: K }> => property.kind === kind);
    this.#state = of('state');
    this.#step = of('step');
    [this.#deadlock] = of('deadlock');
    const initial = world.initial();
    this.#before = new WorldView(world, initial);
    this.#after = new WorldView(world, initial);
  }

  async run(): Promise<Exploration> {
    const initial = this.#world.initial();
    this.#store.add(initial, 0, 0);
    this.#checkState(0, initial);
    for (let id = 0; id < this.#store.size && this.#goesOn(id); id++) {
      if (id === this.#levelEnd) {
        this.#depth += 1;
        this.#levelEnd = this.#store.size;
      }
      this.#expand(id);
      if (id % CHECK_EVERY === 0) await setImmediate();
    }
    return this.#result();
  }

  #goesOn(id: StateId): boolean {
    const { stopAtFirst, maxStates, maxSeconds, maxMemoryMiB, progress, isInterrupted } = this.#options;
    if (stopAtFirst === true && this.#violations.size > 0) return false;
    if (maxStates !== undefined && this.#store.size >= maxStates) this.#limit = 'states-limit';
    if (id % CHECK_EVERY === CHECK_EVERY - 1) {
      if (maxSeconds !== undefined && this.#seconds >= maxSeconds) this.#limit = 'seconds-limit';
      if (maxMemoryMiB !== undefined && process.memoryUsage.rss() / MiB >= maxMemoryMiB) this.#limit = 'memory-limit';
      if (isInterrupted?.() === true) this.#limit = 'interrupted';
      progress?.({
        states: this.#store.size,
        transitions: this.#transitions,
        frontier: this.#store.size - id,
        depth: this.#depth,
        seconds: this.#seconds,
      });
    }
    return this.#limit === undefined;
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #expand(id: StateId): void {
    const row = this.#store.row(id).slice();
    const choices = this.#world.choices(row);
    if (choices.length === 0) this.#checkDeadlock(id, row);
    this.#before.row = row;
    for (const [index, choice] of choices.entries()) {
      const { row: next, observations } = this.#world.step(row, choice);
      this.#transitions += 1;
      this.#after.row = next;
      const added = this.#store.add(next, id, index);
      const event = this.#world.transitions.event(choice.event);
      this.#checkStep({ before: this.#before, after: this.#after, event, observations }, id, index);
      if (added >= 0) this.#checkState(added, next);
      this.#options.edge?.(id, index, added >= 0 ? added : -1 - added);
    }
  }

  #checkStep(step: StepView, from: StateId, choice: number): void {
    for (const property of this.#step) {
      if (this.#violations.has(property.id)) continue;
      const message = property.check(step);
      if (message !== null) this.#violate(property.id, message, [...this.#store.path(from), choice]);
    }
  }

  #checkState(id: StateId, row: Uint16Array): void {
    const view = this.#after;
    view.row = row;
    const isFree = view.isFree;
    for (const property of this.#state) {
      if (this.#violations.has(property.id)) continue;
      if (property.when !== 'always' && !isFree) continue;
      if (property.when === 'final' && !this.#world.isFinal(row)) continue;
      const message = property.check(view);
      if (message !== null) this.#violate(property.id, message, this.#store.path(id));
    }
  }

  #checkDeadlock(id: StateId, row: Uint16Array): void {
    if (this.#deadlock === undefined || this.#violations.has(this.#deadlock.id) || this.#world.isFinal(row)) return;
    this.#after.row = row;
    // Where the kernel stopped on corrupted memory nothing moves either, but that has its own property.
    if (this.#after.isCorrupt) return;
    const stuck = this.#after.callers().filter(({ context }) => context.op !== null);
    const calls = stuck.map(({ name, context }) => `${name} in ${String(context.op)}(${String(context.object)})`);
    this.#violate(
      this.#deadlock.id,
      `nothing can move any more: ${calls.join(', ') || 'no thread is done'}`,
      this.#store.path(id),
    );
  }

  #violate(property: string, message: string, path: readonly number[]): void {
    this.#violations.set(property, { property, message, path });
  }

  #result(): Exploration {
    const violations = [...this.#violations.values()];
    return {
      verdict: violations.length > 0 ? 'violated' : this.#limit === undefined ? 'holds' : 'incomplete',
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      states: this.#store.size,
      transitions: this.#transitions,
      depth: this.#depth,
      seconds: this.#seconds,
      memoryMiB: Math.round(process.memoryUsage.rss() / MiB),
      violations,
      machineCalls: this.#world.transitions.machineCalls,
    };
  }
}
