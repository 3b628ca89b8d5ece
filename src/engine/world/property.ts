// What a property is: a claim about states, about steps, about states where nothing more can happen, or about runs.
import type { Address, Observation } from '../actors/effects.ts';
import type { PlainEvent } from './events.ts';
import type { WorldView } from './view.ts';
import type { World } from './world.ts';

/** A step as a property sees it: the states before and after, what was delivered, what was observed. */
export interface StepView {
  readonly before: WorldView;
  readonly after: WorldView;
  readonly event: PlainEvent;
  readonly observations: readonly Observation[];
  /** Columns in which the two states differ. */
  readonly touched: ReadonlySet<number>;
}

/** Answers null where the claim holds, else what is wrong. */
export type StateCheck = (state: WorldView) => string | null;

/**
 * A claim about states, cut into small ones: each check should look at few columns, because it is asked again only when
 * one of them changes.
 */
export interface StateClaim {
  /** The claim speaks only while this actor's state value is so: while a lock is free, say. Absent: always. */
  readonly while?: { readonly actor: Address; readonly isIn: (value: unknown) => boolean };
  /** The claim speaks only where nothing more has to happen. */
  readonly atEnd?: true;
  readonly checks: (world: World) => readonly StateCheck[];
}

/**
 * P leads to Q: in every state where `from` holds, `to` holds then or later. Lamport, "Proving the correctness of
 * multiprocess programs", 1977.
 */
export interface LeadsTo {
  /** Whom it is about: `c0`, `registry`. */
  readonly subject: string;
  readonly from: (state: WorldView) => boolean;
  readonly to: (state: WorldView) => boolean;
  /** What is wrong with a run in which `to` never comes. */
  readonly message: string;
  /**
   * Deliveries to which the claim takes strong fairness for granted, beyond weak fairness: whoever can have such a message
   * delivered to a recipient again and again has one delivered again and again. For locks that serve waiters in turn.
   */
  readonly inTurn?: (event: PlainEvent) => boolean;
}

/** A step, as far as facts can be seen in it. */
export type ShownStep = Pick<StepView, 'event' | 'observations'>;

/**
 * A claim about everything that is met anywhere, in whatever run: facts that steps show, gathered. More facts never mend what
 * is wrong. A search is violated by the step that brings the fact that was missing; a single run gathers its own.
 */
export interface GatheredClaim {
  /** What a step shows, as text. */
  readonly facts: (step: ShownStep) => readonly string[];
  /** Answers null where all facts may stand side by side, else what is wrong. */
  readonly check: (facts: readonly string[]) => string | null;
}

/** A claim about infinite runs, for liveness searches; other searches pass over it. */
export interface LivenessClaim {
  readonly checks: (world: World) => readonly LeadsTo[];
}

/** A property: what it claims of states, of steps, of all steps together, of runs, or that there is no deadlock (which the explorer decides). */
export interface Property {
  /** Lower case letters, digits and hyphens: `i-pairsym`. */
  readonly id: string;
  readonly title: string;
  /** Has it anything to say about a world? Absent: about all. */
  readonly needs?: (world: World) => boolean;
  readonly state?: StateClaim;
  readonly step?: (step: StepView) => string | null;
  readonly gathered?: GatheredClaim;
  /**
   * No reachable state in which nothing can move and somebody is not done. Answers null where standing still is right (a
   * kernel that stopped on purpose), else who is stuck.
   */
  readonly deadlock?: (state: WorldView) => string | null;
  readonly liveness?: LivenessClaim;
  /** What must happen somewhere for the property to say anything; a search in which it never does reports it vacuous. */
  readonly sometimes?: Sometimes;
}

/** A witness against vacuity: a step of this kind, or the end of everyone that acts by itself. */
export interface Sometimes {
  readonly title: string;
  readonly step?: (step: ShownStep) => boolean;
  readonly final?: true;
}

/** A branch of the modelled code that a search should meet somewhere, by what it shows (matklad, "Coverage Marks"). */
export interface Mark {
  readonly id: string;
  readonly title: string;
  /** Has a world this branch? Absent: every one. */
  readonly needs?: (world: World) => boolean;
  readonly isMet: (step: ShownStep) => boolean;
}

/** Does a state claim speak about this state? */
export function appliesTo(claim: StateClaim, state: WorldView): boolean {
  if (claim.while !== undefined && !claim.while.isIn(state.value(claim.while.actor))) return false;
  return claim.atEnd !== true || state.world.isFinal(state.row);
}

/**
 * Is a property about infinite runs only, so that a search of states does not ask it? Some say what must come in the end, and what must be
 * so at the end as well.
 */
export function isOfRunsOnly({ liveness, state }: Property): boolean {
  return liveness !== undefined && state === undefined;
}

/** Who is stuck where nothing can move: everyone that acts by itself and is not done. */
export function stuckActors(state: WorldView): string {
  const { world } = state;
  const stuck = world.actors.filter(({ actsByItself, address }) => actsByItself && !state.isDone(address));
  return stuck.map(({ address }) => `${address} ${callInProgress(state, address)}`).join(', ') || 'messages are left';
}

function callInProgress(state: WorldView, address: Address): string {
  const { op, object } = state.context(address);
  return typeof op === 'string' ? `in ${op}(${state.world.language.value(object)})` : 'is not done';
}

/** What a property says of a state from which nothing can happen; null where standing still is right. */
export function deadlockMessage({ deadlock }: Property, state: WorldView): string | null {
  const stuck = deadlock?.(state) ?? null;
  return stuck === null ? null : `nothing can move any more: ${stuck}`;
}
