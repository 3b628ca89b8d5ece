// What a search asks of the program that it runs in. The engine knows no node: in node, `threads/node-host.ts` answers.
import { InputError } from '../../input-error.ts';
import type { CompiledWorld } from '../expansion/compiled-world.ts';
import type { LearningImages } from '../expansion/learning-images.ts';
import type { Expander } from '../expansion/expander.ts';
import type { SharedStateTable } from '../store/shared-state-table.ts';
import type { Hashing, StateId } from '../store/state-table.ts';

/** Other threads that help to expand the states of a level, over one shared store. */
export interface SearchThreads {
  /** Transitions that they took so far. */
  readonly transitions: number;
  /**
   * Expands states of a level together with this thread, for about so long or until room is short. Answers the first state that
   * was not taken.
   */
  expand(from: StateId, end: StateId, milliseconds: number): Promise<StateId>;
  /** Makes room for so many states more, between rounds. */
  makeRoom(states: number): Promise<void>;
  /** States that the others have left since they were last asked for. */
  takeLeft(): readonly StateId[];
  /** States and claims that have to be asked. */
  takeClaims(): readonly (readonly [state: StateId, claim: number])[];
  /** States from which nothing can happen. */
  takeStuck(): readonly StateId[];
  /** Ends the threads. */
  dismiss(): Promise<void>;
}

/** What threads start with. */
export interface ThreadsStart {
  /** How many, besides this one. */
  readonly count: number;
  readonly known: CompiledWorld;
  /** Canonical forms, with symmetry. */
  readonly images: LearningImages | undefined;
  readonly expander: Expander;
  readonly store: SharedStateTable;
  readonly hashing: Hashing;
}

/** What the program around a search can do for it. */
export interface Host {
  /** Memory that the process has taken, in MiB. */
  readonly memoryMiB?: () => number;
  readonly startThreads?: (start: ThreadsStart) => Promise<SearchThreads>;
}

/** What is asked for that only a host can give; the codes are those of docs/errors.md. */
export const hostErrors = { memory: 'IRQB401', threads: 'IRQB402' } as const;

const HINT = 'in node pass `host: nodeHost` of irqbypass-lab';

/** Throws InputError where a search asks for what its host cannot give. */
export function expectHosted(
  { maxMemoryMiB, workers = 1 }: { readonly maxMemoryMiB?: number; readonly workers?: number },
  { memoryMiB, startThreads }: Host = {},
): void {
  if (maxMemoryMiB !== undefined && memoryMiB === undefined)
    throw new InputError(hostErrors.memory, `maxMemoryMiB ${maxMemoryMiB}: the host does not tell its memory`, {
      hint: HINT,
    });
  if (workers > 1 && startThreads === undefined)
    throw new InputError(hostErrors.threads, `workers ${workers}: the host has no threads`, { hint: HINT });
}
