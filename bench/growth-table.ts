// One pattern against N: every structure, the C code below, and by how much it grows.
import type { LayoutName } from '../src/scale/layouts.ts';
import type { Measured } from '../src/scale/measure.ts';
import type { ContestantId } from '../src/scale/structures.ts';
import * as c from './c-figures.ts';
import { ratio, table } from './report.ts';

export type Pattern = 'oneMore' | 'random' | 'fromEmpty';

/** A recorded figure: older recordings lack some. */
export type RecordedFigure = Pick<Measured, 'index' | 'irqfds' | 'oneMore' | 'random' | 'fromEmpty' | 'kernelBytes'>;

export const patternTitles: Readonly<Record<Pattern, string>> = {
  oneMore: 'One more irqfd registered and unregistered while N are present:',
  random: 'A random one of N unregistered and registered again:',
  fromEmpty: 'N registered into empty sets, then all unregistered; each:',
};

const FROM = 10_000;
const TO = 1_000_000;
const SHOWN = [10, 100, 1_000, 10_000, 100_000, 174_000, 1_000_000];
const number = (value: number | undefined): string =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en');

/** A figure of the series, or undefined where it was not measured. */
export function figureOf(
  series: readonly RecordedFigure[],
  pattern: Pattern,
  index: ContestantId,
  irqfds: number,
): number | undefined {
  return series.find((one) => one.index === index && one.irqfds === irqfds)?.[pattern];
}

/** By how much a pattern grows from 10 000 to 1 000 000 irqfds. */
export function growthOf(series: readonly RecordedFigure[], pattern: Pattern, index: ContestantId): number | undefined {
  const [from, to] = [figureOf(series, pattern, index, FROM), figureOf(series, pattern, index, TO)];
  return from === undefined || to === undefined ? undefined : to / from;
}

/** A figure of the C code, where one was taken. */
export function figureOfC(pattern: Pattern, index: 'list' | 'xarray', layout: LayoutName, irqfds: number) {
  if (pattern === 'oneMore') {
    const row: readonly number[] | undefined = (c.oneMore[index] as Partial<Record<LayoutName, readonly number[]>>)[
      layout
    ];
    return row?.[(c.sizes as readonly number[]).indexOf(irqfds)];
  }
  const figures: Partial<Record<string, Partial<Record<LayoutName, Readonly<Record<number, number>>>>>> = c[pattern];
  return figures[index]?.[layout]?.[irqfds];
}

/** Rows by structure, columns by N; structures and sizes that were not measured are left out. */
export function growthTable({
  series,
  layout,
  pattern,
}: {
  readonly series: readonly RecordedFigure[];
  readonly layout: LayoutName;
  readonly pattern: Pattern;
}): string {
  const known = series.filter((one) => one[pattern] !== undefined);
  if (known.length === 0) return 'Not in this recording.';
  const sizes = SHOWN.filter((size) => known.some(({ irqfds }) => irqfds === size));
  const ids = [...new Set(known.map(({ index }) => index))];
  const rows = ids.flatMap((index) => {
    const grown = growthOf(series, pattern, index);
    const ours = [
      index,
      ...sizes.map((size) => number(figureOf(series, pattern, index, size))),
      grown === undefined ? '-' : ratio(grown, 1),
    ];
    if (index !== 'list' && index !== 'xarray') return [ours];
    const ofC = sizes.map((size) => figureOfC(pattern, index, layout, size));
    return ofC.every((value) => value === undefined) ? [ours] : [ours, [`C, ${index}`, ...ofC.map(number), '-']];
  });
  return table([`ns, ${layout}`, ...sizes.map((size) => size.toLocaleString('en')), '1 M / 10 k'], rows);
}
