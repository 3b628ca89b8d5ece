// The two dialects of rvgen's DOT: where they agree, and where one of them reads something else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotOf } from '../../../src/bridge/generate/rv-dot.ts';
import type { PairAutomaton } from '../../../src/bridge/generate/rv-pair.ts';
import { parseDialectA } from './dot-dialect-a.ts';
import { parseDialectB } from './dot-dialect-b.ts';
import { inOrder } from './parsed-automaton.ts';

/** A file with some lines in the place of the edges, and more nodes. */
const dot = (edges: readonly string[], nodes: readonly string[] = []): string => `digraph state_automaton {
	{node [shape = plaintext, style=invis, label=""] "__init_up"};
	{node [shape = doublecircle] "up"};
	{node [shape = circle] "down"};
${nodes.map((line) => `\t${line}\n`).join('')}	"__init_up" -> "up";
	"up" [label = "up"];
	"down" [label = "down"];
${edges.map((line) => `\t${line}\n`).join('')}	{ rank = min ;
		"__init_up";
		"up";
	}
}
`;

const events = (parsed: { readonly transitions: readonly { readonly event: string }[] }): string[] =>
  parsed.transitions.map(({ event }) => event).toSorted();

describe('both dialects', () => {
  it('read events of one edge that are joined', () => {
    const text = dot(['"up" -> "down" [ label = "fall\\nsink" ];', '"down" -> "up" [ label = "rise" ];']);
    expect(events(parseDialectA(text))).toEqual(['fall', 'rise', 'sink']);
    expect(inOrder(parseDialectB(text))).toEqual(inOrder(parseDialectA(text)));
  });

  it('read what is generated of any automaton', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const automata = fc.uniqueArray(name, { minLength: 1, maxLength: 6 }).chain((names) => {
      const states = names.map((one) => `s_${one}`);
      const of = fc.constantFrom(...states);
      const transitions = fc.uniqueArray(fc.record({ from: of, event: name.map((one) => `e_${one}`), to: of }), {
        selector: ({ from, event }) => `${from} ${event}`,
      });
      const finals = fc.subarray(states, { minLength: 1 });
      return fc.record({ transitions, finals }).map((made): PairAutomaton => ({
        states: states.map((one) => ({ name: one, isFinal: made.finals.includes(one), situations: [] })),
        transitions: made.transitions,
      }));
    });
    fc.assert(
      fc.property(automata, (automaton) => {
        const generated = {
          states: automaton.states.map((one) => one.name),
          initial: automaton.states[0]?.name ?? '',
          finals: automaton.states.filter(({ isFinal }) => isFinal).map((one) => one.name),
          transitions: automaton.transitions,
        };
        const text = dotOf(automaton);
        expect(inOrder(parseDialectA(text))).toEqual(inOrder(generated));
        expect(inOrder(parseDialectB(text))).toEqual(inOrder(generated));
      }),
    );
  });
});

describe('the newer dialect alone', () => {
  it('loses the events of a second edge between the same states', () => {
    const text = dot(['"up" -> "down" [ label = "fall" ];', '"up" -> "down" [ label = "sink" ];']);
    expect(events(parseDialectA(text))).toEqual(['fall', 'sink']);
    expect(events(parseDialectB(text))).toEqual(['fall']);
  });

  it('takes the first shape of a state', () => {
    const text = dot([], ['{node [shape = doublecircle] "down"};']);
    expect(parseDialectA(text).finals.toSorted()).toEqual(['down', 'up']);
    expect(parseDialectB(text).finals).toEqual(['up']);
  });

  it('loses a state without a label', () => {
    const text = dot([], ['{node [shape = circle] "lost"};']);
    expect(parseDialectA(text).states).toContain('lost');
    expect(parseDialectB(text).states).not.toContain('lost');
  });

  it.each([
    ['a comment', '// "up" -> "down" [ label = "fall" ];'],
    ['a path of edges', '"up" -> "down" -> "up" [ label = "fall" ];'],
    ['a port', 'up:n -> down [ label = "fall" ];'],
    ['HTML', 'up -> down [ label = <fall> ];'],
    ['an edge with attributes and no label', 'up -> down [ color = red ];'],
    ['an event that is no name of C', 'up -> down [ label = "fall-down" ];'],
  ])('refuses %s', (_, line) => {
    expect(() => parseDialectB(dot([line]))).toThrow(Error);
  });

  it('needs an initial state that has a label', () => {
    expect(() => parseDialectB(dot([]).replaceAll('__init_up', '__init_off'))).toThrow(
      "The automaton doesn't have an initial state",
    );
  });

  it('lets the edge of the start have a default of edges, and fails', () => {
    expect(() => parseDialectB(dot([]).replace('{\n', '{\n\tedge [color = red];\n'))).toThrow('without a label');
  });

  it('reads edges wherever they stand, in any layout', () => {
    const text = dot([]).replace(/\}\n$/, '"down"->"up"[label="rise"]}');
    expect(events(parseDialectB(text))).toEqual(['rise']);
    expect(events(parseDialectA(text))).toEqual([]);
  });
});

describe('the older dialect alone', () => {
  it('stops at the first line that is no edge', () => {
    const text = dot(['"up" -> "down" [ label = "fall" ];', '# a note', '"down" -> "up" [ label = "rise" ];']);
    expect(events(parseDialectA(text))).toEqual(['fall']);
  });

  it('loses an event without blanks around the label', () => {
    expect(events(parseDialectA(dot(['"up" -> "down" [ label = "fall"];'])))).not.toContain('fall');
    expect(events(parseDialectB(dot(['"up" -> "down" [ label = "fall"];'])))).toEqual(['fall']);
  });

  it('wants the name of the graph', () => {
    expect(() => parseDialectA(dot([]).replace('state_automaton', 'G'))).toThrow('Not a valid .dot format');
  });

  it('does not look at the line after the nodes', () => {
    const text = dot(['"up" -> "down" [ label = "fall" ];']).replace('\t"__init_up" -> "up";\n', '');
    expect(events(parseDialectA(text))).toEqual(['fall']);
    expect(parseDialectA(text.replace('\t"up" [label = "up"];\n\t"down" [label = "down"];\n', '')).transitions).toEqual(
      [],
    );
  });
});
