// The nearest known name to a mistyped one.
import { closest, distance } from 'fastest-levenshtein';

/** The known name that is closest to the given one, if it is close enough to be meant. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(given, known);
  // A third of the letters; of a short name one, or two that changed places.
  const most = Math.max(given.length > 4 || letters(given) === letters(best) ? 2 : 1, Math.floor(given.length / 3));
  return distance(given, best) <= most ? best : undefined;
}

const letters = (name: string): string => name.split('').toSorted().join('');
