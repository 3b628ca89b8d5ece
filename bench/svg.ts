// Charts as SVG: axes, lines, bars; readable on light and on dark ground.
//
// Ground, text and axes take the colours of the reader's scheme (prefers-color-scheme), also where the file is opened by
// itself; the colours of series read on both. A line that lies on an earlier one is dashed, so that both are seen.

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 76;
const RIGHT = 180;
const TOP = 44;
const BOTTOM = 56;
/** Lines closer than this are one to the eye. */
const STROKE = 2;

/** Colours that read on white and on near-black; told apart also without red and green. */
export const colours = [
  '#d9480f',
  '#2b8aef',
  '#0ca678',
  '#b197fc',
  '#15aabf',
  '#e8a33d',
  '#868e96',
  '#e64980',
] as const;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (value: number): string => value.toFixed(1);

/** One line of a chart, or a row of points. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Points without a line: figures from elsewhere. */
  readonly onlyPoints?: boolean;
  readonly colour: string;
}

/** What an axis says: a label with its unit; ticks are powers of ten, written by `tick`. */
export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly tick: (value: number) => string;
}

function page(title: string, source: string, content: readonly string[], height = HEIGHT): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    '<style>',
    // Without it a browser that opens the file by itself draws light text on its white canvas.
    ':root { color-scheme: light dark; }',
    'svg { color: #1f2328; font: 12px system-ui, sans-serif; } .ground { fill: #ffffff; }',
    '@media (prefers-color-scheme: dark) { svg { color: #e6edf3; } .ground { fill: #0d1117; } }',
    'text { fill: currentColor; } .title { font-size: 15px; font-weight: 600; } .source { font-size: 10px; opacity: 0.7; }',
    '.grid { stroke: currentColor; stroke-opacity: 0.15; } .axis { stroke: currentColor; }',
    '</style>',
    `<title>${escape(title)}</title>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${LEFT}" y="22">${escape(title)}</text>`,
    ...content,
    `<text class="source" x="${LEFT}" y="${height - 6}">${escape(source)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function powers({ from, to }: Axis): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

const scaled = ({ from, to }: Axis, value: number): number =>
  (Math.log10(value) - Math.log10(from)) / (Math.log10(to) - Math.log10(from));

/** A chart of lines on two logarithmic axes. */
export function lineChart(title: string, source: string, x: Axis, y: Axis, series: readonly Series[]): string {
  const px = (value: number): number => LEFT + scaled(x, value) * (WIDTH - LEFT - RIGHT);
  const py = (value: number): number => HEIGHT - BOTTOM - scaled(y, value) * (HEIGHT - TOP - BOTTOM);
  const content: string[] = [];
  for (const value of powers(x)) {
    content.push(
      `<line class="grid" x1="${at(px(value))}" x2="${at(px(value))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
      `<text x="${at(px(value))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escape(x.tick(value))}</text>`,
    );
  }
  for (const value of powers(y)) {
    content.push(
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(py(value))}" y2="${at(py(value))}"/>`,
      `<text x="${LEFT - 6}" y="${at(py(value) + 4)}" text-anchor="end">${escape(y.tick(value))}</text>`,
    );
  }
  content.push(
    `<path class="axis" fill="none" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 34}" text-anchor="middle">${escape(x.label)}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escape(y.label)}</text>`,
  );
  for (const [i, { name, points, onlyPoints = false, colour }] of series.entries()) {
    const places = points.map(([a, b]) => `${at(px(a))} ${at(py(b))}`);
    const isOnAnother = series
      .slice(0, i)
      .some((other) => other.onlyPoints !== true && areClose(other.points, points, py));
    const dash = isOnAnother ? ' stroke-dasharray="7 7"' : '';
    if (!onlyPoints)
      content.push(`<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`);
    for (const place of places) {
      const [cx = '', cy = ''] = place.split(' ');
      const fill = onlyPoints ? 'none' : colour;
      content.push(`<circle cx="${cx}" cy="${cy}" r="${onlyPoints ? 4 : 2.5}" fill="${fill}" stroke="${colour}"/>`);
    }
    content.push(legend(i, name, colour, onlyPoints, dash));
  }
  return page(title, source, content);
}

function legend(i: number, name: string, colour: string, isHollow: boolean, dash: string): string {
  const y = TOP + 12 + 20 * i;
  const x = WIDTH - RIGHT + 14;
  const line = isHollow
    ? ''
    : `<line x1="${x}" x2="${x + 20}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dash}/>`;
  return `${line}<circle cx="${x + 10}" cy="${y - 4}" r="${isHollow ? 4 : 2.5}" fill="${isHollow ? 'none' : colour}" stroke="${colour}"/><text x="${x + 26}" y="${y}">${escape(name)}</text>`;
}

/** Would one line hide the other: less than a stroke apart at most of the points that both have? */
function areClose(one: Series['points'], other: Series['points'], py: (value: number) => number): boolean {
  const there = new Map(one);
  const gaps = other.flatMap(([x, y]) => {
    const found = there.get(x);
    return found === undefined ? [] : [Math.abs(py(found) - py(y))];
  });
  return gaps.filter((gap) => gap < STROKE).length * 2 > gaps.length;
}

/** One bar: its value is drawn on the logarithmic axis of its group and written beside it. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

/** Bars of one quantity, on an axis of their own; what is 0 has no bar. */
export interface BarGroup {
  readonly name: string;
  readonly axis: Axis;
  readonly bars: readonly Bar[];
}

const BAR_LEFT = 130;
const BAR_RIGHT = 150;
const ROW = 20;

/** Groups of bars, each on a logarithmic axis with ticks and a unit. */
export function barChart(title: string, source: string, groups: readonly BarGroup[]): string {
  const content: string[] = [];
  let y = TOP;
  for (const group of groups) {
    content.push(...barGroup(group, y));
    y += ROW * group.bars.length + 84;
  }
  return page(title, source, content, y + 8);
}

function barGroup({ name, axis, bars }: BarGroup, top: number): string[] {
  const end = WIDTH - BAR_RIGHT;
  const px = (value: number): number => BAR_LEFT + scaled(axis, value) * (end - BAR_LEFT);
  const first = top + 24;
  const bottom = first + ROW * bars.length + 2;
  const content = [`<text x="${LEFT}" y="${top + 14}" font-weight="600">${escape(name)}</text>`];
  for (const value of powers(axis)) {
    content.push(
      `<line class="grid" x1="${at(px(value))}" x2="${at(px(value))}" y1="${first}" y2="${bottom}"/>`,
      `<text x="${at(px(value))}" y="${bottom + 16}" text-anchor="middle">${escape(axis.tick(value))}</text>`,
    );
  }
  content.push(
    `<path class="axis" fill="none" d="M${BAR_LEFT} ${first}V${bottom}H${end}"/>`,
    `<text x="${(BAR_LEFT + end) / 2}" y="${bottom + 34}" text-anchor="middle">${escape(axis.label)}</text>`,
  );
  for (const [i, bar] of bars.entries()) {
    const y = first + ROW * i + 4;
    // Never beyond the axis: a value that is not on it is a mistake of whoever chose the axis.
    if (bar.value > axis.to || (bar.value > 0 && bar.value < axis.from))
      throw new RangeError(`${name}, ${bar.name}: ${bar.value} is not on the axis from ${axis.from} to ${axis.to}`);
    const width = bar.value <= 0 ? 0 : Math.max(1, px(bar.value) - BAR_LEFT);
    content.push(
      `<text x="${BAR_LEFT - 8}" y="${y + 12}" text-anchor="end">${escape(bar.name)}</text>`,
      `<rect x="${BAR_LEFT}" y="${y}" width="${at(width)}" height="15" fill="${bar.colour}"/>`,
      `<text x="${at(BAR_LEFT + width + 6)}" y="${y + 12}">${escape(bar.text)}</text>`,
    );
  }
  return content;
}
