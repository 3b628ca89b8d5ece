// The lines of a log, one by one: files, gzipped files, standard input. What is no text and what has no end is refused.
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../engine/input-error.ts';
import { expectFile, unreadable } from '../../scenarios/files/load.ts';

/** Characters of a line: the longest that a tracer prints has some thousand. */
const LONGEST = 64 * 1024;
/** Lines that are handed over at a time. */
const CHUNK_LINES = 4096;

/** Some lines, and where they stand. */
export interface Lines {
  /** The number of the first one, from 1. */
  readonly first: number;
  readonly lines: readonly string[];
  /** Does the log end here, in the middle of a line? */
  readonly isCut: boolean;
}

function opened(file: string): Readable {
  const raw = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!file.endsWith('.gz')) return raw;
  const plain = createGunzip();
  raw.on('error', (error) => plain.destroy(error));
  return raw.pipe(plain);
}

function expectText(chunk: string, file: string): void {
  if (!chunk.includes('\0')) return;
  throw new InputError('IRQB602', 'this is binary, no log', {
    where: file,
    hint: 'the text of a log: trace-cmd report FILE, perf script -i FILE, cat /sys/kernel/tracing/trace',
  });
}

/**
 * Reads a log.
 *
 * @param file - its path; unpacked where it ends in `.gz`
 * @param shown - how it is called in messages
 * @throws InputError IRQB102 where it cannot be read, IRQB602 where it is no text or a line has no end
 */
export async function* linesOf(file: string, shown = file): AsyncGenerator<Lines> {
  let rest = '';
  let first = 1;
  let lines: string[] = [];
  try {
    expectFile(file, statSync(file), true);
    const stream = opened(file);
    stream.setEncoding('utf8');
    for await (const chunk of stream as AsyncIterable<string>) {
      expectText(chunk, shown);
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      const long = parts.findIndex((line) => line.length > LONGEST);
      if (long !== -1 || rest.length > LONGEST)
        throw new InputError('IRQB602', `a line of over ${LONGEST} characters`, {
          where: `${shown}:${first + lines.length + (long === -1 ? parts.length : long)}`,
          hint: 'a log of one of the tools that --help names',
        });
      for (const line of parts) lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (lines.length < CHUNK_LINES) continue;
      yield { first, lines, isCut: false };
      first += lines.length;
      lines = [];
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && !(error instanceof InputError)) throw unreadable(shown, error);
    throw error;
  }
  const isCut = rest !== '';
  yield { first, lines: isCut ? [...lines, rest] : lines, isCut };
}

/** Can it be read again: is it no pipe? What is not there is told when it is read. */
function isKept(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined || found.isFile() || found.isDirectory();
}

/** A log that is read twice: what comes from standard input is kept in a file meanwhile. */
export async function withLogFile<T>(
  given: string,
  use: (file: string, shown: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (given !== '-' && isKept(given)) return await use(given, given);
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-log-'));
  try {
    const file = join(folder, 'log');
    await pipeline(given === '-' ? process.stdin : createReadStream(given), createWriteStream(file), { signal });
    return await use(file, given === '-' ? 'standard input' : given);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
