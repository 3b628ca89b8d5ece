// Boxes of composite states are drawn around the edges within them, too: Graphviz only has them around states and labels.
import type { ChartState } from './chart.ts';
import type { PlacedBox, PlacedEdge } from './chart-layout.ts';
import { pointsOn } from './curves.ts';
import type { DrawnEdge } from './drawn-chart.ts';
import type { Rectangle } from './labels-apart.ts';
import { overlap, rectangleOf } from './labels-apart.ts';

/** Between an edge and the border of the box that it is in. */
const ROOM = 4;

/** The rectangle of an edge with its label. */
function extent({ curve, texts }: PlacedEdge): Rectangle {
  const label = rectangleOf(texts);
  const points = pointsOn(curve);
  const xs = [...points.map(([x]) => x), ...(label === null ? [] : [label.x, label.x + label.width])];
  const ys = [...points.map(([, y]) => y), ...(label === null ? [] : [label.y, label.y + label.height])];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

const isIn = (outer: string, path: string): boolean => (outer === '' ? path !== '' : path.startsWith(`${outer}.`));
const isAtOrIn = (outer: string, path: string): boolean => path === outer || isIn(outer, path);

/** A box that is let out at one side. */
function letOut(box: PlacedBox, side: 'left' | 'right' | 'bottom', to: Rectangle): PlacedBox {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  switch (side) {
    case 'left': {
      const x = Math.min(box.x, to.x - ROOM);
      return { ...box, x, width: right - x };
    }
    case 'right':
      return { ...box, width: Math.max(right, to.x + to.width + ROOM) - box.x };
    case 'bottom':
      return { ...box, height: Math.max(bottom, to.y + to.height + ROOM) - box.y };
  }
}

/** Is a box within another one, with some room? */
function fits(inner: PlacedBox, outer: Rectangle): boolean {
  return (
    inner.x >= outer.x + 2 &&
    inner.x + inner.width <= outer.x + outer.width - 2 &&
    inner.y + inner.height <= outer.y + outer.height - 2
  );
}

/**
 * Lets the boxes of composite states out so that the edges within them stay within, as far as nothing else is there.
 *
 * @param states - all states, those around others first
 * @param boxes - their boxes
 * @param drawn - the edges
 * @param placed - where they are, in the same order
 * @param page - the picture, which no box leaves
 * @returns the boxes, in the same order
 */
export function boxesAround(
  states: readonly ChartState[],
  boxes: readonly PlacedBox[],
  drawn: readonly DrawnEdge[],
  placed: readonly PlacedEdge[],
  page: Rectangle,
): readonly PlacedBox[] {
  const found = new Map(boxes.map((box) => [box.path, box]));
  const edges = drawn.flatMap(({ from, to }, i) => {
    const edge = placed[i];
    return edge === undefined ? [] : [{ from: from.path, to, around: extent(edge), label: rectangleOf(edge.texts) }];
  });
  // Outer ones first: they make the room that inner ones may take.
  for (const { path } of states.filter((state) => state.states.length > 0)) {
    const above = path === '' ? undefined : found.get(path.slice(0, Math.max(0, path.lastIndexOf('.'))));
    const parent = above ?? page;
    const others: Rectangle[] = [
      ...[...found.values()].filter(
        (other) => !isAtOrIn(path, other.path) && !isAtOrIn(other.path, path) && other.path !== '',
      ),
      ...edges.flatMap(({ from, to, label }) =>
        label === null || (isAtOrIn(path, from) && isAtOrIn(path, to)) ? [] : [label],
      ),
    ];
    for (const { from, to, around } of edges) {
      if (!isIn(path, from) || !isIn(path, to)) continue;
      for (const side of ['left', 'right', 'bottom'] as const) {
        const box = found.get(path);
        if (box === undefined) continue;
        const more = letOut(box, side, around);
        const isTaken = others.some((other) => overlap(more, other) && !overlap(box, other));
        if (!isTaken && fits(more, parent)) found.set(path, more);
      }
    }
  }
  return boxes.map((box) => found.get(box.path) ?? box);
}
