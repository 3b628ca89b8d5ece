// Two charts as one, with marks on what one of them lacks: laid out once, so that nothing jumps between two pictures.
import type { Chart, ChartState, ChartTransition, Mark, PlacedTransition } from './chart.ts';
import { ordinal, placed, statesIn, stateTexts } from './chart.ts';
import type { ChartDifference } from './chart-difference.ts';
import { chartDifference } from './chart-difference.ts';

/** The differences of two charts by the state that they are in. */
type ByPath = ReadonlyMap<string, readonly ChartDifference[]>;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const marked = ({ transition, place }: PlacedTransition, mark?: Mark, was?: string): ChartTransition => ({
  ...transition,
  place,
  ...(mark === undefined ? {} : { mark }),
  ...(was === undefined ? {} : { was }),
});

/** A transition that both charts have, and that is another one in each: two arrows where it leads elsewhere, else one that says so. */
function changedWay(before: PlacedTransition, after: PlacedTransition): readonly ChartTransition[] {
  if (before.transition.target !== after.transition.target) return [marked(before, 'removed'), marked(after, 'added')];
  const isSame = same(before.transition.actions, after.transition.actions);
  const done = before.transition.actions.length === 0 ? 'without actions' : `/ ${before.transition.actions.join(', ')}`;
  return [marked(after, 'changed', isSame ? `tried ${ordinal(before.place + 1)}` : done)];
}

/** The transitions of a state that both charts have: those of the first in its order, then what the second adds. */
function mergedWays(
  first: ChartState,
  second: ChartState,
  differences: readonly ChartDifference[],
): readonly ChartTransition[] {
  const ways = differences.flatMap((one) => (one.of === 'transition' ? [one] : []));
  const isNew = new Set(ways.flatMap(({ after }) => (after === null ? [] : [after.transition])));
  const kept = placed(first).flatMap((one) => {
    const found = ways.find(({ before }) => before !== null && before.transition === one.transition);
    if (found === undefined) return [unchanged(one, second, isNew)];
    return found.after === null ? [marked(one, 'removed')] : changedWay(one, found.after);
  });
  const added = ways.flatMap(({ before, after }) =>
    before === null && after !== null ? [marked(after, 'added')] : [],
  );
  return [...kept, ...added];
}

/** A transition that is the same in both charts has the place that it has in the second. */
function unchanged(one: PlacedTransition, second: ChartState, isNew: ReadonlySet<ChartTransition>): ChartTransition {
  const twin = placed(second).find(({ transition }) => !isNew.has(transition) && same(transition, one.transition));
  return marked(twin ?? one);
}

/** A state of one chart alone, with all that is in it. */
function alone(state: ChartState, mark: Mark): ChartState {
  return {
    ...state,
    mark,
    transitions: placed(state).map((one) => marked(one, mark)),
    states: state.states.map((inner) => alone(inner, mark)),
  };
}

/** How a state was before: what is done there, what waits, and where it began if that is another state now. */
function wasOf(before: ChartState, after: ChartState): readonly string[] {
  const start = before.initial === after.initial ? [] : [`begins in ${before.initial ?? 'no state'}`];
  const kind = before.kind === after.kind ? [] : [before.kind];
  return [...kind, ...start, ...stateTexts(before)];
}

function mergedState(first: ChartState, second: ChartState, differences: ByPath): ChartState {
  const own = differences.get(first.path) ?? [];
  const isChanged = own.some(({ of }) => of === 'state');
  const keys = [...new Set([...first.states, ...second.states].map(({ key }) => key))];
  const states = keys.flatMap((key): ChartState[] => {
    const [before, after] = [first, second].map((state) => state.states.find((one) => one.key === key));
    if (before !== undefined && after !== undefined) return [mergedState(before, after, differences)];
    return [
      ...(before === undefined ? [] : [alone(before, 'removed')]),
      ...(after === undefined ? [] : [alone(after, 'added')]),
    ];
  });
  return {
    ...second,
    // What only one of them has within is shown all the same.
    ...(second.states.length === 0 && states.length > 0 ? { kind: first.kind, initial: first.initial } : {}),
    ...(isChanged ? { mark: 'changed' as const, was: wasOf(first, second) } : {}),
    transitions: mergedWays(first, second, own),
    states,
  };
}

/**
 * Merges two charts into one that is drawn like any other: states and transitions that only the second has are marked as added, those
 * that it lacks as removed, others as changed. A transition that leads elsewhere is two: one removed, one added.
 *
 * @param first - the chart before
 * @param second - the chart after
 * @returns the merged chart, with marks as `chartDifference` finds them; without any where the charts are drawn the same
 * @example
 * await svgOf(mergedChart(chartOf(createRegistry(base)), chartOf(createRegistry(v2p8))));
 */
export function mergedChart(first: Chart, second: Chart): Chart {
  const differences = Map.groupBy(chartDifference(first, second), ({ path }) => path);
  const machine = first.machine === second.machine ? first.machine : `${first.machine}, ${second.machine}`;
  return { machine, root: mergedState(first.root, { ...second.root, key: first.root.key }, differences) };
}

/** What is done, or when it is, by a name that stands for something else than before. */
function saysReplaced(names: ReadonlySet<string>, used: readonly (string | null)[]): string | null {
  const found = [...new Set(used)].filter((name) => name !== null && names.has(name));
  return found.length === 0 ? null : `another ${found.join(', ')}`;
}

function replacedWay(way: ChartTransition, names: ReadonlySet<string>): ChartTransition {
  const was = way.mark === undefined ? saysReplaced(names, [way.guard, ...way.actions]) : null;
  return was === null ? way : { ...way, mark: 'changed', was };
}

function replacedState(state: ChartState, names: ReadonlySet<string>): ChartState {
  const was = state.mark === undefined ? saysReplaced(names, [...state.entry, ...state.exit]) : null;
  return {
    ...state,
    ...(was === null ? {} : { mark: 'changed' as const, was: [was] }),
    transitions: state.transitions.map((way) => replacedWay(way, names)),
    states: state.states.map((inner) => replacedState(inner, names)),
  };
}

/**
 * Marks where actions and guards stand that do something else under the same name: a bug within a handler is seen where it strikes.
 *
 * @param chart - a chart, merged or not; marks that it has are kept
 * @param names - of the handlers and guards that were replaced
 * @returns the chart with those transitions and states marked as changed
 */
export function withReplaced(chart: Chart, names: ReadonlySet<string>): Chart {
  return names.size === 0 ? chart : { ...chart, root: replacedState(chart.root, names) };
}

/** Marks in a chart, counted: states, and transitions that are not of a state that is marked as a whole. */
export function marksIn({ root }: Chart): Readonly<Record<Mark, number>> {
  const counts = { added: 0, removed: 0, changed: 0 };
  for (const { mark, transitions } of statesIn(root)) {
    if (mark !== undefined) counts[mark] += 1;
    for (const one of transitions)
      if (one.mark !== undefined && (mark === undefined || mark === 'changed')) counts[one.mark] += 1;
  }
  return counts;
}
