// What a search is asked for, and what it answers.
import type { Mark, Property } from '../../world/property.ts';
import type { EventId } from '../../world/local-transitions.ts';
import type { Coverage } from '../expansion/compiled-world.ts';
import type { GrowingColumn } from './growth.ts';
import type { Host } from './host.ts';
import type { SearchSnapshot, SnapshotStore } from './snapshot.ts';
import type { StateId } from '../store/state-table.ts';
import type { DistinctBy, Violation } from '../../world/violation.ts';

/** Limits of a search; reaching one makes it incomplete. */
export interface Limits {
  /** States stored. */
  readonly maxStates?: number;
  /** Memory of the process, in MiB; only with a host that tells it. */
  readonly maxMemoryMiB?: number;
  /** Wall clock, in seconds. */
  readonly maxSeconds?: number;
}

/** What a search is asked for. */
export interface ExploreOptions extends Limits {
  readonly properties: readonly Property[];
  /** Branches of the modelled code that should be met somewhere; those that are not are reported. */
  readonly marks?: readonly Mark[];
  /** Stop at the first violation instead of looking for a shortest one of every property. */
  readonly stopAtFirst?: boolean;
  /** Called now and then. */
  readonly progress?: (progress: Progress) => void;
  /** Its abort ends the search as interrupted. */
  readonly signal?: AbortSignal;
  /** What the search runs in: it tells the memory and has threads. */
  readonly host?: Host;
  /** Merge states that differ only in the names of what the scenario declares interchangeable. */
  readonly symmetry?: boolean;
  /** Groups of at most so many permutations are reduced exactly; 1,024 where absent, and at most. Larger ones are coloured. */
  readonly permutationsMax?: number;
  /** Seed of the state table's hash; changes nothing but the order of probing. */
  readonly hashSeed?: number;
  /** Test hook: every state gets the same hash. */
  readonly collides?: boolean;
  /** Test hook: when so many states are expanded other threads begin to help. */
  readonly shareAt?: number;
  /** Leave out orders of calls that lead to nothing else (right-movers.ts, early-calls.ts). */
  readonly por?: boolean;
  /** With `por`: false makes no call early, so that the first search has the shortest counterexamples already. */
  readonly earlyCalls?: boolean;
  /** Stop when each of these properties is violated. */
  readonly until?: ReadonlySet<string>;
  /** Breadth-first where absent: counterexamples are shortest. Depth-first needs less of a frontier. */
  readonly order?: 'breadth-first' | 'depth-first';
  /** States so many steps away are the farthest: they are not expanded, and where there are any the search is incomplete. */
  readonly maxDepth?: number;
  /** How many counterexamples are kept in all, and which of them count as different; one a property where absent. */
  readonly traces?: { readonly atMost: number; readonly distinctBy: DistinctBy };
  /**
   * Threads that search, this one included; 1 where absent; more only with a host that has them. Small searches are over
   * before others would have begun.
   */
  readonly workers?: number;
  /** Where the search is saved now and then, and at its end where a limit ended it. */
  readonly checkpoint?: SnapshotStore;
  /** Goes on from here. */
  readonly resume?: SearchSnapshot;
  /** Called for every transition, for graphs: state numbers and what is delivered. */
  readonly edge?: (from: StateId, event: EventId, to: StateId) => void;
}

/** Where a search stands. */
export interface Progress {
  readonly states: number;
  /** What a stored state costs, in bytes, by now. */
  readonly bytesPerState: number;
  readonly transitions: number;
  readonly frontier: number;
  readonly depth: number;
  readonly seconds: number;
  /** Undefined where the host does not tell. */
  readonly memoryMiB: number | undefined;
  /** Seconds to go, by the trend of the frontier; undefined while it does not shrink. */
  readonly secondsLeft?: number;
}

/** What a search found out. */
export interface Exploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** The limit that ended it, where one did. */
  readonly limit?:
    | 'states-limit'
    | 'memory-limit'
    | 'seconds-limit'
    | 'depth-limit'
    | 'world-limit'
    | 'interrupted'
    | 'checkpoint-failed';
  /** What limit of the world it was, or why nothing could be saved. */
  readonly limitMessage?: string;
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the farthest one. */
  readonly depth: number;
  readonly seconds: number;
  /** Undefined where the host does not tell. */
  readonly memoryMiB: number | undefined;
  /** What a stored state costs, in bytes: its row, its parent, its share of the index. */
  readonly bytesPerState: number;
  /** One per violated property, shortest first. */
  readonly violations: readonly Violation[];
  /** All that were kept, with `traces`; else the same. */
  readonly counterexamples: readonly Violation[];
  /** Properties that were never put to the test: nothing that they are about has happened. */
  readonly vacuous: readonly string[];
  /** What was never done by the machines. */
  readonly coverage: Coverage;
  /** What still took new values when a limit ended the search, most values first. */
  readonly growing: readonly GrowingColumn[];
  /** Calls of XState's transition function. */
  readonly machineCalls: number;
  /** Was symmetry used? Only where the scenario declares something interchangeable. */
  readonly symmetry: boolean;
  /** Why symmetry was asked for and not used. */
  readonly symmetryLeftOut?: 'nothing is declared interchangeable' | 'no group has two members';
  /**
   * How a state stands for those that it is merged with: `exact`, one for each orbit, or `heuristic`, where a few states of one orbit may have
   * been kept apart. Only with symmetry.
   */
  readonly representative?: 'exact' | 'heuristic';
  /** Was everything looked at? Not where a limit, `stopAtFirst` or enough traces ended the search. */
  readonly isWhole: boolean;
  /** Threads that searched. */
  readonly workers: number;
  /** Was partial order reduction used? Only where calls of some thread commute with what others do. */
  readonly por: boolean;
}
