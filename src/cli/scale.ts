// irqbypass scale: what the structures cost, measured; what waits for the mutex cost, in virtual time.
import { UnknownNameError } from '../scenarios/assemble.ts';
import type { ContentionResult } from '../simulate/contention.ts';
import { simulateContention } from '../simulate/contention.ts';
import { hostCosts } from '../simulate/cost-model.ts';
import type { LayoutName } from '../simulate/layouts.ts';
import { layoutNames } from '../simulate/layouts.ts';
import type { Measurement, ProducerShare } from '../simulate/measure.ts';
import { measure, producerShares } from '../simulate/measure.ts';
import type { ContestantId } from '../simulate/structures.ts';
import { contestantIds, contestantOf } from '../simulate/structures.ts';
import type { Workload } from '../simulate/workloads.ts';
import { workloadIds, workloads } from '../simulate/workloads.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { expectToFit, memoryLimit } from './memory-limit.ts';
import { contentionText, measuredText } from './scale-text.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal } from './terminal.ts';

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
    return value;
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function choose(options: ScaleCommandOptions): Chosen {
  const { workload, cpus } = options;
  const chosen = workload === undefined ? undefined : workloads[known('workload', workload, workloadIds)];
  const number = cpus === undefined ? undefined : wholeNumber('--cpus', cpus, 1, MAX_CPUS);
  return {
    irqfds: irqfdList(options.irqfds ?? DEFAULT_IRQFDS),
    cpus: number,
    indexes:
      options.index === undefined
        ? contestantIds
        : options.index.split(',').map((given) => known('index', given.trim(), contestantIds)),
    layout: known('layout', options.layout ?? 'pages', layoutNames),
    producers: known('share of producers', options.producers ?? 'none', producerShares),
    workload: chosen === undefined || number === undefined ? chosen : { ...chosen, cpus: number },
    seed: wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff),
  };
}

/** As many creators as CPUs, as fast as they can. */
function freeWorkload({ cpus = DEFAULT_CPUS, irqfds }: Chosen): Workload {
  const count = irqfds.at(-1) ?? 1;
  return {
    id: 'free',
    title: `${count.toLocaleString('en')} irqfds on ${cpus} CPUs`,
    cpus,
    sockets: cpus > 1 ? 2 : 1,
    threads: Math.min(cpus, count),
    irqfds: count,
    background: 0,
    span: 10e6,
    think: 300e3,
    besides: 0,
    published: [],
    assumed: 'a creator on each CPU, all start within 10 ms, 300 us besides between two irqfds',
  };
}

/** Measures, simulates and reports. Answers the exit code. */
export async function scale(options: ScaleCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const chosen = choose(options);
  const limit = memoryLimit(options.maxMemory);
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const shouldStop = (): boolean => interrupted || limit.isReached();
  const measured =
    chosen.workload === undefined
      ? await measure({
          contestants: chosen.indexes,
          irqfds: chosen.irqfds,
          layout: chosen.layout,
          producers: chosen.producers,
          seed: chosen.seed,
          secondsEach: SECONDS_EACH,
          progress: (index, irqfds) => terminal.progress(`measuring ${index}, ${irqfds.toLocaleString('en')} irqfds`),
          shouldStop,
        })
      : null;
  const workload = chosen.workload ?? freeWorkload(chosen);
  const results: NamedResult[] = [];
  for (const index of chosen.indexes) {
    if (shouldStop()) break;
    terminal.progress(`virtual time: ${index}`);
    const { layout, seed } = chosen;
    results.push({
      index,
      ...simulateContention({ contestant: contestantOf(index), workload, layout, seed, shouldStop }),
    });
  }
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  terminal.clear();
  const isComplete =
    (measured?.isComplete ?? true) &&
    results.length === chosen.indexes.length &&
    results.every((result) => result.isComplete);
  if (options.json === true)
    terminal.print(JSON.stringify(toJson(chosen, measured, workload, results, isComplete), null, 2));
  else {
    terminal.print(text(chosen, measured, workload, results));
    if (!isComplete) terminal.print(`\nincomplete: ${interrupted ? 'interrupted' : 'memory-limit'}`);
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
  isComplete: boolean,
): object {
  const { published, ...conditions } = workload;
  return {
    irqfds,
    cpus: workload.cpus,
    index: indexes,
    layout,
    producers,
    seed,
    verdict: isComplete ? 'done' : 'incomplete',
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
          .map(({ what, statistic, value }) => ({ what, statistic, value, ratio: result[what][statistic] / value })),
      })),
    },
  };
}
