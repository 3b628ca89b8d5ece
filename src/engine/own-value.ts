// Look-ups by names that somebody else chose: `toString` and `__proto__` are names like any other.

/**
 * The value that a record itself has under a key.
 *
 * @param record - any record; what every object inherits does not count
 * @param key - a name from outside
 * @returns undefined where there is none
 */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
