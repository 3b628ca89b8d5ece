// An interleaving in columns, one for each thread, as lockdep prints it: CPU0 | CPU1 | ... It goes into a mail as it is.
import type { Language } from '../world/language.ts';
import type { TraceStep } from '../world/trace.ts';
import { happening } from './narrate.ts';

/** Something that a thread does; of no thread: a remark, over all columns. */
export interface ColumnEntry {
  readonly thread: string | null;
  readonly text: string;
}

/** Most characters of a line: what a mail quotes twice and does not wrap. */
export const COLUMNS = 72;
/** The last column has at least so many. */
const LAST_COLUMN = 26;
const MOST_OF_A_COLUMN = 36;
/** Narrower than this a column's head cannot be read: so many threads have one, the others share the last. */
const LEAST_OF_A_COLUMN = 8;
/** Of the lines that go on with an entry. */
const INDENT = 2;

/**
 * Entries in columns, in their order. A text that is wider than its column goes on over the next ones, which are empty in its line;
 * one that is wider than what is left to the right goes on in the next line. Six threads have a column of their own; of more the
 * others share the last one.
 *
 * @param entries - who does what
 * @param width - most characters of a line, at least 40
 * @returns the lines: the threads' names, in the order in which they come first, a rule, then a line or more for each entry
 * @example
 * inColumns([{ thread: 't0', text: 'lock(a)' }, { thread: 't1', text: 'lock(b)' }]);
 * // CPU0: t0                           | CPU1: t1
 * // -----------------------------------+-----------------------------------
 * // lock(a)                            |
 * //                                    | lock(b)
 */
export function inColumns(entries: readonly ColumnEntry[], width: number = COLUMNS): string[] {
  const all = [...new Set(entries.map(({ thread }) => thread))].filter((thread) => thread !== null);
  const most = 1 + Math.floor((width - LAST_COLUMN) / LEAST_OF_A_COLUMN);
  const isCrowded = all.length > most;
  const threads = isCrowded ? [...all.slice(0, most - 1), OTHERS] : all;
  const stride =
    threads.length < 2 ? width : Math.min(MOST_OF_A_COLUMN, Math.floor((width - LAST_COLUMN) / (threads.length - 1)));
  const starts = threads.map((_, column) => column * stride);
  const bars = starts.slice(1).map((start) => start - 2);
  /** One line: a text that begins in a column, and the bars that it does not cover, nor stand right behind it. */
  const line = (column: number, text: string): string => {
    const start = starts[column] ?? 0;
    const free = bars.filter((bar) => text === '' || bar < start || bar > start + text.length);
    return put(withSigns(' ', free, '|'), start, text).trimEnd();
  };
  const withSigns = (fill: string, places: readonly number[], sign: string): string =>
    places.reduce((row, place) => put(row, place, sign), ''.padEnd(width, fill));
  const names = threads.map((thread, column) => `CPU${column}: ${thread}`);
  const head = names.reduce(
    (row, name, column) => {
      const room = (starts[column + 1] ?? width + 2) - (starts[column] ?? 0) - 3;
      return put(row, starts[column] ?? 0, name.slice(0, room));
    },
    withSigns(' ', bars, '|'),
  );
  return [
    head.trimEnd(),
    withSigns('-', bars, '+'),
    ...entries.flatMap(({ thread, text }) => {
      if (thread === null) return folded(text, width);
      const isOther = isCrowded && all.indexOf(thread) >= most - 1;
      const column = threads.indexOf(isOther ? OTHERS : thread);
      const shown = isOther ? `${thread}: ${text}` : text;
      return folded(shown, width - (starts[column] ?? 0)).map((part) => line(column, part));
    }),
  ];
}

const OTHERS = 'others';

/** A row with a text at a place. */
const put = (row: string, at: number, text: string): string =>
  `${row.slice(0, at)}${text}${row.slice(at + text.length)}`;

/**
 * A text in lines: broken at blanks, and where there is none within a word; a line that goes on is set in.
 *
 * @param text - on one line
 * @param most - characters of a line; 72 where absent, as a mail has them
 * @returns at least one line
 */
export function folded(text: string, most: number = COLUMNS): string[] {
  const lines: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (row.trim() !== '' && row.length + 1 + rest.length > most) {
      lines.push(row);
      row = ''.padEnd(INDENT);
    } else if (row.trim() !== '') row += ' ';
    while (row.length + rest.length > most) {
      lines.push(row + rest.slice(0, most - row.length));
      rest = rest.slice(most - row.length);
      row = ''.padEnd(INDENT);
    }
    row += rest;
  }
  return [...lines, row];
}

/** Steps, for columns: each in that of the thread in whose course it happens. */
export function stepEntries(language: Language, trace: readonly TraceStep[]): ColumnEntry[] {
  return trace.map((step) => ({ thread: step.thread, text: happening(language, step) }));
}

/**
 * A trace in columns.
 *
 * @param language - the words of the world that was run (`World.language`)
 * @param trace - the steps in order
 * @returns the lines, of at most 72 characters
 */
export function columnsText(language: Language, trace: readonly TraceStep[]): string[] {
  return inColumns(stepEntries(language, trace));
}
