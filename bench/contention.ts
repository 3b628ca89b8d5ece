// Figure 3: the published workloads in virtual time, from one set of constants; ratios to what was published.
//
//   npm run bench:contention
//
// Virtual time, so the same on every machine; only the seconds that it takes differ.
import type { ContentionResult } from '../src/scale/contention.ts';
import { simulateContention } from '../src/scale/contention.ts';
import { hostCosts } from '../src/scale/cost-model.ts';
import type { ContestantId } from '../src/scale/structures.ts';
import { contestantIds, contestantOf } from '../src/scale/structures.ts';
import type { Workload } from '../src/scale/workloads.ts';
import { likeXuReadings, workloads } from '../src/scale/workloads.ts';
import { contentionTable } from './contention-table.ts';
import { machine } from './report.ts';
import type { Sensitivity } from './sensitivity.ts';
import { sensitivity, sensitivityTable } from './sensitivity.ts';

const seed = 1;
const layout = 'pages';
/** `workloads['like-xu']` is the last of the readings. */
const cases: readonly Workload[] = [...likeXuReadings, workloads['bug-217379'], workloads.cubesandbox];
const begin = performance.now();
const found: { readonly workload: Workload; readonly results: (ContentionResult & { index: ContestantId })[] }[] = [];
for (const workload of cases) {
  const results: (ContentionResult & { index: ContestantId })[] = [];
  for (const index of contestantIds)
    results.push({ index, ...(await simulateContention({ contestant: contestantOf(index), workload, layout, seed })) });
  found.push({ workload, results });
}
const sensitive: readonly Sensitivity[] = await sensitivity(seed);
const seconds = (performance.now() - begin) / 1000;

if (process.argv.includes('--json')) {
  process.stdout.write(
    `${JSON.stringify({ seed, costs: hostCosts, workloads: found, sensitivity: sensitive }, null, 2)}\n`,
  );
} else {
  const constants = Object.entries(hostCosts).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  process.stdout.write(
    [
      `seed ${seed}; ns: ${constants.join(', ')}`,
      '',
      contentionTable(found),
      '',
      'The list, ratios to what was published, with another cost of a node or another span:',
      '',
      sensitivityTable(sensitive),
      '',
      `${found.length * contestantIds.length + sensitive.length} simulations in ${seconds.toFixed(1)} s (${machine()})`,
      '',
    ].join('\n'),
  );
}
