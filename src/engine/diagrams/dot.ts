// A statechart as Graphviz DOT: states are boxes, composite states clusters, and lines are short, so that drawings stay narrow.
//
// Graphviz has no edges to clusters: an edge goes to a node in it and is cut off at the cluster's border (`lhead`, `ltail`). The
// node is where the state begins for what leads in, and its last state for what leads out, so that what comes next stands below.
import type { Chart, ChartState, Mark } from './chart.ts';
import { statesIn } from './chart.ts';
import type { BoxLine, DrawnEdge } from './drawn-chart.ts';
import { boxLines, edgeMark, edgesFrom, edgeTexts, isBox, nameOf } from './drawn-chart.ts';
import { wrapped } from './wrap.ts';

/** How a chart is laid out. */
export interface DotOptions {
  /** Of which revision or scenario this is the machine. */
  readonly title?: string | undefined;
  /** `TB` (default): from top to bottom; `LR`: from left to right. */
  readonly direction?: 'TB' | 'LR' | undefined;
  /** Is the machine as a whole a box, even where it has nothing of its own? Where absent: where it has. */
  readonly boxed?: boolean | undefined;
  /** Inches between states beside each other, and between one row of states and the next. */
  readonly spacing?: readonly [beside: number, below: number] | undefined;
  /** Fonts are measured so many times as large as they are drawn: room for a reader's font that is wider. 1 where absent. */
  readonly room?: number | undefined;
}

/** Characters of a line: on an edge, in the box of a state, above the states of a composite one. */
const EDGE_WIDTH = 26;
const BOX_WIDTH = 40;
const TITLE_WIDTH = 64;

const FONT = 'Arial';
/** Bold letters differ more between fonts. */
const ROOM_OF_BOLD = 1.06;
/** Sizes of the font: of names, and of all else. */
export const FONT_SIZES = { name: 13, line: 12 } as const;

const colours: Readonly<Record<Mark, string>> = { added: '#1a7f37', removed: '#cf222e', changed: '#9a6700' };

/** A text as DOT quotes it. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A text within an HTML-like label. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The lines of a state's box that one text takes. */
export interface LabelLine {
  readonly text: string;
  /** The line of the box that it is of; null for the name. */
  readonly of: BoxLine | null;
}

/** What stands in the box of a state, folded: its name, then its lines. */
export function labelOf(machine: string, state: ChartState): readonly LabelLine[] {
  const width = state.states.length === 0 ? BOX_WIDTH : TITLE_WIDTH;
  return [
    { text: nameOf(machine, state), of: null },
    ...(state.kernel === undefined ? [] : [{ text: state.kernel, of: { text: state.kernel } }]),
    ...boxLines(machine, state).flatMap((of) => wrapped(of.text, width).map((text) => ({ text, of }))),
  ];
}

/** What stands on an edge, folded, with the place of the transition that each line is of. */
export function edgeLabelOf(edge: DrawnEdge): readonly { readonly text: string; readonly of: number }[] {
  return edgeTexts(edge).flatMap((whole, of) => wrapped(whole, EDGE_WIDTH).map((text) => ({ text, of })));
}

/** Blanks at the beginning of a line would be dropped. */
const kept = (text: string): string => escaped(text).replace(/^ +/, (blanks) => '&#160;'.repeat(blanks.length));

/** The states of a chart by path, numbered in the order of the definition, which is what nodes and clusters are called. */
interface Numbered {
  readonly numbers: ReadonlyMap<string, number>;
  readonly nameSize: number;
}

const number = ({ numbers }: Numbered, path: string): string => {
  const id = numbers.get(path);
  if (id === undefined) throw new RangeError(`the chart has no state "${path}"`);
  return String(id);
};

/** The name of an atomic state stands in the middle, that of a composite one at the left, as its lines do. */
function label({ nameSize }: Numbered, lines: readonly LabelLine[], isAtomic: boolean): string {
  const rows = lines.map(({ text, of }) => {
    if (of !== null) return `${kept(text)}<br align="left"/>`;
    const isAlone = lines.length === 1;
    const end = isAtomic ? '<br/>' : '<br align="left"/>';
    return `<font point-size="${String(nameSize)}"><b>${kept(text)}</b></font>${isAlone ? '' : end}`;
  });
  return `<${rows.join('')}>`;
}

/** What an attribute list holds. */
function attributes(of: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(of).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return parts.length === 0 ? '' : ` [${parts.join(', ')}]`;
}

const paint = (mark: Mark | undefined): Readonly<Record<string, string | undefined>> =>
  mark === undefined ? {} : { color: quoted(colours[mark]), fontcolor: quoted(colours[mark]) };

/** A state and those within it. */
function stateLines(ids: Numbered, machine: string, state: ChartState, isRegion: boolean): readonly string[] {
  const { path, kind, mark, states } = state;
  const id = number(ids, path);
  const text = label(ids, labelOf(machine, state), states.length === 0);
  if (states.length === 0) {
    const final = kind === 'final' ? '2' : undefined;
    return [`n${id}${attributes({ label: text, peripheries: final, ...paint(mark) })};`];
  }
  return [
    `subgraph cluster_${id} {`,
    `  label=${text};`,
    ...Object.entries(paint(mark)).map(([key, value]) => `  ${key}=${String(value)};`),
    `  style=${quoted(isRegion ? 'dashed' : 'rounded')};`,
    '  margin=16;',
    ...innerLines(ids, machine, state).map((line) => `  ${line}`),
    '}',
  ];
}

/** What stands in a composite or parallel state, or at the top. */
function innerLines(ids: Numbered, machine: string, state: ChartState): readonly string[] {
  const { initial, path, states, kind } = state;
  const start =
    initial === null
      ? []
      : [
          `i${number(ids, path)} [shape=circle, style=filled, fillcolor=black, fixedsize=true, width=0.13, height=0.13, label=""];`,
          `i${number(ids, path)} -> ${head(ids, stateAt(state, initial), { weight: '4' })};`,
        ];
  return [...start, ...states.flatMap((one) => stateLines(ids, machine, one, kind === 'parallel'))];
}

function stateAt(root: ChartState, path: string): ChartState {
  const found = statesIn(root).find((one) => one.path === path);
  if (found === undefined) throw new RangeError(`the chart has no state "${path}"`);
  return found;
}

/** The node that stands for a state where an edge leads to it, with the cluster that it is cut off at. */
function head(ids: Numbered, state: ChartState, more: Readonly<Record<string, string | undefined>> = {}): string {
  const cluster = state.states.length === 0 ? undefined : quoted(`cluster_${number(ids, state.path)}`);
  return `${firstNode(ids, state)}${attributes({ lhead: cluster, ...more })}`;
}

/** Where a state begins: the dot of a composite one, of a parallel one that of its first region. */
function firstNode(ids: Numbered, state: ChartState): string {
  const [first] = state.states;
  if (first === undefined) return `n${number(ids, state.path)}`;
  return state.initial === null ? firstNode(ids, first) : `i${number(ids, state.path)}`;
}

/** The last of the states within a state. */
function lastNode(ids: Numbered, state: ChartState): string {
  const last = state.states.at(-1);
  return last === undefined ? `n${number(ids, state.path)}` : lastNode(ids, last);
}

function edgeLine(ids: Numbered, root: ChartState, edge: DrawnEdge, i: number): string {
  const { from, to } = edge;
  const lines = edgeLabelOf(edge).map(({ text }) => `${kept(` ${text}`)}<br align="left"/>`);
  return `${lastNode(ids, from)} -> ${head(ids, stateAt(root, to), {
    id: quoted(`e${String(i)}`),
    ltail: from.states.length === 0 ? undefined : quoted(`cluster_${number(ids, from.path)}`),
    label: lines.length === 0 ? undefined : `<${lines.join('')}>`,
    ...paint(edgeMark(edge)),
  })};`;
}

/** Edges in the order in which they are written. */
export function edgesOf({ root }: Chart): readonly DrawnEdge[] {
  return statesIn(root).flatMap((state) => edgesFrom(state));
}

/**
 * Prints a chart as Graphviz DOT: each state under its own name with the kernel function that it is, composite states as boxes
 * around others, regions dashed, what stays in a state as lines in its box; labels are folded. The same chart and options give the
 * same bytes.
 *
 * @param chart - as `chartOf(machine)` reads it, or merged or summed up
 * @param options - `title` for the graph, and the direction
 * @returns the source of the graph, ending with a newline
 * @example
 * dotOf(chartOf(machine), { direction: 'LR' }); // dot -Tsvg draws it
 */
export function dotOf(chart: Chart, options: DotOptions = {}): string {
  const { machine, root } = chart;
  const { title, direction = 'TB', room = 1, spacing = [0.3, 0.35], boxed = isBox(chart) } = options;
  const numbers = new Map(statesIn(root).map(({ path }, i) => [path, i]));
  const ids = { numbers, nameSize: Math.round(FONT_SIZES.name * (room === 1 ? 1 : room * ROOM_OF_BOLD) * 100) / 100 };
  const states = boxed ? stateLines(ids, machine, root, false) : innerLines(ids, machine, root);
  const size = String(FONT_SIZES.line * room);
  return [
    `digraph ${quoted(title === undefined ? machine : `${machine}, ${title}`)} {`,
    `  graph [compound=true, rankdir=${direction}, nodesep=${String(spacing[0])}, ranksep=${String(spacing[1])}, labeljust=l, fontname="${FONT}", fontsize=${size}];`,
    `  node [shape=box, style=rounded, margin="0.12,0.06", height=0.3, fontname="${FONT}", fontsize=${size}];`,
    `  edge [fontname="${FONT}", fontsize=${size}, arrowsize=0.7];`,
    ...[...states, ...edgesOf(chart).map((edge, i) => edgeLine(ids, root, edge, i))].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}
