// The charts of docs/scale.md, drawn from the recorded run docs/figures/scale.json.
//
//   npm run bench:charts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { timeText } from '../src/cli/scale/scale-text.ts';
import type { ContestantId } from '../src/scale/structures.ts';
import { contestantIds } from '../src/scale/structures.ts';
import { oneMore, sizes } from './c-figures.ts';
import type { Recorded } from './scale-record.ts';
import { recordedFile } from './scale-record.ts';
import type { Series } from './svg.ts';
import { barChart, colours, lineChart } from './svg.ts';

const colourOf = (index: ContestantId): string => colours[contestantIds.indexOf(index)] ?? 'currentColor';
const power = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : String(value);
const bytesText = (value: number): string => (value >= 1000 ? `${value / 1000} kB` : `${value} B`);
const time = (value: number): string => timeText(value).replace(/\.0+ /, ' ');

function costChart({ growth, machine }: Recorded): string {
  const series = growth.find(({ layout }) => layout === 'pages')?.series ?? [];
  const ours = contestantIds.map((index): Series => {
    const points = series.filter((one) => one.index === index).map((one) => [one.irqfds, one.oneMore] as const);
    return { name: index, points, colour: colourOf(index) };
  });
  const ofC = [
    { name: 'C, list, dense', figures: oneMore.list.dense, colour: colourOf('list') },
    { name: 'C, list, scattered', figures: oneMore.list.scattered, colour: colours[7] },
    { name: 'C, xarray, pages', figures: oneMore.xarray.pages, colour: colourOf('xarray') },
  ].map(({ name, figures, colour }): Series => {
    return { name, points: sizes.map((size, i) => [size, figures[i] ?? 1] as const), onlyPoints: true, colour };
  });
  return lineChart(
    'One more irqfd registered and unregistered while N are present',
    `ours: layout pages, consumers only; ${machine}. Circles: the C code on AMD Milan, its own layouts`,
    { label: 'registered irqfds, N (logarithmic)', from: 10, to: 1e6, tick: power },
    { label: 'time for both, ns to ms (logarithmic)', from: 1, to: 1e8, tick: time },
    [...ours, ...ofC],
  );
}

type Result = Recorded['contention']['workloads'][number]['results'][number];

/** For each wait the share of acquisitions that wait at least so long. */
function waitLine({ waits, irqfds }: Result, name: string, colour: string): Series {
  let rest = irqfds;
  const points = waits.map(({ from, count }) => {
    const point = [Math.max(10, from), rest / irqfds] as const;
    rest -= count;
    return point;
  });
  return { name, points, colour };
}

function waitChart({ contention }: Recorded): string {
  const of = (reading: string): readonly Result[] =>
    contention.workloads.find(({ workload }) => workload.id === reading)?.results ?? [];
  const shown = new Set<ContestantId>(['list', 'hashtable', 'xarray', 'xarray-shifted']);
  const closed = of('closed').filter(({ index }) => shown.has(index));
  const open = of('open').filter(({ index }) => index === 'list');
  return lineChart(
    'Waiting for the mutex: 174 000 irqfds on 144 CPUs, in virtual time',
    `one creator a CPU (and the list when requests are steady), seed ${contention.seed}. Published: list 118 ms, at most 11.4 s; xarray 314 ns`,
    { label: 'lock wait, ns to s (logarithmic)', from: 10, to: 1e11, tick: time },
    {
      label: 'share that waits at least so long, % (logarithmic)',
      from: 1e-6,
      to: 1,
      tick: (value) => `${Number((value * 100).toPrecision(1))} %`,
    },
    [
      ...closed.map((result) => waitLine(result, result.index, colourOf(result.index))),
      ...open.map((result) => waitLine(result, 'list, steady', colourOf('opt-out'))),
    ],
  );
}

function memoryChart({ growth, machine }: Recorded): string {
  const shown: readonly ContestantId[] = ['list', 'hashtable', 'xarray', 'xarray-shifted', 'lean', 'list+xarray'];
  const groups = growth.map(({ layout, series }) => ({
    name: `${layout}, 174 000 irqfds`,
    axis: { label: 'bytes an entry (logarithmic)', from: 1, to: 10_000, tick: bytesText },
    bars: shown.flatMap((index) => {
      const found = series.find((one) => one.index === index && one.irqfds === 174_000);
      if (found === undefined) return [];
      const { kernelBytes, nodes } = found;
      const text = `${kernelBytes.toFixed(0)} B, ${nodes.toFixed(2)} nodes`;
      return [{ name: index, value: kernelBytes, text, colour: colourOf(index) }];
    }),
  }));
  return barChart(
    'Memory an entry, as the kernel has it (nodes of 576 bytes, list nodes of 16)',
    `by node accounting; ${machine}`,
    groups,
  );
}

function optOutChart({ contention, growth }: Recorded): string {
  const bug = contention.workloads.find(({ workload }) => workload.id === 'bug-217379');
  const shown: readonly ContestantId[] = ['list', 'hashtable', 'xarray', 'opt-out'];
  const times = shown.map((index) => {
    const value = 15 * (bug?.results.find((result) => result.index === index)?.operation.avg ?? 0);
    return { name: index, value, text: value === 0 ? 'nothing' : timeText(value), colour: colourOf(index) };
  });
  const pages = growth.find(({ layout }) => layout === 'pages')?.series ?? [];
  const memory = shown.map((index) => {
    const found = pages.find((one) => one.index === index && one.irqfds === 174_000);
    const megabytes = ((found?.kernelBytes ?? 0) * 174_000) / 1e6;
    const text = megabytes === 0 ? 'nothing' : `${megabytes.toFixed(1)} MB`;
    return { name: index, value: megabytes, text, colour: colourOf(index) };
  });
  return barChart(
    'What opting out saves where no device is assigned',
    `virtual time, seed ${contention.seed}; memory by node accounting, layout pages`,
    [
      {
        name: 'Time in the manager for 15 irqfds of a VM, one of 20 beside 800 (bug 217379)',
        axis: { label: 'time, ns to ms (logarithmic)', from: 1e3, to: 1e9, tick: time },
        bars: times,
      },
      {
        name: 'Kernel memory for 174 000 irqfds',
        axis: { label: 'memory, MB (logarithmic)', from: 1, to: 1000, tick: (value) => `${value} MB` },
        bars: memory,
      },
    ],
  );
}

/** The charts by file name. */
export function charts(recorded: Recorded): Readonly<Record<string, string>> {
  return {
    'scale-cost.svg': costChart(recorded),
    'scale-waits.svg': waitChart(recorded),
    'scale-memory.svg': memoryChart(recorded),
    'scale-opt-out.svg': optOutChart(recorded),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;
  for (const [name, content] of Object.entries(charts(recorded))) {
    const file = fileURLToPath(new URL(`../docs/figures/${name}`, import.meta.url));
    writeFileSync(file, content);
    process.stdout.write(`${file} written\n`);
  }
}
