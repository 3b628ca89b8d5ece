// Figure 2: how the cost of one more irqfd grows with those that are there, for each structure; the cross-over.
//
//   npm run bench:growth                    pages, no producers
//   npm run bench:growth -- scattered all   another layout, another share of producers
//
// A benchmark, never a test.
import { layoutNames } from '../src/simulate/layouts.ts';
import { measure, producerShares } from '../src/simulate/measure.ts';
import type { ContestantId } from '../src/simulate/structures.ts';
import { contestantIds } from '../src/simulate/structures.ts';
import { machine, ratio, table } from './report.ts';

const irqfds = [10, 30, 100, 300, 1_000, 10_000, 100_000, 174_000, 1_000_000];
const layout = layoutNames.find((name) => process.argv.includes(name)) ?? 'pages';
const producers = producerShares.find((share) => process.argv.includes(share)) ?? 'none';

const measured = await measure({ contestants: contestantIds, irqfds, layout, producers, seed: 1, secondsEach: 0.2 });
const { series, crossover } = measured;

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ machine: machine(), layout, producers, ...measured }, null, 2)}\n`);
} else {
  const of = (index: ContestantId, count: number): number =>
    series.find((one) => one.index === index && one.irqfds === count)?.oneMore ?? Number.NaN;
  const rows = contestantIds.map((index) => [
    index,
    ...irqfds.map((count) => Math.round(of(index, count)).toLocaleString('en')),
    ratio(of(index, 1_000_000), of(index, 10_000)),
    ratio(of(index, 174_000), of('xarray', 174_000)),
  ]);
  const head = ['ns', ...irqfds.map((count) => count.toLocaleString('en')), '1 M / 10 k', 'by xarray at 174 k'];
  process.stdout.write(
    [
      machine(),
      '',
      `One more irqfd registered and unregistered while N are present, layout ${layout}, producers ${producers}.`,
      '',
      table(head, rows),
      '',
      `The xarray is faster than the list from ${crossover ?? 'no'} irqfds on.`,
      '',
    ].join('\n'),
  );
}
