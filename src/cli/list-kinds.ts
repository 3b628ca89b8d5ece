// The kinds of things that irqbypass list shows.

/** Names of the lists; `schema` is the JSON Schema of scenario files. */
export const listKinds = ['scenarios', 'revisions', 'mutations', 'properties', 'machines', 'schema'] as const;
export type ListKind = (typeof listKinds)[number];
