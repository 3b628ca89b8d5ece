// The formats of diagrams: which there are for what is drawn, by name and by ending.
import { formatByEnding } from '../endings.ts';
import { UsageError } from '../exit-codes.ts';
import { oneOf } from '../selection.ts';

/** Names of the formats. */
export const diagramFormats = ['mermaid', 'dot', 'svg', 'plantuml', 'scxml'] as const;
export type DiagramFormat = (typeof diagramFormats)[number];

const endings: Readonly<Record<string, DiagramFormat>> = {
  '.mmd': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.svg': 'svg',
  '.puml': 'plantuml',
  '.plantuml': 'plantuml',
  '.scxml': 'scxml',
};

/** What is drawn, and in which formats it can be. */
export const drawable = {
  'a machine': diagramFormats,
  'a run': ['mermaid', 'svg'],
  'a tree': ['svg'],
} as const satisfies Readonly<Record<string, readonly DiagramFormat[]>>;
export type Drawable = keyof typeof drawable;

/** Where it is said which format is wanted. */
export interface FormatOptions {
  readonly format?: string;
  readonly out?: string;
}

/**
 * The format that is asked for.
 *
 * @param options - `--format`, or the ending of `--out`
 * @param what - what is drawn
 * @returns the format; the first of those that there are for it where nothing is said
 * @throws UsageError where the ending is not known, or what is drawn cannot be drawn so
 * @throws UnknownNameError where there is no such format
 */
export function diagramFormat({ format, out }: FormatOptions, what: Drawable): DiagramFormat {
  const known: readonly DiagramFormat[] = drawable[what];
  const [usual = 'svg'] = known;
  const asked =
    format !== undefined
      ? oneOf('format', format, diagramFormats)
      : out !== undefined
        ? formatByEnding('--out', out, endings, `; or say --format ${known.join(', ')}`)
        : usual;
  if (!known.includes(asked)) throw new UsageError(`${what} is drawn as ${known.join(' or ')}, not as ${asked}`);
  return asked;
}
