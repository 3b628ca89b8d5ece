// What a property is: an invariant of a state, of a step, of a state where nothing more can happen.
import type { Observation } from '../machines/protocol.ts';
import type { PlainEvent } from '../world/local-transitions.ts';
import type { WorldView } from '../world/view.ts';

/** A step as a property sees it: the states before and after, what was delivered, what was observed. */
export interface StepView {
  readonly before: WorldView;
  readonly after: WorldView;
  readonly event: PlainEvent;
  readonly observations: readonly Observation[];
}

interface Described {
  /** Lower case, as in kernel-spec part 7. */
  readonly id: string;
  readonly title: string;
}

/** Holds in every state it speaks about. The check answers null, or what is wrong. */
export interface StateProperty extends Described {
  readonly kind: 'state';
  /** `always`, or `quiescent`: only while the mutex is free; `final`: only when every thread is done. */
  readonly when: 'always' | 'quiescent' | 'final';
  readonly check: (state: WorldView) => string | null;
}

/** Holds of every step. */
export interface StepProperty extends Described {
  readonly kind: 'step';
  readonly check: (step: StepView) => string | null;
}

/** No state without a next step, unless every thread is done. The explorer decides it. */
export interface DeadlockProperty extends Described {
  readonly kind: 'deadlock';
}

export type Property = StateProperty | StepProperty | DeadlockProperty;
