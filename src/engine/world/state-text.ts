// State values in messages.

/** A state value as text: `locked.connecting.addConsumer`, or regions in brackets. */
export function stateText(value: unknown): string {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0) return 'top';
  const texts = entries.map(([key, inner]) => `${key}.${stateText(inner)}`);
  return texts.length === 1 ? String(texts[0]) : `{${texts.join(', ')}}`;
}
