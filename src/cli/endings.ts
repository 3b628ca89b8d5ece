// Formats by the ending of a file's name: one that is not known is refused, not guessed.
import type { Stats } from 'node:fs';
import { statSync } from 'node:fs';
import { unwritable } from '../scenarios/files/load.ts';
import { UsageError } from './exit-codes.ts';

/**
 * The format that a file's name asks for.
 *
 * @param option - as it was typed, for the message
 * @param file - where to write; a pipe or a device needs no ending, and gets the first format
 * @param endings - format by ending, longer endings first
 * @param otherwise - what else would be right, for the message
 * @throws UsageError where the ending is none of them
 */
export function formatByEnding<F>(
  option: string,
  file: string,
  endings: Readonly<Record<string, F>>,
  otherwise = '',
): F {
  const found = Object.entries(endings).find(([ending]) => file.endsWith(ending));
  if (found !== undefined) return found[1];
  const stats = statOf(file);
  const [first] = Object.values(endings);
  if (first !== undefined && stats !== undefined && !stats.isFile() && !stats.isDirectory()) return first;
  throw new UsageError(`${option} ${file}: the name must end in ${Object.keys(endings).join(', ')}${otherwise}`);
}

/** What is there already; undefined for nothing. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(file, error);
  }
}
