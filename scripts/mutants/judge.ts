// A thread that judges one mutant, or none: loads the bundled tests with it, runs those that are asked for, ends at the first that fails.
import { parentPort, workerData } from 'node:worker_threads';
import type * as Harness from './harness.ts';
import type { CollectedTest } from './harness.ts';

/** What a thread is asked. */
export interface Task {
  /** The bundle. */
  readonly bundle: string;
  /** The mutant, by its number in Stryker; null for the program as it is. */
  readonly mutant: string | null;
  /** Which tests, by id, in which order; null for all. */
  readonly tests: readonly string[] | null;
}

/** What became of one test. */
export interface Judged {
  readonly id: string;
  readonly milliseconds: number;
  readonly failure: string | null;
}

/** How often each mutant was met, by its number. */
export type Hits = Record<string, number>;

/** What a thread answers. */
export interface Judgement {
  readonly tests: readonly Judged[];
  readonly coverage?: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> };
}

/** The pseudo test that all modules can be loaded: machines are checked as they are declared. */
export const LOADS = 'all modules load';

/** What Stryker's instrumented code looks at, and counts in. */
interface Instruments {
  activeMutant?: string;
  currentTestId?: string;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);

/** Tests that are asked for, in their order; all, in that of the bundle, where none are named. */
function inOrder(all: readonly CollectedTest[], asked: readonly string[] | null): readonly CollectedTest[] {
  if (asked === null) return all;
  const byId = new Map(all.map((one) => [one.id, one]));
  return asked.flatMap((id) => byId.get(id) ?? []);
}

async function judge({ bundle, mutant, tests }: Task): Promise<Judgement> {
  const instruments: Instruments = {};
  (globalThis as { __stryker__?: Instruments }).__stryker__ = instruments;
  if (mutant !== null) instruments.activeMutant = mutant;
  const judged: Judged[] = [];
  let harness: typeof Harness;
  try {
    harness = (await import(bundle)) as typeof Harness;
  } catch (error) {
    return { tests: [{ id: LOADS, milliseconds: 0, failure: messageOf(error) }] };
  }
  judged.push({ id: LOADS, milliseconds: 0, failure: null });
  for (const one of inOrder(harness.collected, tests)) {
    instruments.currentTestId = one.id;
    const begin = performance.now();
    let failure: string | null = null;
    try {
      await harness.run(one);
    } catch (error) {
      failure = messageOf(error);
    }
    delete instruments.currentTestId;
    judged.push({ id: one.id, milliseconds: performance.now() - begin, failure });
    if (failure !== null && mutant !== null) break;
  }
  return {
    tests: judged,
    ...(mutant === null ? { coverage: instruments.mutantCoverage ?? { static: {}, perTest: {} } } : {}),
  };
}

if (parentPort !== null) parentPort.postMessage(await judge(workerData as Task));
