// The kinds of things that irqbypass list shows.

/** Names of the lists. */
export const listKinds = ['scenarios', 'revisions', 'mutations', 'properties', 'machines'] as const;
export type ListKind = (typeof listKinds)[number];
