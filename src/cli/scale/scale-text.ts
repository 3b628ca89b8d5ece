// What irqbypass scale prints: tables, a small chart, published figures beside those of the simulation.
import type { ContentionResult } from '../../scale/contention.ts';
import type { Distribution } from '../../scale/distribution.ts';
import type { Measurement } from '../../scale/measure.ts';
import type { ContestantId } from '../../scale/structures.ts';
import type { PublishedFigure, Workload } from '../../scale/workloads.ts';
import { isInput } from '../../scale/workloads.ts';
import { grouped } from '../terminal.ts';

/** A time with its unit, three digits: `20 ns`, `117.9 ms`. */
export function timeText(nanoseconds: number): string {
  const units = [
    ['ns', 1],
    ['us', 1e3],
    ['ms', 1e6],
    ['s', 1e9],
  ] as const;
  const [unit, size] = units.findLast(([, size]) => nanoseconds >= size) ?? units[0];
  const value = nanoseconds / size;
  return `${value.toFixed(unit === 'ns' || value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${unit}`;
}

/** Columns aligned: the first to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const patterns = [
  ['oneMore', 'one more, at N ='],
  ['random', 'a random one, at N ='],
  ['fromEmpty', 'N and back, each, at N ='],
] as const;

/** The three patterns and memory, by structure and N; `-` where something was not measured. */
export function measuredText({ series, crossover }: Measurement): string {
  const sizes = [...new Set(series.map(({ irqfds }) => irqfds))];
  const ids = [...new Set(series.map(({ index }) => index))];
  const cell = (index: ContestantId, irqfds: number, pattern: (typeof patterns)[number][0]): string => {
    const nanoseconds = series.find((one) => one.index === index && one.irqfds === irqfds)?.[pattern];
    return nanoseconds === undefined ? '-' : timeText(nanoseconds);
  };
  const memory = ids.flatMap((index) => series.findLast((one) => one.index === index) ?? []);
  return [
    ...patterns.flatMap(([pattern, head]) => [
      table([
        [head, ...sizes.map((size) => grouped(size))],
        ...ids.map((index) => [index, ...sizes.map((size) => cell(index, size, pattern))]),
      ]),
      '',
    ]),
    'one more:',
    chart(series, ids, sizes),
    '',
    table([
      ['memory an entry', 'kernel bytes', 'nodes', 'bytes here'],
      ...memory.map(({ index, kernelBytes, nodes, processBytes }) => [
        index,
        kernelBytes.toFixed(0),
        nodes.toFixed(3),
        processBytes?.toFixed(0) ?? '-',
      ]),
    ]),
    ...(crossover === null ? [] : ['', `the xarray is faster than the list from ${grouped(crossover)} irqfds on`]),
  ].join('\n');
}

/** A chart on logarithmic scales: a line for each factor of ten, a letter for each structure. */
function chart(series: Measurement['series'], ids: readonly ContestantId[], sizes: readonly number[]): string {
  const letters = 'abcdefghij';
  const decade = (nanoseconds: number): number => Math.floor(Math.log10(Math.max(1, nanoseconds)) * 2);
  const top = Math.max(...series.map(({ oneMore }) => decade(oneMore)));
  const bottom = Math.min(...series.map(({ oneMore }) => decade(oneMore)));
  const width = ids.length + 2;
  const lines: string[] = [];
  for (let level = top; level >= bottom; level--) {
    const marks = sizes.map((size) =>
      ids
        .map((index, i) => {
          const found = series.find((one) => one.index === index && one.irqfds === size);
          return found !== undefined && decade(found.oneMore) === level ? (letters[i] ?? '?') : ' ';
        })
        .join('')
        .padEnd(width),
    );
    lines.push(`${(level % 2 === 0 ? timeText(10 ** (level / 2)) : '').padStart(7)} |${marks.join('')}`.trimEnd());
  }
  lines.push(`        +${'-'.repeat(width * sizes.length)}`);
  lines.push(
    `         ${sizes.map((size) => size.toExponential(0).replace('+', '').padEnd(width)).join('')}`.trimEnd(),
  );
  lines.push(ids.map((index, i) => `${letters[i] ?? '?'} ${index}`).join(', '));
  return lines.join('\n');
}

const statistics = ['avg', 'min', 'p50', 'p95', 'p99', 'max'] as const;
const cells = (found: Distribution): string[] => statistics.map((statistic) => timeText(found[statistic]));

/** What the tables do not say by themselves: waits that are none, figures that are inputs. */
function notes(
  workload: Workload,
  results: readonly (ContentionResult & { readonly index: ContestantId })[],
): string[] {
  const alone = results.filter(({ irqfds, contended }) => irqfds > 1 && contended === 0).map(({ index }) => index);
  const inputs = workload.published.filter((figure) => isInput(workload, figure)).map(({ index }) => index);
  return [
    ...(alone.length === 0
      ? []
      : [`${alone.join(', ')}: nobody found the mutex taken; these waits are what taking a free mutex costs`]),
    ...inputs.map((index) => `${index}: the published creation avg is an input here, no result`),
  ];
}

/** Lock waits and whole operations, each with what was published below it. */
export function contentionText(
  workload: Workload,
  results: readonly (ContentionResult & { readonly index: ContestantId })[],
): string {
  const names = { wait: 'lock wait', operation: 'operation', creation: 'creation' } as const;
  const shown =
    workload.besides === 0 ? (['wait', 'operation'] as const) : (['wait', 'operation', 'creation'] as const);
  const blocks = shown.map((what) =>
    table([
      [names[what], ...statistics],
      ...results.flatMap((result) => [
        [result.index, ...(result[what].count === 0 ? statistics.map(() => '-') : cells(result[what]))],
        ...publishedRows(workload.published.filter((one) => one.index === result.index && one.what === what)),
      ]),
    ]),
  );
  return [workload.title, `assumed: ${workload.assumed}`, ...blocks, ...notes(workload, results)].join('\n\n');
}

function publishedRows(figures: readonly PublishedFigure[]): string[][] {
  if (figures.length === 0) return [];
  const of = (statistic: PublishedFigure['statistic']): string => {
    const found = figures.find((one) => one.statistic === statistic);
    return found === undefined ? '-' : timeText(found.value);
  };
  return [['  published', ...statistics.map(of)]];
}
