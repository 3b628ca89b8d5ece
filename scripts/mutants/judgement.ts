// What the test runner and its threads say to one another.

/** What a thread is made of. */
export interface Made {
  /** Path of the bundle. */
  readonly bundle: string;
}

/** What a thread is asked. */
export interface Task {
  /** The mutant, by its number in Stryker; null for the program as it is. */
  readonly mutant: string | null;
  /** Are all modules evaluated anew, with the mutant in, and forgotten afterwards? */
  readonly isFresh: boolean;
  /** Which tests, by id, in which order; null for all. */
  readonly tests: readonly string[] | null;
}

/** What became of one test. */
export interface Judged {
  readonly id: string;
  readonly milliseconds: number;
  readonly failure: string | null;
}

/** How often each mutant was met, by its number. */
export type Hits = Record<string, number>;

/** What a thread answers. */
export interface Judgement {
  readonly tests: readonly Judged[];
  /** Where all tests are asked for. */
  readonly coverage?: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> };
}

/** What a thread says: a test begins, or a judgement is there. */
export type Said = { readonly begins: string } | { readonly judgement: Judgement };

/** The pseudo test that all modules can be loaded: machines are checked as they are declared. */
export const LOADS = 'all modules load';
