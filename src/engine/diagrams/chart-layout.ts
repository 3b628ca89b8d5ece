// Where Graphviz puts the states and transitions of a chart: boxes, curves and lines of text, from the top left.
import type { Chart, ChartState } from './chart.ts';
import { statesIn } from './chart.ts';
import { boxesAround } from './boxes-around.ts';
import { pointsOn } from './curves.ts';
import { dotOf, edgesOf } from './dot.ts';
import type { DotOptions } from './dot.ts';
import { edgesFrom } from './drawn-chart.ts';
import type { Rectangle } from './labels-apart.ts';
import { labelsApart, rectangleOf } from './labels-apart.ts';

export type Point = readonly [x: number, y: number];

/** A line of text: where it begins on its base line, how wide it may be. */
export interface PlacedText {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
}

export interface PlacedBox {
  /** Path of the state. */
  readonly path: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its lines, as `labelOf` has them. */
  readonly texts: readonly PlacedText[];
}

export interface PlacedEdge {
  /** Bézier curves: a point, then three for each curve. */
  readonly curve: readonly Point[];
  /** The arrow's head. */
  readonly head: readonly Point[];
  /** Its lines, as `edgeLabelOf` has them. */
  readonly texts: readonly PlacedText[];
}

/** A chart that was laid out. */
export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  /** Of states, those around others before those within. */
  readonly boxes: readonly PlacedBox[];
  /** Where composite states begin, with what leads on from there. */
  readonly dots: readonly Point[];
  readonly starts: readonly PlacedEdge[];
  /** In the order of `edgesOf`. */
  readonly edges: readonly PlacedEdge[];
}

/** Room for readers whose font is wider than the one that is measured. */
const ROOM = 1.12;
/** Around everything. */
const MARGIN = 8;
const POINTS_PER_INCH = 72;

/** Operations of a drawing, as Graphviz writes them. */
interface Draws {
  readonly op: string;
  readonly points?: readonly Point[];
  readonly pt?: Point;
  readonly width?: number;
  readonly text?: string;
}
interface GraphObject {
  readonly name: string;
  readonly id?: string;
  readonly bb?: string;
  readonly pos?: string;
  readonly width?: string;
  readonly height?: string;
  readonly _draw_?: readonly Draws[];
  readonly _ldraw_?: readonly Draws[];
  readonly _hdraw_?: readonly Draws[];
}
interface LaidOutGraph {
  readonly bb: string;
  readonly objects?: readonly GraphObject[];
  readonly edges?: readonly GraphObject[];
}

/** Graphviz counts from the bottom left. */
type Turn = (point: Point) => Point;

const numbersIn = (text: string | undefined): readonly number[] => (text ?? '').split(',').map(Number);

function textsOf(turn: Turn, { _ldraw_ = [] }: GraphObject): readonly PlacedText[] {
  return _ldraw_.flatMap(({ op, pt, width = 0, text = '' }) => {
    if (op !== 'T' || pt === undefined) return [];
    const [x, y] = turn(pt);
    return [{ x, y, width, text: text.replaceAll('\u{A0}', ' ') }];
  });
}

function edgeOf(turn: Turn, edge: GraphObject): PlacedEdge {
  const pointsOf = (draws: readonly Draws[] = []): readonly Point[] =>
    (draws.find(({ points }) => points !== undefined)?.points ?? []).map(turn);
  return { curve: pointsOf(edge._draw_), head: pointsOf(edge._hdraw_), texts: textsOf(turn, edge) };
}

function boxOf(turn: Turn, path: string, object: GraphObject): PlacedBox {
  const texts = textsOf(turn, object);
  if (object.bb !== undefined) {
    const [left = 0, bottom = 0, right = 0, top = 0] = numbersIn(object.bb);
    const [x, y] = turn([left, top]);
    return { path, x, y, width: right - left, height: top - bottom, texts };
  }
  const [centre = 0, middle = 0] = numbersIn(object.pos);
  const [width, height] = [object.width, object.height].map((inches) => Number(inches) * POINTS_PER_INCH) as [
    number,
    number,
  ];
  const [x, y] = turn([centre - width / 2, middle + height / 2]);
  return { path, x, y, width, height, texts };
}

/** What Graphviz answers, in our words. */
function readLayout(chart: Chart, graph: LaidOutGraph): ChartLayout {
  const [left = 0, bottom = 0, right = 0, top = 0] = numbersIn(graph.bb);
  const turn: Turn = ([x, y]) => [x - left + MARGIN, top - y + MARGIN];
  const { objects = [], edges = [] } = graph;
  const numbered = new Map(objects.map((object) => [object.name, object]));
  const boxes = statesIn(chart.root).flatMap(({ path }, i) => {
    const object = numbered.get(`cluster_${String(i)}`) ?? numbered.get(`n${String(i)}`);
    return object === undefined ? [] : [boxOf(turn, path, object)];
  });
  const dots = objects
    .filter(({ name }) => name.startsWith('i'))
    .map(({ pos }) => turn(numbersIn(pos) as unknown as Point));
  const placeOf = ({ id }: GraphObject): number => Number(id?.slice(1));
  const own = edges.filter(({ id }) => id !== undefined).toSorted((a, b) => placeOf(a) - placeOf(b));
  const starts = edges.filter(({ id }) => id === undefined);
  const [width, height] = [right - left + 2 * MARGIN, top - bottom + 2 * MARGIN];
  const beside = own.map((edge) => atCurve(edgeOf(turn, edge)));
  const apart = labelsApart(beside, takenBy(chart, boxes), width, height);
  const page = { x: 0, y: 0, width, height };
  return {
    width,
    height,
    boxes: boxesAround(statesIn(chart.root), boxes, edgesOf(chart), apart, page),
    dots,
    starts: starts.map((edge) => edgeOf(turn, edge)),
    edges: apart,
  };
}

/** An edge whose label is farther from it than this lost the part that the label was at: it was cut off at a composite state. */
const FAR = 40;

/** An edge with its label beside it. */
function atCurve(edge: PlacedEdge): PlacedEdge {
  const label = rectangleOf(edge.texts);
  const points = pointsOn(edge.curve);
  const middle = points[Math.floor(points.length / 2)];
  if (label === null || middle === undefined) return edge;
  const distance = ([x, y]: Point): number =>
    Math.hypot(
      Math.max(label.x - x, 0, x - label.x - label.width),
      Math.max(label.y - y, 0, y - label.y - label.height),
    );
  if (points.some((point) => distance(point) <= FAR)) return edge;
  const [dx, dy] = [middle[0] + 4 - label.x, middle[1] - label.height / 2 - label.y];
  return { ...edge, texts: edge.texts.map((text) => ({ ...text, x: text.x + dx, y: text.y + dy })) };
}

/** What no label may stand on: states without others in them, and the titles of the others. */
function takenBy({ root }: Chart, boxes: readonly PlacedBox[]): readonly Rectangle[] {
  const atomic = new Set(statesIn(root).flatMap(({ path, states }) => (states.length === 0 ? [path] : [])));
  return boxes.flatMap((box) => (atomic.has(box.path) ? [box] : (rectangleOf(box.texts) ?? [])));
}

interface Graphviz {
  readonly layout: (dot: string, format: 'json', engine: 'dot') => string;
}

/** Lays graphs out: Graphviz in WebAssembly, loaded when a picture is first asked for. */
let loaded: Promise<Graphviz> | undefined;

function layOutAlone(graphviz: Graphviz, chart: Chart, options: DotOptions): ChartLayout {
  const dot = dotOf(chart, { room: ROOM, ...options });
  return readLayout(chart, JSON.parse(graphviz.layout(dot, 'json', 'dot')) as LaidOutGraph);
}

/** Do the regions of a machine have nothing to do with each other, as far as edges go? */
function isOfRegions({ root }: Chart): boolean {
  if (root.kind !== 'parallel' || root.states.length === 0) return false;
  return root.states.every((region) =>
    statesIn(region).every((state) =>
      edgesFrom(state).every(({ to }) => to === region.path || to.startsWith(`${region.path}.`)),
    ),
  );
}

function shifted(layout: ChartLayout, dx: number, dy: number): ChartLayout {
  const point = ([x, y]: Point): Point => [x + dx, y + dy];
  const place = <T extends { readonly x: number; readonly y: number }>(one: T): T => ({
    ...one,
    x: one.x + dx,
    y: one.y + dy,
  });
  const edge = ({ curve, head, texts }: PlacedEdge): PlacedEdge => ({
    curve: curve.map(point),
    head: head.map(point),
    texts: texts.map(place),
  });
  return {
    ...layout,
    boxes: layout.boxes.map((box) => ({ ...place(box), texts: box.texts.map(place) })),
    dots: layout.dots.map(point),
    starts: layout.starts.map(edge),
    edges: layout.edges.map(edge),
  };
}

/** Between two regions. */
const GAP = 8;
/** A picture of regions is wider than it is high, by so much. */
const ASPECT = 1.5;

/**
 * Regions in rows of columns: one goes below the one before where that makes the row no higher, else beside it where there is room.
 * Together they are about as broad as a page is.
 */
function inRows(regions: readonly ChartLayout[], top: number): readonly ChartLayout[] {
  const area = regions.reduce((sum, { width, height }) => sum + width * height, 0);
  const widest = Math.max(...regions.map(({ width }) => width));
  const most = Math.max(Math.sqrt(area * ASPECT), widest) * (1 + SLACK);
  const row = { top, bottom: top };
  const column = { left: MARGIN, right: MARGIN, bottom: top };
  return regions.map((region) => {
    const { width, height } = region;
    const isBelow =
      column.bottom > row.top &&
      column.bottom + height <= row.top + (row.bottom - row.top) * (1 + SLACK) &&
      column.left + width <= most;
    if (!isBelow) {
      const begins = column.right === MARGIN ? MARGIN : column.right + GAP;
      const isBeside = begins + width <= most + MARGIN;
      if (!isBeside) row.top = row.bottom + GAP;
      Object.assign(column, { left: isBeside ? begins : MARGIN, right: MARGIN, bottom: row.top });
    }
    const placed = shifted(region, column.left, column.bottom + (isBelow ? GAP : 0));
    column.right = Math.max(column.right, column.left + width);
    column.bottom += height + (isBelow ? GAP : 0);
    row.bottom = Math.max(row.bottom, column.bottom);
    return placed;
  });
}

/** A row may be a little wider, and higher, before another one is begun. */
const SLACK = 0.15;

/** A region as a picture of its own: its box is all of it, edges that lead around its states included. */
function regionLayout(graphviz: Graphviz, machine: string, root: ChartState, options: DotOptions): ChartLayout {
  const layout = shifted(layOutAlone(graphviz, { machine, root }, { ...options, boxed: true }), -MARGIN, -MARGIN);
  const [width, height] = [layout.width - 2 * MARGIN, layout.height - 2 * MARGIN];
  const [box, ...boxes] = layout.boxes;
  return {
    ...layout,
    width,
    height,
    boxes: box === undefined ? boxes : [{ ...box, x: 0, y: 0, width, height }, ...boxes],
  };
}

/** A machine of regions: each is laid out on its own, so that no edge leaves its region. */
function layOutRegions(graphviz: Graphviz, { machine, root }: Chart, options: DotOptions): ChartLayout {
  const head = layOutAlone(graphviz, { machine, root: { ...root, states: [] } }, { ...options, boxed: true });
  const [title] = head.boxes;
  const top = (title?.y ?? 0) + (title?.height ?? 0);
  const all = root.states.map((region) => regionLayout(graphviz, machine, region, options));
  const regions = inRows(all, top);
  const right = Math.max(head.width - MARGIN, ...regions.map(({ boxes: [box] }) => (box?.x ?? 0) + (box?.width ?? 0)));
  const bottom = Math.max(top, ...regions.map(({ boxes: [box] }) => (box?.y ?? 0) + (box?.height ?? 0)));
  const [width, height] = [right + 2 * MARGIN, bottom + 2 * MARGIN];
  const frame = { x: MARGIN / 2, y: MARGIN / 2, width: width - MARGIN, height: height - MARGIN };
  const texts = (title?.texts ?? []).map((line) => ({ ...line, x: MARGIN * 2 }));
  return {
    width,
    height,
    boxes: [{ path: root.path, ...frame, texts }, ...regions.flatMap(({ boxes }) => boxes)],
    dots: regions.flatMap(({ dots }) => dots),
    starts: regions.flatMap(({ starts }) => starts),
    edges: regions.flatMap(({ edges }) => edges),
  };
}

/**
 * Lays a chart out with Graphviz; the regions of a parallel machine each on their own, in rows.
 *
 * @param chart - the chart
 * @param options - the direction; `title` is of no consequence here
 * @returns where everything stands; the same chart is laid out in the same way everywhere
 */
export async function layOutChart(chart: Chart, options: DotOptions = {}): Promise<ChartLayout> {
  loaded ??= import('@hpcc-js/wasm-graphviz').then(({ Graphviz }) => Graphviz.load());
  const graphviz = await loaded;
  return isOfRegions(chart) ? layOutRegions(graphviz, chart, options) : layOutAlone(graphviz, chart, options);
}
