// The table of figure 3: what was published and what comes of the simulation, from a run or from its recording.
import { timeText } from '../src/cli/scale/scale-text.ts';
import { isInput } from '../src/scale/workloads.ts';
import { ratio, table } from './report.ts';
import type { Recorded } from './scale-record.ts';

/** A line for each published figure of each workload whose index was simulated. */
export function contentionTable(workloads: Recorded['contention']['workloads']): string {
  const rows = workloads.flatMap(({ workload, results }) =>
    workload.published.flatMap((figure) => {
      const { index, what, statistic, value } = figure;
      const result = results.find((one) => one.index === index);
      if (result === undefined) return [];
      const { contended } = result;
      return [
        [
          workload.id,
          index,
          `${what} ${statistic}`,
          timeText(value),
          timeText(result[what][statistic]),
          isInput(workload, figure) ? 'an input' : ratio(result[what][statistic], value),
          contended === undefined ? '-' : `${((100 * contended) / Math.max(1, result.irqfds)).toFixed(1)} %`,
        ],
      ];
    }),
  );
  return table(['workload', 'index', 'figure', 'published', 'simulated', 'ratio', 'found the mutex taken'], rows);
}
