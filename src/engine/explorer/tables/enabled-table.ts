// What is enabled at a source, remembered whole: its choices with their leaves, and that the step properties hold of
// them, as one decision instead of one a choice and one a leaf.
import type { DecisionTable } from './decision-table.ts';
import { Path } from './decision-table.ts';
import type { Source } from './sources.ts';
import type { StepTable } from './step-table.ts';
import { REJECTED } from './step-table.ts';

/** What another thread needs to know of enabled choices. */
export interface EnabledTables {
  readonly roots: Int32Array;
  readonly sets: Int32Array;
}

/** Sets of enabled choices by source, as far as they are known. */
export interface EnabledIndex {
  /** All sets, one after the other: where it ends, then each choice with its leaf. */
  readonly sets: Int32Array;
  /** Where the sets of some sources are for so many packed rows, row by row; -1 where one is not known. */
  findEach(sources: Int32Array, words: Int32Array, base: number, count: number, places: Int32Array): void;
  /** Enters a set that was found choice by choice. Workers learn nothing. */
  readonly learn?: EnabledTable['learn'];
}

/** What was found at a source, choice by choice. */
export interface Found {
  /** What the source offers in the state. */
  readonly offered: Int32Array;
  /** Enabled choices and their leaves are these from `first` to `end`. */
  readonly choices: Int32Array;
  readonly leaves: Int32Array;
  readonly first: number;
  readonly end: number;
  /** How many states are stored. */
  readonly states: number;
}

/** The set without any choice. */
export const NOTHING = 0;
/**
 * So many decisions of a source are entered, and one more for so many states; beyond, it looks at too many columns, and choices
 * are looked up one by one.
 */
const MOST = 4096;
const STATES_A_DECISION = 64;

/** Enabled choices of the sources of a world. */
export class EnabledTable implements EnabledIndex {
  sets = new Int32Array(1024);
  #used = 1;
  readonly #decisions: DecisionTable;
  readonly #steps: StepTable;
  readonly #sources: readonly Source[];
  readonly #roots: Int32Array;
  readonly #known: Int32Array;
  /** Where a set is, by its content. */
  readonly #places = new Map<string, number>([['', NOTHING]]);
  readonly #path = new Path();

  constructor(decisions: DecisionTable, steps: StepTable, sources: readonly Source[]) {
    this.#decisions = decisions;
    this.#steps = steps;
    this.#sources = sources;
    this.#roots = new Int32Array(sources.length);
    this.#known = new Int32Array(sources.length);
  }

  findEach(sources: Int32Array, words: Int32Array, base: number, count: number, places: Int32Array): void {
    this.#decisions.findEach(this.#roots, sources, words, base, count, places);
  }

  /** The tables as they are now. */
  get tables(): EnabledTables {
    return { roots: this.#roots.slice(), sets: this.sets.slice(0, this.#used) };
  }

  /** Enters what was found at a source in a packed row, every choice of which is known and every step of which holds. */
  learn(source: number, words: Int32Array, base: number, found: Found): void {
    if ((this.#known[source] as number) >= MOST + found.states / STATES_A_DECISION) return;
    const { column, slot, after, offered } = this.#sources[source] as Source;
    const path = this.#path;
    const code = path.begin(this.#decisions, column, words, base);
    if ((offered[code]?.length ?? 0) > 0) {
      // Whether threads before it are done, and whether the message before it is the same, decide whether it offers that.
      for (const actor of after) path.look(this.#decisions, actor, words, base);
      if (slot > 0) path.look(this.#decisions, (this.#sources[source - 1] as Source).column, words, base);
    }
    for (const choice of found.offered) {
      const leaf = this.#steps.follow(choice, words, base, path);
      if (leaf !== REJECTED && !this.#steps.followVerdict(leaf, words, base, path)) return;
    }
    this.#known[source] = (this.#known[source] as number) + 1;
    const root = this.#roots[source] as number;
    this.#roots[source] = this.#decisions.enter(root, path.columns, path.codes, this.#place(found));
  }

  #place(found: Found): number {
    const set: number[] = [];
    for (let i = found.first; i < found.end; i++) set.push(found.choices[i] as number, found.leaves[i] as number);
    const key = set.join();
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const at = this.#used;
    this.#used += set.length + 1;
    if (this.#used > this.sets.length) {
      const grown = new Int32Array(this.#used * 2);
      grown.set(this.sets);
      this.sets = grown;
    }
    this.sets[at] = this.#used;
    this.sets.set(set, at + 1);
    this.#places.set(key, at);
    return at;
  }
}
