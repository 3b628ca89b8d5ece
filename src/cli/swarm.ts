// irqbypass explore --swarm: many small searches instead of one large one, here or on many machines.
import { availableParallelism } from 'node:os';
import { stepText } from '../explorer/narrate.ts';
import type { JobRunner, SwarmReport, SwarmViolation } from '../explorer/swarm.ts';
import { planSwarm, SwarmUnion } from '../explorer/swarm.ts';
import { RedisLostError } from '../fleet/redis.ts';
import { onRedis } from '../fleet/run-on-redis.ts';
import { inProcesses } from '../fleet/run-in-processes.ts';
import type { Assembled } from '../scenarios/assemble.ts';
import { assembleScript } from '../scenarios/assemble.ts';
import { referenceTo } from '../scenarios/shelf.ts';
import type { World } from '../world/world.ts';
import type { TraceStep } from '../world/trace.ts';
import { traceOf } from '../world/trace.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { writeTrace } from './explore-options.ts';
import { headline, select, selectionText } from './selection.ts';
import type { Terminal } from './terminal.ts';
import { count, createTerminal, expectWritable } from './terminal.ts';

export interface SwarmCommandOptions extends ExploreCommandOptions {
  readonly swarm?: string;
  readonly seed?: string;
  readonly redis?: string;
}

const MOST_JOBS = 100_000;
const MOST_WORKERS = 256;

/** Everything that a report is made of. */
interface SwarmRun {
  readonly given: string;
  readonly options: SwarmCommandOptions;
  readonly assembled: Assembled;
  readonly seed: number;
  /** Worker processes here; null where workers are elsewhere. */
  readonly workers: number | null;
  readonly report: SwarmReport;
  readonly limit: 'interrupted' | 'seconds-limit' | 'redis-lost' | null;
  readonly seconds: number;
  /** Of the shortest violation. */
  readonly trace: readonly TraceStep[];
}

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
      'junit',
      'ktap',
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
  if (options.trace !== undefined) expectWritable(options.trace);
  const assembled = await select(given, options);
  const infinite = assembled.properties.find(({ liveness }) => liveness !== undefined);
  if (infinite !== undefined)
    throw new UsageError(
      `--swarm: ${infinite.id} is about infinite runs, which no walk of a swarm is: explore ${given} --property ${infinite.id}`,
    );
  const reference = referenceTo(given);
  const runner =
    options.redis === undefined
      ? inProcesses(workers, { scenarioFiles: 'file' in reference ? [given] : [] })
      : onRedis(options.redis);
  const plan = planSwarm(assembled, reference, jobs, seed, maxStates === undefined ? {} : { maxStates });
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
  if (options.json === true) terminal.print(JSON.stringify(toJson(run), null, 2));
  else print(terminal, run);
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

/** The verdict in words, with what ended the swarm early. */
function endText({ limit, report: { verdict, isExhaustive, failed, limitMessages } }: SwarmRun): string {
  const reasons = [
    ...(limit === null ? [] : [limit]),
    ...(failed.length === 0 ? [] : ['jobs failed']),
    ...limitMessages.map((message) => `world-limit: ${message}`),
  ];
  const ended = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
  if (verdict === 'holds') return isExhaustive ? 'holds' : 'nothing found';
  return `${verdict}${ended}`;
}

function coverageText({ report: { isExhaustive, coverage, mostStates } }: SwarmRun): string {
  if (isExhaustive) return 'every state was seen: the first search came to its end';
  const { jobs, seen, isExact, reachable, share, known } = coverage;
  if (jobs === 0) return `${count(mostStates, 'state')} seen by one search, coverage unknown`;
  const states = `${isExact ? '' : 'about '}${count(seen, 'state')} seen by ${count(jobs, 'job')} that walked`;
  if (reachable === 'unknown' || share === 'unknown' || known === 'unknown')
    return `${states}, coverage unknown: too few were seen twice`;
  const per = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return `${states}, at most ${per(share)} of what such walks reach (Chao2: at least ${reachable.toLocaleString('en')}; of another job's states ${per(known)} would be known)`;
}

/** Failed jobs of one reason whose numbers are printed. */
const FAILED_SHOWN = 8;

function byReason(failed: SwarmReport['failed']): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const { job, reason } of failed) numbers.set(reason, [...(numbers.get(reason) ?? []), job]);
  return numbers;
}

function print(terminal: Terminal, run: SwarmRun): void {
  const { given, options, assembled, seed, workers, report, seconds, trace } = run;
  const { verdict, violations, failed, jobs, done, steps } = report;
  const colour = verdict === 'holds' ? 'green' : verdict === 'violated' ? 'red' : 'yellow';
  terminal.print(`${terminal.style('bold', headline(assembled))}: ${terminal.style(colour, endText(run))}`);
  const rate = Math.round(steps / Math.max(seconds, 1e-6)).toLocaleString('en');
  const where = workers === null ? 'over Redis' : `in ${count(workers, 'process', 'processes')}`;
  terminal.print(
    `  ${done === jobs ? '' : `${done} of `}${count(jobs, 'job')} of seed ${seed} ${where}, ${count(steps, 'step')}, ${seconds.toFixed(2)} s (${rate} steps/s)`,
  );
  terminal.print(`  ${coverageText(run)}`);
  terminal.print(
    `  ${count(assembled.properties.length, 'property', 'properties')}, ${violations.length === 0 ? 'none violated' : `${violations.length} violated`}`,
  );
  for (const [reason, numbers] of byReason(failed)) {
    const shown = numbers.slice(0, FAILED_SHOWN).join(', ');
    const more = numbers.length > FAILED_SHOWN ? ', ...' : '';
    terminal.print(`  ${count(numbers.length, 'job')} failed (${shown}${more}): ${reason}`);
  }
  const [first, ...others] = violations;
  if (first === undefined) return;
  terminal.print(`\n${terminal.style('red', first.property)}: ${first.message}\n`);
  for (const step of trace) terminal.print(stepText(step));
  terminal.print(
    `\nfound by job ${first.job} after ${count(first.foundAfter, 'step')}, made ${first.path.length} long`,
  );
  if (others.length > 0) {
    terminal.print('\nalso violated:');
    for (const { property, message, path, job } of others)
      terminal.print(`  ${terminal.style('red', property)} after ${path.length} steps (job ${job}): ${message}`);
  }
  const size =
    (options.maxStates === undefined ? '' : ` --max-states ${options.maxStates}`) +
    (options.maxSeconds === undefined ? '' : ` --max-seconds ${options.maxSeconds}`);
  terminal.print(
    `\nreproduce  irqbypass explore ${selectionText(given, options, assembled)} --swarm ${jobs} --seed ${seed}${size}`,
  );
}

function toJson(run: SwarmRun): object {
  const { assembled, seed, workers, report, limit, seconds, trace } = run;
  const { scenario, parameters, revision, mutation, properties } = assembled;
  const [first, ...others] = report.violations;
  const brief = ({ property, message, path, job, foundAfter }: SwarmViolation): object => ({
    property,
    message,
    steps: path.length,
    job,
    foundAfter,
  });
  const ended =
    limit ?? (report.failed.length > 0 ? 'jobs-failed' : report.limitMessages.length > 0 ? 'world-limit' : null);
  return {
    scenario: scenario.id,
    parameters,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    verdict: report.verdict,
    exhaustive: report.isExhaustive,
    ...(ended === null ? {} : { limit: ended }),
    swarm: { seed, jobs: report.jobs, done: report.done, failed: report.failed },
    states: Math.max(report.coverage.seen, report.mostStates),
    transitions: report.steps,
    coverage: report.coverage,
    depth: report.depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: Math.round(Math.max(report.coverage.seen, report.mostStates) / Math.max(seconds, 1e-6)),
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    workers,
    // The first search is reduced, and no walk is.
    reductions: { symmetry: report.isExhaustive, por: report.isExhaustive },
    properties: properties.map(({ id }) => id),
    ...(first === undefined ? {} : { violation: { ...brief(first), trace }, otherViolations: others.map(brief) }),
  };
}
