// What a property is: a claim about states, about steps, or about states where nothing more can happen.
import type { Observation } from '../machines/protocol.ts';
import type { PlainEvent } from '../world/local-transitions.ts';
import type { WorldView } from '../world/view.ts';
import type { World } from '../world/world.ts';

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

/** A property: what it claims of states, of steps, or that there is no deadlock (which the explorer decides). */
export interface Property {
  /** Lower case, as in kernel-spec part 7. */
  readonly id: string;
  readonly title: string;
  readonly state?: StateClaim;
  readonly step?: (step: StepView) => string | null;
  readonly deadlock?: true;
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
