// Stryker's test runner for this project: mutants are judged in threads that have the tests and all of src as one bundle.
//
// Stryker plans, instruments and reports; this runs. Where a mutant is met by tests only, and not as modules load, many of them are judged
// one after the other by the same modules: they are warm, and what fails there and passes again without the mutant is told from the
// program. What lives there, and what is met as modules load, is judged by modules of its own, in which nothing is left over from another.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
import type { Hits, Judged, Judgement, Made, Said, Task } from './judgement.ts';
import { LOADS } from './judgement.ts';

/** Where the bundle is, and which tests run something of which mutant. Paths from the sandbox. */
const BUNDLE = '.mutants/all.cjs';
const DRY_RUN = '.mutants/dry-run.json';
const MEGABYTES = 1500;
/** With room for what is young most judgements are there before anything is collected. */
const YOUNG_MEGABYTES = 64;
/** Where those are judged again that lived, twice as much is asked of them. */
const LONGER = process.env['MUTANTS_AGAIN'] === 'survivors' ? 2 : 1;
/** As many milliseconds of tests are asked of a mutant: what lives so long is said to live. */
const PATIENCE = 1500 * LONGER;
/** The same of one that has lived with others, and of all tests for one that is met as modules load. */
const PATIENCE_AGAIN = 750 * LONGER;
/** The same of tests that run something of its file. */
const PATIENCE_NEAR = 1250 * LONGER;
/** As many mutants are judged by one thread. */
const LIVES = 200;

/** A test that takes so many times as long, and some milliseconds, has no end: where modules are warm, and where they are not. */
const SLOWER = 10;
const WARM = 2000;
const COLD = 5000;

/** What is kept of the dry run. */
interface DryRun {
  /** Mutants that each test meets, by test and number. */
  readonly perTest: Readonly<Record<string, Hits>>;
  /** Milliseconds of each test. */
  readonly time: Readonly<Record<string, number>>;
}

/** Why a thread gave no judgement. */
class Ended extends Error {}

/** A test fails for the program as it is. */
class WrongTest extends Error {}

/** A thread with the bundle. */
class Thread {
  readonly #worker: Worker;
  /** Who waits for a judgement, and how many milliseconds a test may take. */
  #waiting: {
    readonly done: (judgement: Judgement) => void;
    readonly fail: (why: Error) => void;
    readonly limit: (test: string) => number;
  } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #died: Error | null = null;

  constructor() {
    this.#worker = new Worker(new URL('judge.ts', import.meta.url), {
      workerData: { bundle: resolve(BUNDLE) } satisfies Made,
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', (said: Said) => {
      clearTimeout(this.#timer);
      if ('begins' in said) this.#wait(said.begins);
      else this.#answer(said.judgement);
    });
    this.#worker.on('error', (error: Error & { code?: string }) =>
      this.#die(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Ended('out of memory') : error),
    );
    this.#worker.on('exit', (code) => this.#die(new Error(`the thread ended with ${code}`)));
  }

  #wait(test: string): void {
    const milliseconds = this.#waiting?.limit(test) ?? Infinity;
    if (!Number.isFinite(milliseconds)) return;
    this.#timer = setTimeout(() => this.#die(new Ended(`over ${Math.round(milliseconds)} ms: ${test}`)), milliseconds);
  }

  #answer(judgement: Judgement): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.done(judgement);
  }

  #die(why: Error): void {
    clearTimeout(this.#timer);
    this.#died ??= why;
    this.#waiting?.fail(this.#died);
    this.#waiting = null;
    void this.#worker.terminate();
  }

  /**
   * Asks for tests. Rejects with `Ended` where it takes too long or too much memory, with what else was thrown where nobody waited.
   *
   * @param task - the mutant and the tests
   * @param limit - milliseconds that a test may take, and the loading of all modules
   */
  ask(task: Task, limit: (test: string) => number): Promise<Judgement> {
    return new Promise((done, fail) => {
      if (this.#died !== null) {
        fail(this.#died);
        return;
      }
      this.#waiting = { done, fail, limit };
      this.#worker.postMessage(task);
    });
  }

  end(): void {
    this.#die(new Error('ended'));
  }
}

/** Numbers of the mutants of a file, as it was instrumented. */
const mutantsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g)].map(([, id = '']) => id);

/** The tests that took some time. */
const namesOf = (time: DryRun['time']): readonly string[] => Object.keys(time).filter((id) => id !== LOADS);

/** Tests that are asked of a mutant, the shortest first, as many as there is time for: the most that can be asked in it, and one at least. */
function askedOf(tests: readonly string[], time: DryRun['time'], patience: number): readonly string[] {
  let sum = 0;
  return tests
    .toSorted((a, b) => (time[a] ?? 0) - (time[b] ?? 0))
    .filter((id, i) => {
      sum += time[id] ?? 0;
      return i === 0 || sum <= patience;
    });
}

const failedOf = ({ tests }: Judgement): Judged | undefined => tests.find(({ failure }) => failure !== null);

/** Judges mutants in threads. */
export class ThreadTestRunner implements TestRunner {
  /** Tests by file: those that run something of it. */
  readonly #byFile = new Map<string, readonly string[]>();
  #dryRun: DryRun | null = null;
  /** Mutants that each test has told from the program. */
  readonly #kills = new Map<string, number>();
  /** Tests that hold for the program in the order in which they were asked. */
  readonly #right = new Set<string>();
  /** Judges mutants one after the other, and how many it has. */
  #current: { readonly thread: Thread; lives: number } | null = null;

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true };
  }

  dispose(): Promise<void> {
    this.#endThread();
    return Promise.resolve();
  }

  async dryRun({ timeout }: { readonly timeout: number }): Promise<DryRunResult> {
    const thread = new Thread();
    const { tests, coverage } = await thread.ask({ mutant: null, isFresh: true, tests: null }, (test) =>
      test === LOADS ? timeout : Infinity,
    );
    thread.end();
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

  /** Tests that run something of a file: whom a mutant in it may concern, also where Stryker has not seen that it does. */
  #testsOf(file: string): readonly string[] {
    let found = this.#byFile.get(file);
    if (found === undefined) {
      const ids = new Set(mutantsOf(file));
      const { perTest } = this.#met();
      found = Object.entries(perTest).flatMap(([test, hits]) =>
        Object.keys(hits).some((id) => ids.has(id)) ? [test] : [],
      );
      this.#byFile.set(file, found);
    }
    return found;
  }

  /** Those first that told most others from the program in their time: which are asked does not hang on what was judged before. */
  #inOrder(tests: readonly string[], patience: number): readonly string[] {
    const { time } = this.#met();
    const yields = (id: string): number => (this.#kills.get(id) ?? 0) / (1 + (time[id] ?? 0));
    return askedOf(tests, time, patience).toSorted((a, b) => yields(b) - yields(a));
  }

  #limit = (slack: number) => (test: string) =>
    (this.#met().time[test] ?? 0) * SLOWER + (test === LOADS ? COLD : slack);

  #endThread(): void {
    this.#current?.thread.end();
    this.#current = null;
  }

  /** The thread that judges; another one after some mutants, and where that one has died. */
  #thread(): Thread {
    if ((this.#current?.lives ?? LIVES) >= LIVES) this.#endThread();
    this.#current ??= { thread: new Thread(), lives: 0 };
    this.#current.lives += 1;
    return this.#current.thread;
  }

  /** Judges a mutant by modules that have judged others: the test that tells it from the program, as long as it is there. */
  async #warmJudgement(mutant: string, tests: readonly string[]): Promise<Judged | undefined> {
    const thread = this.#thread();
    const ask = (whom: string | null, which: readonly string[]): Promise<Judgement> =>
      thread.ask({ mutant: whom, isFresh: false, tests: which }, this.#limit(WARM));
    try {
      const failed = failedOf(await ask(mutant, tests));
      // What another has left over fails without this one, too.
      if (failed === undefined || failedOf(await ask(null, [failed.id])) === undefined) return failed;
    } catch {
      // Judged by itself.
    }
    this.#endThread();
    return undefined;
  }

  /** Judges a mutant by modules of its own. Where a thread dies, of this one or of others that it has judged, another one is asked. */
  async #freshJudgement(mutant: string, tests: readonly string[]): Promise<Judgement> {
    const ask = (): Promise<Judgement> => this.#thread().ask({ mutant, isFresh: true, tests }, this.#limit(COLD));
    try {
      return await ask();
    } catch {
      this.#endThread();
    }
    try {
      return await ask();
    } catch (error) {
      this.#endThread();
      throw error;
    }
  }

  /**
   * Throws where a test that tells a mutant from the program fails without it, too, after the same tests: then it hangs on their order. Asked
   * once of each test.
   */
  async #expectRight(failed: string, asked: readonly string[]): Promise<void> {
    if (failed === LOADS || this.#right.has(failed)) return;
    const tests = asked.slice(0, asked.indexOf(failed) + 1);
    const judgement = await this.#thread().ask({ mutant: null, isFresh: true, tests }, () => Infinity);
    const wrong = failedOf(judgement);
    if (wrong !== undefined) throw new WrongTest(`"${wrong.id}" fails by itself after ${tests.length - 1} others`);
    this.#right.add(failed);
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, sandboxFileName, reloadEnvironment } = options;
    const own = testFilter ?? [];
    const inOrder = this.#inOrder(own, PATIENCE);
    const killedBy = ({ id, failure }: Judged, nrOfTests: number): MutantRunResult => {
      this.#kills.set(id, (this.#kills.get(id) ?? 0) + 1);
      return {
        status: MutantRunStatus.Killed,
        nrOfTests,
        killedBy: [id],
        failureMessage: failure ?? '',
      };
    };
    if (!reloadEnvironment) {
      const failed = await this.#warmJudgement(activeMutant.id, inOrder);
      if (failed !== undefined) return killedBy(failed, inOrder.length);
    }
    // Whom a mutant concerns was seen of the first who came there; what is made once and kept concerns others, too.
    const near = this.#testsOf(sandboxFileName);
    const others = reloadEnvironment ? namesOf(this.#met().time) : [];
    const asked = [
      ...new Set([
        ...this.#inOrder(own, PATIENCE_AGAIN),
        ...this.#inOrder(near, PATIENCE_NEAR),
        ...this.#inOrder(others, PATIENCE_AGAIN),
      ]),
    ];
    try {
      const failed = failedOf(await this.#freshJudgement(activeMutant.id, asked));
      if (failed === undefined) return { status: MutantRunStatus.Survived, nrOfTests: asked.length };
      await this.#expectRight(failed.id, asked);
      return killedBy(failed, asked.length);
    } catch (error) {
      if (error instanceof WrongTest) throw error;
      if (error instanceof Ended) return { status: MutantRunStatus.Timeout, reason: error.message };
      // Thrown where nobody waits for it, a stack that is full: told from the program as it is.
      return { status: MutantRunStatus.Killed, nrOfTests: 1, killedBy: [LOADS], failureMessage: String(error) };
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'threads', ThreadTestRunner)];
