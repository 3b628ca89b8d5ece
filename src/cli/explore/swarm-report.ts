// What irqbypass explore --swarm reports: text, JSON, and the data of JUnit and KTAP.
import { stepText } from '../../engine/traces/narrate.ts';
import type { ExplorationReport, PropertyReport } from '../../engine/report/report.ts';
import type { SwarmReport, SwarmViolation } from '../../engine/swarm/swarm.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import type { World } from '../../engine/world/world.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { traceOf } from '../../engine/world/trace.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { headline, selectionOf, selectionText } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../terminal.ts';

export interface SwarmCommandOptions extends ExploreCommandOptions {
  readonly swarm?: string;
  readonly seed?: string;
  readonly redis?: string;
}

/** Everything that a report is made of. */
export interface SwarmRun {
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

/** What ended the swarm before all jobs had come to their ends. */
function endOf({ limit, report: { failed, limitMessages } }: SwarmRun): string | null {
  return limit ?? (failed.length > 0 ? 'jobs-failed' : limitMessages.length > 0 ? 'world-limit' : null);
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

/** The share that was seen, at most, as a number; `unknown` where it is. */
function shareText({ isExhaustive, coverage: { share } }: SwarmReport): string {
  return isExhaustive ? '1' : share === 'unknown' ? share : share.toFixed(3);
}

/** Failed jobs of one reason whose numbers are printed. */
const FAILED_SHOWN = 8;

function byReason(failed: SwarmReport['failed']): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const { job, reason } of failed) numbers.set(reason, [...(numbers.get(reason) ?? []), job]);
  return numbers;
}

function vacuousText({ vacuous }: SwarmReport): string {
  return vacuous.length === 0 ? '' : `, ${vacuous.length} vacuous (${vacuous.join(', ')})`;
}

/** Prints a swarm for people. */
export function printSwarm(terminal: Terminal, run: SwarmRun): void {
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
    `  ${count(assembled.properties.length, 'property', 'properties')}, ${violations.length === 0 ? 'none violated' : `${violations.length} violated`}${vacuousText(report)}`,
  );
  for (const [reason, numbers] of byReason(failed)) {
    const shown = numbers.slice(0, FAILED_SHOWN).join(', ');
    const more = numbers.length > FAILED_SHOWN ? ', ...' : '';
    terminal.print(`  ${count(numbers.length, 'job')} failed (${shown}${more}): ${reason}`);
  }
  const [first, ...others] = violations;
  if (first === undefined) return;
  terminal.print(`\n${terminal.style('red', first.property)}: ${first.message}\n`);
  for (const step of trace) terminal.print(stepText(assembled.world.language, step));
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

/** The JSON document of a swarm; keys as cli.md fixes them, and more. */
export function swarmJson(run: SwarmRun): object {
  const { assembled, seed, workers, report, seconds, trace } = run;
  const { properties } = assembled;
  const [first, ...others] = report.violations;
  const brief = ({ property, message, path, job, foundAfter }: SwarmViolation): object => ({
    property,
    message,
    steps: path.length,
    job,
    foundAfter,
  });
  const ended = endOf(run);
  return {
    ...selectionOf(assembled),
    verdict: report.verdict,
    exhaustive: report.isExhaustive,
    ...(ended === null ? {} : { limit: ended }),
    swarm: { seed, jobs: report.jobs, done: report.done, failed: report.failed },
    states: report.states,
    transitions: report.steps,
    coverage: report.coverage,
    depth: report.depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: Math.round(report.states / Math.max(seconds, 1e-6)),
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    workers,
    // The first search is reduced, and no walk is.
    reductions: { symmetry: report.isExhaustive, por: report.isExhaustive },
    properties: properties.map(({ id }) => id),
    ...(report.isExhaustive ? { vacuous: report.vacuous } : {}),
    ...(first === undefined ? {} : { violation: { ...brief(first), trace }, otherViolations: others.map(brief) }),
  };
}

/** The same as data for JUnit and KTAP: a property holds only where one search has seen every state. */
export function swarmReportOf(run: SwarmRun, freshWorld: () => World): ExplorationReport {
  const { assembled, seed, report, seconds } = run;
  const { properties } = assembled;
  const { isExhaustive, verdict, violations } = report;
  const ended = endOf(run);
  return {
    ...selectionOf(assembled),
    about: 'swarm',
    verdict: verdict === 'holds' && !isExhaustive ? 'not-refuted' : verdict,
    ...(ended === null ? {} : { limit: ended }),
    states: report.states,
    transitions: report.steps,
    depth: report.depth,
    seconds,
    figures: { jobs: String(report.jobs), seed: String(seed), 'coverage-at-most': shareText(report) },
    properties: properties.map(({ id, title, sometimes }): PropertyReport => {
      const violation = violations.find(({ property }) => property === id);
      if (violation !== undefined) {
        const { message, path } = violation;
        const trace = traceOf(freshWorld(), path).map((step) => stepText(assembled.world.language, step));
        return { id, title, verdict: 'violated', message, trace, steps: path.length };
      }
      if (!isExhaustive) return { id, title, verdict: ended === null ? 'not-refuted' : 'unknown' };
      if (!report.vacuous.includes(id)) return { id, title, verdict: 'holds' };
      return { id, title, verdict: 'vacuous', message: `it never happens that ${sometimes?.title ?? 'it applies'}` };
    }),
  };
}
