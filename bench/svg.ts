// Charts as SVG: axes, lines, bars; readable on light and on dark ground.
//
// Text and axes take the colour of the reader's scheme (prefers-color-scheme); the colours of series read on both.

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 76;
const RIGHT = 180;
const TOP = 44;
const BOTTOM = 56;

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

/** What an axis says; ticks are powers of ten. */
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
    'svg { color: #1f2328; font: 12px system-ui, sans-serif; }',
    '@media (prefers-color-scheme: dark) { svg { color: #e6edf3; } }',
    'text { fill: currentColor; } .title { font-size: 15px; font-weight: 600; } .source { font-size: 10px; opacity: 0.7; }',
    '.grid { stroke: currentColor; stroke-opacity: 0.15; } .axis { stroke: currentColor; }',
    '</style>',
    `<title>${escape(title)}</title>`,
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
    if (!onlyPoints) content.push(`<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const place of places) {
      const [cx = '', cy = ''] = place.split(' ');
      const fill = onlyPoints ? 'none' : colour;
      content.push(`<circle cx="${cx}" cy="${cy}" r="${onlyPoints ? 4 : 2.5}" fill="${fill}" stroke="${colour}"/>`);
    }
    content.push(legend(i, name, colour, onlyPoints));
  }
  return page(title, source, content);
}

function legend(i: number, name: string, colour: string, isHollow: boolean): string {
  const y = TOP + 12 + 20 * i;
  const x = WIDTH - RIGHT + 14;
  return `<circle cx="${x}" cy="${y - 4}" r="5" fill="${isHollow ? 'none' : colour}" stroke="${colour}"/><text x="${x + 12}" y="${y}">${escape(name)}</text>`;
}

/** One bar: its value is drawn on a logarithmic axis and written beside it. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

/** Groups of bars that lie on a logarithmic axis; what is 0 has no bar. */
export function barChart(
  title: string,
  source: string,
  from: number,
  to: number,
  groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[],
): string {
  const axis: Axis = { label: '', from, to, tick: String };
  const left = 190;
  const room = WIDTH - left - 130;
  const content: string[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    content.push(`<text x="${LEFT - 60}" y="${y + 12}" font-weight="600">${escape(name)}</text>`);
    y += 20;
    for (const { name: bar, value, text, colour } of bars) {
      const width = value <= 0 ? 0 : Math.max(1, Math.min(1, scaled(axis, Math.max(from, value))) * room);
      content.push(
        `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escape(bar)}</text>`,
        `<rect x="${left}" y="${y}" width="${at(width)}" height="15" fill="${colour}"/>`,
        `<text x="${at(left + width + 6)}" y="${y + 12}">${escape(text)}</text>`,
      );
      y += 20;
    }
    y += 8;
  }
  return page(title, source, content, y + 24);
}
