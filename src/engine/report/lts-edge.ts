// One edge of an explored graph.

/** A transition between two numbered states. */
export interface LtsEdge {
  readonly from: number;
  readonly label: string;
  readonly to: number;
}
