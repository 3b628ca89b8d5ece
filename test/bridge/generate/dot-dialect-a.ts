// The older dialect of DOT in rvgen: lines and words, no grammar (dot2/automata.py of 6.12 to rvgen/automata.py of 2026).
import type { ParsedAutomaton, ParsedTransition } from './parsed-automaton.ts';

/** The mark of the start. */
const INIT = '__init_';

const wordsOf = (line: string): string[] => line.split(/\s+/).filter((word) => word !== '');

/**
 * Parses a .dot file as that parser does.
 *
 * @throws Error where it gives up
 */
export function parseDialectA(text: string): ParsedAutomaton {
  const lines = text.split('\n');
  const [graph, name] = wordsOf(lines[0] ?? '');
  if (graph !== 'digraph' || name !== 'state_automaton') throw new Error('Not a valid .dot format');
  const isNode = (line: string): boolean => wordsOf(line)[0] === '{node';
  const begin = lines.findIndex(isNode);
  if (begin < 0) throw new Error('Could not find a beginning state');
  const nodes = lines.slice(begin);
  const end = nodes.findIndex((line) => !isNode(line));
  const { states, initial, finals } = statesOf(nodes.slice(0, end));
  // The line after the nodes is the edge to the start: it is not looked at.
  const rest = nodes.slice(end + 1).map((line) => line.trimStart());
  const after = rest.findIndex((line) => !line.startsWith('"'));
  const edges = (after < 0 ? rest : rest.slice(0, after)).filter((line) => wordsOf(line)[1] === '->');
  const matrix = new Map(edges.flatMap(transitionsOf).map((one) => [`${one.from} ${one.event}`, one]));
  for (const { from, to } of matrix.values())
    if (!states.includes(from) || !states.includes(to)) throw new Error(`no state ${from} or ${to}`);
  return { states, initial, finals, transitions: [...matrix.values()] };
}

/** The name is the last word of the line, whatever is before it. */
function statesOf(lines: readonly string[]): Omit<ParsedAutomaton, 'transitions'> {
  const states = new Set<string>();
  const finals = new Set<string>();
  let initial: string | undefined;
  for (const line of lines) {
    const name = (wordsOf(line).at(-1) ?? '').replaceAll('"', '').replaceAll('};', '').replaceAll(',', '_');
    if (name.startsWith(INIT)) {
      initial = name.slice(INIT.length);
      continue;
    }
    states.add(name);
    if (/doublecircle|ellipse/.test(line)) finals.add(name);
  }
  if (initial === undefined || !states.has(initial)) throw new Error("The automaton doesn't have an initial state");
  return { states: [...states], initial, finals: finals.size > 0 ? [...finals] : [initial] };
}

/** `"a" -> "b" [ label = "e1\ne2" ];`: the label is all words but the last, from the second after `label`. */
function transitionsOf(line: string): ParsedTransition[] {
  const words = wordsOf(line);
  const bare = (word: string | undefined): string => (word ?? '').replaceAll('"', '').replaceAll(',', '_');
  const at = words.indexOf('label');
  if (at < 0) throw new Error(`no label: ${line}`);
  const label = words
    .slice(at + 2, -1)
    .join('')
    .replaceAll('"', '');
  return label.split('\\n').map((event) => ({ from: bare(words[0]), event, to: bare(words[2]) }));
}
