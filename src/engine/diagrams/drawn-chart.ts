// What of a chart is an edge, and what a line in the box of a state: the same in every printer.
//
// A transition between a state and one around or within it has no edge, but a line in the box of its state: no layout shows such an
// edge well, and Mermaid does not show it at all.
import type { Chart, ChartState, ChartTransition, Mark, PlacedTransition } from './chart.ts';
import { placed, stateTexts, transitionText } from './chart.ts';

/** What stands before the text of what was added, removed or changed: marks do not rest on colour alone. */
export const signOf: Readonly<Record<Mark, string>> = { added: '+', removed: '-', changed: '~' };

/** A text with the sign of its mark. */
export function signed(mark: Mark | undefined, text: string): string {
  return mark === undefined ? text : `${signOf[mark]} ${text}`;
}

/** Is the second state the first, or in it? */
function contains(outer: string, inner: string): boolean {
  return outer === '' || inner === outer || inner.startsWith(`${outer}.`);
}

/** Has a transition no edge, but a line in the box of its state? Of an atomic state to itself it may be either. */
export function isWithin({ path, states }: ChartState, { target }: ChartTransition): boolean {
  if (target === null) return true;
  return target === path ? states.length > 0 : contains(path, target) || contains(target, path);
}

/** A transition without its ends; what is taken as soon as a state is entered, without a guard or an action, has no text. */
export function wayText(one: PlacedTransition): string {
  const { mark, was } = one.transition;
  const text = transitionText(one);
  const before = was === undefined ? '' : ` (was ${was})`;
  return mark === undefined ? text : signed(mark, `${text === '' ? 'always' : text}${before}`);
}

/** A transition of a chart, where it stands, and its place in the list of its state. */
export interface DrawnTransition {
  readonly one: PlacedTransition;
  /** Place among all transitions of the state. */
  readonly index: number;
}

/** The transitions of a state with their places. */
export function drawnOf(state: ChartState): readonly DrawnTransition[] {
  return placed(state).map((one, index) => ({ one, index }));
}

/** A line in the box of a state below its name. */
export interface BoxLine {
  readonly text: string;
  readonly mark?: Mark | undefined;
  /** The transition that it is, where it is one. */
  readonly drawn?: DrawnTransition;
}

/** How a state was before, and what is said of it now: what both say comes once. */
function factLines(state: ChartState): readonly BoxLine[] {
  const texts = stateTexts(state);
  const { was } = state;
  if (was === undefined) return texts.map((text) => ({ text }));
  return [
    ...was
      .filter((text) => !texts.includes(text))
      .map((text) => ({ text: signed('removed', text), mark: 'removed' as const })),
    ...texts.map((text) => (was.includes(text) ? { text } : { text: signed('added', text), mark: 'added' as const })),
  ];
}

/**
 * What stands in the box of a state below its name: what is done on entry and exit, what waits, and the transitions without an edge.
 *
 * @param machine - the id of the machine, which is what the state around all others is called
 * @param state - the state
 * @param loops - has a transition from an atomic state to itself a line, rather than an edge?
 * @returns the lines
 */
export function boxLines(machine: string, state: ChartState, loops = true): readonly BoxLine[] {
  const { path, hidden } = state;
  const within = drawnOf(state).filter(
    ({ one: { transition } }) => isWithin(state, transition) || (loops && transition.target === path),
  );
  return [
    ...factLines(state),
    ...(hidden === undefined ? [] : [{ text: `${String(hidden)} states within` }]),
    ...within.map((drawn): BoxLine => {
      const { target, mark } = drawn.one.transition;
      const text = wayText(drawn.one) || 'always';
      return { text: target === null ? text : `${text} --> ${target || machine}`, mark, drawn };
    }),
  ];
}

/** All transitions that lead from one state to another: one edge, a text each. */
export interface DrawnEdge {
  readonly from: ChartState;
  /** Path of the state that it leads to. */
  readonly to: string;
  readonly transitions: readonly DrawnTransition[];
}

/**
 * The edges out of a state, one for each state that they lead to.
 *
 * @param state - the state
 * @param loops - has a transition from an atomic state to itself a line, rather than an edge?
 * @returns the edges, in the order of their first transitions
 */
export function edgesFrom(state: ChartState, loops = true): readonly DrawnEdge[] {
  const leaving = drawnOf(state).filter(
    ({ one: { transition } }) => !isWithin(state, transition) && !(loops && transition.target === state.path),
  );
  const byTarget = Map.groupBy(leaving, ({ one }) => one.transition.target ?? state.path);
  return [...byTarget].map(([to, transitions]) => ({ from: state, to, transitions }));
}

/** The texts of an edge, one a transition; none where a plain arrow says all. */
export function edgeTexts({ transitions }: DrawnEdge): readonly string[] {
  const texts = transitions.map(({ one }) => wayText(one));
  return texts.length === 1 && texts[0] === '' ? [] : texts.map((text) => text || 'always');
}

/** The mark that all transitions of an edge have; undefined where they differ, or have none. */
export function edgeMark({ transitions }: DrawnEdge): Mark | undefined {
  const [first, ...others] = transitions.map(({ one }) => one.transition.mark);
  return others.every((mark) => mark === first) ? first : undefined;
}

/** Has the machine as a whole something that must be drawn? Then it is a box, too. */
export function isBox({ root }: Chart): boolean {
  return (
    root.kind !== 'composite' || root.transitions.length > 0 || root.mark !== undefined || stateTexts(root).length > 0
  );
}

/** The name of a state as it is shown: its key, or the machine's id for the machine as a whole. */
export function nameOf(machine: string, { key, path, mark }: ChartState): string {
  return signed(mark, path === '' ? machine : key);
}

/** The name of a state with the kernel function that it is, for printers that have one line for both. */
export function nameText(machine: string, state: ChartState): string {
  const name = nameOf(machine, state);
  return state.kernel === undefined ? name : `${name}: ${state.kernel}`;
}
