// irqbypass run storm: that many producers and consumers as actors of a scheduled world, with rate and memory.
//
// The options of `run` mean what they mean there; what a world in columns cannot do is refused.
import { setImmediate } from 'node:timers/promises';
import { stepText } from '../../engine/traces/narrate.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { patched } from '../../engine/actors/machine.ts';
import { managerLanguage } from '../../registry/language.ts';
import { machinesOf } from '../../scenarios/machines.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import { mutations } from '../../mutations/mutations.ts';
import { mutationOf } from '../../scenarios/assemble.ts';
import { expectFit, propertyOf, revisionOf } from '../../scenarios/assembled.ts';
import { parseSettings } from '../../scenarios/parameters.ts';
import { stormScenario } from '../../scenarios/scale-run.ts';
import type { SchedulerName } from '../../engine/world/schedulers.ts';
import { schedulerNames } from '../../engine/world/schedulers.ts';
import type { StormOptions } from '../../scale/scale-run.ts';
import { MAX_STORM_IRQFDS, Storm } from '../../scale/scale-run.ts';
import type { StormProperty } from '../../scale/scale-run-driver.ts';
import { STEPS_EACH, stormProperties, TRACED } from '../../scale/scale-run-driver.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { interruptible } from '../interruptible.ts';
import { exitCode, UsageError, wholeNumber } from '../exit-codes.ts';
import type { MemoryLimit } from '../scale/memory-limit.ts';
import { expectToFit, memoryLimit } from '../scale/memory-limit.ts';
import { runFormats } from './run-formats.ts';
import type { SelectionOptions } from '../selection.ts';
import { oneOf } from '../selection.ts';
import type { CommonOptions, Terminal } from '../terminal.ts';
import { count, createTerminal, grouped } from '../terminal.ts';
import { programName } from '../program-name.ts';

/** The options of `irqbypass run`. */
export interface StormCommandOptions extends CommonOptions, SelectionOptions {
  readonly scheduler?: string;
  readonly seed?: string;
  readonly maxSteps?: string;
  readonly maxMemory?: string;
  readonly out?: string;
  readonly format?: string;
}

/** What an irqfd takes in this process: a producer, a consumer, and their entries in two xarrays. */
const BYTES_EACH = 1200;
const MAX_THREADS = 8192;
const STEPS_AT_ONCE = 200_000;
const BAR = 24;
/** Steps of the trace that the text shows before a violation. */
const SHOWN = 10;

/** What the options choose. */
interface Chosen {
  readonly options: StormOptions;
  readonly revision: string;
  readonly mutation: string | null;
  readonly maxSteps: number;
  readonly limit: MemoryLimit;
}

/** Reads the options. Throws UsageError, UnknownNameError, ScenarioError. */
function choose(given: StormCommandOptions): Chosen {
  const { irqfds, threads } = parameters(given.set ?? []);
  const scheduler = oneOf<SchedulerName>('scheduler', given.scheduler ?? 'random', schedulerNames);
  if (scheduler !== 'random')
    throw new UsageError(`--scheduler ${scheduler}: storm draws each step by its seed, so only random`);
  const seed = wholeNumber('--seed', given.seed ?? '1', 0, 0xffff_ffff);
  const maxSteps = given.maxSteps === undefined ? Infinity : wholeNumber('--max-steps', given.maxSteps, 1);
  const format = oneOf('format', given.format ?? 'text', runFormats);
  if (format !== 'text') throw new UsageError(`--format ${format}: storm keeps no whole trace, so only text`);
  if (given.out !== undefined)
    throw new UsageError(`--out ${given.out}: storm keeps only its last ${TRACED} steps, which --json prints`);
  const revision = revisionOf(given.revision);
  const mutation = given.mutation === undefined ? null : mutationOf(given.mutation);
  const made = mutated(mutation, revision);
  const checks = given.property?.map(checked) ?? stormProperties;
  const options = { ...made, irqfds, threads, seed, checks };
  return {
    options,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    maxSteps,
    limit: memoryLimit(given.maxMemory),
  };
}

function parameters(set: readonly string[]): { irqfds: number; threads: number } {
  const given = parseSettings(stormScenario, set);
  const text = given['irqfds'] ?? String(stormScenario.parameters.irqfds);
  const irqfds = Number(text);
  if (text === '' || !Number.isInteger(irqfds) || irqfds < 1)
    throw new UsageError(`--set irqfds=${text}: expected a whole number from 1 to ${MAX_STORM_IRQFDS}`);
  expectToFit(`--set irqfds=${text}`, irqfds, BYTES_EACH);
  if (irqfds > MAX_STORM_IRQFDS)
    throw new UsageError(`--set irqfds=${text}: a storm has at most ${grouped(MAX_STORM_IRQFDS)} irqfds`);
  const threads = given['threads'] ?? String(stormScenario.parameters.threads);
  return { irqfds, threads: wholeNumber('--set threads', threads, 1, MAX_THREADS) };
}

/** A mutation of policies alone: a world in columns has no scripts, and structs without peculiarities. */
function mutated(
  mutation: Mutation | null,
  revision: ReturnType<typeof revisionOf>,
): { readonly policy: Policy; readonly registryMachine?: Machine } {
  if (mutation === null) return { policy: revision.policy };
  expectFit(mutation, revision);
  const canRun = ({ definition, discipline, patches = {} }: Mutation): boolean =>
    definition === undefined && discipline === undefined && Object.keys(patches).every((id) => id === 'registry');
  if (!canRun(mutation)) {
    const others = mutations.filter(canRun).map(({ id }) => id);
    throw new UsageError(
      `--mutation ${mutation.id}: it changes callers, structs or drivers, storm has only the manager's (${others.join(', ')})`,
    );
  }
  const policy = { ...revision.policy, ...mutation.policy };
  if (policy.insertion.startsWith('xa_') && policy.index !== 'xarray')
    throw new UsageError(`--mutation ${mutation.id}: ${revision.id} has no xarray to insert into`);
  const patch = mutation.patches?.['registry'];
  const { registry } = machinesOf(policy, 'clean');
  return patch === undefined ? { policy } : { policy, registryMachine: patched(registry, patch(registry)) };
}

function checked(id: string): StormProperty {
  const { id: known } = propertyOf(id);
  const found = stormProperties.find((one) => one === known);
  if (found === undefined) throw new UsageError(`--property ${id}: storm checks only ${stormProperties.join(', ')}`);
  return found;
}

/** Runs a storm and reports. Answers the exit code. */
export async function storm(given: StormCommandOptions): Promise<number> {
  const terminal = createTerminal(given);
  const chosen = choose(given);
  const [done, interrupted] = await interruptible(
    async (signal) => [await drive(chosen, terminal, () => signal.aborted), signal.aborted] as const,
  );
  terminal.clear();
  const { run, verdict } = done;
  const trace = given.json === true || verdict === 'violated' ? traceOf(chosen.options, run, verdict) : [];
  const report = reportOf(chosen, done, trace, interrupted);
  terminal.print(given.json === true ? JSON.stringify(report, null, 2) : reportText(report, given));
  if (interrupted) return exitCode.interrupted;
  if (verdict === 'violated') return exitCode.violated;
  return verdict === 'holds' ? exitCode.ok : exitCode.incomplete;
}

/** A storm that has ended, or was ended. */
interface Driven {
  readonly run: Storm;
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** Did every thread get to its end? */
  readonly isComplete: boolean;
  readonly seconds: number;
  /** Peak of the resident memory, bytes. */
  readonly memory: number;
}

async function drive(chosen: Chosen, terminal: Terminal, isInterrupted: () => boolean): Promise<Driven> {
  const { options, maxSteps, limit } = chosen;
  const begin = performance.now();
  const seconds = (): number => Math.max(1e-6, (performance.now() - begin) / 1000);
  const run = new Storm(options);
  const tracesFrom = Math.min(maxSteps, STEPS_EACH * options.irqfds) - TRACED;
  let memory = 0;
  let isUnderWay = true;
  const sample = (): void => {
    memory = Math.max(memory, process.memoryUsage().rss);
  };
  sample();
  while (isUnderWay && run.steps < maxSteps && !isInterrupted() && !limit.isReached()) {
    if (run.steps >= tracesFrom) run.trace();
    const next = [STEPS_AT_ONCE, maxSteps - run.steps, tracesFrom - run.steps].filter((steps) => steps > 0);
    isUnderWay = run.run(Math.min(...next));
    sample();
    terminal.progress(() => progressText(run, seconds(), memory));
    await setImmediate();
  }
  sample();
  const isEnded = !isUnderWay || run.steps >= maxSteps;
  const verdict = run.violation !== null ? 'violated' : isEnded ? 'holds' : 'incomplete';
  return { run, verdict, isComplete: !isUnderWay, seconds: seconds(), memory };
}

/** The last steps. Where nobody knew beforehand that they were the last, the same seed leads to them again. */
function traceOf(options: StormOptions, run: Storm, verdict: Driven['verdict']): readonly TraceStep[] {
  const wanted = Math.min(TRACED, run.steps);
  if (run.traced.length === wanted || verdict === 'incomplete') return run.traced;
  const again = new Storm(options);
  again.run(run.steps - wanted);
  again.trace();
  again.run(wanted);
  return again.traced;
}

/** What `--json` prints: the keys of `run`, and figures. */
interface StormReport {
  readonly scenario: 'storm';
  readonly parameters: { readonly irqfds: number; readonly threads: number };
  readonly revision: string;
  readonly mutation: string | null;
  readonly scheduler: 'random';
  readonly seed: number;
  readonly steps: number;
  readonly verdict: Driven['verdict'];
  readonly violation?: Storm['violation'];
  readonly limit?: 'interrupted' | 'memory-limit' | 'steps-limit';
  /** The storm could not go on: the manager never gave the mutex back. */
  readonly mutexKept?: true;
  /** The properties that were checked. */
  readonly properties: readonly string[];
  readonly actors: number;
  readonly messages: number;
  readonly machineCalls: number;
  readonly peakNodes: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly memoryMiB: number;
  /** The last steps, up to 50. */
  readonly trace: readonly TraceStep[];
}

function reportOf(
  { options, revision, mutation }: Chosen,
  { run, verdict, isComplete, seconds, memory }: Driven,
  trace: readonly TraceStep[],
  interrupted: boolean,
): StormReport {
  const limit = interrupted ? 'interrupted' : verdict === 'incomplete' ? 'memory-limit' : 'steps-limit';
  return {
    scenario: 'storm',
    parameters: { irqfds: options.irqfds, threads: options.threads },
    revision,
    mutation,
    scheduler: 'random',
    seed: options.seed,
    steps: run.steps,
    verdict,
    ...(run.violation === null ? {} : { violation: run.violation }),
    ...(isComplete || verdict === 'violated' ? {} : { limit }),
    ...(run.isCorrupted ? { mutexKept: true as const } : {}),
    properties: options.checks ?? stormProperties,
    actors: run.actors,
    messages: run.world.messages,
    machineCalls: run.world.machineCalls,
    peakNodes: run.peakNodes,
    seconds: Number(seconds.toFixed(3)),
    messagesPerSecond: Math.round(run.world.messages / seconds),
    memoryMiB: Math.round(memory / 2 ** 20),
    trace,
  };
}

function progressText({ steps, irqfds, world }: Storm, seconds: number, memory: number): string {
  const share = Math.min(1, steps / (STEPS_EACH * irqfds));
  const bar = '#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.');
  const rate = grouped(Math.round(world.messages / seconds));
  return `[${bar}] ${Math.round(100 * share)} %, ${rate} messages/s, ${Math.round(memory / 2 ** 20)} MiB`;
}

function reportText(report: StormReport, given: StormCommandOptions): string {
  const { parameters, revision, mutation, seed, verdict, violation, limit, trace } = report;
  const set = `irqfds=${parameters.irqfds}, threads=${parameters.threads}`;
  const end =
    report.mutexKept === true
      ? 'the mutex is never given back, which was not to be checked'
      : 'every irqfd was registered, connected and unregistered';
  const ends: Readonly<Record<Driven['verdict'], string>> = {
    holds: limit === undefined ? end : 'stopped at the limit of steps',
    violated: `${violation?.property ?? ''}: ${violation?.message ?? ''}`,
    incomplete: limit ?? '',
  };
  const again = [
    ...Object.entries(parameters).map(([key, value]) => `--set ${key}=${value}`),
    `--revision ${revision}`,
    ...(mutation === null ? [] : [`--mutation ${mutation}`]),
    ...(given.property ?? []).map((id) => `--property ${id}`),
    `--seed ${seed}`,
    ...(given.maxSteps === undefined ? [] : [`--max-steps ${given.maxSteps}`]),
  ];
  return [
    `storm (${set}) on ${revision}${mutation === null ? '' : ` with ${mutation}`}, scheduler random, seed ${seed}`,
    ...(violation === undefined ? [] : ['', ...trace.slice(-SHOWN).map((step) => stepText(managerLanguage, step)), '']),
    `  ${count(report.actors, 'actor')}, ${count(report.messages, 'message')}, ${count(report.peakNodes, 'xarray node')} at most`,
    `  ${report.seconds.toFixed(2)} s (${grouped(report.messagesPerSecond)} messages/s), ${report.memoryMiB} MiB; the machines were asked ${report.machineCalls} times`,
    `${verdict} after ${report.steps} steps: ${ends[verdict]}`,
    `reproduce  ${programName()} run storm ${again.join(' ')}`,
  ].join('\n');
}
