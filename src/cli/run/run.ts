// irqbypass run: one interleaving of a scenario, as a time line.
import { headerOf, toItf, toNdjson } from '../../bridge/trace-file.ts';
import { toPerfetto } from '../../engine/diagrams/perfetto.ts';
import type { Sequence } from '../../engine/diagrams/sequence.ts';
import { sequenceMermaid } from '../../engine/diagrams/sequence.ts';
import { sequenceSvg } from '../../engine/diagrams/sequence-svg.ts';
import { columnsText } from '../../engine/traces/columns.ts';
import { stepText } from '../../engine/traces/narrate.ts';
import type { SingleRun } from '../../engine/traces/run-once.ts';
import { runOnce } from '../../engine/traces/run-once.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { inOrigin } from '../../scenarios/origin.ts';
import { stormScenario } from '../../scenarios/scale-run.ts';
import { sequenceOfRun } from '../../scenarios/sequence-of-run.ts';
import type { Scheduler, SchedulerName } from '../../engine/world/schedulers.ts';
import { createScheduler, schedulerNames } from '../../engine/world/schedulers.ts';
import { WorldView } from '../../engine/world/view.ts';
import { interruptible } from '../interruptible.ts';
import { formatByEnding } from '../endings.ts';
import { exitCode, UsageError, wholeNumber } from '../exit-codes.ts';
import type { InspectedRun } from './inspect.ts';
import { runFormats } from './run-formats.ts';
import { programName } from '../program-name.ts';
import type { SelectionOptions } from '../selection.ts';
import { takenFor, headline, oneOf, select, selectionOf, selectionText } from '../selection.ts';
import { storm } from './scale-run.ts';
import type { CommonOptions } from '../terminal.ts';
import { count, createTerminal, expectWritable, writeFileWhole } from '../terminal.ts';

type RunFormat = (typeof runFormats)[number];

export interface RunCommandOptions extends CommonOptions, SelectionOptions {
  readonly scheduler?: string;
  readonly seed?: string;
  readonly maxSteps?: string;
  readonly maxMemory?: string;
  readonly out?: string;
  readonly format?: string;
  readonly columns?: boolean;
  readonly inspect?: string | true;
}

/** Runs a scenario once and reports. Answers the exit code. */
export async function run(given: string, options: RunCommandOptions): Promise<number> {
  if (given === stormScenario.id) {
    if (options.inspect !== undefined)
      throw new UsageError('--inspect: storm has no XState actors, it is a world in columns');
    return storm(options);
  }
  if (options.maxMemory !== undefined) throw new UsageError('--max-memory is only for storm');
  const terminal = createTerminal(options);
  const scheduler = oneOf<SchedulerName>('scheduler', options.scheduler ?? 'fifo', schedulerNames);
  const seed = wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff);
  const maxSteps = wholeNumber('--max-steps', options.maxSteps ?? '200', 1, 1_000_000);
  if (options.columns === true && options.format !== undefined && options.format !== 'columns')
    throw new UsageError(`--columns does not go with --format ${options.format}`);
  if (options.columns === true && options.out !== undefined && formatOf(options.out) !== 'text')
    throw new UsageError(`--columns does not go with --out ${options.out}: that is another format`);
  const asked = options.columns === true ? 'columns' : options.format;
  const format = oneOf<RunFormat>('format', asked ?? formatOf(options.out), runFormats);
  if (scheduler === 'fifo' && options.seed !== undefined)
    terminal.note('--seed is not used: fifo draws nothing (--scheduler random, pct)');
  if (options.out !== undefined) expectWritable(options.out);
  const assembled = await select(given, options);
  const taken = takenFor(options, assembled);
  if (taken !== null) terminal.note(taken);
  const { world, properties } = assembled;
  const inspected = await inspectedBeside(options, world, createScheduler(scheduler, world, seed));
  const picks = inspected?.scheduler ?? createScheduler(scheduler, world, seed);
  const single = await inOrigin(assembled.scenario, () =>
    interruptible((signal) => runOnce(world, picks, properties, maxSteps, signal)),
  ).finally(() => inspected?.close());
  if (inspected !== null)
    terminal.note(
      `${inspected.where}: ${count(inspected.events(), 'event')} of ${count(single.trace.length, 'step')}, ${single.verdict}`,
    );
  const report = { given, options, scheduler, seed };
  const content = render(format, assembled, single, report);
  if (options.out !== undefined) {
    writeFileWhole(options.out, content);
    terminal.note(`${options.out} written (${single.trace.length} steps, ${format})`);
  }
  if (options.json === true) {
    const { verdict, violation, trace } = single;
    const common = {
      ...selectionOf(assembled),
      scheduler,
      seed,
    };
    terminal.print(
      JSON.stringify(
        { ...common, steps: trace.length, verdict, ...(violation === undefined ? {} : { violation }), trace },
        null,
        2,
      ),
    );
  } else if (options.out === undefined && options.inspect !== '-') {
    if (isTimeLine(format)) terminal.say(content.trimEnd());
    else terminal.print(content.trimEnd());
  }
  if (single.isInterrupted === true) return exitCode.interrupted;
  return single.verdict === 'holds' ? exitCode.ok : exitCode.violated;
}

/** Real XState actors that take the same steps, where they are to be seen. Throws UsageError, and what `inspectedRun` throws. */
async function inspectedBeside(
  { inspect, json }: RunCommandOptions,
  world: Assembled['world'],
  scheduler: Scheduler,
): Promise<InspectedRun | null> {
  if (inspect === undefined) return null;
  const { inspectedPlace, inspectedRun } = await import('./inspect.ts');
  return await inspectedRun(inspectedPlace(inspect, json === true), world, scheduler);
}

/** Perfetto reads JSON, which has too many meanings: it is asked for by --format. */
const endings: Readonly<Record<string, RunFormat>> = {
  '.ndjson': 'ndjson',
  '.itf.json': 'itf',
  '.mmd': 'mermaid',
  '.svg': 'svg',
  '.txt': 'text',
};

function formatOf(file: string | undefined): RunFormat {
  if (file === undefined) return 'text';
  return formatByEnding<RunFormat>('--out', file, endings, `; or say --format ${runFormats.join(', ')}`);
}

const isTimeLine = (format: RunFormat): boolean => format === 'text' || format === 'columns';

interface RunReport {
  readonly given: string;
  readonly options: RunCommandOptions;
  readonly scheduler: SchedulerName;
  readonly seed: number;
}

function render(format: RunFormat, assembled: Assembled, single: SingleRun, report: RunReport): string {
  const { trace } = single;
  const { world } = assembled;
  switch (format) {
    case 'ndjson':
      return toNdjson(headerOf(assembled), trace);
    case 'itf':
      return toItf(headerOf(assembled), new WorldView(world, world.initial()).toJSON(), trace);
    case 'perfetto':
      return toPerfetto(
        trace.map((step) => ({
          track: world.language.lane(step),
          name: world.language.event(step),
          details: { step: step.step, observations: step.observations },
        })),
        headline(assembled),
      );
    case 'mermaid':
      return sequenceMermaid(sequenceIn(assembled, single));
    case 'svg':
      return sequenceSvg(sequenceIn(assembled, single), { standalone: true });
    case 'text':
      return timeLine(
        assembled,
        single,
        report,
        trace.map((step) => stepText(world.language, step)),
      );
    case 'columns':
      return timeLine(assembled, single, report, columnsText(world.language, trace));
  }
}

/** A run with its locks, and what it violates. */
function sequenceIn(assembled: Assembled, { trace, violation }: SingleRun): Sequence {
  return sequenceOfRun(assembled.world, trace, { title: headline(assembled), violation });
}

function timeLine(
  assembled: Assembled,
  { verdict, violation, isComplete, trace }: SingleRun,
  { given, options, scheduler, seed }: RunReport,
  lines: readonly string[],
): string {
  const end =
    violation === undefined
      ? isComplete
        ? 'every thread is done'
        : 'stopped at the limit (--max-steps)'
      : `${violation.property}: ${violation.message}`;
  return [
    `${headline(assembled)}, scheduler ${scheduler}${scheduler === 'fifo' ? '' : `, seed ${seed}`}`,
    `  ${assembled.scenario.title}`,
    '',
    ...lines,
    '',
    isComplete || violation !== undefined
      ? `${verdict} after ${trace.length} steps: ${end}`
      : `nothing violated in the first ${trace.length} steps: ${end}`,
    `reproduce  ${programName()} run ${selectionText(given, options, assembled)} --scheduler ${scheduler}${scheduler === 'fifo' ? '' : ` --seed ${seed}`}${options.maxSteps === undefined ? '' : ` --max-steps ${options.maxSteps}`}`,
    '',
  ].join('\n');
}
