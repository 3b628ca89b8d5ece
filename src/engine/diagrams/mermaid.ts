// A statechart as a Mermaid state diagram, drawn from the machine itself: nothing is written by hand.
//
// What Mermaid (11 and 12) cannot do decides how things are drawn. A composite state has a title and no description, but the
// title may have several lines. An edge between a composite state and itself or a state in it is not shown, so it is a line
// in the box; of several loops on one state one is shown. A region has no title, so it is a composite state between
// separators.
import type { Machine } from '../actors/machine.ts';
import type { Chart, ChartState, Mark } from './chart.ts';
import { chartOf, statesIn } from './chart.ts';
import { boxLines, edgesFrom, edgeTexts, isBox, nameText } from './drawn-chart.ts';

/** What the diagram says about itself. */
export interface StateDiagramOptions {
  /** Of which revision or scenario this is the machine; shown in the comment at the top. */
  readonly title?: string | undefined;
}

/**
 * Makes any text fit for a Mermaid label: one line, with Mermaid's own signs as entity codes.
 *
 * @param text - what the reader shall see
 * @returns the text as it must stand in the diagram's source
 */
export function escapeLabel(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[#;&<>"%`*{}\\]/g, (sign) => `#${String(sign.codePointAt(0))};`);
}

/** As `escapeLabel`, for state diagrams, where a colon begins the label. */
function escapeStateLabel(text: string): string {
  return escapeLabel(text).replaceAll(':', '#58;');
}

const linesText = (lines: readonly string[]): string => lines.map(escapeStateLabel).join('<br/>');

/** The ids by which Mermaid knows the states, by path. */
type Ids = ReadonlyMap<string, string>;

/** Ids are whole paths, the machine first, so that none is a word of Mermaid's. What would be the same gets a number. */
function idsOf({ machine, root }: Chart): Ids {
  const ids = new Map<string, string>();
  // Mermaid calls the outermost [*] `root_start` and `root_end`, and those in a state `<state>_start` and `<state>_end`.
  const taken = new Set(['root_start', 'root_end']);
  for (const { path } of statesIn(root)) {
    const wanted = `${machine}_${path}`.replace(/\W/g, '_');
    let id = wanted;
    const forms = (): string[] => [id, `${id}_start`, `${id}_end`];
    for (let n = 2; forms().some((form) => taken.has(form)); n++) id = `${wanted}_${n}`;
    for (const form of forms()) taken.add(form);
    ids.set(path, id);
  }
  return ids;
}

function idOf(ids: Ids, path: string): string {
  const id = ids.get(path);
  if (id === undefined) throw new RangeError(`the chart has no state "${path}"`);
  return id;
}

/** A state and the states within it; edges only from and to `[*]`. */
function stateLines(ids: Ids, machine: string, state: ChartState): readonly string[] {
  const id = idOf(ids, state.path);
  const texts = boxLines(machine, state, false).map(({ text }) => text);
  const name = nameText(machine, state);
  if (state.states.length === 0) {
    return [`state "${escapeStateLabel(name)}" as ${id}`, ...texts.map((text) => `${id} : ${escapeStateLabel(text)}`)];
  }
  return [
    `state "${linesText([name, ...texts])}" as ${id} {`,
    ...innerLines(ids, machine, state).map((line) => `  ${line}`),
    '}',
  ];
}

/** What stands in a composite or parallel state, or at the top. */
function innerLines(ids: Ids, machine: string, { kind, initial, states }: ChartState): readonly string[] {
  const start = initial === null ? [] : [`[*] --> ${idOf(ids, initial)}`];
  const inner = states.map((state) => [
    ...stateLines(ids, machine, state),
    ...(state.kind === 'final' ? [`${idOf(ids, state.path)} --> [*]`] : []),
  ]);
  if (kind !== 'parallel') return [...start, ...inner.flat()];
  return inner.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines]));
}

/** The edges out of a state, one for each state that they lead to; several transitions are several lines on it. */
function edgeLines(ids: Ids, state: ChartState): readonly string[] {
  return edgesFrom(state, false).map((edge) => {
    const [from, to] = [idOf(ids, state.path), idOf(ids, edge.to)];
    const texts = edgeTexts(edge);
    return texts.length === 0 ? `${from} --> ${to}` : `${from} --> ${to} : ${linesText(texts)}`;
  });
}

/** How marked states are painted; on edges and in boxes there are signs. */
const paints: Readonly<Record<Mark, string>> = {
  added: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  removed: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 3',
  changed: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
};

/** Classes of marked states. Composite states have their sign only: a class of theirs would paint all that is within. */
function markLines(ids: Ids, root: ChartState): readonly string[] {
  const marked = statesIn(root).filter(({ mark, states }) => mark !== undefined && states.length === 0);
  const byMark = Map.groupBy(marked, ({ mark }) => mark);
  return [...byMark].flatMap(([mark, states]) =>
    mark === undefined
      ? []
      : [`classDef ${mark} ${paints[mark]}`, `class ${states.map(({ path }) => idOf(ids, path)).join(',')} ${mark}`],
  );
}

/** A comment cannot hold a line break, nor a directive. */
function comment(text: string): string {
  return `%% ${text.replace(/\s+/g, ' ').trim().replaceAll('%', '')}`;
}

/**
 * Prints a chart as Mermaid `stateDiagram-v2` text: every state under its own name, nested states within their parent,
 * every transition as a line `event [guard] / actions`.
 *
 * `always` has no event; of several transitions on one event the later are labelled `[else if guard]` and `[else]`, since
 * the first that holds is taken. Transitions between the same two states share one edge, a line each (`<br/>`). What stays
 * in its state is a line in the state's box, as are entry and exit actions, the messages that wait, and transitions between a
 * state and one that it is in (`event --> target`). The machine as a whole is a box where it has regions or transitions of
 * its own. The same chart and options give the same bytes.
 *
 * @param chart - as `chartOf(machine)` reads it
 * @param options - `title` says in the comment at the top which revision this is
 * @returns the diagram's source, ending with a newline
 */
export function mermaidOf(chart: Chart, options: StateDiagramOptions = {}): string {
  const { machine, root } = chart;
  const ids = idsOf(chart);
  const title = options.title === undefined ? '' : `, ${options.title}`;
  const boxes = isBox(chart) ? stateLines(ids, machine, root) : innerLines(ids, machine, root);
  // All edges stand outside the composite states: within one, Mermaid would move the other end into it.
  const edges = statesIn(root).flatMap((state) => edgeLines(ids, state));
  return [
    comment(`Machine ${machine}${title}.`),
    comment("Generated from the machine's definition by src/engine/diagrams/mermaid.ts: do not edit."),
    'stateDiagram-v2',
    ...[...boxes, ...edges, ...markLines(ids, root)].map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/**
 * Draws a machine as Mermaid `stateDiagram-v2` text; see `mermaidOf`.
 *
 * @param machine - as `machine()` or `patched()` made it
 * @param options - `title` says in the comment at the top which revision this is
 * @throws MachineError where the machine has what a chart cannot hold
 * @example
 * console.log(stateDiagram(createRegistry(policy), { title: 'v2p8' }));
 */
export function stateDiagram(machine: Machine, options: StateDiagramOptions = {}): string {
  return mermaidOf(chartOf(machine), options);
}
