// Figure 2: how the cost of an irqfd grows with those that are there, for each structure and pattern; the cross-over.
//
//   npm run bench:growth                    pages, no producers
//   npm run bench:growth -- scattered all   another layout, another share of producers (fewer sizes)
//   npm run bench:growth -- --sizes 10,100  other sizes, to see that the script works
//
// A benchmark, never a test. The target (1 M / 10 k below 1.5 for the xarray) is met by one more of 64 keys, which are in
// the cache; a random one of N is not, and grows with what its nodes miss. Both are printed.
import { layoutNames } from '../src/scale/layouts.ts';
import { measure } from '../src/scale/measure.ts';
import { producerShares } from '../src/scale/producer-share.ts';
import { contestantIds } from '../src/scale/structures.ts';
import { growthTable, patternTitles } from './growth-table.ts';
import { machine } from './report.ts';

const layout = layoutNames.find((name) => process.argv.includes(name)) ?? 'pages';
const producers = producerShares.find((share) => process.argv.includes(share)) ?? 'none';
const sizesAt = process.argv.indexOf('--sizes');
const irqfds =
  sizesAt >= 0
    ? (process.argv[sizesAt + 1] ?? '').split(',').map(Number)
    : producers === 'none'
      ? [10, 30, 100, 300, 1_000, 10_000, 100_000, 174_000, 1_000_000]
      : [1_000, 10_000, 174_000, 1_000_000];

const measured = await measure({ contestants: contestantIds, irqfds, layout, producers, seed: 1, secondsEach: 0.15 });
const { series, crossover } = measured;

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ machine: machine(), layout, producers, ...measured }, null, 2)}\n`);
} else {
  const blocks = (['oneMore', 'random', 'fromEmpty'] as const).flatMap((pattern) => [
    patternTitles[pattern],
    '',
    growthTable({ series, layout, pattern }),
    '',
  ]);
  process.stdout.write(
    [
      machine(),
      '',
      `Layout ${layout}, producers ${producers}; nanoseconds. C: the real code, consumers only, on another machine.`,
      '',
      ...blocks,
      `The xarray is faster than the list from ${crossover ?? 'no'} irqfds on.`,
      '',
    ].join('\n'),
  );
}
