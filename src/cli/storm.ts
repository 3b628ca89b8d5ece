// irqbypass run storm: that many producers and consumers as actors of a scheduled world, with rate and memory.
import { setImmediate } from 'node:timers/promises';
import { revisionOf, UnknownNameError } from '../scenarios/assemble.ts';
import { Storm } from '../world/storm.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { expectToFit, memoryLimit } from './memory-limit.ts';
import type { CommonOptions } from './terminal.ts';
import { count, createTerminal } from './terminal.ts';

export interface StormCommandOptions extends CommonOptions {
  readonly set?: readonly string[];
  readonly revision?: string;
  readonly seed?: string;
  readonly maxMemory?: string;
}

/** What an irqfd takes in this process: a producer, a consumer, and their entries in two xarrays. */
const BYTES_EACH = 1200;
const DEFAULTS = { irqfds: '100000', threads: '144' } as const;
const MAX_THREADS = 8192;
const STEPS_AT_ONCE = 200_000;
const STEPS_EACH = 20;
const BAR = 24;

function parameters(set: readonly string[]): { irqfds: number; threads: number } {
  const given: Record<keyof typeof DEFAULTS, string> = { ...DEFAULTS };
  for (const setting of set) {
    const [key = '', value = ''] = setting.split('=');
    if (key !== 'irqfds' && key !== 'threads')
      throw new UnknownNameError('parameter', key, Object.keys(DEFAULTS), 'storm has irqfds, threads');
    given[key] = value;
  }
  const irqfds = Number(given.irqfds);
  if (given.irqfds === '' || !Number.isInteger(irqfds) || irqfds < 1)
    throw new UsageError(`--set irqfds=${given.irqfds}: expected a whole number from 1`);
  expectToFit(`--set irqfds=${given.irqfds}`, irqfds, BYTES_EACH);
  return { irqfds, threads: wholeNumber('--set threads', given.threads, 1, MAX_THREADS) };
}

/** Runs a storm and reports. Answers the exit code. */
export async function storm(options: StormCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const { irqfds, threads } = parameters(options.set ?? []);
  const revision = revisionOf(options.revision);
  const seed = wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff);
  const limit = memoryLimit(options.maxMemory);
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const begin = performance.now();
  const seconds = (): number => Math.max(1e-6, (performance.now() - begin) / 1000);
  const run = new Storm({ policy: revision.policy, irqfds, threads, seed });
  let peak = 0;
  let isUnderWay = true;
  const mayGoOn = (): boolean => !interrupted && !limit.isReached();
  while (isUnderWay && mayGoOn()) {
    isUnderWay = run.run(STEPS_AT_ONCE);
    peak = Math.max(peak, process.memoryUsage().rss);
    terminal.progress(progressText(run, seconds(), peak));
    await setImmediate();
  }
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  terminal.clear();
  const verdict = run.isCorrupted ? 'violated' : isUnderWay ? 'incomplete' : 'holds';
  const report = {
    scenario: 'storm',
    parameters: { irqfds, threads },
    revision: revision.id,
    seed,
    verdict,
    ...(verdict === 'incomplete' ? { limit: interrupted ? 'interrupted' : 'memory-limit' } : {}),
    actors: run.actors,
    steps: run.steps,
    messages: run.world.messages,
    machineCalls: run.world.machineCalls,
    peakNodes: run.peakNodes,
    seconds: Number(seconds().toFixed(3)),
    messagesPerSecond: Math.round(run.world.messages / seconds()),
    memoryMiB: Math.round(peak / 2 ** 20),
  };
  terminal.print(options.json === true ? JSON.stringify(report, null, 2) : reportText(report));
  if (interrupted) return exitCode.interrupted;
  if (verdict === 'violated') return exitCode.violated;
  return verdict === 'holds' ? exitCode.ok : exitCode.incomplete;
}

function progressText({ steps, irqfds, world }: Storm, seconds: number, memory: number): string {
  const share = Math.min(1, steps / (STEPS_EACH * irqfds));
  const bar = '#'.repeat(Math.round(share * BAR)).padEnd(BAR, '.');
  const rate = Math.round(world.messages / seconds).toLocaleString('en');
  return `[${bar}] ${Math.round(100 * share)} %, ${rate} messages/s, ${Math.round(memory / 2 ** 20)} MiB`;
}

function reportText(report: {
  readonly parameters: { readonly irqfds: number; readonly threads: number };
  readonly revision: string;
  readonly seed: number;
  readonly verdict: string;
  readonly limit?: string;
  readonly actors: number;
  readonly steps: number;
  readonly messages: number;
  readonly machineCalls: number;
  readonly peakNodes: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly memoryMiB: number;
}): string {
  const { irqfds, threads } = report.parameters;
  const ends: Readonly<Record<string, string>> = {
    holds: 'every irqfd registered, connected and unregistered',
    violated: "the manager's memory is corrupted and the mutex is kept",
    incomplete: `incomplete: ${report.limit ?? ''}`,
  };
  return [
    `storm (irqfds=${irqfds}, threads=${threads}) on ${report.revision}, seed ${report.seed}: ${ends[report.verdict] ?? ''}`,
    `  ${count(report.actors, 'actor')}, ${count(report.steps, 'step')}, ${count(report.messages, 'message')}, ${count(report.peakNodes, 'xarray node')} at most`,
    `  ${report.seconds.toFixed(2)} s (${report.messagesPerSecond.toLocaleString('en')} messages/s), ${report.memoryMiB} MiB; the machines were asked ${report.machineCalls} times`,
  ].join('\n');
}
