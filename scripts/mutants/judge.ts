// A thread that judges mutants: loads the bundled tests, with a mutant or without, and runs those that are asked for, each time to the first
// that fails.
import { parentPort, workerData } from 'node:worker_threads';
import type * as Harness from './harness.ts';
import type { CollectedTest } from './harness.ts';

/** What a thread is made of. */
export interface Made {
  /** The bundle. */
  readonly bundle: string;
  /** The mutant with which it is loaded, by its number in Stryker; null for the program as it is. */
  readonly mutant: string | null;
}

/** What a thread is asked. */
export interface Task {
  /** The mutant; null for the program as it is. */
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
  /** Where all tests are asked for. */
  readonly coverage?: { readonly static: Hits; readonly perTest: Readonly<Record<string, Hits>> };
}

/** What a thread says: a test begins, or a judgement is there. */
export type Said = { readonly begins: string } | { readonly judgement: Judgement };

/** The pseudo test that all modules can be loaded: machines are checked as they are declared. */
export const LOADS = 'all modules load';

/** What Stryker's instrumented code looks at, and counts in. */
interface Instruments {
  activeMutant?: string | undefined;
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

const instruments: Instruments = {};
const port = parentPort;
const say = (said: Said): void => port?.postMessage(said);

/** Loads the bundle; why it cannot be, where it cannot. */
async function loaded({ bundle, mutant }: Made): Promise<typeof Harness | string> {
  (globalThis as { __stryker__?: Instruments }).__stryker__ = instruments;
  if (mutant !== null) instruments.activeMutant = mutant;
  try {
    return (await import(bundle)) as typeof Harness;
  } catch (error) {
    return messageOf(error);
  }
}

async function judge(harness: typeof Harness, { mutant, tests }: Task): Promise<Judgement> {
  instruments.activeMutant = mutant ?? undefined;
  const judged: Judged[] = [{ id: LOADS, milliseconds: 0, failure: null }];
  for (const one of inOrder(harness.collected, tests)) {
    say({ begins: one.id });
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
  instruments.activeMutant = undefined;
  await harness.leave();
  return {
    tests: judged,
    ...(tests === null ? { coverage: instruments.mutantCoverage ?? { static: {}, perTest: {} } } : {}),
  };
}

if (port !== null) {
  say({ begins: LOADS });
  const harness = await loaded(workerData as Made);
  port.on('message', async (task: Task) => {
    if (typeof harness === 'string') say({ judgement: { tests: [{ id: LOADS, milliseconds: 0, failure: harness }] } });
    else say({ judgement: await judge(harness, task) });
  });
}
