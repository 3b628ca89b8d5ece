// What a bug changes in a statechart: a line for each difference, and the chart with and without it in one drawing.
import { chartDifference, differenceText } from '../../src/engine/diagrams/chart-difference.ts';
import { chartOf } from '../../src/engine/diagrams/chart.ts';
import { mergedChart, withReplaced } from '../../src/engine/diagrams/merged-chart.ts';
import { svgOf } from '../../src/engine/diagrams/svg.ts';
import type { Mutation } from '../../src/mutations/mutation.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { findRevision } from '../../src/registry/revisions.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { machinesWith, replacedBy } from '../../src/scenarios/charts-of-lab.ts';
import { isMachineId } from '../../src/scenarios/machines.ts';
import { inlinePicture } from './pictures.ts';

/** The machines of the worlds in which a bug is shown. */
function machinesShown({ shown }: Mutation): ReadonlySet<string> {
  return new Set(
    shown.flatMap((row) => {
      const scenario = findScenario(row.scenario);
      if (scenario === undefined) return [];
      const { world } = assemble({ scenario, revision: row.revision, set: row.set ?? {} });
      return world.definition.actors.map(({ machine }) => machine.id);
    }),
  );
}

/** What a bug changes under the same name. */
const replacedText = (name: string): string => `~ ${name}: does something else, or holds at other times`;

/** Markdown on each chart that a bug changes, or in which something else stands under a name; empty for bugs of programs. */
async function chartsOf(mutation: Mutation): Promise<string> {
  const policy = findRevision(mutation.shown[0]?.revision ?? '')?.policy;
  if (policy === undefined) return '';
  const [before, after] = [machinesWith(policy, null), machinesWith(policy, mutation)];
  const there = machinesShown(mutation);
  const parts: string[] = [];
  for (const [id, machine] of before) {
    const other = after.get(id);
    if (other === undefined || other === machine || !isMachineId(id) || !there.has(machine.id)) continue;
    const [first, second] = [chartOf(machine), chartOf(other)];
    const differences = chartDifference(first, second);
    const replaced = replacedBy(mutation, machine);
    if (differences.length === 0 && replaced.size === 0) continue;
    const svg = await svgOf(withReplaced(mergedChart(first, second), replaced), {
      title: `machine ${id} with ${mutation.id}`,
    });
    parts.push(
      `### The chart of ${id}`,
      'Added (+), removed (-), changed (~) by the bug; in the drawing green, red and yellow:',
      ['```text', ...differences.map(differenceText), ...[...replaced].map(replacedText), '```'].join('\n'),
      inlinePicture(svg, `Statechart of ${id} without and with ${mutation.id}`),
      `[The machine as it is](/machine/${id}.html).`,
    );
  }
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
}

/** What bugs change in charts, as Markdown by their id. */
export async function bugCharts(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const mutation of mutations) {
    const text = await chartsOf(mutation);
    if (text !== '') found.set(mutation.id, text);
  }
  return found;
}
