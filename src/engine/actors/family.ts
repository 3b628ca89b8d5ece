// Families of cells: words of shared memory with operations of their own, such as the sets of the registry.
//
// The engine notes which operation was asked and what it answered; what it does is the family's business.
import type { Name, Value } from './name.ts';

/** An operation of a family: which arguments are values (the others are numbers or truth values), does it only read? */
export interface FamilyOperation {
  readonly name: string;
  /** True for each argument that is a name or NULL. At most three. */
  readonly values: readonly boolean[];
  readonly reads: boolean;
}

/** What the words of a family hold, for symmetry: a value (perhaps a name), or a number that names nothing. */
export interface FamilyColumn {
  readonly holds: 'value' | 'plain';
  /** Whose word it is, if it moves when that actor is renamed. */
  readonly owner?: Name;
}

/** The actors of a world, as a family sees them when its words are laid out. */
export interface MemoryPlan {
  /** Names of all actors, in order. */
  readonly actors: readonly Name[];
  /** Names of all actors of a kind, in order. */
  readonly actorsOf: (kind: string) => readonly Name[];
}

/** Words of one row: by place in the family. Values are numbers of the world. */
export interface FamilyWords {
  get(place: number): number;
  set(place: number, value: number): void;
}

/** What a family may ask of the world that it is in. */
export interface FamilyHost {
  /** The number of a value. */
  idOf(value: Value): number;
  valueOf(id: number): Value;
  /** Reads a cell of an actor, by the number of its name. */
  load(actor: number, cell: string): number;
}

/** A family laid out in one world. */
export interface LaidOutFamily {
  readonly columns: readonly FamilyColumn[];
  /** Performs an operation, by its place in `operations`; arguments and answer are value numbers. */
  perform(words: FamilyWords, host: FamilyHost, operation: number, a: number, b: number, c: number): number;
}

/** A group of cells with operations. */
export interface Family {
  readonly id: string;
  readonly operations: readonly FamilyOperation[];
  layOut(plan: MemoryPlan, host: Pick<FamilyHost, 'idOf'>): LaidOutFamily;
}
