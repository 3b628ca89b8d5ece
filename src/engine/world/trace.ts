// Traces: one run of a world, step by step, with what was observed and the state after each.
import type { Observation } from '../../machines/manager/protocol.ts';
import type { PlainEvent } from './local-transitions.ts';
import { StructureMemory } from './structure-memory.ts';
import { WorldView } from './view.ts';
import type { Choice, Row, World } from './world.ts';

/** One step of a trace. */
export interface TraceStep {
  /** Place in the run, from 1. */
  readonly step: number;
  /** Which of the choices was taken: its index in `world.choices`. */
  readonly choice: number;
  /** Who received what. */
  readonly to: string;
  readonly message: PlainEvent['message'];
  readonly observations: readonly Observation[];
  /** The state after the step, as `WorldView.toJSON` shows it. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** A choice that a trace names but the world does not offer. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** Runs a world one step at a time, on real index structures, and notes every step down. */
export class TracedRun {
  readonly world: World;
  readonly steps: TraceStep[] = [];
  readonly view: WorldView;
  readonly #memory: StructureMemory;
  #row: Row;

  constructor(world: World) {
    this.world = world;
    this.#row = world.initial();
    this.#memory = new StructureMemory(world, this.#row);
    this.view = new WorldView(world, this.#row);
  }

  get row(): Row {
    return this.#row;
  }

  /** What may happen next. */
  choices(): Choice[] {
    return this.world.choices(this.#row);
  }

  /** Takes one of the choices. Throws TraceError where there is no such choice. */
  take(choice: number): TraceStep {
    const taken = this.choices()[choice];
    if (taken === undefined) throw new TraceError(`there is no choice ${choice} at step ${this.steps.length + 1}`);
    const { row, observations } = this.world.step(this.#row, taken, this.#memory);
    const { to, message } = this.world.transitions.event(taken.event);
    this.#row = row;
    this.view.row = row;
    const step = { step: this.steps.length + 1, choice, to, message, observations, state: this.view.toJSON() };
    this.steps.push(step);
    return step;
  }
}

/** The trace of a path of choices, from the initial state. */
export function traceOf(world: World, path: readonly number[]): TraceStep[] {
  const run = new TracedRun(world);
  for (const choice of path) run.take(choice);
  return run.steps;
}
