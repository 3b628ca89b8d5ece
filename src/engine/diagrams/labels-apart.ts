// Labels of edges that Graphviz put over each other or over a state are moved to the nearest place that is free.
//
// Graphviz keeps labels apart, but for those of edges between states of one row within a composite state (flat edges in clusters).
import type { PlacedEdge, PlacedText } from './chart-layout.ts';

/** A rectangle: of a label, of a state, of the title of a composite one. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a line of text takes above and below its base line. */
const ASCENT = 12;
const DESCENT = 3;

/** The rectangle of some lines; null of none. */
export function rectangleOf(texts: readonly PlacedText[]): Rectangle | null {
  if (texts.length === 0) return null;
  const [left, right] = [Math.min(...texts.map(({ x }) => x)), Math.max(...texts.map(({ x, width }) => x + width))];
  const [top, bottom] = [Math.min(...texts.map(({ y }) => y)) - ASCENT, Math.max(...texts.map(({ y }) => y)) + DESCENT];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Do two rectangles have more in common than a border? */
export function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width && a.y + 1 < b.y + b.height && b.y + 1 < a.y + a.height;
}

/** How far a label may be moved, and in which steps. */
const FAR = 200;
const STEP = 4;

/** Moves, the shortest first. */
const moves: readonly (readonly [number, number])[] = (() => {
  const found: [number, number][] = [];
  for (let dx = -FAR; dx <= FAR; dx += STEP) for (let dy = -FAR; dy <= FAR; dy += STEP) found.push([dx, dy]);
  return found.toSorted(([ax, ay], [bx, by]) => Math.hypot(ax, ay) - Math.hypot(bx, by));
})();

/**
 * Moves the labels of edges apart.
 *
 * @param edges - the edges with their labels
 * @param others - what no label may stand on: states, titles
 * @param width - of the picture; no label leaves it
 * @param height - of the picture
 * @returns the edges; a label that is free stays where it is
 */
export function labelsApart(
  edges: readonly PlacedEdge[],
  others: readonly Rectangle[],
  width: number,
  height: number,
): readonly PlacedEdge[] {
  const labels = edges.map(({ texts }) => rectangleOf(texts));
  return edges.map((edge, i) => {
    const label = labels[i];
    if (label === undefined || label === null) return edge;
    const taken = [...others, ...labels.flatMap((one, k) => (one === null || k === i ? [] : [one]))];
    const isFree = (one: Rectangle): boolean => !taken.some((other) => overlap(one, other));
    const isInside = ({ x, y, width: wide, height: high }: Rectangle): boolean =>
      x >= 0 && y >= 0 && x + wide <= width && y + high <= height;
    const move = moves.find(([dx, dy]) => {
      const there = { ...label, x: label.x + dx, y: label.y + dy };
      return isFree(there) && isInside(there);
    });
    const [dx, dy] = move ?? [0, 0];
    labels[i] = { ...label, x: label.x + dx, y: label.y + dy };
    return dx === 0 && dy === 0
      ? edge
      : { ...edge, texts: edge.texts.map((text) => ({ ...text, x: text.x + dx, y: text.y + dy })) };
  });
}
