// What is on record of mutation testing: docs/mutants.json.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A mutant that no test tells from the program. */
export interface Survivor {
  readonly line: number;
  /** Its last line, where that is another one. */
  readonly end?: number;
  /** Which kind of change, as Stryker calls it. */
  readonly mutator: string;
  /** The program's text, its first line, and what stands in its place. */
  readonly from: string;
  readonly to: string;
  /** Does no test run it? */
  readonly isNotRun?: true;
}

/** What became of the mutants of a file. */
export interface FileRecord {
  /** Of the text that was judged. */
  readonly hash: string;
  readonly killed: number;
  readonly timedOut: number;
  /** Mutants of texts for people, which are left alone. */
  readonly texts: number;
  readonly survivors: readonly Survivor[];
}

/** By file. */
export type Records = Readonly<Record<string, FileRecord>>;

/** What tells one text of a file from another. */
export const hashOf = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
