// A search as it stands: what it takes to go on from here, in this process or in another.
import type { Learnt } from '../expansion/learnt.ts';
import type { GrowthSnapshot } from './growth.ts';
import type { Violation } from '../../world/violation.ts';

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
  /** Keeps a snapshot; its arrays are only good during the call. Throws SnapshotError where it cannot. */
  save(snapshot: SearchSnapshot): void;
}
