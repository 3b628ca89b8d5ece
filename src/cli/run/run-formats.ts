// The formats in which irqbypass run prints a run.

/** Names of the formats. */
export const runFormats = ['text', 'columns', 'ndjson', 'itf', 'perfetto', 'mermaid', 'svg'] as const;
