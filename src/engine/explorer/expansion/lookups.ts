// What an expander looks up and whom it asks: tables as they are in the main thread, and as workers have them.
import type { EnabledIndex } from '../tables/enabled-table.ts';
import type { Layout } from '../store/layout.ts';
import type { Source } from '../tables/sources.ts';
import type { StateStore } from '../store/state-table.ts';

/** Steps by number, as far as they are known. */
export interface StepIndex {
  readonly writes: readonly Int32Array[];
  /** The leaf of a choice; -1 where it is not known. */
  find(choice: number, words: Int32Array, base: number): number;
  /** HOLDS, a number of violated properties, or -1 where it is not known. */
  verdict(leaf: number, words: Int32Array, base: number): number;
  eventOf(choice: number): number;
}

/** Claims about states by number, as far as they are known. */
export interface ClaimIndex {
  affectedBy(leaf: number, writes: Int32Array): Int32Array;
  /** Is it known to hold? */
  holds(claim: number, words: Int32Array, base: number): boolean;
  /** Are all claims that the leaf may affect known to hold? */
  holdsAll(leaf: number, words: Int32Array, base: number): boolean;
  /** Enters that they do. Workers learn nothing. */
  readonly learnAll?: (leaf: number, writes: Int32Array, words: Int32Array, base: number) => void;
}

/** What a partial order reduction knows of calls: those that can wait (right-movers.ts), those that are made early (early-calls.ts). */
export interface PartialOrderIndex {
  /** By actor: 1 where calls of this thread can wait. */
  readonly isMover: Uint8Array;
  /** By actor: 1 where calls of this thread may be made early, if they are no movers. */
  readonly isCaller: Uint8Array;
  /** Is a call made early, by its event: 1, 0, or -1 where that is not known? */
  isEarly(event: number): number;
  /** Does somebody know a thread's name in a state: 1, 0, or -1 where that is not known? */
  isNamed(thread: number, words: Int32Array, base: number): number;
  /** Would the call leave a message that is not taken now? */
  waits(leaf: number, words: Int32Array, base: number): boolean;
  /** Does a message in a mover's channel come of a delivery, or of somebody else, not of its call? */
  isChained(event: number): boolean;
}

/** Who answers what the tables do not: by computing it (main thread), or not at all (workers). */
export interface Oracle {
  /** The leaf of a choice in a state; -1 leaves the state. */
  leaf(id: number, choice: number, source: Source): number;
  /** What a source offers; undefined leaves the state. */
  offers(source: Source, code: number): Int32Array | undefined;
  /** Are all these threads at the end of their programs? undefined leaves the state. */
  areDone(actors: readonly number[], id: number): boolean | undefined;
  /** A step of which the step properties are not known to hold; false leaves the state. */
  check(id: number, leaf: number, choice: number): boolean;
  /** A new state of which a claim is not known to hold. Its words are as the step left it. */
  claim(id: number, claim: number, words: Int32Array, base: number): void;
  /** Nothing can happen in this state. */
  stuck(id: number): void;
}

/** What became of a canonical form: it is not known here (the state is left), the layout is another now, it is packed. */
export const LEFT = -1;
export const AGAIN = 0;
export const PACKED = 1;

/** Symmetry, as the expander uses it: one row at a time. */
export interface CanonicalForm {
  /** Finds the canonical form of a packed row. Answers 0 where that is the row, LEFT where it is not known. */
  find(words: Int32Array, base: number): number;
  /** Packs the row as it was given. */
  packPlain(into: Int32Array, base: number): void;
  /** Packs its canonical form. Answers PACKED, LEFT, or AGAIN: it had no room, the expander was flushed, and the layout is another. */
  packImage(into: Int32Array, base: number): number;
}

/** What the expander is made of. */
export interface ExpanderParts {
  readonly layout: Layout;
  readonly store: StateStore;
  readonly sources: readonly Source[];
  readonly steps: StepIndex;
  readonly enabled: EnabledIndex;
  readonly claims: ClaimIndex;
  readonly partialOrder: PartialOrderIndex | undefined;
  readonly oracle: Oracle;
  readonly canonical?: CanonicalForm | undefined;
  readonly edge?: ((from: number, event: number, to: number) => void) | undefined;
}
