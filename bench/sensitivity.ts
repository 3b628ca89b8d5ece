// How far the calibrated pair can be moved: the list's published figures with another cost of a node, or another span.
import { simulateContention } from '../src/scale/contention.ts';
import { hostCosts } from '../src/scale/cost-model.ts';
import { contestantOf } from '../src/scale/structures.ts';
import type { Workload } from '../src/scale/workloads.ts';
import { likeXuReadings, workloads } from '../src/scale/workloads.ts';
import { table } from './report.ts';

/** One simulation of the list; ratios of simulated to published figures. */
export interface Sensitivity {
  readonly workload: string;
  /** Nanoseconds, layout pages. */
  readonly listNode: number;
  /** Seconds. */
  readonly span: number;
  readonly avg: number;
  /** Absent where no longest wait was published. */
  readonly max?: number;
}

const LIST_NODES = [8, 12, 12.5, 13, 14, 19];
const SPANS = [333, 334, 336, 339, 340];
const S = 1e9;

async function one(workload: Workload, listNode: number, seed: number): Promise<Sensitivity> {
  const costs = { ...hostCosts, listNode: { ...hostCosts.listNode, pages: listNode } };
  const found = await simulateContention({ contestant: contestantOf('list'), workload, layout: 'pages', seed, costs });
  const ratioOf = (statistic: 'avg' | 'max'): number | undefined => {
    const figure = workload.published.find((each) => each.index === 'list' && each.statistic === statistic);
    return figure === undefined ? undefined : found[figure.what][statistic] / figure.value;
  };
  const max = ratioOf('max');
  return {
    workload: workload.id,
    listNode,
    span: workload.span / S,
    avg: ratioOf('avg') ?? Number.NaN,
    ...(max === undefined ? {} : { max }),
  };
}

/** The readings of Like Xu's workload and bug 217379 at several costs of a node; `open` at several spans. */
export async function sensitivity(seed: number): Promise<Sensitivity[]> {
  const found: Sensitivity[] = [];
  for (const workload of [...likeXuReadings, workloads['bug-217379']]) {
    for (const listNode of LIST_NODES) found.push(await one(workload, listNode, seed));
  }
  const open = likeXuReadings.find(({ id }) => id === 'open');
  if (open === undefined) throw new Error('no reading open');
  for (const span of SPANS.filter((seconds) => seconds * S !== open.span)) {
    found.push(await one({ ...open, span: span * S }, hostCosts.listNode.pages, seed));
  }
  return found;
}

/** Ratios by workload, cost of a node and span: `avg / max`; those beyond a factor of 2 are marked with `!`. */
export function sensitivityTable(found: readonly Sensitivity[]): string {
  if (found.length === 0) return 'Not in this recording.';
  const mark = (ratio: number): string => `${ratio.toFixed(2)}${ratio < 0.5 || ratio > 2 ? ' !' : ''}`;
  const rows = found.map(({ workload, listNode, span, avg, max }) => [
    workload,
    String(listNode),
    span < 1 ? '-' : String(span),
    mark(avg),
    max === undefined ? '-' : mark(max),
  ]);
  return table(['reading or workload', 'listNode, ns', 'span, s', 'avg', 'max'], rows);
}
