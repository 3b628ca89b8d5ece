// The comment at the top of a source file: what it is, which kernel source it stands for, what is abstracted away.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plain } from './page.ts';

/** The first comment of a file, a paragraph an element. */
export function headerOf(root: string, file: string): readonly string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
    .split(/\n\n+/)
    .map((paragraph) => paragraph.replaceAll('\n', ' ').trim());
}

/** The sentence of what is left out: up to the next sentence, or the end. */
const leftOut = /\s*Abstracted away: (.*?)(?:\.(?= [A-Z`]|$)|$)/;

/** What a header says is left out: what stands after `Abstracted away:`; null where it says nothing. */
export function abstractedAway(header: readonly string[]): string | null {
  return header.map((one) => leftOut.exec(one)?.[1]).find((found) => found !== undefined) ?? null;
}

/** A paragraph without the sentence of what is left out. */
export function withoutAbstractedAway(paragraph: string): string {
  return paragraph.replace(leftOut, '').trim();
}

/** A paragraph of a comment as Markdown: names of functions and files are code. */
export function markdownOf(paragraph: string): string {
  return paragraph
    .split(/(`[^`]*`)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : plain(part)
            .replaceAll('*', '\\*')
            .replaceAll(/(?<![\w`])([\w.-]+\/[\w./-]+\.[ch]|[\w:]*_\w+\(\)|__\w+\(\)|\w+->[\w.>-]+)/g, '`$1`')
            .replaceAll(/(?<=\s|^|\()(_\w+|\w+_\w+)(?=\s|$|[,.;:)])/g, '`$1`'),
    )
    .join('');
}
