// The kinds of documents that a run can be taken away as, with the ending of each and its media type.

export const documentKinds = {
  mail: { title: 'columns for a mail, at most 72 characters wide', ending: '.txt', type: 'text/plain' },
  itf: { title: 'ITF, which irqbypass replay and other tools read', ending: '.itf.json', type: 'application/json' },
  ndjson: { title: 'ndjson, which irqbypass replay reads', ending: '.ndjson', type: 'application/x-ndjson' },
  mermaid: { title: 'Mermaid sequence diagram', ending: '.mmd', type: 'text/plain' },
  svg: { title: 'SVG sequence diagram', ending: '.svg', type: 'image/svg+xml' },
  kunit: { title: 'a KUnit test that stages the interleaving', ending: '.c', type: 'text/x-c' },
} as const;
export type DocumentKind = keyof typeof documentKinds;
