// Bézier curves as Graphviz writes them: where they really are, which their control points are not.
import type { Point } from './chart-layout.ts';

/**
 * Points on a curve.
 *
 * @param curve - a point, then three for each part of it
 * @returns its ends, those of its parts, and the middle of each part, first to last
 */
export function pointsOn(curve: readonly Point[]): readonly Point[] {
  const [first, ...others] = curve;
  const found: Point[] = first === undefined ? [] : [first];
  for (let i = 0; i + 2 < others.length; i += 3) {
    const [a, b, c, d] = [found.at(-1), ...others.slice(i, i + 3)] as [Point, Point, Point, Point];
    const middle = ([0, 1] as const).map((k) => (a[k] + 3 * b[k] + 3 * c[k] + d[k]) / 8);
    found.push(middle as unknown as Point, d);
  }
  return found;
}
