// What all SVG pictures have in common: escaped text, short numbers, a frame, and the colours that are used where a page brings none.

/** Fonts that are about as wide as the one that is measured. */
export const FONT_FAMILY = 'Arial, Helvetica, Liberation Sans, sans-serif';

/** Characters that XML 1.0 cannot hold at all. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNHOLDABLE = /[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{FFFE}\u{FFFF}]|[\u{D800}-\u{DFFF}]/gu;

/** A text as XML holds it, in an attribute or between tags. */
export function escapeXml(text: string): string {
  return text
    .replace(UNHOLDABLE, '\u{FFFD}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A length with at most one decimal. */
export const short = (length: number): string => String(Math.round(length * 10) / 10 + 0);

/** A start tag's attributes; those that are undefined are left out. */
export function attributesOf(of: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(of)
    .map(([key, value]) =>
      value === undefined ? '' : ` ${key}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`,
    )
    .join('');
}

/** An element with what is in it. */
export function element(
  name: string,
  of: Readonly<Record<string, string | number | undefined>>,
  ...content: readonly string[]
): string {
  return content.length === 0
    ? `<${name}${attributesOf(of)}/>`
    : `<${name}${attributesOf(of)}>${content.join('')}</${name}>`;
}

/** What of a picture is painted in which colour, in the light and in the dark. */
export const palette = {
  paper: ['#ffffff', '#0d1117'],
  box: ['#f6f8fa', '#161b22'],
  ink: ['#1f2328', '#e6edf3'],
  faint: ['#59636e', '#9198a1'],
  line: ['#59636e', '#9198a1'],
  added: ['#1a7f37', '#3fb950'],
  removed: ['#cf222e', '#f85149'],
  changed: ['#9a6700', '#d29922'],
  held: ['#bf3989', '#db61a2'],
  active: ['#0969da', '#4493f8'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

export type Colour = keyof typeof palette;

/** The colour of the light, for presentation attributes: a page's own stylesheet comes before them. */
export const light = (colour: Colour): string => palette[colour][0];

/** What a picture on its own needs for the dark: a rule for each pair of selector and property. */
export function styleOf(
  rules: readonly (readonly [selector: string, property: 'fill' | 'stroke', colour: Colour])[],
): string {
  const lines = rules.map(([selector, property, colour]) => `${selector}{${property}:${palette[colour][1]}}`);
  return `<style>@media (prefers-color-scheme: dark){${lines.join('')}}</style>`;
}

/** How a picture is framed. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly className: string;
  /** The style of a picture on its own; null where a page paints it. */
  readonly style: string | null;
}

/**
 * A whole picture.
 *
 * @param frame - its size, what it shows, and its style
 * @param content - what is in it
 * @returns the document
 */
export function svgDocument({ width, height, label, className, style }: Frame, content: readonly string[]): string {
  const [wide, high] = [Math.ceil(width), Math.ceil(height)];
  const head = attributesOf({
    xmlns: 'http://www.w3.org/2000/svg',
    class: className,
    width: wide,
    height: high,
    viewBox: `0 0 ${String(wide)} ${String(high)}`,
    role: 'img',
    'aria-label': label,
    'font-family': FONT_FAMILY,
    'font-size': 12,
    fill: light('ink'),
  });
  const paper =
    style === null ? [] : [style, element('rect', { class: 'paper', width: wide, height: high, fill: light('paper') })];
  return [`<svg${head}>`, element('title', {}, escapeXml(label)), ...paper, ...content, '</svg>', ''].join('\n');
}
