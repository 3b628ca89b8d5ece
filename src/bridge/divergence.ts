// Where two observations differ: the paths of the values that do, not two whole states.
import { ownValue } from '../engine/own-value.ts';

/** One value that is not as expected; undefined where it is not there at all. */
export interface Difference {
  /** From the field on: `c0.context.irq`; empty where the field itself differs. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * All innermost differences of two plain values, in the order of the expected one.
 *
 * @param expected - what was recorded
 * @param actual - what was observed
 * @param path - of both, as it is put before the paths found
 * @returns one entry a path; none where the two hold the same data
 */
export function differencesOf(expected: unknown, actual: unknown, path = ''): readonly Difference[] {
  if (Object.is(expected, actual)) return [];
  if (!isMap(expected) || !isMap(actual) || Array.isArray(expected) !== Array.isArray(actual))
    return [{ path, expected, actual }];
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) =>
    differencesOf(ownValue(expected, key), ownValue(actual, key), path === '' ? key : `${path}.${key}`),
  );
}
