// What irqbypass explore is asked: the options, read once. Wrong ones are refused here, before anything is searched.
import { isOfRunsOnly } from '../../engine/world/property.ts';
import { availableParallelism, totalmem } from 'node:os';
import type { ExploreOptions } from '../../engine/explorer/search/explore.ts';
import type { DistinctBy } from '../../engine/world/violation.ts';
import type { LtsFormat } from '../../engine/report/lts.ts';
import { ltsFormats } from '../../engine/report/lts.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { formatByEnding } from '../endings.ts';
import { UsageError, wholeNumber } from '../exit-codes.ts';
import type { SelectionOptions } from '../selection.ts';
import { oneOf, select } from '../selection.ts';
import type { CommonOptions } from '../terminal.ts';
import { expectWritable } from '../terminal.ts';

/** The options as the command line has them. */
export interface ExploreCommandOptions extends CommonOptions, SelectionOptions {
  readonly symmetry?: boolean;
  readonly por?: boolean;
  readonly search?: string;
  readonly maxDepth?: string;
  readonly workers?: string;
  readonly maxStates?: string;
  readonly maxMemory?: string;
  readonly maxSeconds?: string;
  readonly stopAtFirst?: boolean;
  readonly traces?: string;
  readonly distinctBy?: string;
  readonly checkpoint?: string;
  readonly checkpointEvery?: string;
  readonly resume?: string;
  readonly liveness?: boolean;
  readonly coverage?: boolean;
  readonly columns?: boolean;
  readonly swarm?: string;
  readonly seed?: string;
  readonly maxSteps?: string;
  readonly redis?: string;
  readonly trace?: string;
  readonly lts?: string;
  readonly junit?: string;
  readonly ktap?: string;
  /** Of `report`. */
  readonly html?: string;
}

const ltsEndings = Object.fromEntries(ltsFormats.map((format) => [`.${format}`, format]));

/** The format of a file for the shortest counterexample. Throws UsageError where its ending is not known. */
export function traceFormat(file: string): 'ndjson' | 'itf' | 'svg' | 'mermaid' {
  return formatByEnding('--trace', file, { '.ndjson': 'ndjson', '.itf.json': 'itf', '.svg': 'svg', '.mmd': 'mermaid' });
}

/** How far a search may go. */
export interface RequestLimits {
  readonly maxStates?: number;
  readonly maxMemoryMiB: number;
  readonly maxSeconds?: number;
}

/** States and steps: how they are searched, and where the search is kept. */
export interface StatesRequest {
  readonly kind: 'states';
  readonly search: Pick<
    ExploreOptions,
    'symmetry' | 'por' | 'order' | 'maxDepth' | 'workers' | 'stopAtFirst' | 'traces'
  >;
  readonly lts: { readonly file: string; readonly format: LtsFormat } | null;
  readonly checkpoint: {
    readonly directory: string;
    readonly isResumed: boolean;
    readonly everySeconds: number;
  } | null;
}

/** Infinite runs. */
export interface RunsRequest {
  readonly kind: 'runs';
  readonly symmetry: boolean;
  readonly por: boolean;
}

/** Many small searches. */
export interface SwarmRequest {
  readonly kind: 'swarm';
  readonly jobs: number;
  readonly seed: number;
  /** Steps of each job that walks; as many as a job is made for where absent. */
  readonly stepsPerJob?: number;
  /** Worker processes here; null where workers are elsewhere. */
  readonly workers: number | null;
  readonly redis: string | null;
}

/** What is to be searched, how, how far, and where reports go. */
export interface ExploreRequest {
  readonly given: string;
  readonly assembled: Assembled;
  /** Properties about infinite runs that were left out of a search of states, though nobody said so. */
  readonly leftOut: readonly string[];
  readonly what: StatesRequest | RunsRequest | SwarmRequest;
  readonly limits: RequestLimits;
  readonly options: ExploreCommandOptions;
}

const MOST_WORKERS = 64;
const MOST_PROCESSES = 256;
const MOST_JOBS = 100_000;
const MOST_STEPS = 100_000_000;
const MOST_TRACES = 1000;
const DEFAULT_CHECKPOINT_SECONDS = 60;
const LEAST_MEMORY_MIB = 64;
/** The limit of memory where none is given: nine tenths of what the machine has. Without one the system would end the search. */
const MOST_MEMORY_MIB = Math.floor((totalmem() * 0.9) / 2 ** 20);

/** Options that only some kinds of search have. */
const notForRuns = [
  'workers',
  'lts',
  'traces',
  'distinctBy',
  'checkpoint',
  'checkpointEvery',
  'resume',
  'search',
  'maxDepth',
  'stopAtFirst',
  'coverage',
] as const;
const notForSwarms = [
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
] as const;

/** An option as it is written: `--max-states`. */
export const written = (option: string): string =>
  `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Reads the options of `irqbypass explore`. Throws UsageError, and what `select` throws. */
export async function requestOf(given: string, options: ExploreCommandOptions): Promise<ExploreRequest> {
  const isSwarm = [options.swarm, options.seed, options.redis, options.maxSteps].some((one) => one !== undefined);
  const swarm = isSwarm ? swarmRequest(options) : null;
  const states = isSwarm ? null : statesRequest(options);
  if (options.trace !== undefined) traceFormat(options.trace);
  for (const file of [options.trace, options.lts, options.junit, options.ktap, options.html])
    if (file !== undefined) expectWritable(file);
  const limits = limitsOf(options);
  const assembled = await select(given, options);
  const infinite = assembled.properties.filter(isOfRunsOnly);
  const finite = assembled.properties.filter((one) => !isOfRunsOnly(one));
  const common = { given, limits, options };
  if (swarm !== null) {
    if (infinite[0] !== undefined)
      throw new UsageError(
        `--swarm: ${infinite[0].id} is about infinite runs, which no walk of a swarm is: explore ${given} --property ${infinite[0].id}`,
      );
    return { ...common, assembled, leftOut: [], what: swarm };
  }
  if (infinite.length > 0 && finite.length > 0 && options.property !== undefined)
    throw new UsageError(
      `--property: ${String(infinite[0]?.id)} is about infinite runs, ${String(finite[0]?.id)} about states and steps; ask in two searches`,
    );
  if (options.liveness === true || (infinite.length > 0 && finite.length === 0)) {
    expectNoneOf(options, notForRuns, (option) => `${option} is not for --liveness`);
    const what = { kind: 'runs', symmetry: options.symmetry === true, por: options.por === true } as const;
    return { ...common, assembled, leftOut: [], what };
  }
  if (states === null) throw new UsageError('nothing is to be searched');
  const leftOut = infinite.map(({ id }) => id);
  return { ...common, assembled: { ...assembled, properties: finite }, leftOut, what: states };
}

function statesRequest(options: ExploreCommandOptions): StatesRequest {
  const { search = 'bfs', maxDepth, traces, distinctBy, lts } = options;
  const order = oneOf('search', search, ['bfs', 'dfs']) === 'dfs' ? 'depth-first' : 'breadth-first';
  const workers = wholeNumber('--workers', options.workers ?? '1', 1, MOST_WORKERS);
  if (workers > 1 && order === 'depth-first') throw new UsageError('--search dfs: one thread searches depth-first');
  if (distinctBy !== undefined && traces === undefined) throw new UsageError('--distinct-by is for --traces N');
  // A graph is wanted as it is.
  const reduces = lts === undefined;
  return {
    kind: 'states',
    search: {
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
    },
    lts: lts === undefined ? null : { file: lts, format: formatByEnding('--lts', lts, ltsEndings) },
    checkpoint: checkpointRequest(options, order),
  };
}

function checkpointRequest(
  { checkpoint, checkpointEvery, resume, lts }: ExploreCommandOptions,
  order: ExploreOptions['order'],
): StatesRequest['checkpoint'] {
  const everySeconds =
    checkpointEvery === undefined ? DEFAULT_CHECKPOINT_SECONDS : seconds('--checkpoint-every', checkpointEvery);
  const directory = resume ?? checkpoint;
  if (directory === undefined) {
    if (checkpointEvery !== undefined) throw new UsageError('--checkpoint-every is for --checkpoint and --resume');
    return null;
  }
  if (order === 'depth-first')
    throw new UsageError('--search dfs cannot be resumed: --checkpoint and --resume are for breadth-first');
  if (checkpoint !== undefined && resume !== undefined && checkpoint !== resume)
    throw new UsageError('--checkpoint and --resume name two directories: a resumed search goes on where it was saved');
  if (lts !== undefined) throw new UsageError('--lts is not for a search that is saved: a part of a graph is no graph');
  return { directory, isResumed: resume !== undefined, everySeconds };
}

function swarmRequest(options: ExploreCommandOptions): SwarmRequest {
  if (options.swarm === undefined) throw new UsageError('--seed, --max-steps and --redis are for --swarm N');
  const jobs = wholeNumber('--swarm', options.swarm, 1, MOST_JOBS);
  const seed = wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff);
  const size =
    options.maxSteps === undefined ? {} : { stepsPerJob: wholeNumber('--max-steps', options.maxSteps, 1, MOST_STEPS) };
  expectNoneOf(options, notForSwarms, (option) => `${option} does not go with --swarm`);
  for (const reduction of ['symmetry', 'por'] as const)
    if (options[reduction] === false)
      throw new UsageError(
        `--no-${reduction} does not go with --swarm: walks reduce nothing, the first search always does`,
      );
  if (options.redis !== undefined) {
    expectNoneOf(
      options,
      ['workers'],
      (option) => `${option} does not go with --redis: irqbypass worker --redis URL joins`,
    );
    return { kind: 'swarm', jobs, seed, ...size, workers: null, redis: options.redis };
  }
  const asked = wholeNumber('--workers', options.workers ?? `${availableParallelism()}`, 1, MOST_PROCESSES);
  return { kind: 'swarm', jobs, seed, ...size, workers: Math.min(asked, jobs), redis: null };
}

function limitsOf({ maxStates, maxMemory, maxSeconds }: ExploreCommandOptions): RequestLimits {
  return {
    ...(maxStates === undefined ? {} : { maxStates: wholeNumber('--max-states', maxStates, 1) }),
    maxMemoryMiB: maxMemory === undefined ? MOST_MEMORY_MIB : wholeNumber('--max-memory', maxMemory, LEAST_MEMORY_MIB),
    ...(maxSeconds === undefined ? {} : { maxSeconds: wholeNumber('--max-seconds', maxSeconds, 1) }),
  };
}

function expectNoneOf(
  options: ExploreCommandOptions,
  names: readonly (keyof ExploreCommandOptions)[],
  refusal: (option: string) => string,
): void {
  const wrong = names.find((name) => options[name] !== undefined);
  if (wrong !== undefined) throw new UsageError(refusal(written(wrong)));
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 0.05)
    throw new UsageError(`${option} ${text}: expected seconds, from 0.05`);
  return value;
}

/** The options that say how it was searched, as far as they were given: what was found within limits may be far to find without. */
export function searchText(options: ExploreCommandOptions): string {
  const valued = ['search', 'maxDepth', 'maxStates', 'maxMemory', 'maxSeconds'] as const;
  const parts = [
    ...(options.symmetry === false ? ['--no-symmetry'] : []),
    ...(options.por === false ? ['--no-por'] : []),
    ...valued.flatMap((name) => (options[name] === undefined ? [] : [written(name), options[name]])),
  ];
  return parts.map((part) => ` ${part}`).join('');
}
