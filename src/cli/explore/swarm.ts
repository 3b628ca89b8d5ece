// irqbypass explore --swarm: many small searches instead of one large one, here or on many machines.
import { availableParallelism } from 'node:os';
import type { JobRunner } from '../../engine/swarm/swarm.ts';
import { SwarmUnion } from '../../engine/swarm/swarm.ts';
import { RedisLostError } from '../../engine/swarm/redis.ts';
import { onRedis } from '../../engine/swarm/run-on-redis.ts';
import { inProcesses } from '../../engine/swarm/run-in-processes.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import { assembleScript } from '../../scenarios/assemble.ts';
import { jobProcess, referenceTo, swarmOf } from '../../scenarios/files/known-scenarios.ts';
import type { World } from '../../engine/world/world.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { exitCode, UsageError, wholeNumber } from '../exit-codes.ts';
import { writeTrace } from './explore-options.ts';
import { writeReportFiles } from './report-files.ts';
import { headline, select } from '../selection.ts';
import type { SwarmCommandOptions, SwarmRun } from './swarm-report.ts';
import { printSwarm, swarmJson, swarmReportOf } from './swarm-report.ts';
import type { Terminal } from '../terminal.ts';
import { count, createTerminal, expectWritable } from '../terminal.ts';

const MOST_JOBS = 100_000;
const MOST_WORKERS = 256;

/** Runs a swarm and reports. Answers the exit code. */
export async function swarm(given: string, options: SwarmCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  if (options.swarm === undefined) throw new UsageError('--seed and --redis are for --swarm N');
  const jobs = wholeNumber('--swarm', options.swarm, 1, MOST_JOBS);
  const seed = wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff);
  expectNoneOf(
    options,
    [
      'lts',
      'maxMemory',
      'stopAtFirst',
      'checkpoint',
      'checkpointEvery',
      'resume',
      'traces',
      'distinctBy',
      'liveness',
      'search',
      'maxDepth',
      'coverage',
    ],
    '--swarm',
  );
  for (const reduction of ['symmetry', 'por'] as const)
    if (options[reduction] === false)
      throw new UsageError(
        `--no-${reduction} does not go with --swarm: walks reduce nothing, the first search always does`,
      );
  if (options.redis !== undefined) expectNoneOf(options, ['workers'], '--redis: irqbypass worker --redis URL joins');
  const workers = Math.min(
    wholeNumber('--workers', options.workers ?? `${availableParallelism()}`, 1, MOST_WORKERS),
    jobs,
  );
  const maxStates = options.maxStates === undefined ? undefined : wholeNumber('--max-states', options.maxStates, 1);
  const maxSeconds = options.maxSeconds === undefined ? null : wholeNumber('--max-seconds', options.maxSeconds, 1);
  for (const file of [options.trace, options.junit, options.ktap]) if (file !== undefined) expectWritable(file);
  const assembled = await select(given, options);
  const infinite = assembled.properties.find(({ liveness }) => liveness !== undefined);
  if (infinite !== undefined)
    throw new UsageError(
      `--swarm: ${infinite.id} is about infinite runs, which no walk of a swarm is: explore ${given} --property ${infinite.id}`,
    );
  const reference = referenceTo(given);
  const runner =
    options.redis === undefined
      ? inProcesses(workers, { entry: jobProcess, modelFiles: 'file' in reference ? [given] : [] })
      : onRedis(options.redis);
  const plan = swarmOf(assembled, reference, jobs, seed, maxStates === undefined ? {} : { maxStates });
  const union = new SwarmUnion(jobs, assembled.properties, () => freshWorld(assembled));
  const started = performance.now();
  const limit = await runUntil(maxSeconds, terminal, (signal) =>
    runJobs(runner, plan, union, signal, terminal, assembled),
  );
  terminal.clear();
  const { report } = union;
  const [violation] = report.violations;
  const trace = violation === undefined ? [] : traceOf(freshWorld(assembled), violation.path);
  if (options.trace !== undefined) {
    if (violation === undefined) terminal.note(`nothing is violated, ${options.trace} is not written`);
    else await writeTrace(options.trace, { ...assembled, world: freshWorld(assembled) }, trace);
  }
  const run: SwarmRun = {
    given,
    options,
    assembled,
    seed,
    workers: options.redis === undefined ? workers : null,
    report,
    limit,
    seconds: (performance.now() - started) / 1000,
    trace,
  };
  if (options.json === true) terminal.print(JSON.stringify(swarmJson(run), null, 2));
  else printSwarm(terminal, run);
  // After what is shown: where a file cannot be written at the end of a long search, its result is not lost.
  writeReportFiles(
    options,
    swarmReportOf(run, () => freshWorld(assembled)),
  );
  if (limit === 'interrupted') return exitCode.interrupted;
  if (report.verdict === 'violated') return exitCode.violated;
  return report.verdict === 'holds' ? exitCode.ok : exitCode.incomplete;
}

function expectNoneOf(
  options: SwarmCommandOptions,
  names: readonly (keyof SwarmCommandOptions)[],
  beside: string,
): void {
  for (const name of names) {
    const written = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (options[name] !== undefined) throw new UsageError(`--${written} does not go with ${beside}`);
  }
}

function freshWorld({ scenario, parameters, script, revision, mutation }: Assembled): World {
  return assembleScript(scenario, parameters, script, revision.id, mutation?.id ?? null).world;
}

/** Works until it is done, SIGINT or SIGTERM comes, or the time is over. Answers what ended it. */
async function runUntil(
  maxSeconds: number | null,
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<SwarmRun['limit']> {
  const end = new AbortController();
  let limit: SwarmRun['limit'] = null;
  const endBy = (what: NonNullable<SwarmRun['limit']>) => (): void => {
    limit ??= what;
    end.abort();
  };
  const interrupt = endBy('interrupted');
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const timer = maxSeconds === null ? undefined : setTimeout(endBy('seconds-limit'), maxSeconds * 1000);
  try {
    await work(end.signal);
  } catch (error) {
    // What was found by then is not lost.
    if (!(error instanceof RedisLostError)) throw error;
    limit ??= 'redis-lost';
    terminal.note(error.message);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  return limit;
}

async function runJobs(
  runner: JobRunner,
  plan: Parameters<JobRunner>[0],
  union: SwarmUnion,
  signal: AbortSignal,
  terminal: Terminal,
  assembled: Assembled,
): Promise<void> {
  let done = 0;
  let steps = 0;
  let found = 0;
  const events = {
    done: (result: Parameters<SwarmUnion['add']>[0]): void => {
      union.add(result);
      done += 1;
      steps += result.steps;
      found += result.findings.length;
      terminal.progress(
        `${headline(assembled)}: ${done} of ${count(plan.length, 'job')}, ${count(steps, 'step')}, ${count(found, 'counterexample')}`,
      );
    },
    failed: (job: number, reason: string): void => union.fail(job, reason),
    note: (text: string): void => terminal.note(text),
  };
  await runner(plan, events, signal);
}
