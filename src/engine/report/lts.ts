// The explored graph as a labelled transition system: Aldebaran (.aut), Graphviz (.dot), JSON, GraphML.
import { graphml } from './graphml.ts';
import type { LtsEdge } from './lts-edge.ts';

export type { LtsEdge } from './lts-edge.ts';

export type LtsFormat = 'aut' | 'dot' | 'json' | 'graphml';
export const ltsFormats: readonly LtsFormat[] = ['aut', 'dot', 'json', 'graphml'];

/** Writes a graph whose initial state is 0. */
export function formatLts(format: LtsFormat, states: number, edges: readonly LtsEdge[]): string {
  switch (format) {
    case 'aut':
      return [
        `des (0, ${edges.length}, ${states})`,
        ...edges.map(({ from, label, to }) => `(${from}, ${JSON.stringify(label)}, ${to})`),
        '',
      ].join('\n');
    case 'dot':
      return [
        'digraph lts {',
        '  0 [shape=doublecircle];',
        ...edges.map(({ from, label, to }) => `  ${from} -> ${to} [label=${JSON.stringify(label)}];`),
        '}',
        '',
      ].join('\n');
    case 'graphml':
      return `${[...graphml(states, edges)].join('\n')}\n`;
    case 'json':
      return `${JSON.stringify({ initial: 0, states, transitions: edges })}\n`;
  }
}
