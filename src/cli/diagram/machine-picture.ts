// The picture of a machine: as it is, with a bug, or with what differs from another revision or from the same with a bug.
import type { Machine } from '../../engine/actors/machine.ts';
import { patched } from '../../engine/actors/machine.ts';
import type { Chart } from '../../engine/diagrams/chart.ts';
import { chartOf } from '../../engine/diagrams/chart.ts';
import { chartDifference } from '../../engine/diagrams/chart-difference.ts';
import { summaryOf } from '../../engine/diagrams/chart-summary.ts';
import { dotOf } from '../../engine/diagrams/dot.ts';
import { mergedChart, withReplaced } from '../../engine/diagrams/merged-chart.ts';
import { mermaidOf } from '../../engine/diagrams/mermaid.ts';
import { plantumlOf } from '../../engine/diagrams/plantuml.ts';
import { scxmlOf } from '../../engine/diagrams/scxml.ts';
import { svgOf } from '../../engine/diagrams/svg.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import { shownBy } from '../../mutations/mutation.ts';
import { findMutation, mutations } from '../../mutations/mutations.ts';
import type { Revision } from '../../registry/revisions.ts';
import { findRevision, revisions } from '../../registry/revisions.ts';
import { mutationOf } from '../../scenarios/assemble.ts';
import { revisionOf } from '../../scenarios/assembled.ts';
import { fitsRevision, machinesWith, replacedBy } from '../../scenarios/charts-of-lab.ts';
import type { Scenario } from '../../scenarios/define.ts';
import { UnknownNameError } from '../../scenarios/scenario-error.ts';
import { UsageError, wholeNumber } from '../exit-codes.ts';
import { programName } from '../program-name.ts';
import type { DiagramFormat } from './formats.ts';

/** Which machine is drawn, and beside which other one. */
export interface MachineRequest {
  readonly machine: string;
  readonly revision?: string | undefined;
  readonly mutation?: string | undefined;
  readonly against?: string | undefined;
  readonly depth?: string | undefined;
  /** A scenario that brings machines and mutations of its own. */
  readonly own?: { readonly scenario: Scenario; readonly machines: readonly Machine[] } | undefined;
}

/** One side: a revision, perhaps with a bug. */
interface Side {
  readonly revision: Revision;
  readonly mutation: Mutation | null;
}

const titleOf = ({ revision, mutation }: Side): string =>
  mutation === null ? revision.id : `${revision.id} with ${mutation.id}`;

/** The machines of a side that are drawn, those of a script among them, with the bug in. */
function machinesOn({ own }: MachineRequest, { revision, mutation }: Side): ReadonlyMap<string, Machine> {
  // A script's world has built-in machines, too, those of the usual revision.
  const usual = new Set(machinesWith(revisionOf().policy, null).values());
  const brought = (own?.machines ?? []).filter((machine) => !usual.has(machine));
  return new Map([
    ...machinesWith(revision.policy, mutation),
    ...brought.map((machine) => {
      const patch = mutation?.patches?.[machine.id];
      return [machine.id, patch === undefined ? machine : patched(machine, patch(machine))] as const;
    }),
  ]);
}

function chartOn(request: MachineRequest, side: Side): Chart {
  const machine = machinesOn(request, side).get(request.machine);
  if (machine === undefined) throw new UsageError(`${request.machine} is no machine of ${titleOf(side)}`);
  return chartOf(machine);
}

/** What a bug replaces in the machine that is drawn, under the same names. */
function replacedOn(request: MachineRequest, { revision, mutation }: Side): ReadonlySet<string> {
  const machine = machinesOn(request, { revision, mutation: null }).get(request.machine);
  return mutation === null || machine === undefined ? new Set() : replacedBy(mutation, machine);
}

/** A bug that makes sense on a revision. Throws UsageError for another one. */
function fitting(mutation: Mutation, revision: Revision): Mutation {
  if (fitsRevision(mutation, revision.policy)) return mutation;
  const [row] = mutation.shown;
  const instead = row === undefined ? '' : `: it is shown by ${programName()} ${shownBy(row)}`;
  throw new UsageError(`mutation ${mutation.id} makes no sense on ${revision.id}${instead}`);
}

/** What `--against` names: a revision, or the same revision with a bug. */
function otherSide(id: string, { revision }: Side, scenario: Scenario | undefined): Side {
  const found = findRevision(id);
  if (found !== undefined) return { revision: found, mutation: null };
  const own = scenario?.mutations ?? [];
  const mutation = own.find((one) => one.id === id) ?? findMutation(id);
  if (mutation !== undefined) return { revision, mutation: fitting(mutation, revision) };
  const known = [
    ...revisions.flatMap((one) => [one.id, ...one.aliases]),
    ...own.map((one) => one.id),
    ...mutations.map((one) => one.id),
  ];
  throw new UnknownNameError('revision or mutation', id, known, 'irqbypass list revisions, irqbypass list mutations');
}

/** Machines of a revision whose drawing a bug changes. */
function drawnWith(request: MachineRequest, mutation: Mutation, revision: Revision): readonly string[] {
  const [without, with_] = [null, mutation].map((one) => machinesOn(request, { revision, mutation: one }));
  return [...(without ?? [])].flatMap(([id, machine]) => {
    const other = with_?.get(id);
    if (id.includes(' ') || other === undefined || other === machine) return [];
    const isDrawn =
      chartDifference(chartOf(machine), chartOf(other)).length > 0 || replacedBy(mutation, machine).size > 0;
    return isDrawn ? [id] : [];
  });
}

/** In what a bug is that is in no chart: threads make other calls. */
function partsOf({ definition, policy }: Mutation): string {
  return [
    ...(policy === undefined ? [] : [`policies of the manager (${Object.keys(policy).join(', ')})`]),
    ...(definition === undefined ? [] : ['the actors of a scenario or what its threads call']),
  ].join('; ');
}

/** A bug that is not seen in the picture that is asked for: where it is instead. */
function unseen(request: MachineRequest, mutation: Mutation, revision: Revision): UsageError {
  const elsewhere = drawnWith(request, mutation, revision);
  const onRevision = request.revision === undefined ? '' : ` --revision ${revision.id}`;
  const where =
    elsewhere.length > 0
      ? `it is drawn in ${elsewhere.map((id) => `${programName()} diagram ${id}${onRevision} --against ${mutation.id}`).join(', ')}`
      : `it is in no chart, but in ${partsOf(mutation) || 'worlds of other revisions'}`;
  return new UsageError(
    `mutation ${mutation.id} changes nothing in the chart of ${request.machine} on ${revision.id}: ${where}`,
  );
}

/** A chart that is to be printed, with what is said of it. */
export interface MachinePicture {
  readonly chart: Chart;
  readonly title: string;
  readonly revision: string;
  readonly mutation: string | null;
  readonly against: string | null;
}

/**
 * The chart that is asked for.
 *
 * @param request - the machine, revision, bug, and what it is drawn against
 * @returns the chart: merged where it is drawn against another one, summed up where a depth is given
 * @throws UsageError where nothing of a bug is to be seen in it, and where both sides are drawn the same
 */
export function machinePicture(request: MachineRequest): MachinePicture {
  const { own, against, depth } = request;
  const levels = depth === undefined ? null : wholeNumber('--depth', depth, 1, 100);
  const revision = revisionOf(request.revision);
  const bug = request.mutation === undefined ? null : fitting(mutationOf(request.mutation, own?.scenario), revision);
  const side: Side = { revision, mutation: bug };
  const replaced = replacedOn(request, side);
  let chart = chartOn(request, side);
  if (bug !== null && replaced.size === 0 && isSame(chartOn(request, { revision, mutation: null }), chart))
    throw unseen(request, bug, revision);
  let title = titleOf(side);
  if (against === undefined) chart = withReplaced(chart, replaced);
  else {
    const other = otherSide(against, side, own?.scenario);
    const before = chartOn(request, other);
    // Where both sides have a bug, what both replace is not the same either.
    const isItself = other.mutation === bug && other.revision === revision;
    const all = isItself ? new Set<string>() : new Set([...replaced, ...replacedOn(request, other)]);
    if (all.size === 0 && isSame(before, chart)) {
      if (other.mutation !== null && bug === null) throw unseen(request, other.mutation, revision);
      throw new UsageError(`machine ${request.machine} is drawn the same in ${title} and in ${titleOf(other)}`);
    }
    chart = withReplaced(mergedChart(before, chart), all);
    title = `${title} against ${titleOf(other)}: + is only in ${title}, - only in ${titleOf(other)}`;
  }
  const shown = levels === null ? chart : summaryOf(chart, levels);
  return { chart: shown, title, revision: revision.id, mutation: bug?.id ?? null, against: against ?? null };
}

const isSame = (one: Chart, other: Chart): boolean => chartDifference(one, other).length === 0;

/** Prints a chart in a format. */
export async function printChart({ chart, title }: MachinePicture, format: DiagramFormat): Promise<string> {
  switch (format) {
    case 'mermaid':
      return mermaidOf(chart, { title });
    case 'dot':
      return dotOf(chart, { title });
    case 'plantuml':
      return plantumlOf(chart, { title });
    case 'scxml':
      return scxmlOf(chart, { title });
    case 'svg':
      return svgOf(chart, { title, standalone: true });
  }
}
