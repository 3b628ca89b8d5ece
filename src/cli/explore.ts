// irqbypass explore: every interleaving of a scenario.
import type { Exploration, Progress, Violation } from '../explorer/explore.ts';
import { explore as exploreWorld } from '../explorer/explore.ts';
import type { LtsEdge, LtsFormat } from '../explorer/lts.ts';
import { formatLts, ltsFormats } from '../explorer/lts.ts';
import { eventText, stepText } from '../explorer/narrate.ts';
import { headerOf, toItf, toNdjson } from '../conformance/trace-file.ts';
import type { Assembled } from '../scenarios/assemble.ts';
import type { EventId } from '../world/local-transitions.ts';
import type { TraceStep } from '../world/trace.ts';
import { traceOf } from '../world/trace.ts';
import { WorldView } from '../world/view.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import type { SelectionOptions } from './selection.ts';
import { headline, select, selectionText } from './selection.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, expectWritable, writeFileWhole } from './terminal.ts';

export interface ExploreCommandOptions extends CommonOptions, SelectionOptions {
  readonly symmetry?: boolean;
  readonly por?: boolean;
  readonly workers?: string;
  readonly maxStates?: string;
  readonly maxMemory?: string;
  readonly maxSeconds?: string;
  readonly stopAtFirst?: boolean;
  readonly trace?: string;
  readonly lts?: string;
}

const LEAST_MEMORY_MIB = 64;

function limits(options: ExploreCommandOptions): { maxStates?: number; maxMemoryMiB?: number; maxSeconds?: number } {
  const { maxStates, maxMemory, maxSeconds } = options;
  return {
    ...(maxStates === undefined ? {} : { maxStates: wholeNumber('--max-states', maxStates, 1) }),
    ...(maxMemory === undefined ? {} : { maxMemoryMiB: wholeNumber('--max-memory', maxMemory, LEAST_MEMORY_MIB) }),
    ...(maxSeconds === undefined ? {} : { maxSeconds: wholeNumber('--max-seconds', maxSeconds, 1) }),
  };
}

function ltsFormat(file: string): LtsFormat {
  const format = ltsFormats.find((one) => file.endsWith(`.${one}`));
  if (format === undefined)
    throw new UsageError(`--lts ${file}: the name must end in ${ltsFormats.map((one) => `.${one}`).join(', ')}`);
  return format;
}

/** Explores a scenario and reports. Answers the exit code. */
export async function explore(given: string, options: ExploreCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const workers = wholeNumber('--workers', options.workers ?? '1', 1);

  const format = options.lts === undefined ? undefined : ltsFormat(options.lts);
  for (const file of [options.trace, options.lts]) if (file !== undefined) expectWritable(file);
  const assembled = await select(given, options);
  const bounded = limits(options);
  const { world } = assembled;
  const edges: { from: number; event: EventId; to: number }[] = [];
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const found = await exploreWorld(world, {
    properties: assembled.properties,
    // A graph is wanted as it is.
    symmetry: options.symmetry !== false && options.lts === undefined,
    por: options.por !== false && options.lts === undefined,
    workers,
    ...bounded,
    ...(options.stopAtFirst === true ? { stopAtFirst: true } : {}),
    progress: (progress) => terminal.progress(progressText(assembled, progress)),
    isInterrupted: () => interrupted,
    ...(format === undefined
      ? {}
      : { edge: (from: number, event: EventId, to: number) => edges.push({ from, event, to }) }),
  });
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  terminal.clear();
  const [violation] = found.violations;
  const trace = violation === undefined ? [] : traceOf(world, violation.path);
  if (options.trace !== undefined) {
    if (violation === undefined) terminal.note(`nothing is violated, ${options.trace} is not written`);
    else writeTrace(options.trace, assembled, trace);
  }
  if (options.lts !== undefined && format !== undefined)
    writeFileWhole(options.lts, formatLts(format, found.states, label(assembled, edges)));
  if (options.json === true) terminal.print(JSON.stringify(toJson(assembled, found, workers, trace), null, 2));
  else print(terminal, given, options, assembled, found, trace);
  return codeOf(found);
}

function reducedBy({ symmetry, por }: Exploration): string {
  const by = [...(symmetry ? ['symmetry'] : []), ...(por ? ['partial order'] : [])];
  return by.length === 0 ? '' : ` (reduced by ${by.join(' and ')})`;
}

function codeOf({ verdict, limit }: Exploration): number {
  if (limit === 'interrupted') return exitCode.interrupted;
  if (verdict === 'violated') return exitCode.violated;
  return verdict === 'holds' ? exitCode.ok : exitCode.incomplete;
}

/** Writes a counterexample in the format that the file's name asks for. */
export function writeTrace(file: string, assembled: Assembled, trace: readonly TraceStep[]): void {
  const header = headerOf(assembled);
  const initial = new WorldView(assembled.world, assembled.world.initial()).toJSON();
  writeFileWhole(file, file.endsWith('.itf.json') ? toItf(header, initial, trace) : toNdjson(header, trace));
}

/** Names the edges of the graph by what is delivered. */
function label({ world }: Assembled, edges: readonly { from: number; event: EventId; to: number }[]): LtsEdge[] {
  return edges.map(({ from, event, to }) => {
    const delivered = world.transitions.event(event);
    const { answer } = delivered.message;
    return { from, label: `${eventText(delivered)}${answer === undefined ? '' : ` = ${String(answer)}`}`, to };
  });
}

function rate(states: number, seconds: number): number {
  return Math.round(states / Math.max(seconds, 1e-6));
}

function progressText(assembled: Assembled, { states, frontier, depth, seconds }: Progress): string {
  return `${headline(assembled)}: ${states.toLocaleString('en')} states, frontier ${frontier.toLocaleString('en')}, depth ${depth}, ${rate(states, seconds).toLocaleString('en')}/s`;
}

function toJson(
  { scenario, parameters, revision, mutation, properties }: Assembled,
  found: Exploration,
  workers: number,
  trace: readonly TraceStep[],
): object {
  const { verdict, limit, states, transitions, depth, seconds, memoryMiB, violations, machineCalls } = found;
  const [first, ...others] = violations;
  const brief = ({ property, message, path }: Violation): object => ({ property, message, steps: path.length });
  return {
    scenario: scenario.id,
    parameters,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: rate(states, seconds),
    memoryMiB,
    workers,
    reductions: { symmetry: found.symmetry, por: found.por },
    machineCalls,
    properties: properties.map(({ id }) => id),
    ...(first === undefined ? {} : { violation: { ...brief(first), trace }, otherViolations: others.map(brief) }),
  };
}

function print(
  terminal: Terminal,
  given: string,
  options: ExploreCommandOptions,
  assembled: Assembled,
  found: Exploration,
  trace: readonly TraceStep[],
): void {
  const { verdict, limit, limitMessage, states, transitions, depth, seconds, memoryMiB, violations } = found;
  const colour = verdict === 'holds' ? 'green' : verdict === 'violated' ? 'red' : 'yellow';
  const ended = limit === undefined ? '' : ` (${limit}${limitMessage === undefined ? '' : `: ${limitMessage}`})`;
  terminal.print(`${terminal.style('bold', headline(assembled))}: ${terminal.style(colour, `${verdict}${ended}`)}`);
  const number = (value: number): string => value.toLocaleString('en');
  terminal.print(
    `  ${count(states, 'state')}${reducedBy(found)}, ${count(transitions, 'transition')}, depth ${depth}, ${seconds.toFixed(2)} s (${number(rate(states, seconds))} states/s), ${memoryMiB} MiB`,
  );
  terminal.print(
    `  ${count(assembled.properties.length, 'property', 'properties')}, ${violations.length === 0 ? 'none violated' : `${violations.length} violated`}`,
  );
  const [first, ...others] = violations;
  if (first === undefined) return;
  terminal.print(`\n${terminal.style('red', first.property)}: ${first.message}\n`);
  for (const step of trace) terminal.print(stepText(step));
  if (others.length > 0) {
    terminal.print('\nalso violated:');
    for (const { property, message, path } of others)
      terminal.print(`  ${terminal.style('red', property)} after ${path.length} steps: ${message}`);
  }
  const again = `irqbypass explore ${selectionText(given, options, assembled)}`;
  terminal.print(`\nreproduce  ${again}`);
  const [next] = others;
  if (next !== undefined) terminal.print(`hint       ${again} --property ${next.property}`);
}
