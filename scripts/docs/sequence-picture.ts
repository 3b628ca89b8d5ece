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
interface Line {
  readonly is: 'arrow' | 'reply' | 'note' | 'activate' | 'deactivate';
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Is it in the step that violates something? */
  readonly isBroken: boolean;
}

/** A diagram, read. */
interface Diagram {
  readonly names: readonly string[];
  readonly lines: readonly Line[];
}

const unescaped = (text: string): string =>
  text.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Reads one line that is no participant; null where it is none of ours. */
function lineOf(line: string, place: (id: string) => number, isBroken: boolean): Line | null {
  const [, from, sign, to, label] = /^(\w+)(-?->>)(\w+): (.*)$/.exec(line) ?? [];
  if (from !== undefined && to !== undefined) {
    const is = sign === '-->>' ? 'reply' : 'arrow';
    return { is, from: place(from), to: place(to), text: unescaped(label ?? ''), isBroken };
  }
  const [, over, note] = /^Note over ([\w,]+): (.*)$/.exec(line) ?? [];
  if (over !== undefined) {
    const lanes = over.split(',').map(place);
    return { is: 'note', from: Math.min(...lanes), to: Math.max(...lanes), text: unescaped(note ?? ''), isBroken };
  }
  const [, change, who] = /^(activate|deactivate) (\w+)$/.exec(line) ?? [];
  if (who === undefined) return null;
  const lane = place(who);
  return { is: change === 'activate' ? 'activate' : 'deactivate', from: lane, to: lane, text: '', isBroken };
}

function read(source: string): Diagram {
  const [first, ...rest] = source.trimEnd().split('\n');
  if (first !== 'sequenceDiagram') throw new Error(`"${String(first)}" is no sequence diagram`);
  const names: string[] = [];
  const ids = new Map<string, number>();
  const place = (id: string): number => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`a sequence diagram has no participant ${id}`);
    return found;
  };
  let isBroken = false;
  const lines = rest.flatMap((indented): Line[] => {
    const line = indented.trim();
    const [, participant, name] = /^participant (\w+) as (.*)$/.exec(line) ?? [];
    if (participant !== undefined) ids.set(participant, names.push(unescaped(name ?? '')) - 1);
    if (line.startsWith('rect ')) isBroken = true;
    if (line === 'end') isBroken = false;
    if (participant !== undefined || line.startsWith('rect ') || line === 'end') return [];
    const found = lineOf(line, place, isBroken);
    if (found === null) throw new Error(`a sequence diagram has the line "${line}"`);
    return [found];
  });
  return { names, lines };
}

/** Breaks a text at spaces. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < NOTE_COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const xOf = (lane: number): number => LANE / 2 + lane * LANE;
const classOf = (name: string, { isBroken }: Line): string => (isBroken ? `${name} broken` : name);

/** A text that begins as near to `x` as the drawing is wide. */
function textAt(x: number, y: number, text: string, width: number, name = ''): string {
  const start = Math.max(4, Math.min(x, width - text.length * SIGN - 4));
  const names = name === '' ? '' : ` class="${name}"`;
  return `<text${names} x="${start.toFixed(0)}" y="${y}">${escaped(text)}</text>`;
}

function arrowMarks(line: Line, y: number, width: number): string {
  const [a, b] = [xOf(line.from), xOf(line.to)];
  const style = classOf(line.is === 'reply' ? 'arrow reply' : 'arrow', line);
  const name = line.isBroken ? 'broken' : '';
  const long = line.text.length * SIGN;
  if (a === b) {
    const x = a + 22 + long > width ? a - 8 - long : a + 22;
    const loop = `<path class="${style}" d="M${a} ${y - 4}h16v8h-12"/><path class="${classOf('head', line)}" d="M${a} ${y + 4}l7 -4v8z"/>`;
    return `${loop}${textAt(x, y + 4, line.text, width, name)}`;
  }
  const back = b > a ? -7 : 7;
  return (
    textAt((a + b - long) / 2, y - 5, line.text, width, name) +
    `<path class="${style}" d="M${a} ${y}H${b + back}"/><path class="${classOf('head', line)}" d="M${b} ${y}l${back} -4v8z"/>`
  );
}

function noteMarks(line: Line, y: number, width: number): { readonly marks: string; readonly height: number } {
  const rows = wrapped(line.text);
  const wide = Math.max(...rows.map((row) => row.length)) * SIGN + 8;
  const x = Math.max(4, Math.min(xOf(line.from) + 6, width - wide - 4));
  const height = rows.length * LINE + 4;
  const box = `<rect class="${classOf('note', line)}" x="${x.toFixed(0)}" y="${y}" width="${wide.toFixed(0)}" height="${height}"/>`;
  const texts = rows.map((row, i) => textAt(x + 4, y + (i + 1) * LINE - 2, row, width, classOf('said', line)));
  return { marks: box + texts.join(''), height };
}

/** Lines from top to bottom, and how high that is; bars are where an actor holds a lock. */
function drawn(
  lines: readonly Line[],
  width: number,
): { readonly bars: string[]; readonly marks: string[]; readonly height: number } {
  const [bars, marks]: [string[], string[]] = [[], []];
  const since = new Map<number, number>();
  let y = TOP + 10;
  const end = (lane: number): void => {
    const from = since.get(lane);
    if (from !== undefined)
      bars.push(`<rect class="bar" x="${xOf(lane) - 3}" y="${from}" width="6" height="${y + 2 - from}"/>`);
    since.delete(lane);
  };
  for (const line of lines) {
    if (line.is === 'activate') since.set(line.from, since.get(line.from) ?? y);
    else if (line.is === 'deactivate') end(line.from);
    else if (line.is === 'note') {
      const note = noteMarks(line, y + 6, width);
      marks.push(note.marks);
      y += note.height + 6;
    } else {
      y += LINE + GAP;
      marks.push(arrowMarks(line, y, width));
    }
  }
  for (const lane of since.keys()) end(lane);
  return { bars, marks, height: y + 22 };
}

/**
 * Draws a sequence diagram.
 *
 * @param source - Mermaid's text, as `sequenceDiagram()` and `sequenceMermaid()` write it
 * @returns one line of SVG whose colours are those of the page (site/.vitepress/theme/style.css)
 * @throws Error where the text has what those two do not write
 */
export function sequencePicture(source: string): string {
  const { names, lines } = read(source);
  const longest = Math.max(0, ...lines.map(({ text }) => Math.min(text.length, NOTE_COLUMNS)));
  const width = Math.max(names.length * LANE, Math.ceil(longest * SIGN) + 60);
  const { bars, marks, height } = drawn(lines, width);
  const lanes = names.map((name, lane) => {
    const x = xOf(lane);
    return `<path class="lane" d="M${x} ${TOP - 6}V${height - 8}"/><text class="actor" x="${x}" y="${TOP - 14}">${escaped(name)}</text>`;
  });
  const count = lines.filter(({ is }) => is === 'arrow' || is === 'reply').length;
  const title = escaped(`${count} messages between ${names.join(', ')}`).replaceAll('"', '&quot;');
  return (
    `<svg class="sequence" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${title}">${[...lanes, ...bars, ...marks].join('')}</svg>`
  );
}
