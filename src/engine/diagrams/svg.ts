// A statechart as SVG: laid out by Graphviz, painted here, so that a page can find every state and transition in it.
//
// A state is `<g class="state" data-state="locked.connecting">`, a transition `<g class="transition" data-from data-event data-index>`
// with its texts, the index being its place among the transitions of its state. The arrow of those between the same two states is
// `<g class="edge" data-from data-to>`. Texts of edges have a border in the colour of the paper, so that lines behind them do not cross them.
// Colours are presentation attributes, which any stylesheet of a page overrides: no inline style, no element `style`.
import type { Chart, ChartState, Mark } from './chart.ts';
import { statesIn } from './chart.ts';
import type { ChartLayout, PlacedBox, PlacedEdge, PlacedText, Point } from './chart-layout.ts';
import { layOutChart } from './chart-layout.ts';
import { edgeLabelOf, edgesOf, FONT_SIZES, labelOf } from './dot.ts';
import type { DrawnEdge, DrawnTransition } from './drawn-chart.ts';
import { edgeMark } from './drawn-chart.ts';
import { element, escapeXml, light, styleOf, svgDocument } from './svg-text.ts';

/** How a chart is drawn. */
export interface ChartSvgOptions {
  /** Of which revision or scenario this is the machine; said to those who cannot see the picture. */
  readonly title?: string | undefined;
  readonly direction?: 'TB' | 'LR' | undefined;
  /** For a file of its own: with a background, and with colours for the dark. A page brings its own stylesheet. */
  readonly standalone?: boolean | undefined;
}

const STYLE = styleOf([
  ['.paper', 'fill', 'paper'],
  ['text', 'fill', 'ink'],
  ['.state>rect', 'fill', 'box'],
  ['.state>rect,.edges', 'stroke', 'line'],
  ['.composite>rect,.parallel>rect', 'fill', 'paper'],
  ['.head,.initial', 'fill', 'line'],
  ['.labels', 'stroke', 'paper'],
  ['.fact', 'fill', 'faint'],
  ...(['added', 'removed', 'changed'] as const).flatMap((mark) => [
    [`.state.${mark}>rect,.edge.${mark}>path`, 'stroke', mark] as const,
    [`.${mark}>text,text.${mark},.edge.${mark}>.head`, 'fill', mark] as const,
  ]),
]);

const classes = (...names: readonly (string | undefined)[]): string =>
  names.filter((name) => name !== undefined).join(' ');

/** A line of text. Blanks that it begins with are a distance. */
function text(
  { x, y, width, text: whole }: PlacedText,
  of: Readonly<Record<string, string | number | undefined>>,
): string {
  const shown = whole.trimStart();
  const indent = (whole.length - shown.length) * INDENT;
  const isCentred = of['text-anchor'] === 'middle';
  return element('text', { x: isCentred ? x + width / 2 : x + indent, y, ...of }, escapeXml(shown));
}

/** Width of a blank. */
const INDENT = 4;

const inkOf = (mark: Mark | undefined): string | undefined => (mark === undefined ? undefined : light(mark));

/** Around texts on edges, in the colour of the paper. */
const border = { stroke: light('paper'), 'stroke-width': 3, 'paint-order': 'stroke' };

/** What a page knows a transition by. */
function transition(
  from: string,
  { one, index }: DrawnTransition,
  content: readonly string[],
  isOfEdge: boolean,
): string {
  const { event, mark, target } = one.transition;
  const names = {
    class: classes('transition', isOfEdge ? 'label' : undefined, mark),
    'data-from': from,
    'data-event': event ?? '',
    'data-index': index,
    'data-to': target ?? undefined,
  };
  return element('g', { ...names, fill: inkOf(mark) }, ...content);
}

/** The lines below the name of a state; those of one transition are together. */
function boxTexts(machine: string, state: ChartState, { texts }: PlacedBox): readonly string[] {
  const lines = labelOf(machine, state);
  const groups = Map.groupBy(lines.map((line, i) => ({ ...line, placed: texts[i] })).slice(1), ({ of }) => of);
  return [...groups].map(([of, some]) => {
    const shown = some.flatMap(({ placed }) => placed ?? []);
    if (of?.drawn !== undefined)
      return transition(
        state.path,
        of.drawn,
        shown.map((one) => text(one, {})),
        false,
      );
    const mark = of?.mark;
    return shown
      .map((one) => text(one, { class: classes('fact', mark), fill: inkOf(mark) ?? light('faint') }))
      .join('');
  });
}

/** Corners of what is no region. */
const RADIUS = 6;

function stateElement(machine: string, state: ChartState, box: PlacedBox, isRegion: boolean): string {
  const { path, kind, mark, states } = state;
  const isAtomic = states.length === 0;
  const [name] = box.texts;
  const { x, y, width, height } = box;
  const rect = (inset: number) =>
    element('rect', {
      x: x + inset,
      y: y + inset,
      width: width - 2 * inset,
      height: height - 2 * inset,
      rx: isRegion ? 0 : RADIUS,
      fill: light(isAtomic ? 'box' : 'paper'),
      stroke: inkOf(mark) ?? light('line'),
      'stroke-dasharray': isRegion ? '4 3' : undefined,
      'stroke-width': mark === undefined ? undefined : 2,
    });
  const title = { class: 'name', 'font-size': FONT_SIZES.name, 'font-weight': 'bold', fill: inkOf(mark) };
  return element(
    'g',
    { class: classes('state', kind, isRegion ? 'region' : undefined, mark), 'data-state': path },
    rect(0),
    // A final state has two borders.
    ...(kind === 'final' ? [rect(3)] : []),
    ...(name === undefined ? [] : [text(name, isAtomic ? { ...title, 'text-anchor': 'middle' } : title)]),
    ...boxTexts(machine, state, box),
  );
}

/** A point of a curve. Pixels are whole there: nobody sees the difference, and a picture is a fifth smaller. */
const pair = ([x, y]: Point): string => `${String(Math.round(x))} ${String(Math.round(y))}`;

/** A curve to the tip of its arrow. */
function lineElements({ curve, head }: PlacedEdge, mark: Mark | undefined): readonly string[] {
  const [start, ...others] = curve;
  if (start === undefined) return [];
  const ink = inkOf(mark);
  const dashes = mark === 'removed' ? '5 3' : undefined;
  return [
    element('path', {
      d: `M${pair(start)}C${others.map(pair).join(' ')}`,
      stroke: ink,
      'stroke-dasharray': dashes,
      'stroke-width': mark === undefined ? undefined : 1.6,
    }),
    element('path', { class: 'head', d: `M${head.map(pair).join('L')}Z`, fill: ink ?? light('line'), stroke: ink }),
  ];
}

/** The arrow of an edge. */
function arrowElement(edge: DrawnEdge, placed: PlacedEdge): string {
  const mark = edgeMark(edge);
  const names = { class: classes('edge', mark), 'data-from': edge.from.path, 'data-to': edge.to };
  return element('g', names, ...lineElements(placed, mark));
}

/** The transitions of an edge. One without a text is there all the same: a page may look for it. */
function labelElements(edge: DrawnEdge, { texts }: PlacedEdge): readonly string[] {
  const lines = edgeLabelOf(edge).map(({ of }, i) => ({ of, placed: texts[i] }));
  return edge.transitions.map((drawn, i) => {
    const own = lines.flatMap(({ of, placed }) => (of === i && placed !== undefined ? [text(placed, {})] : []));
    return transition(edge.from.path, drawn, own, true);
  });
}

/** What a picture of a chart says to those who cannot see it. */
function spoken({ machine, root }: Chart, title: string | undefined): string {
  const states = statesIn(root);
  const transitions = states.reduce((sum, state) => sum + state.transitions.length, 0);
  const counts = `${String(states.length - 1)} states, ${String(transitions)} transitions`;
  return `State diagram of ${machine}${title === undefined ? '' : `, ${title}`}: ${counts}`;
}

/**
 * Paints a chart that was laid out.
 *
 * @param chart - the chart
 * @param layout - where everything stands, as `layOutChart` says of the same chart
 * @param options - `title`, and whether the picture is a file of its own
 * @returns the SVG document, ending with a newline
 */
export function paintChart(chart: Chart, layout: ChartLayout, options: ChartSvgOptions = {}): string {
  const { machine, root } = chart;
  const states = statesIn(root);
  const regions = new Set(states.flatMap(({ kind, states: inner }) => (kind === 'parallel' ? inner : [])));
  const boxes = new Map(layout.boxes.map((box) => [box.path, box]));
  const drawn = (isWanted: (state: ChartState) => boolean): readonly string[] =>
    states.filter(isWanted).flatMap((state) => {
      const box = boxes.get(state.path);
      return box === undefined ? [] : [stateElement(machine, state, box, regions.has(state))];
    });
  const starts = layout.starts.map((edge) => element('g', { class: 'edge start' }, ...lineElements(edge, undefined)));
  const dots = layout.dots.map(([cx, cy]) =>
    element('circle', { class: 'initial', cx, cy, r: 4.5, fill: light('line') }),
  );
  const edges = edgesOf(chart).flatMap((edge, i) => {
    const placed = layout.edges[i];
    return placed === undefined ? [] : [{ arrow: arrowElement(edge, placed), labels: labelElements(edge, placed) }];
  });
  const { width, height } = layout;
  const label = spoken(chart, options.title);
  const style = options.standalone === true ? STYLE : null;
  return svgDocument({ width, height, label, className: 'statechart', style }, [
    ...drawn(({ states: inner }) => inner.length > 0),
    element(
      'g',
      { class: 'edges', fill: 'none', stroke: light('line') },
      ...starts,
      ...edges.map(({ arrow }) => arrow),
    ),
    ...dots,
    element('g', { class: 'labels', ...border }, ...edges.flatMap(({ labels }) => labels)),
    ...drawn(({ states: inner }) => inner.length === 0),
  ]);
}

/**
 * Draws a chart as SVG.
 *
 * @param chart - as `chartOf(machine)` reads it, or merged (`mergedChart`) or summed up (`summaryOf`)
 * @param options - `title`, direction, and whether the picture is a file of its own
 * @returns the SVG document, ending with a newline; the same chart and options give the same bytes
 * @example
 * writeFileSync('registry.svg', await svgOf(chartOf(createRegistry(policy)), { standalone: true }));
 */
export async function svgOf(chart: Chart, options: ChartSvgOptions = {}): Promise<string> {
  return paintChart(chart, await layOutChart(chart, { direction: options.direction }), options);
}
