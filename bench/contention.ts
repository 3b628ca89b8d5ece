// Figure 3: the published workloads in virtual time, from one set of constants; ratios to what was published.
//
//   npm run bench:contention
//
// Virtual time, so the same on every machine; only the seconds that it takes differ.
import { simulateContention } from '../src/simulate/contention.ts';
import { hostCosts } from '../src/simulate/cost-model.ts';
import { contestantIds, contestantOf } from '../src/simulate/structures.ts';
import type { Workload } from '../src/simulate/workloads.ts';
import { likeXuReadings, workloads } from '../src/simulate/workloads.ts';
import { timeText } from '../src/cli/scale-text.ts';
import { machine, ratio, table } from './report.ts';

const seed = 1;
/** `workloads['like-xu']` is the last of the readings. */
const cases: readonly Workload[] = [...likeXuReadings, workloads['bug-217379'], workloads.cubesandbox];
const begin = performance.now();
const found = cases.map((workload) => ({
  workload,
  results: contestantIds.map((index) => ({
    index,
    ...simulateContention({ contestant: contestantOf(index), workload, layout: 'pages', seed }),
  })),
}));
const seconds = (performance.now() - begin) / 1000;

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ seed, costs: hostCosts, workloads: found }, null, 2)}\n`);
} else {
  const rows = found.flatMap(({ workload, results }) =>
    workload.published.flatMap(({ index, what, statistic, value }) => {
      const ours = results.find((result) => result.index === index)?.[what][statistic] ?? Number.NaN;
      return [[workload.id, index, `${what} ${statistic}`, timeText(value), timeText(ours), ratio(ours, value)]];
    }),
  );
  const constants = Object.entries(hostCosts).map(([key, value]) => `${key} ${String(value)}`);
  process.stdout.write(
    [
      `seed ${seed}; ns: ${constants.join(', ')}`,
      '',
      table(['workload', 'index', 'figure', 'published', 'simulated', 'ratio'], rows),
      '',
      `${found.length * contestantIds.length} simulations in ${seconds.toFixed(1)} s (${machine()})`,
      '',
    ].join('\n'),
  );
}
