// What a schema complains of, in the words of a file's writer: maps, lists and texts; the nearest name; what is missing.
import type * as z from 'zod';
import { nearest } from '../nearest.ts';

/** Where something is wrong in a document, and what. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What a kind of document is like. */
export interface DocumentWords {
  /** Keys that may stand where a wrong one does. */
  readonly keysBeside?: (path: readonly PropertyKey[]) => readonly string[];
  /** What is said where the whole document is something else. */
  readonly whole: string;
}

/**
 * The first of a schema's complaints; of a union, the one that goes deepest.
 *
 * @param issues - of zod, parsed with `reportInput`
 * @param words - what the document is like
 */
export function complaint(issues: readonly z.core.$ZodIssue[], words: DocumentWords): Complaint {
  const [first] = issues;
  if (first === undefined) return { path: [], message: words.whole };
  const { path } = first;
  switch (first.code) {
    case 'unrecognized_keys': {
      const [key = ''] = first.keys;
      const near = nearest(key, words.keysBeside?.(path) ?? []);
      return { path: [...path, key], message: `unknown key${near === undefined ? '' : `, did you mean "${near}"?`}` };
    }
    case 'invalid_union': {
      const inner = first.errors.flat().toSorted((one, other) => other.path.length - one.path.length)[0];
      if (inner === undefined) return { path, message: 'not as expected' };
      const told = complaint([inner], words);
      return { path: [...path, ...told.path], message: told.message };
    }
    case 'invalid_key':
      return { path, message: `"${String(path.at(-1))}": ${first.issues[0]?.message ?? 'not as expected'}` };
    case 'invalid_value':
      return { path, message: valueMessage(first) };
    case 'invalid_format':
      return { path, message: `${JSON.stringify(first.input)}: ${first.message}` };
    case 'invalid_type':
      return { path, message: typeMessage(first, words) };
    case 'too_small':
      return { path, message: first.origin === 'array' ? 'is an empty list' : first.message };
    default:
      return { path, message: first.message };
  }
}

function valueMessage({ input, values }: z.core.$ZodIssueInvalidValue): string {
  if (input === undefined) return 'is missing';
  const known = values.map(String);
  const near = typeof input === 'string' ? nearest(input, known) : undefined;
  return near === undefined
    ? `${JSON.stringify(input)} is none of ${known.join(', ')}`
    : `${JSON.stringify(input)} is not known, did you mean "${near}"?`;
}

/** What a schema calls types, as YAML and JSON have them. */
const types: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function typeMessage({ expected, input, path }: z.core.$ZodIssueInvalidType, { whole }: DocumentWords): string {
  if (path.length === 0) return whole;
  if (input === undefined) return 'is missing';
  const isPlain = input === null || typeof input === 'number' || typeof input === 'boolean';
  const got =
    input === null ? 'nothing' : isPlain ? JSON.stringify(input) : types[Array.isArray(input) ? 'array' : typeof input];
  return `expected ${types[expected] ?? expected}, got ${got ?? 'something else'}`;
}
