// What every way to explore has in common: options, limits, signals, exit codes, traces.
import { totalmem } from 'node:os';
import type { Exploration } from '../../engine/explorer/search/explore.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { WorldView } from '../../engine/world/view.ts';
import { exitCode, wholeNumber } from '../exit-codes.ts';
import type { SelectionOptions } from '../selection.ts';
import type { CommonOptions } from '../terminal.ts';
import { writeFileWhole } from '../terminal.ts';

export interface ExploreCommandOptions extends CommonOptions, SelectionOptions {
  readonly symmetry?: boolean;
  readonly por?: boolean;
  readonly search?: string;
  readonly maxDepth?: string;
  readonly workers?: string;
  readonly maxStates?: string;
  readonly maxMemory?: string;
  readonly maxSeconds?: string;
  readonly stopAtFirst?: boolean;
  readonly traces?: string;
  readonly distinctBy?: string;
  readonly checkpoint?: string;
  readonly checkpointEvery?: string;
  readonly resume?: string;
  readonly liveness?: boolean;
  readonly coverage?: boolean;
  readonly trace?: string;
  readonly lts?: string;
  readonly junit?: string;
  readonly ktap?: string;
}

const LEAST_MEMORY_MIB = 64;
/** The limit of memory where none is given: nine tenths of what the machine has. */
const MOST_MEMORY_MIB = Math.floor((totalmem() * 0.9) / 2 ** 20);

/** Limits as the options give them. */
export function limitsOf(options: ExploreCommandOptions): {
  maxStates?: number;
  maxMemoryMiB: number;
  maxSeconds?: number;
} {
  const { maxStates, maxMemory, maxSeconds } = options;
  return {
    ...(maxStates === undefined ? {} : { maxStates: wholeNumber('--max-states', maxStates, 1) }),
    // Without one the system would end the search, and say nothing.
    maxMemoryMiB: maxMemory === undefined ? MOST_MEMORY_MIB : wholeNumber('--max-memory', maxMemory, LEAST_MEMORY_MIB),
    ...(maxSeconds === undefined ? {} : { maxSeconds: wholeNumber('--max-seconds', maxSeconds, 1) }),
  };
}

/** The exit code of an exploration. */
export function codeOf({
  verdict,
  limit,
}: {
  readonly verdict: Exploration['verdict'];
  readonly limit?: Exploration['limit'] | undefined;
}): number {
  if (limit === 'interrupted') return exitCode.interrupted;
  if (verdict === 'violated') return exitCode.violated;
  return verdict === 'holds' ? exitCode.ok : exitCode.incomplete;
}

/** Writes a counterexample in the format that the file's name asks for. */
export async function writeTrace(file: string, assembled: Assembled, trace: readonly TraceStep[]): Promise<void> {
  const { headerOf, toItf, toNdjson } = await import('../../bridge/trace-file.ts');
  const header = headerOf(assembled);
  const initial = new WorldView(assembled.world, assembled.world.initial()).toJSON();
  writeFileWhole(file, file.endsWith('.itf.json') ? toItf(header, initial, trace) : toNdjson(header, trace));
}
