// What a search has learnt of its world, in a form that another process can take up.
import type { Value } from '../../actors/name.ts';
import type { InternedState } from '../../world/local-transitions.ts';
import type { LearntPartialOrder } from '../reductions/partial-order.ts';
import type { KeptFact } from '../tables/gathered.ts';

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
    /** Columns that step properties have read besides. */
    readonly checked: readonly (readonly number[])[];
    readonly rows: Uint16Array;
  };
  /** Columns that each claim has read. */
  readonly claimsRead: readonly (readonly number[])[];
  /** Properties that were put to the test, and what is noted of the machines' coverage. */
  readonly witnessed: readonly string[];
  /** What properties have gathered. */
  readonly facts: readonly KeptFact[];
  readonly notes: readonly string[];
  /** null without partial order reduction. */
  readonly partialOrder: LearntPartialOrder | null;
}
