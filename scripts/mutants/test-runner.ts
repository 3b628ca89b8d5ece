// Stryker's test runner for this project: each mutant is judged in a fresh thread by tests that are one bundle.
//
// Stryker plans, instruments and reports; this runs. A thread with the bundle is there after 0.07 s, where vitest takes a second.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestRunner,
  TestRunnerCapabilities,
} from '@stryker-mutator/api/test-runner';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import type { Hits, Judgement, Task } from './judge.ts';
import { LOADS } from './judge.ts';

/** Where the bundle is, and which tests run something of which mutant. Paths from the sandbox. */
const BUNDLE = '.mutants/all.mjs';
const DRY_RUN = '.mutants/dry-run.json';
const MEGABYTES = 1500;
/** As many milliseconds of tests are asked of a mutant: what lives so long is said to live. */
const PATIENCE = 3000;

/** A mutant that takes so many times as long, and some milliseconds to load, has no end. */
const SLOWER = 4;
const LOADING = 4000;

/** What is kept of the dry run. */
interface DryRun {
  /** Mutants that each test meets, by test and number. */
  readonly perTest: Readonly<Record<string, Hits>>;
  /** Milliseconds of each test. */
  readonly time: Readonly<Record<string, number>>;
}

/** Why a thread gave no judgement. */
class Ended extends Error {}

/** A thread from its start to its end. Rejects with `Ended` where it takes too long or too much memory. */
function judgement(task: Omit<Task, 'bundle'>, milliseconds: number): Promise<Judgement> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('judge.ts', import.meta.url), {
      workerData: { ...task, bundle: pathToFileURL(resolve(BUNDLE)).href } satisfies Task,
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
      stdout: true,
      stderr: true,
    });
    const end = (act: () => void): void => {
      clearTimeout(timer);
      act();
      void worker.terminate();
    };
    const timer = setTimeout(() => end(() => fail(new Ended(`over ${Math.round(milliseconds)} ms`))), milliseconds);
    worker.on('message', (judged: Judgement) => end(() => done(judged)));
    worker.on('error', (error: Error & { code?: string }) =>
      end(() => fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Ended('out of memory') : error)),
    );
    worker.on('exit', (code) => end(() => fail(new Error(`the thread ended with ${code}`))));
  });
}

/** Numbers of the mutants of a file, as it was instrumented. */
const mutantsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g)].map(([, id = '']) => id);

/** Tests that are asked of a mutant, in the order of the group's files: the most telling ones first, as many as there is time for. */
function askedOf(tests: readonly string[], time: DryRun['time']): readonly string[] {
  const wanted = new Set(tests);
  let sum = 0;
  return Object.keys(time).filter((id) => {
    if (!wanted.has(id) || sum + (time[id] ?? 0) > PATIENCE) return false;
    sum += time[id] ?? 0;
    return true;
  });
}

/** Judges mutants in threads. */
export class ThreadTestRunner implements TestRunner {
  /** Tests by file: those that run something of it. */
  readonly #byFile = new Map<string, readonly string[]>();
  #dryRun: DryRun | null = null;
  /** Mutants that each test has told from the program. */
  readonly #kills = new Map<string, number>();

  capabilities(): TestRunnerCapabilities {
    // Every mutant has an environment of its own.
    return { reloadEnvironment: true };
  }

  async dryRun({ timeout }: { readonly timeout: number }): Promise<DryRunResult> {
    const { tests, coverage } = await judgement({ mutant: null, tests: null }, timeout);
    if (coverage === undefined) return { status: DryRunStatus.Error, errorMessage: tests[0]?.failure ?? 'no tests' };
    const time = Object.fromEntries(tests.map(({ id, milliseconds }) => [id, milliseconds]));
    writeFileSync(DRY_RUN, JSON.stringify({ perTest: coverage.perTest, time } satisfies DryRun));
    return {
      status: DryRunStatus.Complete,
      mutantCoverage: coverage,
      tests: tests.map(({ id, milliseconds, failure }) => ({
        id,
        name: id,
        timeSpentMs: milliseconds,
        ...(failure === null
          ? { status: TestStatus.Success as const }
          : { status: TestStatus.Failed as const, failureMessage: failure }),
      })),
    };
  }

  /** What the dry run met: another process may have made it. */
  #met(): DryRun {
    this.#dryRun ??= JSON.parse(readFileSync(DRY_RUN, 'utf8')) as DryRun;
    return this.#dryRun;
  }

  /**
   * Tests that run something of a file. They judge what its module does as it is loaded, of which Stryker cannot say whom it
   * concerns: fewer than all, so that at worst a mutant is said to live that is not.
   */
  #testsOf(file: string): readonly string[] | null {
    let found = this.#byFile.get(file);
    if (found === undefined) {
      const ids = new Set(mutantsOf(file));
      const { perTest } = this.#met();
      found = Object.entries(perTest).flatMap(([test, hits]) =>
        Object.keys(hits).some((id) => ids.has(id)) ? [test] : [],
      );
      this.#byFile.set(file, found);
    }
    return found.length === 0 ? null : found;
  }

  async mutantRun({ activeMutant, testFilter, sandboxFileName }: MutantRunOptions): Promise<MutantRunResult> {
    const { time } = this.#met();
    const asked = testFilter ?? this.#testsOf(sandboxFileName) ?? Object.keys(time);
    // Those first that told most others from the program: which tests are asked does not hang on what was judged before.
    const kills = (id: string): number => this.#kills.get(id) ?? 0;
    const inOrder = askedOf(asked, time).toSorted((a, b) => kills(b) - kills(a));
    const usual = inOrder.reduce((sum, id) => sum + (time[id] ?? 0), 0);
    const task = { mutant: activeMutant.id, tests: inOrder };
    const patience = usual * SLOWER + LOADING;
    try {
      // What takes too long is asked again: the machine may have had something else to do.
      const { tests } = await judgement(task, patience).catch((error: unknown) => {
        if (error instanceof Ended) return judgement(task, patience * 2);
        throw error;
      });
      const failed = tests.find(({ failure }) => failure !== null);
      const nrOfTests = tests.length;
      if (failed !== undefined) this.#kills.set(failed.id, (this.#kills.get(failed.id) ?? 0) + 1);
      return failed === undefined
        ? { status: MutantRunStatus.Survived, nrOfTests }
        : { status: MutantRunStatus.Killed, nrOfTests, killedBy: [failed.id], failureMessage: failed.failure ?? '' };
    } catch (error) {
      if (error instanceof Ended) return { status: MutantRunStatus.Timeout, reason: error.message };
      // Thrown where nobody waits for it, a stack that is full: told from the program as it is.
      return { status: MutantRunStatus.Killed, nrOfTests: 1, killedBy: [LOADS], failureMessage: String(error) };
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'threads', ThreadTestRunner)];
