// The nearest known name to a mistyped one.
import { closest, distance } from 'fastest-levenshtein';

/** The known name that is closest to the given one, if it is close enough to be meant. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(given, known);
  return distance(given, best) <= Math.max(2, Math.floor(given.length / 3)) ? best : undefined;
}
