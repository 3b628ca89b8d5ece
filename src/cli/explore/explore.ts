// irqbypass explore: every interleaving of a scenario.
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { Exploration, ExploreOptions, Progress } from '../../engine/explorer/search/explore.ts';
import { explore as exploreWorld } from '../../engine/explorer/search/explore.ts';
import type { LtsEdge, LtsFormat } from '../../engine/report/lts.ts';
import { formatLts, ltsFormats } from '../../engine/report/lts.ts';
import { marks } from '../../properties/marks.ts';
import { nodeHost } from '../../engine/explorer/threads/node-host.ts';
import { minimise } from '../../engine/explorer/counterexamples/minimise.ts';
import type { DistinctBy } from '../../engine/explorer/counterexamples/violation.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import type { EventId } from '../../engine/world/local-transitions.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { UsageError, wholeNumber } from '../exit-codes.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { codeOf, limitsOf, writeTrace } from './explore-options.ts';
import { exploreJson, memoryText, printExploration, reportOf } from './explore-report.ts';
import { writeReportFiles } from './report-files.ts';
import { interruptible } from '../interruptible.ts';
import { headline, oneOf, select, selectionOf } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { createTerminal, expectWritable, writeFileWhole } from '../terminal.ts';
import { version } from '../version.ts';

const MOST_WORKERS = 64;
const MOST_TRACES = 1000;
const DEFAULT_CHECKPOINT_SECONDS = 60;

function ltsFormat(file: string): LtsFormat {
  const format = ltsFormats.find((one) => file.endsWith(`.${one}`));
  if (format === undefined)
    throw new UsageError(`--lts ${file}: the name must end in ${ltsFormats.map((one) => `.${one}`).join(', ')}`);
  return format;
}

/** What the search is to do, as the options say; nothing of the world yet. */
function searchOptions(
  options: ExploreCommandOptions,
): Pick<ExploreOptions, 'symmetry' | 'por' | 'order' | 'maxDepth' | 'workers' | 'stopAtFirst' | 'traces'> {
  const { search = 'bfs', maxDepth, traces, distinctBy } = options;
  const order = oneOf('search', search, ['bfs', 'dfs']) === 'dfs' ? 'depth-first' : 'breadth-first';
  const workers = wholeNumber('--workers', options.workers ?? '1', 1, MOST_WORKERS);
  if (workers > 1 && order === 'depth-first') throw new UsageError('--search dfs: one thread searches depth-first');
  if (distinctBy !== undefined && traces === undefined) throw new UsageError('--distinct-by is for --traces N');
  // A graph is wanted as it is.
  const reduces = options.lts === undefined;
  return {
    symmetry: options.symmetry !== false && reduces,
    por: options.por !== false && reduces,
    order,
    workers,
    ...(maxDepth === undefined ? {} : { maxDepth: wholeNumber('--max-depth', maxDepth, 1) }),
    ...(options.stopAtFirst === true ? { stopAtFirst: true } : {}),
    ...(traces === undefined
      ? {}
      : {
          traces: {
            atMost: wholeNumber('--traces', traces, 1, MOST_TRACES),
            distinctBy: oneOf<DistinctBy>('distinct-by', distinctBy ?? 'actions', ['property', 'actions', 'final']),
          },
        }),
  };
}

/** Opens or makes the checkpoint that the options ask for. */
async function openCheckpoint(
  options: ExploreCommandOptions,
  assembled: Assembled,
  search: ReturnType<typeof searchOptions>,
): Promise<{ readonly open?: Checkpoint; readonly options: Pick<ExploreOptions, 'checkpoint' | 'resume'> }> {
  const { checkpoint, checkpointEvery, resume } = options;
  const every =
    checkpointEvery === undefined ? DEFAULT_CHECKPOINT_SECONDS : seconds('--checkpoint-every', checkpointEvery);
  if (checkpoint === undefined && resume === undefined) {
    if (checkpointEvery !== undefined) throw new UsageError('--checkpoint-every is for --checkpoint and --resume');
    return { options: {} };
  }
  if (search.order === 'depth-first')
    throw new UsageError('--search dfs cannot be resumed: --checkpoint and --resume are for breadth-first');
  if (checkpoint !== undefined && resume !== undefined && checkpoint !== resume)
    throw new UsageError('--checkpoint and --resume name two directories: a resumed search goes on where it was saved');
  if (options.lts !== undefined)
    throw new UsageError('--lts is not for a search that is saved: a part of a graph is no graph');
  const { Checkpoint } = await import('../../engine/checkpoint/checkpoint.ts');
  const { holdsCheckpoint } = await import('../../engine/checkpoint/checkpoint-directory.ts');
  const { modelHash, SearchCheckpoint } = await import('../../engine/checkpoint/search-checkpoint.ts');
  const { properties, world } = assembled;
  const reductions = { symmetry: search.symmetry, por: search.por };
  const kept = { ...reductions, traces: search.traces };
  const header = {
    model: modelHash(world, properties, kept, version()),
    description: {
      ...selectionOf(assembled),
      options: {
        ...reductions,
        traces: search.traces?.atMost ?? null,
        'distinct-by': options.distinctBy ?? null,
        properties: properties.map(({ id }) => id),
        release: version(),
      },
    },
  };
  if (resume !== undefined) {
    const open = Checkpoint.open(resume, header);
    const store = new SearchCheckpoint(open, every);
    const snapshot = store.load();
    if (search.maxDepth !== undefined && snapshot.depth > search.maxDepth) {
      open.close();
      throw new UsageError(
        `--max-depth ${search.maxDepth}: the search in ${resume} is at depth ${snapshot.depth} already`,
      );
    }
    return { open, options: { checkpoint: store, resume: snapshot } };
  }
  const directory = checkpoint as string;
  if (holdsCheckpoint(directory))
    throw new UsageError(
      `--checkpoint ${directory}: a search is saved there; --resume ${directory} goes on with it, or remove the directory first`,
    );
  const open = Checkpoint.create(directory, header);
  return { open, options: { checkpoint: new SearchCheckpoint(open, every) } };
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 0.05)
    throw new UsageError(`${option} ${text}: expected seconds, from 0.05`);
  return value;
}

/** Explores a scenario and reports. Answers the exit code. */
export async function explore(given: string, options: ExploreCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const search = searchOptions(options);
  const format = options.lts === undefined ? undefined : ltsFormat(options.lts);
  for (const file of [options.trace, options.lts, options.junit, options.ktap])
    if (file !== undefined) expectWritable(file);
  const limits = limitsOf(options);
  const assembled = await select(given, options);
  const infinite = assembled.properties.filter((property) => property.liveness !== undefined);
  const finite = assembled.properties.filter((property) => property.liveness === undefined);
  if (infinite.length > 0 && finite.length > 0 && options.property !== undefined)
    throw new UsageError(
      `--property: ${String(infinite[0]?.id)} is about infinite runs, ${String(finite[0]?.id)} about states and steps; ask in two searches`,
    );
  if (options.liveness === true || (infinite.length > 0 && finite.length === 0))
    return (await import('./liveness.ts')).liveness(given, options, assembled);
  if (infinite.length > 0)
    terminal.note(`${infinite.map(({ id }) => id).join(', ')}: about infinite runs, checked with --liveness`);
  return exploreStates(given, options, { ...assembled, properties: finite }, { terminal, search, format, limits });
}

/** Explores states and steps, once the options are found to be right. */
async function exploreStates(
  given: string,
  options: ExploreCommandOptions,
  assembled: Assembled,
  read: {
    readonly terminal: Terminal;
    readonly search: ReturnType<typeof searchOptions>;
    readonly format: ReturnType<typeof ltsFormat> | undefined;
    readonly limits: ReturnType<typeof limitsOf>;
  },
): Promise<number> {
  const { terminal, search, format, limits } = read;
  const { open, options: durable } = await openCheckpoint(options, assembled, search);
  const edges: { from: number; event: EventId; to: number }[] = [];
  let found: Exploration;
  try {
    found = await interruptible((signal) =>
      exploreWorld(assembled.world, {
        properties: assembled.properties,
        marks,
        ...search,
        ...limits,
        ...durable,
        progress: (progress) => terminal.progress(() => progressText(assembled, progress)),
        signal,
        host: nodeHost,
        ...(format === undefined ? {} : { edge: (from, event, to) => void edges.push({ from, event, to }) }),
      }),
    );
  } finally {
    open?.close();
  }
  terminal.clear();
  const shown = search.order === 'depth-first' ? shortened(assembled, found) : found;
  const traces = shown.counterexamples.map(({ path }) => traceOf(assembled.world, path));
  if ((search.workers ?? 1) > found.workers)
    terminal.note('symmetry keeps the search small and on one thread; --no-symmetry --workers N searches with several');
  if (options.json === true) terminal.print(JSON.stringify(exploreJson(assembled, shown, traces), null, 2));
  else printExploration(terminal, { given, options, assembled, found: shown, traces });
  // After what is shown: where a file cannot be written at the end of a long search, its result is not lost.
  if (options.lts !== undefined && format !== undefined)
    writeFileWhole(options.lts, formatLts(format, found.states, label(assembled, edges)));
  await writeReports(terminal, options, assembled, shown, traces);
  return codeOf(found);
}

/** Depth-first finds long ways: they are made short before they are shown. */
function shortened({ world, properties }: Assembled, found: Exploration): Exploration {
  const short = ({ property, path, message }: Exploration['violations'][number]): Exploration['violations'][number] => {
    const broken = properties.find(({ id }) => id === property);
    if (broken === undefined || broken.deadlock !== undefined) return { property, path, message };
    return { property, ...minimise(world, path, broken) };
  };
  return { ...found, violations: found.violations.map(short), counterexamples: found.counterexamples.map(short) };
}

async function writeReports(
  terminal: Terminal,
  options: ExploreCommandOptions,
  assembled: Assembled,
  found: Exploration,
  traces: readonly (readonly TraceStep[])[],
): Promise<void> {
  const [first] = traces;
  if (options.trace !== undefined) {
    if (first === undefined) terminal.note(`nothing is violated, ${options.trace} is not written`);
    else await writeTrace(options.trace, assembled, first);
  }
  writeReportFiles(options, reportOf(assembled, found, traces));
}

/** Names the edges of the graph by what is delivered. */
function label({ world }: Assembled, edges: readonly { from: number; event: EventId; to: number }[]): LtsEdge[] {
  return edges.map(({ from, event, to }) => {
    const delivered = world.transitions.event(event);
    return { from, label: world.language.event(delivered), to };
  });
}

const number = (value: number): string => value.toLocaleString('en');

function progressText(assembled: Assembled, progress: Progress): string {
  const { states, frontier, depth, seconds: passed, memoryMiB, secondsLeft } = progress;
  const rate = Math.round(states / Math.max(passed, 1e-6));
  const left = secondsLeft === undefined ? 'unknown' : `${Math.ceil(secondsLeft)} s`;
  return `${headline(assembled)}: ${number(states)} states, frontier ${number(frontier)}, depth ${depth}, ${number(rate)}/s${memoryText(memoryMiB)}, to go: ${left}`;
}
