// A line of a log that cannot be, and why.

/** What is said of it. Keys are fixed: other programs read them. */
export interface Rejection {
  /** From 1; everything up to it can be, with it nothing can. */
  readonly line: number;
  readonly text: string;
  readonly why: string;
  /** What would have been right. */
  readonly expected: string;
}

/** Who takes rejections of the line at hand. */
export type Reject = (why: string, expected: string) => void;
