// An automaton as DOT that both parsers of rvgen read alike: the line parser and the grammar that came after it.
import type { PairAutomaton } from './rv-pair.ts';

/**
 * The text of a .dot file for rvgen: no comments, one edge for each two states, its events joined by \n, each node line once.
 *
 * @param automaton - its first state is the start; some state is final
 */
export function dotOf({ states, transitions }: PairAutomaton): string {
  const names = states.map(({ name }) => name);
  const start = names[0] ?? '';
  const lines = names.flatMap((from) => {
    const labels = new Map<string, string[]>();
    for (const { event, to } of transitions.filter((one) => one.from === from))
      labels.set(to, [...(labels.get(to) ?? []), event]);
    const edges = [...labels].map(([to, events]) => `"${from}" -> "${to}" [ label = "${events.join('\\n')}" ];`);
    return [`"${from}" [label = "${from}"];`, ...edges];
  });
  return `digraph state_automaton {
	{node [shape = plaintext, style=invis, label=""] "__init_${start}"};
${states.map(({ name, isFinal }) => `\t{node [shape = ${isFinal ? 'doublecircle' : 'circle'}] "${name}"};\n`).join('')}	"__init_${start}" -> "${start}";
${lines.map((line) => `\t${line}\n`).join('')}	{ rank = min ;
		"__init_${start}";
		"${start}";
	}
}
`;
}
