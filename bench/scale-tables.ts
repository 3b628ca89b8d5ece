// The tables of docs/scale.md, and the lines with figures, made from the recorded run docs/figures/scale.json.
//
//   npm run bench:tables
//
// Each stands between `<!-- table: NAME -->` and `<!-- end -->`. What an older recording has not is left out.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { timeText } from '../src/cli/scale/scale-text.ts';
import { hostCosts } from '../src/scale/cost-model.ts';
import { contestantIds } from '../src/scale/structures.ts';
import type { Workload } from '../src/scale/workloads.ts';
import { bytes } from './c-figures.ts';
import { contentionTable } from './contention-table.ts';
import type { Pattern } from './growth-table.ts';
import { figureOf, figureOfC, growthOf, growthTable } from './growth-table.ts';
import { ratio, table } from './report.ts';
import type { Recorded, RecordedGrowth } from './scale-record.ts';
import { recordedFile } from './scale-record.ts';
import { sensitivityTable } from './sensitivity.ts';

export const page: string = fileURLToPath(new URL('../docs/scale.md', import.meta.url));

const N = 174_000;
const LIMIT = 1.5;
const whole = (value: number | undefined): string =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en');
const quotient = (one: number | undefined, other: number | undefined): string =>
  one === undefined || other === undefined ? '-' : ratio(one, other);

function xarrayTable({ xarray, growth }: Recorded): string {
  const rows = xarray.figures.map(({ layout, ours, load, map, few }) => {
    const consumer = figureOf(growthOfLayout(growth, layout), 'oneMore', 'xarray', xarray.irqfds);
    const c = figureOfC('oneMore', 'xarray', layout, xarray.irqfds);
    return [
      layout,
      ...[ours, map, load, few?.ours, few?.map].map(whole),
      quotient(ours, map),
      whole(consumer),
      whole(c),
      quotient(ours, c),
      quotient(consumer, c),
    ];
  });
  const head = ['layout', 'insert + erase', '`Map<bigint>`', 'load', '64 keys: ours', '64 keys: `Map`', 'ours / Map'];
  return table([...head, 'whole consumer', 'C, whole consumer', 'insert + erase / C', 'whole / C'], rows);
}

const growthOfLayout = (growth: readonly RecordedGrowth[], layout: string): RecordedGrowth['series'] =>
  growth.find((one) => one.layout === layout)?.series ?? [];

function memoryTable({ xarray }: Recorded): string {
  const rows = xarray.figures.map(({ layout, kernelBytes, processBytes }, i) => {
    const others = [xarray.shifted[i], xarray.lean[i]].flatMap((one) => [one?.kernelBytes, one?.processBytes]);
    return [layout, ...[kernelBytes, bytes.xarray[layout], processBytes, ...others].map(whole)];
  });
  const head = ['layout', 'kernel bytes', 'C', 'bytes here', '`>> 6`: kernel bytes', '`>> 6`: bytes here'];
  return table([...head, 'lean: kernel bytes', 'lean: bytes here'], rows);
}

/** The second target: by how much the xarray grows from 10 000 to 1 000 000 irqfds, by layout and pattern. */
function targetTable({ growth }: Recorded): string {
  const cell = (series: RecordedGrowth['series'], pattern: Pattern): string => {
    const grown = growthOf(series, pattern, 'xarray');
    return grown === undefined ? '-' : `${grown.toFixed(2)}, ${grown < LIMIT ? 'met' : 'not met'}`;
  };
  const patterns = ['oneMore', 'random', 'fromEmpty'] as const;
  return table(
    ['xarray, 1 M / 10 k', 'one more', 'a random one', 'N and back, each'],
    growth.map(({ layout, series }) => [layout, ...patterns.map((pattern) => cell(series, pattern))]),
  );
}

function crossoverLine({ growth }: Recorded): string {
  const found = growth.map(({ layout, crossover }) => `${crossover ?? 'no number of'} irqfds (${layout})`);
  return `The xarray is faster than the list from ${found.join(', ')} on.`;
}

function hashTableLine({ growth }: Recorded): string {
  const series = growthOfLayout(growth, 'pages');
  const sizes = [1_000, 10_000, 100_000, N, 1_000_000].flatMap((size) => {
    const [list, hash] = [figureOf(series, 'oneMore', 'list', size), figureOf(series, 'oneMore', 'hashtable', size)];
    return list === undefined || hash === undefined ? [] : [`${(list / hash).toFixed(0)} (N = ${whole(size)})`];
  });
  return `List by hash table, one more, layout pages: ${sizes.join(', ')}.`;
}

/** What producers change: layout pages, 174 000 irqfds. */
function producersTable({ growth, producers = [] }: Recorded): string {
  const runs = [growth.find(({ layout }) => layout === 'pages'), ...producers].filter((one) => one !== undefined);
  const rows = contestantIds.flatMap((index) => {
    const cells = (pattern: Pattern): string[] => runs.map(({ series }) => whole(figureOf(series, pattern, index, N)));
    const memory = runs.map(({ series }) =>
      whole(series.find((one) => one.index === index && one.irqfds === N)?.kernelBytes),
    );
    const row = [...cells('oneMore'), ...cells('random'), ...memory];
    return row.every((cell) => cell === '-') ? [] : [[index, ...row]];
  });
  const shares = runs.map((run) => run.producers ?? 'none');
  const head = ['one more, ns', 'random, ns', 'kernel bytes an object'].flatMap((what) =>
    shares.map((share) => `${what}: ${share}`),
  );
  return table(['index', ...head], rows);
}

function constantsTable({ contention }: Recorded): string {
  const acts: Readonly<Record<string, string>> = {
    listNode: 'each list node compared, by layout',
    listNodeInMemory: 'the same in lists of more entries than `cacheLines`: in no published workload',
    cacheLines: 'lines, not ns; see `listNodeInMemory`',
    level: 'each xarray node read',
    missedLine: 'each line that another core wrote last',
    allocate: 'each xarray node allocated',
    free: 'each xarray node freed: in no published workload, since nothing is unregistered',
    section: 'every critical section',
    callback: 'each callback of a connect: in no published workload, since there are no producers',
    lockOwn: 'taking the mutex again; calibrated: the least wait with the list',
    lockSocket: 'taking it from the same socket; calibrated: the least wait with the xarray',
    lockRemote: 'taking it from the other socket',
    wake: 'waking a sleeper',
    slice: 'a spinner whose CPU others want',
  };
  const text = (value: unknown): string =>
    typeof value === 'number'
      ? value.toLocaleString('en')
      : Object.entries(value as object)
          .map(([layout, each]) => `${layout} ${String(each)}`)
          .join(', ');
  const rows = Object.keys(hostCosts).map((key) => [
    key,
    text(contention.costs[key as keyof typeof hostCosts]),
    acts[key] ?? '',
  ]);
  return table(['constant', 'ns', 'acts on'], rows);
}

/** The list's average and longest wait in the readings of Like Xu's workload. */
function readingsLine({ contention }: Recorded): string {
  const found = contention.workloads.flatMap(({ workload, results }) => {
    const list = results.find(({ index }) => index === 'list');
    const isReading = (workload as Pick<Workload, 'id' | 'cpus'>).cpus === 144;
    if (list === undefined || !isReading) return [];
    return [`\`${workload.id}\` ${timeText(list.wait.avg)} and ${timeText(list.wait.max)}`];
  });
  return `List, average and longest wait: ${found.join('; ')}.`;
}

function stormLine({ storm }: Recorded): string {
  const rate = (storm.messages / storm.seconds / 1e6).toFixed(1);
  return (
    `${whole(storm.actors)} actors for ${whole(storm.irqfds)} irqfds: ${whole(storm.messages)} messages in ` +
    `${storm.seconds.toFixed(1)} s, ${rate} million a second; ${whole(storm.peakMiB)} MiB at most, ${whole(storm.peakNodes)} xarray nodes at most.`
  );
}

/** Everything that is generated, by name. */
export function tables(recorded: Recorded): ReadonlyMap<string, string> {
  const { growth, contention, machine } = recorded;
  const found = new Map<string, string>([
    ['machine', `Machine: ${machine}, shared with other work.`],
    ['xarray', xarrayTable(recorded)],
    ['memory', memoryTable(recorded)],
    ['target', targetTable(recorded)],
    ['crossover', crossoverLine(recorded)],
    ['hashtable', hashTableLine(recorded)],
    ['producers', producersTable(recorded)],
    ['constants', constantsTable(recorded)],
    ['contention', contentionTable(recorded.contention.workloads)],
    ['readings', readingsLine(recorded)],
    ['sensitivity', sensitivityTable(contention.sensitivity ?? [])],
    ['storm', stormLine(recorded)],
  ]);
  for (const { layout, series } of growth) {
    found.set(`growth ${layout}`, growthTable({ series, layout, pattern: 'oneMore' }));
    found.set(`random ${layout}`, growthTable({ series, layout, pattern: 'random' }));
    found.set(`from-empty ${layout}`, growthTable({ series, layout, pattern: 'fromEmpty' }));
  }
  return found;
}

/** The page with its tables made anew. Throws RangeError for a name that nothing makes. */
export function withTables(text: string, recorded: Recorded): string {
  const made = tables(recorded);
  return text.replaceAll(/<!-- table: (.+?) -->\n.*?<!-- end -->/gs, (_, name: string) => {
    const content = made.get(name);
    if (content === undefined)
      throw new RangeError(`${page}: no table "${name}"; known: ${[...made.keys()].join(', ')}`);
    return `<!-- table: ${name} -->\n${content}\n<!-- end -->`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), recorded));
  process.stdout.write(`${page} written\n`);
}
