// Which threads a thread waits for, as `after` of a script says.

/** The threads that a thread waits for, directly or not. */
export function waitsFor(after: Readonly<Record<string, readonly string[]>>, thread: string): Set<string> {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const other of after[one] ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(thread);
  return found;
}
