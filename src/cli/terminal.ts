// What the command line writes: results to stdout, progress and notes to stderr, colours where they are wanted.
import { dirname, resolve } from 'node:path';
import { stripVTControlCharacters, styleText } from 'node:util';
import { nanoid } from 'nanoid';
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { unwritable } from '../scenarios/files/load.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** Where a command writes. */
export interface Terminal {
  /** A result, to stdout, as it is. */
  readonly print: (text: string) => void;
  /** Lines of a report, to stdout: long ones are wrapped, but for commands to be pasted. */
  readonly say: (text: string) => void;
  /** A note, to stderr; nothing with `--quiet`. */
  readonly note: (text: string) => void;
  /** Progress on one line that is overwritten; only on a terminal. */
  readonly progress: (text: string | (() => string)) => void;
  /** Removes the progress line. */
  readonly clear: () => void;
  readonly style: (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string;
}

const PROGRESS_EVERY_MS = 100;
const MOST_COLUMNS = 100;
/** Narrower than this nothing can be read. */
const LEAST_COLUMNS = 30;

/** Lines that are commands to be pasted, and stay whole. */
const isCommand = (line: string): boolean => /^(reproduce|\$) /.test(stripVTControlCharacters(line));

/**
 * A line in as many as it takes: the others are indented by four more than the first.
 *
 * @param columns most columns of a line; fewer than 30 are not believed
 */
export function wrapped(line: string, columns: number): string {
  const width = Math.max(columns, LEAST_COLUMNS);
  if (isCommand(line) || visible(line) <= width) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const rows: string[] = [];
  let row = indent;
  for (const word of line.trimStart().split(' ')) {
    if (row.trim() !== '' && visible(row) + 1 + visible(word) > width) {
      rows.push(row.trimEnd());
      row = `${indent}    ${word}`;
    } else row += row.trim() === '' ? word : ` ${word}`;
  }
  return [...rows, row].join('\n');
}

/** Columns that a text takes: of colours none. */
const visible = (text: string): number => stripVTControlCharacters(text).length;

/** The terminal of a command. Colours are off with --no-color, with NO_COLOR, and where stdout is not a terminal. */
export function createTerminal({ json, quiet, color }: CommonOptions): Terminal {
  const colours = color !== false && json !== true && process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const live = process.stderr.isTTY && quiet !== true;
  let last = 0;
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001B[K');
    shown = false;
  };
  const print = (text: string): void => {
    clear();
    process.stdout.write(`${text}\n`);
  };
  const columns = Math.min((process.stdout.isTTY && process.stdout.columns) || MOST_COLUMNS, MOST_COLUMNS);
  return {
    print,
    say: (text) =>
      print(
        text
          .split('\n')
          .map((line) => wrapped(line, columns))
          .join('\n'),
      ),
    note: (text) => {
      clear();
      if (quiet !== true) process.stderr.write(`${text}\n`);
    },
    progress: (text) => {
      const now = performance.now();
      if (!live || now - last < PROGRESS_EVERY_MS) return;
      last = now;
      shown = true;
      process.stderr.write(`\r\u001B[K${typeof text === 'string' ? text : text()}`);
    },
    clear,
    style: (format, text) => (colours ? styleText(format, text, { validateStream: false }) : text),
  };
}

/**
 * Writes a file whole or not at all: beside it first, then renamed. A link is followed; what is no regular file (a pipe, a
 * device) is written to as it is. Throws UnreadableFileError where it cannot be written.
 */
export function writeFileWhole(file: string, content: string): void {
  const { target, inPlace } = placeOf(file);
  const temporary = inPlace ? target : `${target}.${nanoid(8)}.part`;
  try {
    writeFileSync(temporary, content, { flag: inPlace ? 'w' : 'wx' });
    if (!inPlace) renameSync(temporary, target);
  } catch (error) {
    if (!inPlace) rmSync(temporary, { force: true });
    throw unwritable(file, error);
  }
}

/** Where a file is written: behind its links; in place where it is no regular file. Throws UnreadableFileError. */
function placeOf(file: string): { readonly target: string; readonly inPlace: boolean } {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    return { target: there === undefined ? file : realpathSync(file), inPlace: there !== undefined && !there.isFile() };
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Makes sure, before long work begins, that a file can be written. Throws UnreadableFileError. */
export function expectWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
      throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * A whole number with commas, as `toLocaleString('en')` has it, which takes 30 ms the first time.
 *
 * @example
 * grouped(5553664); // '5,553,664'
 */
export function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A count with its noun: `1 file`, `2 files`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}
