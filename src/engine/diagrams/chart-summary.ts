// A chart with fewer levels: composite states that are too deep are boxes without what is in them.
import type { Chart, ChartState, ChartTransition } from './chart.ts';
import { statesIn } from './chart.ts';

/** The path of the state that stands for another one in a summary. */
function shownPath(path: string, depth: number): string {
  return path.split('.').slice(0, depth).join('.');
}

/** Transitions out of what is not shown, from the state that stands for it; those that stay within it are left out. */
function leaving(state: ChartState, depth: number): readonly ChartTransition[] {
  const inner = state.states.flatMap(statesIn);
  const ways = inner.flatMap(({ transitions }) =>
    transitions.flatMap((one): ChartTransition[] => {
      if (one.target === null || isWithin(state.path, one.target)) return [];
      // What is done on the way is left out, and so is the order in which it is tried: there are several states that it is a way on from.
      return [{ ...one, actions: [], place: 0, target: shownPath(one.target, depth) }];
    }),
  );
  return [...new Map(ways.map((one) => [JSON.stringify([one.event, one.guard, one.target, one.mark]), one])).values()];
}

const isWithin = (outer: string, path: string): boolean => path === outer || path.startsWith(`${outer}.`);

function summed(state: ChartState, level: number, depth: number): ChartState {
  const shown = state.transitions.map((one) =>
    one.target === null ? one : { ...one, target: shownPath(one.target, depth) },
  );
  if (level < depth || state.states.length === 0)
    return { ...state, transitions: shown, states: state.states.map((inner) => summed(inner, level + 1, depth)) };
  const hidden = state.states.flatMap(statesIn).length;
  const marks = state.states
    .flatMap(statesIn)
    .some(({ mark, transitions }) => mark ?? transitions.some((one) => one.mark));
  return {
    ...state,
    ...(marks && state.mark === undefined ? { mark: 'changed' } : {}),
    kind: 'atomic',
    initial: null,
    hidden,
    transitions: [...shown, ...leaving(state, depth)],
    states: [],
  };
}

/**
 * Sums a chart up: composite states of the lowest level that is shown are boxes that say how many states are within, and what leads
 * out of those leads out of the box.
 *
 * @param chart - any chart, a merged one as well: a box in which something is marked is marked as changed
 * @param depth - how many levels of states are shown, at least 1
 * @returns the chart with no more levels than that
 * @throws RangeError where the depth is less than 1
 * @example
 * dotOf(summaryOf(chartOf(createRegistry(policy)), 2)); // connecting and disconnecting are a box each
 */
export function summaryOf({ machine, root }: Chart, depth: number): Chart {
  if (depth < 1) throw new RangeError(`a summary shows at least 1 level of states, not ${String(depth)}`);
  return { machine, root: summed(root, 0, depth) };
}
