// What defines a world: actors with their machines, wiring and constants, and the programs of those that act by themselves.
import type { Machine } from '../actors/machine.ts';
import type { Value } from '../actors/name.ts';
import type { Language } from './language.ts';
import type { CellLayout, PackedMemory, RowAccess } from './memory.ts';
import type { Operations } from './operations.ts';
import type { Values } from './values.ts';

/** An actor of a world. */
export interface ActorDefinition {
  /** Letters and digits (`p0`); a name without digits (`registry`) is of an actor that a world has once. */
  readonly name: string;
  readonly machine: Machine;
  /** Names of other actors that it knows, by role. */
  readonly wiring?: Readonly<Record<string, string>>;
  /** Constants of its machine, where they are not the usual ones. */
  readonly constants?: Readonly<Record<string, Value>>;
  /** What it may answer to a fallible message, besides 0. */
  readonly failures?: readonly number[];
  /** What an actor that acts by itself does; its machine knows what it means. Absent: a driver decides. */
  readonly program?: unknown;
  /** Actors that must be done before this one starts. */
  readonly after?: readonly string[];
}

/** Everything that defines a world. */
export interface WorldDefinition {
  readonly actors: readonly ActorDefinition[];
  /** Names that are no actors: what is only passed on and compared. */
  readonly names?: readonly string[];
  /** Groups of interchangeable members; a member is names that go together, as a producer and its thread. */
  readonly interchangeable?: readonly (readonly (readonly string[])[])[];
  /** How what happens is put into words; plain where absent. */
  readonly language?: Language;
  /** Shared memory of single runs, where it is more than the cells of a row: real structures beside them, say. */
  readonly memory?: (world: NumberedWorld, row: RowAccess) => PackedMemory;
  /** False for a world that is only hosted live: it has no rows, so it may have more names than they hold. */
  readonly holdsRows?: false;
}

/** What a memory is told of its world: how names and operations are numbered, and where cells are. A world is one. */
export interface NumberedWorld {
  readonly definition: WorldDefinition;
  readonly values: Values;
  readonly operations: Operations;
  readonly layout: CellLayout;
}
