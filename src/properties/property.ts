// What a property is: a claim about states, about steps, about states where nothing more can happen, or about runs.
import type { Observation } from '../machines/manager/protocol.ts';
import type { PlainEvent } from '../engine/world/local-transitions.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';

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
  /** `always`, or `quiescent`: only while the mutex is free; `final`: only when every thread is done. */
  readonly when: 'always' | 'quiescent' | 'final';
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

/** A claim about infinite runs, for liveness searches (explorer/liveness.ts); other searches pass over it. */
export interface LivenessClaim {
  readonly checks: (world: World) => readonly LeadsTo[];
}

/** A property: what it claims of states, of steps, of runs, or that there is no deadlock (which the explorer decides). */
export interface Property {
  /** Lower case, as in kernel-spec part 7. */
  readonly id: string;
  readonly title: string;
  /** `system`: it is about VFIO, KVM or the IOMMU, and says nothing of a world without them. */
  readonly needs?: 'system';
  readonly state?: StateClaim;
  readonly step?: (step: StepView) => string | null;
  readonly deadlock?: true;
  readonly liveness?: LivenessClaim;
  /** What must happen somewhere for the property to say anything; a search in which it never does reports it vacuous. */
  readonly sometimes?: Sometimes;
}

/** A witness against vacuity: a step of this kind, or the end of all threads. */
export interface Sometimes {
  readonly title: string;
  readonly step?: (step: Pick<StepView, 'event' | 'observations'>) => boolean;
  readonly final?: true;
}

/** Does a state claim speak about this state? */
export function appliesTo(when: StateClaim['when'], state: WorldView): boolean {
  if (when === 'always') return true;
  return state.isFree && (when === 'quiescent' || state.world.isFinal(state.row));
}
