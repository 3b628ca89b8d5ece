// A counterexample, and when two of them differ.

/** A violated property, with the choices that lead there. */
export interface Violation {
  readonly property: string;
  readonly message: string;
  /** Indexes into `choices` of each state on the way: a shortest way. */
  readonly path: readonly number[];
  /** For a property that gathers facts: paths of other runs, whose last steps show the rest of what is wrong. */
  readonly alongside?: readonly (readonly number[])[];
}

/** What makes two counterexamples different: the property, what is done on the way, or the state that it ends in. */
export type DistinctBy = 'property' | 'actions' | 'final';
