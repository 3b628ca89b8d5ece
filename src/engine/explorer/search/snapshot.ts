// A search as it stands: what it takes to go on from here, in this process or in another.
import type { InternedState } from '../../world/local-transitions.ts';
import type { Value } from '../../actors/name.ts';
import type { GrowthSnapshot } from './growth.ts';
import type { Violation } from '../counterexamples/violation.ts';

/** What a search has learnt of its world. Numbers in rows mean what the dictionaries say. */
export interface Learnt {
  /** 32-bit words a state, and where each column is in them: word, shift, mask. */
  readonly words: number;
  readonly layout: readonly (readonly [number, number, number])[];
  /** Raw values of each column, by code. */
  readonly dictionary: readonly (readonly number[])[];
  /** Local states and events, by number; values likewise. */
  readonly interned: InternedState;
  readonly values: readonly Value[];
  /** The runs of the machines so far: choice, column of the message (-1 for a call), and the row, `width` numbers each. */
  readonly runs: {
    readonly choices: readonly number[];
    readonly columns: readonly number[];
    readonly rows: Uint16Array;
  };
  /** Columns that each claim has read. */
  readonly claimsRead: readonly (readonly number[])[];
  /** Properties that were put to the test, and what is noted of the machines' coverage. */
  readonly witnessed: readonly string[];
  readonly notes: readonly string[];
  /** Which threads' calls are taken for movers; null without partial order reduction. */
  readonly movers: readonly number[] | null;
}

/** A search that was stopped, or may be. */
export interface SearchSnapshot extends Learnt {
  /** States stored. */
  readonly size: number;
  readonly rows: Int32Array;
  /** The state from which each was reached. */
  readonly parents: Int32Array;
  /** Which search of the space it is; another one has other states. */
  readonly pass: number;
  /** The next state to expand, and where its level ends. */
  readonly next: number;
  readonly levelEnd: number;
  readonly depth: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly isWarm: boolean;
  /** See `Symmetry.isExact`; true without symmetry. */
  readonly isExact: boolean;
  readonly violations: readonly Violation[];
  /** Which variables took new values, and when. */
  readonly growth: GrowthSnapshot;
}

/** Where snapshots go. */
export interface SnapshotStore {
  /** Is it time for one? */
  isDue(): boolean;
  /** Keeps a snapshot; its arrays are only good during the call. */
  save(snapshot: SearchSnapshot): void;
}
