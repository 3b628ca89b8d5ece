// Runs a swarm, as the request says: many small searches instead of one large one, here or on many machines.
import type { Finding, SearchReport } from '../../engine/report/finding.ts';
import { perSecond, propertiesText, propertyReports } from '../../engine/report/finding.ts';
import { RedisLostError } from '../../engine/swarm/redis-error.ts';
import { inProcesses } from '../../engine/swarm/run-in-processes.ts';
import { onRedis } from '../../engine/swarm/run-on-redis.ts';
import type { JobRunner, SwarmReport } from '../../engine/swarm/swarm.ts';
import { SwarmUnion } from '../../engine/swarm/swarm.ts';
import { stepText } from '../../engine/traces/narrate.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { traceOf } from '../../engine/world/trace.ts';
import type { World } from '../../engine/world/world.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { assembleScriptWith } from '../../scenarios/assembled.ts';
import { jobProcess, referenceTo, swarmOf } from '../../scenarios/files/known-scenarios.ts';
import { interruptible } from '../interruptible.ts';
import { headline } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count, grouped } from '../terminal.ts';
import type { ExploreRequest, SwarmRequest } from './request.ts';

/** What ended a swarm early. */
type End = 'interrupted' | 'seconds-limit' | 'redis-lost' | null;

/** Runs the searches of a swarm and puts together what they found. */
export async function searchSwarm(
  { given, assembled, limits, options }: ExploreRequest,
  what: SwarmRequest,
  terminal: Terminal,
): Promise<SearchReport> {
  const reference = referenceTo(given);
  const modelFiles = 'file' in reference ? [given] : [];
  const runner =
    what.redis === null ? inProcesses(what.workers ?? 1, { entry: jobProcess, modelFiles }) : onRedis(what.redis);
  const { maxStates, maxSeconds } = limits;
  const { jobs, seed, stepsPerJob } = what;
  const plan = swarmOf(assembled, reference, jobs, seed, {
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(stepsPerJob === undefined ? {} : { stepsPerJob }),
  });
  const union = new SwarmUnion(what.jobs, assembled.properties, () => freshWorld(assembled));
  const started = performance.now();
  const end = await runUntil(maxSeconds ?? null, terminal, (signal) =>
    runJobs(runner, plan, union, signal, terminal, assembled),
  );
  const seconds = (performance.now() - started) / 1000;
  const size =
    (options.maxStates === undefined ? '' : ` --max-states ${options.maxStates}`) +
    (options.maxSteps === undefined ? '' : ` --max-steps ${options.maxSteps}`) +
    (options.maxSeconds === undefined ? '' : ` --max-seconds ${options.maxSeconds}`);
  return {
    ...reportOf(assembled, what, union.report, end, seconds),
    again: ` --swarm ${what.jobs} --seed ${what.seed}${size}`,
  };
}

function freshWorld({ scenario, parameters, script, revision, mutation }: Assembled): World {
  return assembleScriptWith(scenario, parameters, script, revision.id, mutation).world;
}

/** Works until it is done, a signal comes, or the time is over. Answers what ended it. */
async function runUntil(
  maxSeconds: number | null,
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<End> {
  return interruptible(async (interrupted) => {
    const time = maxSeconds === null ? [] : [AbortSignal.timeout(Math.ceil(maxSeconds * 1000))];
    const signal = AbortSignal.any([interrupted, ...time]);
    const end = (): End => (interrupted.aborted ? 'interrupted' : signal.aborted ? 'seconds-limit' : null);
    try {
      await work(signal);
    } catch (error) {
      // What was found by then is not lost.
      if (!(error instanceof RedisLostError)) throw error;
      terminal.note(error.message);
      return end() ?? 'redis-lost';
    }
    return end();
  });
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

function reportOf(
  assembled: Assembled,
  { jobs, seed, workers }: SwarmRequest,
  report: SwarmReport,
  end: End,
  seconds: number,
): Omit<SearchReport, 'again'> {
  const { verdict, isExhaustive, states, steps, depth, failed, limitMessages, vacuous } = report;
  const limit = end ?? (failed.length > 0 ? 'jobs-failed' : limitMessages.length > 0 ? 'world-limit' : undefined);
  const findings = report.violations.map(({ property, message, path, alongside = [], job, foundAfter }): Finding => {
    const world = freshWorld(assembled);
    const [trace = [], ...others] = [path, ...alongside].map((one) => traceOf(world, one));
    const linesOf = (run: readonly TraceStep[]): string[] => run.map((step) => stepText(world.language, step));
    return {
      property,
      message,
      trace,
      lines: [trace, ...others].flatMap((run, i) => [...(i === 0 ? [] : ['', 'and another run:']), ...linesOf(run)]),
      details: { job, foundAfter, ...(others.length === 0 ? {} : { alongside: others }) },
      remark: `found by job ${job} after ${count(foundAfter, 'step')}, made ${path.length} long`,
    };
  });
  return {
    about: 'swarm',
    verdict: verdict === 'holds' && !isExhaustive ? 'not-refuted' : verdict,
    verdictText: endText(report, end),
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions: steps,
    depth,
    seconds,
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    workers,
    // The first search is reduced, and no walk is.
    reductions: { symmetry: isExhaustive, por: isExhaustive },
    vacuous,
    figures: { jobs: String(jobs), seed: String(seed), 'coverage-at-most': shareText(report) },
    findings,
    properties: propertyReports(
      assembled.properties,
      findings,
      vacuous,
      isExhaustive ? null : limit === undefined ? 'not-refuted' : 'unknown',
    ),
    summary: summaryOf(assembled, { seed, workers }, report, seconds),
    data: {
      exhaustive: isExhaustive,
      swarm: { seed, jobs: report.jobs, done: report.done, failed },
      coverage: report.coverage,
    },
  };
}

/** The verdict in words, with what ended the swarm early. */
function endText({ verdict, isExhaustive, failed, limitMessages }: SwarmReport, end: End): string {
  const reasons = [
    ...(end === null ? [] : [end]),
    ...(failed.length === 0 ? [] : ['jobs failed']),
    ...limitMessages.map((message) => `world-limit: ${message}`),
  ];
  if (verdict === 'holds') return isExhaustive ? 'holds' : 'nothing found';
  return `${verdict}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`;
}

/** Failed jobs of one reason whose numbers are printed. */
const FAILED_SHOWN = 8;

function summaryOf(
  assembled: Assembled,
  { seed, workers }: Pick<SwarmRequest, 'seed' | 'workers'>,
  report: SwarmReport,
  seconds: number,
): string[] {
  const { jobs, done, steps, violations, failed, vacuous } = report;
  const rate = grouped(perSecond(steps, seconds));
  const where = workers === null ? 'over Redis' : `in ${count(workers, 'process', 'processes')}`;
  const byReason = Map.groupBy(failed, ({ reason }) => reason);
  return [
    `${done === jobs ? '' : `${done} of `}${count(jobs, 'job')} of seed ${seed} ${where}, ${count(steps, 'step')}, ${seconds.toFixed(2)} s (${rate} steps/s)`,
    coverageText(report),
    `${count(assembled.properties.length, 'property', 'properties')}, ${propertiesText(violations.length, vacuous)}`,
    ...[...byReason].map(([reason, all]) => {
      const shown = all.slice(0, FAILED_SHOWN).map(({ job }) => job);
      return `${count(all.length, 'job')} failed (${shown.join(', ')}${all.length > FAILED_SHOWN ? ', ...' : ''}): ${reason}`;
    }),
  ];
}

function coverageText({ isExhaustive, coverage, mostStates }: SwarmReport): string {
  if (isExhaustive) return 'every state was seen: the first search came to its end';
  const { jobs, seen, isExact, reachable, share, known } = coverage;
  if (jobs === 0) return `${count(mostStates, 'state')} seen by one search, coverage unknown`;
  const states = `${isExact ? '' : 'about '}${count(seen, 'state')} seen by ${count(jobs, 'job')} that walked`;
  if (reachable === 'unknown' || share === 'unknown' || known === 'unknown')
    return `${states}, coverage unknown: too few were seen twice`;
  const per = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return `${states}, at most ${per(share)} of what such walks reach (Chao2: at least ${grouped(reachable)}; of another job's states ${per(known)} would be known)`;
}

/** The share that was seen, at most, as a number; `unknown` where it is. */
function shareText({ isExhaustive, coverage: { share } }: SwarmReport): string {
  return isExhaustive ? '1' : share === 'unknown' ? share : share.toFixed(3);
}
