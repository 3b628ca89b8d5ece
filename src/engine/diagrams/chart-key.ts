// A name for a chart: the same for charts that are drawn the same, so that a page can ask for a picture that was laid out before.
import { textHash } from '../text-hash.ts';
import type { Chart } from './chart.ts';

/**
 * The key of a chart: a hash of all that is drawn of it.
 *
 * @param chart - the chart, as `chartOf`, `mergedChart` or `summaryOf` made it
 * @returns 16 hexadecimal digits; the same in every process and browser
 * @example
 * const picture = await fetch(`charts/${chartKey(chartOf(machine))}.svg`);
 */
export function chartKey(chart: Chart): string {
  return textHash(JSON.stringify(chart))
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');
}
