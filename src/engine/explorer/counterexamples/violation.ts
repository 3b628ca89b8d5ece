// A counterexample, and when two of them differ.

/** A violated property, with the choices that lead there. */
export interface Violation {
  readonly property: string;
  readonly message: string;
  /** Indexes into `choices` of each state on the way: a shortest way. */
  readonly path: readonly number[];
}

/** What makes two counterexamples different: the property, what is done on the way, or the state that it ends in. */
export type DistinctBy = 'property' | 'actions' | 'final';
