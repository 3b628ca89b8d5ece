// What a search of each built-in scenario finds, on every revision: manifest.json beside this file, which a test holds to be so.
import recorded from './manifest.json' with { type: 'json' };

/** What a search with the usual reductions finds. */
export interface ManifestEntry {
  readonly verdict: string;
  readonly limit?: string;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** Properties, each with the steps of its counterexample: `i-adddel@11`. */
  readonly violated: readonly string[];
}

/** Entries by scenario and row: a row is a revision, `v2p8`, or one on an architecture that is not the usual one, `arch=svm v2p8`. */
export type Manifest = Readonly<Record<string, Readonly<Record<string, ManifestEntry>>>>;

/** The entries on record. */
export const manifest: Manifest = recorded;
