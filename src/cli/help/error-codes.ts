// The codes of wrong input with what is said of each: docs/errors.md, which is the only place that says it.
import { readFileSync } from 'node:fs';

/** A code, what it is about, and its paragraph as plain text. */
export interface ErrorCode {
  readonly code: string;
  readonly section: string;
  readonly text: string;
}

const page = new URL('../../../docs/errors.md', import.meta.url);

/** Markdown as plain text: links are their words, lines are joined. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
}

/**
 * All codes, in the order of the page.
 *
 * @param markdown - the page; docs/errors.md where absent
 */
export function errorCodes(markdown: string = readFileSync(page, 'utf8')): readonly ErrorCode[] {
  return markdown.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n')).trim();
    return part
      .split(/^### /m)
      .slice(1)
      .map((one) => ({
        code: one.slice(0, one.indexOf('\n')).trim(),
        section,
        text: plain(one.slice(one.indexOf('\n'))),
      }));
  });
}
