// The chart of a machine as it was declared: another source than the XState machine from which diagrams are drawn.
import type { Action, State, Transition } from '../../../src/engine/actors/chart.ts';
import { many } from '../../../src/engine/actors/chart.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import type { Chart, ChartState, ChartTransition } from '../../../src/engine/diagrams/chart.ts';

/** Ids of states that have one of their own, or their paths after the machine's id: what `#` may begin with. */
function idsOf(machine: string, state: State, path: readonly string[] = []): [string, readonly string[]][] {
  return [
    [state.id ?? [machine, ...path].join('.'), path],
    ...Object.entries(state.states ?? {}).flatMap(([key, child]) => idsOf(machine, child, [...path, key])),
  ];
}

function targetOf(target: string, from: readonly string[], ids: ReadonlyMap<string, readonly string[]>): string {
  if (target.startsWith('.')) return [...from, target.slice(1)].join('.');
  if (!target.startsWith('#')) return [...from.slice(0, -1), target].join('.');
  // An id, and perhaps keys from there on: `#bypass.idle`.
  const keys = target.slice(1).split('.');
  for (let named = keys.length; named > 0; named--) {
    const found = ids.get(keys.slice(0, named).join('.'));
    if (found !== undefined) return [...found, ...keys.slice(named)].join('.');
  }
  throw new Error(`nothing has the id ${target}`);
}

const names = (actions: Action | readonly Action[] | undefined): string[] =>
  many(actions).map((action) => (typeof action === 'string' ? action : action.label));

/** Reads a declaration into a chart. */
export function declaredChart({ id, declaration }: Machine): Chart {
  const ids = new Map(idsOf(id, declaration.chart));
  const chartState = (state: State, key: string, path: readonly string[]): ChartState => {
    const way = (event: string | null, { target, guard, actions }: Transition): ChartTransition => ({
      event,
      guard: guard ?? null,
      actions: names(actions),
      target: target === undefined ? null : targetOf(target, path, ids),
    });
    const children = Object.entries(state.states ?? {});
    return {
      path: path.join('.'),
      key,
      kind: state.type ?? (children.length > 0 ? 'composite' : 'atomic'),
      initial: state.initial === undefined ? null : [...path, state.initial].join('.'),
      entry: names(state.entry),
      exit: names(state.exit),
      waits: state.waits ?? [],
      ...(state.kernel === undefined ? {} : { kernel: state.kernel }),
      transitions: [
        ...many(state.always).map((transition) => way(null, transition)),
        ...Object.entries(state.on ?? {}).flatMap(([event, transitions]) =>
          many(transitions as Transition).map((transition) => way(event, transition)),
        ),
      ],
      states: children.map(([childKey, child]) => chartState(child, childKey, [...path, childKey])),
    };
  };
  return { machine: id, root: chartState(declaration.chart, id, []) };
}
