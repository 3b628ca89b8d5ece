// A Mermaid sequence diagram as SVG, drawn when the site is built: no page needs Mermaid.
//
// It reads what src/engine/diagrams/sequence.ts writes, no more of Mermaid's language, and refuses the rest.

const LANE = 92;
const TOP = 34;
const LINE = 15;
const GAP = 11;
/** Width of a sign at 11 px, monospace. */
const SIGN = 6.7;
const NOTE_COLUMNS = 56;

/** A line of the diagram. */
type Line =
  | {
      readonly is: 'arrow';
      readonly from: number;
      readonly to: number;
      readonly dashed: boolean;
      readonly text: string;
    }
  | { readonly is: 'note'; readonly from: number; readonly text: string };

const unescaped = (text: string): string =>
  text.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Reads the text. */
function read(source: string): { readonly names: readonly string[]; readonly lines: readonly Line[] } {
  const [first, ...rest] = source.trimEnd().split('\n');
  if (first !== 'sequenceDiagram') throw new Error(`"${String(first)}" is no sequence diagram`);
  const names: string[] = [];
  const ids = new Map<string, number>();
  const place = (id: string): number => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`a sequence diagram has no participant ${id}`);
    return found;
  };
  const lines = rest.flatMap((line): Line[] => {
    const [, participant, name] = /^ {2}participant (\w+) as (.*)$/.exec(line) ?? [];
    if (participant !== undefined) {
      ids.set(participant, names.push(unescaped(name ?? '')) - 1);
      return [];
    }
    const [, from, sign, to, label] = /^ {2}(\w+)(-?->>)(\w+): (.*)$/.exec(line) ?? [];
    if (from !== undefined && to !== undefined)
      return [{ is: 'arrow', from: place(from), to: place(to), dashed: sign === '-->>', text: unescaped(label ?? '') }];
    const [, over, note] = /^ {2}Note over ([\w,]+): (.*)$/.exec(line) ?? [];
    if (over === undefined) throw new Error(`a sequence diagram has the line "${line}"`);
    return [{ is: 'note', from: Math.min(...over.split(',').map(place)), text: unescaped(note ?? '') }];
  });
  return { names, lines };
}

/** Breaks a text at spaces. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const xOf = (lane: number): number => LANE / 2 + lane * LANE;

/** Where a text of this width begins: over the arrow if it fits there, else within the drawing. */
function startOf(middle: number, text: string, width: number): number {
  return Math.max(4, Math.min(middle - (text.length * SIGN) / 2, width - text.length * SIGN - 4));
}

function arrowMarks(line: Extract<Line, { is: 'arrow' }>, y: number, width: number): string[] {
  const [a, b] = [xOf(line.from), xOf(line.to)];
  const style = line.dashed ? 'arrow reply' : 'arrow';
  const label = (x: number): string => `<text x="${x.toFixed(0)}" y="${y - 5}">${escaped(line.text)}</text>`;
  if (a === b) {
    const path = `M${a} ${y - 4}h16v8h-12`;
    const beside = a + 22 + line.text.length * SIGN > width ? a - 8 - line.text.length * SIGN : a + 22;
    return [`<path class="${style}" d="${path}"/><path class="head" d="M${a} ${y + 4}l7 -4v8z"/>`].concat(
      `<text x="${Math.max(4, beside).toFixed(0)}" y="${y + 4}">${escaped(line.text)}</text>`,
    );
  }
  const back = b > a ? -7 : 7;
  return [
    label(startOf((a + b) / 2, line.text, width)),
    `<path class="${style}" d="M${a} ${y}H${b + back}"/><path class="head" d="M${b} ${y}l${back} -4v8z"/>`,
  ];
}

/**
 * Draws a sequence diagram.
 *
 * @param source - Mermaid's text, as `sequenceDiagram()` writes it
 * @returns one line of SVG whose colours are those of the page (site/.vitepress/theme/style.css)
 * @throws Error where the text has what `sequenceDiagram()` does not write
 */
export function sequencePicture(source: string): string {
  const { names, lines } = read(source);
  const longest = Math.max(0, ...lines.map(({ text }) => Math.min(text.length, NOTE_COLUMNS)));
  const width = Math.max(names.length * LANE, Math.ceil(longest * SIGN) + 60);
  const marks: string[] = [];
  let y = TOP + 10;
  for (const line of lines) {
    if (line.is === 'arrow') {
      y += LINE + GAP;
      marks.push(...arrowMarks(line, y, width));
      continue;
    }
    const rows = wrapped(line.text, NOTE_COLUMNS);
    const columns = Math.max(...rows.map((row) => row.length));
    const x = Math.max(4, Math.min(xOf(line.from) + 6, width - columns * SIGN - 12));
    y += 6;
    marks.push(
      `<rect class="note" x="${x.toFixed(0)}" y="${y}" width="${(columns * SIGN + 8).toFixed(0)}" height="${rows.length * LINE + 4}"/>`,
    );
    for (const row of rows) {
      y += LINE;
      marks.push(`<text class="said" x="${(x + 4).toFixed(0)}" y="${y - 2}">${escaped(row)}</text>`);
    }
    y += 4;
  }
  const height = y + 22;
  const lanes = names.map((name, lane) => {
    const x = xOf(lane);
    return `<path class="lane" d="M${x} ${TOP - 6}V${height - 8}"/><text class="actor" x="${x}" y="${TOP - 14}">${escaped(name)}</text>`;
  });
  const title = `${lines.filter(({ is }) => is === 'arrow').length} messages between ${names.join(', ')}`;
  return (
    `<svg class="sequence" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escaped(title).replaceAll('"', '&quot;')}">${[...lanes, ...marks].join('')}</svg>`
  );
}
