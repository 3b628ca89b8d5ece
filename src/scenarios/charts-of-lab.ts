// Every statechart of the laboratory, each once: the built-in machines over all revisions, architectures and mutations.
//
// What a page may show of a built-in scenario is among them, so their pictures can be laid out when the page is built.
import type { Machine } from '../engine/actors/machine.ts';
import { patched } from '../engine/actors/machine.ts';
import type { Chart } from '../engine/diagrams/chart.ts';
import { chartOf } from '../engine/diagrams/chart.ts';
import { chartKey } from '../engine/diagrams/chart-key.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { mutations } from '../mutations/mutations.ts';
import { revisions } from '../registry/revisions.ts';
import { machinesOf, plainThread } from './machines.ts';

/** A chart with the key that its picture is asked for by. */
export interface ChartOfLab {
  /** `chartKey(chart)` */
  readonly key: string;
  readonly chart: Chart;
  /** Where it is first met: `registry of v2p8 with b2`. */
  readonly title: string;
}

/**
 * The machines of a revision, with a mutation where one is given: those that it patches are others.
 *
 * @param policy - the revision's row
 * @param mutation - the bug; null for none
 * @returns the machines by their id
 */
export function machinesWith(policy: Policy, mutation: Mutation | null): ReadonlyMap<string, Machine> {
  const { policy: other, discipline = 'clean', patches = {} } = mutation ?? {};
  const machines: readonly (readonly [string, Machine])[] = Object.entries(
    machinesOf({ ...policy, ...other }, discipline),
  );
  return new Map(
    machines.map(([id, machine]) => {
      const patch = patches[machine.id];
      return [id, patch === undefined ? machine : patched(machine, patch(machine))];
    }),
  );
}

/**
 * The handlers and guards of a machine that a mutation replaces: they keep their names in the chart.
 *
 * @param mutation - the bug
 * @param machine - the machine without it
 */
export function replacedBy({ patches = {} }: Mutation, machine: Machine): ReadonlySet<string> {
  const { handlers = {}, guards = {} } = patches[machine.id]?.(machine) ?? {};
  // What a bug adds is no other one of anything.
  const { declaration } = machine;
  const before = new Set([...Object.keys(declaration.handlers ?? {}), ...Object.keys(declaration.guards ?? {})]);
  return new Set([...Object.keys(handlers), ...Object.keys(guards)].filter((name) => before.has(name)));
}

/** Does a mutation make sense on a revision? */
export function fitsRevision({ requires = {} }: Mutation, policy: Policy): boolean {
  return Object.entries(requires).every(([key, value]) => policy[key as keyof Policy] === value);
}

/**
 * The charts of the built-in machines on every revision, and with each mutation on every revision where it makes sense.
 *
 * @returns each chart once, under the first title that it has; a few hundred, found one after the other
 */
export function* chartsOfLab(): Generator<ChartOfLab> {
  const known = new Set<string>();
  const seen = new Set<Machine>();
  function* once(machines: Iterable<readonly [string, Machine]>, title: string): Generator<ChartOfLab> {
    for (const [id, machine] of machines) {
      if (seen.has(machine)) continue;
      seen.add(machine);
      const chart = chartOf(machine);
      const key = chartKey(chart);
      if (known.has(key)) continue;
      known.add(key);
      yield { key, chart, title: `${id} of ${title}` };
    }
  }
  yield* once([['thread', plainThread]], 'worlds without a manager');
  for (const { id, policy } of revisions) yield* once(machinesWith(policy, null), id);
  for (const { id, policy } of revisions)
    for (const mutation of mutations)
      if (fitsRevision(mutation, policy)) yield* once(machinesWith(policy, mutation), `${id} with ${mutation.id}`);
}
