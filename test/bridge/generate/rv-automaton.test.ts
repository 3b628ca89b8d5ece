// Automata that are made deterministic and small read the words that they read before.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Automaton, Edge } from '../../../src/bridge/generate/rv-automaton.ts';
import { determinised, minimised, stateAfter } from '../../../src/bridge/generate/rv-automaton.ts';

const STATES = 6;
const state = fc.nat(STATES - 1);
const event = fc.constantFrom('a', 'b', 'c');
const edges = fc.array(fc.record({ from: state, event, to: state }), { maxLength: 14 });
const finals = fc.uniqueArray(state).map((some) => new Set(some));
const word = fc.array(event, { maxLength: 8 });

/** What the edges read: the states that a word may end in. */
function ends(all: readonly Edge[], read: readonly string[]): ReadonlySet<number> {
  let now: ReadonlySet<number> = new Set([0]);
  for (const one of read)
    now = new Set(all.filter((edge) => edge.event === one && now.has(edge.from)).map(({ to }) => to));
  return now;
}

/** Is a word read, and is it complete? */
function verdict(automaton: Automaton, read: readonly string[]): 'complete' | 'read' | 'not read' {
  const end = stateAfter(automaton, read);
  if (end === null) return 'not read';
  return automaton.finals.has(end) ? 'complete' : 'read';
}

/** Pairs of states that some word tells apart, by the definition: by words as long as there are states. */
function isToldApart({ next, finals: complete }: Automaton, one: number, other: number): boolean {
  const known = new Set<string>();
  const open = [[one, other] as const];
  for (const [a, b] of open) {
    const [from, there] = [next[a] as ReadonlyMap<string, number>, next[b] as ReadonlyMap<string, number>];
    if (complete.has(a) !== complete.has(b) || from.size !== there.size) return true;
    for (const [label, to] of from) {
      const same = there.get(label);
      if (same === undefined) return true;
      if (known.size < known.add(`${to} ${same}`).size) open.push([to, same]);
    }
  }
  return false;
}

describe('determinised', () => {
  it('reads what the edges read, and ends where they may end', () => {
    fc.assert(
      fc.property(edges, finals, word, (all, complete, read) => {
        const { automaton, members } = determinised(all, complete);
        const expected = ends(all, read);
        const end = stateAfter(automaton, read);
        expect(end === null ? [] : members[end]).toEqual([...expected].toSorted());
        expect(verdict(automaton, read) === 'complete').toBe([...expected].some((one) => complete.has(one)));
      }),
    );
  });
});

describe('minimised', () => {
  it('reads the same words, and the same of them are complete', () => {
    fc.assert(
      fc.property(edges, finals, fc.array(word, { maxLength: 20 }), (all, complete, words) => {
        const { automaton } = determinised(all, complete);
        const least = minimised(automaton).automaton;
        for (const read of words) expect(verdict(least, read)).toBe(verdict(automaton, read));
      }),
    );
  });

  it('has no two states that no word tells apart, and no state that none leads to', () => {
    fc.assert(
      fc.property(edges, finals, (all, complete) => {
        const { automaton, members } = minimised(determinised(all, complete).automaton);
        for (const one of automaton.next.keys())
          for (const other of automaton.next.keys())
            expect(isToldApart(automaton, one, other) || one === other).toBe(true);
        const targets = new Set(automaton.next.flatMap((next) => [...next.values()]));
        expect([...automaton.next.keys()].every((one) => one === 0 || targets.has(one))).toBe(true);
        expect(members.every((some) => some.length > 0)).toBe(true);
      }),
    );
  });

  it('joins states that no word tells apart', () => {
    fc.assert(
      fc.property(edges, finals, (all, complete) => {
        const { automaton } = determinised(all, complete);
        for (const some of minimised(automaton).members)
          for (const one of some) expect(isToldApart(automaton, some[0] as number, one)).toBe(false);
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(edges, finals, (all, complete) => {
        const once = minimised(determinised(all, complete).automaton).automaton;
        expect(minimised(once).automaton).toEqual(once);
      }),
    );
  });

  it('joins two ways to the same end', () => {
    const two: Edge[] = [
      { from: 0, event: 'a', to: 1 },
      { from: 0, event: 'b', to: 2 },
      { from: 1, event: 'c', to: 0 },
      { from: 2, event: 'c', to: 0 },
    ];
    const { automaton } = minimised(determinised(two, new Set([0])).automaton);
    expect(automaton.next.map((next) => [...next])).toEqual([
      [
        ['a', 1],
        ['b', 1],
      ],
      [['c', 0]],
    ]);
  });
});
