// A name for a chart: the same for charts that are drawn the same, so that a page can ask for a picture that was laid out before.
import type { Chart } from './chart.ts';

/** Two hashes of 32 bits that differ in where they start and what they multiply by. */
const STARTS = [0x811c_9dc5, 0x9e37_79b9] as const;
const FACTORS = [0x0100_0193, 0x85eb_ca6b] as const;

function hashOf(text: string, start: number, factor: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), factor);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/**
 * The key of a chart: a hash of all that is drawn of it.
 *
 * @param chart - the chart, as `chartOf`, `mergedChart` or `summaryOf` made it
 * @returns 16 hexadecimal digits; the same in every process and browser
 * @example
 * const picture = await fetch(`charts/${chartKey(chartOf(machine))}.svg`);
 */
export function chartKey(chart: Chart): string {
  const text = JSON.stringify(chart);
  return STARTS.map((start, i) =>
    hashOf(text, start, FACTORS[i] ?? 1)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}
