// The small interface between what is modelled and what searches: a few pure functions.
//
// `World` is a model; so is the product of two worlds that make the same calls, of a world and a log, of a world and compiled
// code. Same state + same choice = same next state, and the order of choices is always the same.
import type { Observation } from '../actors/effects.ts';

/** A state: small integers, `width` of them. Two states are the same where all of them are. */
export type ModelState = Uint16Array;

/** What is explored. `C` is a choice: what may happen next. */
export interface Model<C = unknown> {
  /** Numbers of a state. */
  readonly width: number;
  /** The state in which nothing has happened yet. */
  initial(): ModelState;
  /** Everything that may happen next, in a fixed order. */
  choices(state: ModelState): readonly C[];
  /** Takes a choice. */
  step(state: ModelState, choice: C): { readonly row: ModelState; readonly observations: readonly Observation[] };
  /** Is this a state in which nothing more has to happen? */
  isFinal(state: ModelState): boolean;
  /** Readable, the same in every run, process and release; no two choices of a state have the same. */
  nameOf(choice: C): string;
}

/** A claim about a model's states and steps. Answers null where it holds, else what is wrong. */
export interface ModelProperty<C = unknown> {
  readonly id: string;
  readonly title: string;
  readonly state?: (state: ModelState) => string | null;
  readonly step?: (step: {
    readonly before: ModelState;
    readonly choice: C;
    readonly after: ModelState;
    readonly observations: readonly Observation[];
  }) => string | null;
  /** Where nothing can happen and something has to. */
  readonly deadlock?: (state: ModelState) => string | null;
}
