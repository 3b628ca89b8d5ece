// Fenced blocks of Markdown: what stands outside of them is prose, and each has to be one that the tests see.

/** A run of lines, inside of a fence or outside of all. */
export interface Part {
  readonly isFenced: boolean;
  readonly text: string;
}

/** Begins or ends a block, as CommonMark has it: indented a little, of backticks or tildes. */
const fence = /^ {0,3}(`{3,}|~{3,})/;

/** Cuts a page into blocks with their fences, and what is between; joined by line breaks the parts are the page. */
export function partsOf(page: string): Part[] {
  const parts: { isFenced: boolean; lines: string[] }[] = [];
  let open: string | null = null;
  let isNew = true;
  for (const line of page.split('\n')) {
    const mark = fence.exec(line)?.[1];
    const begins = open === null && mark !== undefined;
    if (isNew || begins) parts.push({ isFenced: begins, lines: [] });
    parts.at(-1)?.lines.push(line);
    isNew = open !== null && mark !== undefined && mark.startsWith(open) && line.trim() === mark;
    if (begins) open = mark;
    else if (isNew) open = null;
  }
  return parts.map(({ isFenced, lines }) => ({ isFenced, text: lines.join('\n') }));
}

/** Languages of blocks that a test runs, and those that are not meant to be run. */
const run: readonly string[] = ['console', 'ts', 'sh'];
const shown: readonly string[] = ['js', 'mermaid', 'text', 'yaml'];

/**
 * Blocks of a page that look as if they were run, and are not: the tests find a block by three backticks at the beginning of a
 * line, one word, and three backticks alone at the end (test/docs/transcripts.ts).
 *
 * @param page - Markdown
 * @returns what is wrong with each, by the first line of the block
 */
export function passedOver(page: string): string[] {
  return partsOf(page).flatMap(({ isFenced, text }) => {
    if (!isFenced) return /^(\t| {4})\$ /m.test(text) ? ['an indented block with a command: no test runs it'] : [];
    const first = text.slice(0, text.indexOf('\n') >>> 0);
    const found = /^```(\w*)\n[^]*\n?^```$/m.exec(text);
    if (found === null || found.index !== 0) return [`"${first}": no test finds this block`];
    const language = found[1] ?? '';
    return run.includes(language) || shown.includes(language)
      ? language !== 'console' && /^\$ /m.test(text)
        ? [`"${first}": commands after $ are run in console blocks only`]
        : []
      : [`"${first}": a block is ${[...run, ...shown].join(', ')}`];
  });
}
