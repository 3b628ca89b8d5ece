// A thread that judges mutants: runs those of the bundled tests that are asked for, each time to the first that fails. The bundle is
// compiled once; it is evaluated once for mutants that are met by tests only, and anew for each that is met as modules load.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import * as vitest from 'vitest';
import type * as Harness from './harness.ts';
import type { CollectedTest } from './harness.ts';
import type { Hits, Judged, Judgement, Made, Said, Task } from './judgement.ts';
import { LOADS } from './judgement.ts';

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
(globalThis as { __stryker__?: Instruments }).__stryker__ = instruments;
const say = (said: Said): void => parentPort?.postMessage(said);

const { bundle: path } = workerData as Made;
const bundle = compileFunction(
  readFileSync(path, 'utf8'),
  ['exports', 'require', 'module', '__filename', '__dirname'],
  { filename: path },
) as (exports: object, require: (name: string) => unknown, module: object, file: string, folder: string) => void;
const nodeRequire = createRequire(path);
/** Vitest cannot be required. */
const requires = (name: string): unknown => (name === 'vitest' ? vitest : nodeRequire(name));

/** Evaluates the bundle; why it cannot be, where it cannot. */
function evaluated(mutant: string | null): typeof Harness | string {
  instruments.activeMutant = mutant ?? undefined;
  const module = { exports: {} };
  try {
    bundle(module.exports, requires, module, path, '.');
    return module.exports as typeof Harness;
  } catch (error) {
    return messageOf(error);
  }
}

let kept: typeof Harness | string | null = null;

async function judge({ mutant, isFresh, tests }: Task): Promise<Judgement> {
  say({ begins: LOADS });
  const start = performance.now();
  const harness = isFresh ? evaluated(mutant) : (kept ??= evaluated(null));
  const milliseconds = performance.now() - start;
  if (typeof harness === 'string') return { tests: [{ id: LOADS, milliseconds, failure: harness }] };
  instruments.activeMutant = mutant ?? undefined;
  const judged: Judged[] = [{ id: LOADS, milliseconds, failure: null }];
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
  try {
    await harness.leave();
  } catch {
    // Modules that cannot be left clean judge nobody else.
    kept = null;
  }
  return {
    tests: judged,
    ...(tests === null ? { coverage: instruments.mutantCoverage ?? { static: {}, perTest: {} } } : {}),
  };
}

parentPort?.on('message', async (task: Task) => say({ judgement: await judge(task) }));
