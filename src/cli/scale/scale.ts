// irqbypass scale: what the structures cost, measured; what waits for the mutex cost, in virtual time.
import { UnknownNameError } from '../../scenarios/scenario-error.ts';
import type { ContentionResult } from '../../scale/contention.ts';
import { simulateContention } from '../../scale/contention.ts';
import { hostCosts } from '../../scale/cost-model.ts';
import type { LayoutName } from '../../scale/layouts.ts';
import { layoutNames } from '../../scale/layouts.ts';
import type { Measurement } from '../../scale/measure.ts';
import type { ProducerShare } from '../../scale/producer-share.ts';
import { measure } from '../../scale/measure.ts';
import { producerShares } from '../../scale/producer-share.ts';
import type { ContestantId } from '../../scale/structures.ts';
import { contestantIds, contestantOf } from '../../scale/structures.ts';
import type { Workload } from '../../scale/workloads.ts';
import { freeWorkload, isInput, workloadIds, workloads } from '../../scale/workloads.ts';
import { exitCode, UsageError, wholeNumber } from '../exit-codes.ts';
import { expectToFit, memoryLimit } from './memory-limit.ts';
import { contentionText, measuredText } from './scale-text.ts';
import { interruptible } from '../interruptible.ts';
import type { CommonOptions, Terminal } from '../terminal.ts';
import { createTerminal, grouped } from '../terminal.ts';

export interface ScaleCommandOptions extends CommonOptions {
  readonly irqfds?: string;
  readonly cpus?: string;
  readonly index?: string;
  readonly layout?: string;
  readonly producers?: string;
  readonly workload?: string;
  readonly seed?: string;
  readonly maxMemory?: string;
}

const DEFAULT_IRQFDS = '10,100,1000,10000,100000';
const DEFAULT_CPUS = 144;
const MAX_CPUS = 8192;
/** What an irqfd takes in this process while the greediest structure is filled (lists with xarrays as hints). */
const BYTES_EACH = 1200;
/** In virtual time each irqfd is an entry of a JavaScript Map (counted-list.ts), and V8 refuses the 16 777 217th. */
const MOST_IRQFDS = 2 ** 24 - 1;
const SECONDS_EACH = 0.04;

interface Chosen {
  readonly irqfds: readonly number[];
  readonly cpus: number | undefined;
  readonly indexes: readonly ContestantId[];
  readonly layout: LayoutName;
  readonly producers: ProducerShare;
  readonly workload: Workload | undefined;
  readonly seed: number;
}

type NamedResult = ContentionResult & { readonly index: ContestantId };

function known<T extends string>(kind: string, given: string, names: readonly T[]): T {
  const found = names.find((one) => one === given);
  if (found === undefined) throw new UnknownNameError(kind, given, names, `known: ${names.join(', ')}`);
  return found;
}

/** Reads a list of numbers of irqfds, ascending and each once. Throws UsageError. */
function irqfdList(text: string): number[] {
  const numbers = text.split(',').map((part) => {
    const value = part.trim() === '' ? Number.NaN : Number(part);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--irqfds ${text}: expected whole numbers from 1, as in 10,1000,174000`);
    expectToFit(`--irqfds ${part}`, value, BYTES_EACH);
    if (value > MOST_IRQFDS)
      throw new UsageError(`--irqfds ${part}: at most ${grouped(MOST_IRQFDS)}: a Map of V8 holds no more`);
    return value;
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** What a published workload says itself. Throws UsageError where an option says it too. */
function expectNoConflict({ workload, irqfds, producers }: ScaleCommandOptions): void {
  if (workload === undefined) return;
  const given = Object.entries({ irqfds, producers }).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${value}`],
  );
  if (given.length === 0) return;
  throw new UsageError(
    `${given.join(' ')}: not with --workload ${workload}, which has its own irqfds and no producers`,
  );
}

function choose(options: ScaleCommandOptions): Chosen {
  const { workload, cpus } = options;
  const chosen = workload === undefined ? undefined : workloads[known('workload', workload, workloadIds)];
  const number = cpus === undefined ? undefined : wholeNumber('--cpus', cpus, 1, MAX_CPUS);
  expectNoConflict(options);
  return {
    irqfds: chosen === undefined ? irqfdList(options.irqfds ?? DEFAULT_IRQFDS) : [chosen.irqfds],
    cpus: number,
    indexes:
      options.index === undefined
        ? contestantIds
        : options.index.split(',').map((given) => known('index', given.trim(), contestantIds)),
    layout: known('layout', options.layout ?? 'pages', layoutNames),
    producers: known('share of producers', options.producers ?? 'none', producerShares),
    workload: chosen === undefined || number === undefined ? chosen : onCpus(chosen, number),
    seed: wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff),
  };
}

/** A published workload on another number of CPUs: its title says so, since what was published was not taken there. */
function onCpus(workload: Workload, cpus: number): Workload {
  const title = `${workload.title}, here on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
  return { ...workload, title, cpus, sockets: Math.min(workload.sockets, cpus) };
}

const shares: Readonly<Record<ProducerShare, number>> = { none: 0, half: 0.5, all: 1 };

/** The measured part, where the workload is not a published one. */
async function measureCosts(
  chosen: ReturnType<typeof choose>,
  terminal: Terminal,
  shouldStop: () => boolean,
): Promise<Awaited<ReturnType<typeof measure>> | null> {
  if (chosen.workload !== undefined) return null;
  return measure({
    contestants: chosen.indexes,
    irqfds: chosen.irqfds,
    layout: chosen.layout,
    producers: chosen.producers,
    seed: chosen.seed,
    secondsEach: SECONDS_EACH,
    progress: (index, irqfds) => terminal.progress(`measuring ${index}, ${grouped(irqfds)} irqfds`),
    shouldStop,
  });
}

/** The part in virtual time, index by index. */
async function simulate(
  { indexes, layout, seed }: ReturnType<typeof choose>,
  workload: Workload,
  terminal: Terminal,
  shouldStop: () => boolean,
): Promise<NamedResult[]> {
  const results: NamedResult[] = [];
  for (const index of indexes) {
    if (shouldStop()) break;
    terminal.progress(`virtual time: ${index}`);
    const contestant = contestantOf(index);
    results.push({ index, ...(await simulateContention({ contestant, workload, layout, seed, shouldStop })) });
  }
  return results;
}

/** Measures, simulates and reports. Answers the exit code. */
export async function scale(options: ScaleCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const chosen = choose(options);
  const limit = memoryLimit(options.maxMemory);
  const { cpus = DEFAULT_CPUS, irqfds, producers } = chosen;
  const workload = chosen.workload ?? freeWorkload(irqfds.at(-1) ?? 1, cpus, shares[producers]);
  const [measured, results, interrupted] = await interruptible(async (signal) => {
    const shouldStop = (): boolean => signal.aborted || limit.isReached();
    const costs = await measureCosts(chosen, terminal, shouldStop);
    return [costs, await simulate(chosen, workload, terminal, shouldStop), signal.aborted] as const;
  });
  terminal.clear();
  const isComplete =
    (measured?.isComplete ?? true) &&
    results.length === chosen.indexes.length &&
    results.every((result) => result.isComplete);
  const limited = isComplete ? null : interrupted ? 'interrupted' : 'memory-limit';
  if (options.json === true)
    terminal.print(JSON.stringify(toJson(chosen, measured, workload, results, limited), null, 2));
  else {
    terminal.print(text(chosen, measured, workload, results));
    if (limited !== null) terminal.print(`\nincomplete: ${limited}`);
  }
  if (interrupted) return exitCode.interrupted;
  return isComplete ? exitCode.ok : exitCode.incomplete;
}

function text(
  chosen: Chosen,
  measured: Measurement | null,
  workload: Workload,
  results: readonly NamedResult[],
): string {
  const { layout, producers, seed } = chosen;
  const parts: string[] = [];
  if (measured !== null && measured.series.length > 0)
    parts.push(`measured here: layout ${layout}, producers ${producers}, seed ${seed}`, measuredText(measured));
  if (results.length > 0)
    parts.push(`in virtual time: layout ${layout}, seed ${seed}`, contentionText(workload, results));
  return parts.join('\n\n');
}

/** The machine-readable report: times are nanoseconds, memory is bytes for each registered object. */
function toJson(
  { irqfds, indexes, layout, producers, seed }: Chosen,
  measured: Measurement | null,
  workload: Workload,
  results: readonly NamedResult[],
  limited: 'interrupted' | 'memory-limit' | null,
): object {
  const { published, ...conditions } = workload;
  return {
    irqfds,
    cpus: workload.cpus,
    index: indexes,
    layout,
    producers,
    seed,
    verdict: limited === null ? 'done' : 'incomplete',
    ...(limited === null ? {} : { limit: limited }),
    ...(measured === null
      ? {}
      : {
          series: measured.series.map(({ index, irqfds: count, ...figures }) => ({ index, irqfds: count, ...figures })),
          crossover: measured.crossover,
        }),
    contention: {
      workload: conditions,
      costs: hostCosts,
      results: results.map((result) => ({
        ...result,
        published: published
          .filter((figure) => figure.index === result.index)
          .map((figure) => {
            const { what, statistic, value } = figure;
            if (isInput(workload, figure)) return { what, statistic, value, isInput: true };
            return { what, statistic, value, ratio: result[what][statistic] / value };
          }),
      })),
    },
  };
}
