// The sheets of rules: in the grammar of rvgen, kept by the machines, and each of them broken by some other word.
import { describe, expect, it } from 'vitest';
import { atoms, lettersOf, ltlRules, sheetOf } from '../../../src/bridge/generate/rv-ltl.ts';
import { pairAutomaton } from '../../../src/bridge/generate/rv-pair.ts';
import { rvOf } from '../../../src/bridge/generate/rv.ts';
import { findMutation } from '../../../src/mutations/mutations.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import type { Formula, ParsedSheet } from './ltl-grammar.ts';
import { atomsIn, mayKeep, parseSheet, resolved } from './ltl-grammar.ts';
import { wordsOfWalks, wordsWithBug } from './manager-words.ts';

const ONE_OF_EACH = { producers: 1, consumers: 1, eventfds: 1 };
const SECONDS = { producers: 2, consumers: 2, eventfds: 1 };
const BOTH = ['call', 'pair'] as const;
const files = new Map(revisions.map((revision) => [revision.id, rvOf(revision)]));
const textOf = (id: string, of: 'call' | 'pair'): string => files.get(id)?.[`irqbypass_${of}.ltl`] ?? '';
const walks = new Map(revisions.map((revision) => [revision.id, wordsOfWalks(revision, ONE_OF_EACH)]));
const wordsOf = (id: string): string[][] => walks.get(id) ?? [];

/** What a monitor is told of a word. */
function letters(word: readonly string[]): ReadonlySet<string>[] {
  const told: ReadonlySet<string>[] = [new Set()];
  for (const event of word) told.push(...lettersOf(event, told.at(-1) ?? new Set()));
  return told;
}

/** One rule of a sheet, by itself. */
function ruleOf({ lines }: ParsedSheet, name: string): Formula {
  const line = lines.get(name);
  if (line === undefined) throw new Error(`no rule ${name}`);
  return { op: 'always', of: resolved(line, lines) };
}

describe('the grammar', () => {
  const parsed = (text: string): Formula => parseSheet(`RULE = ${text}\n`).rule;

  it('leans to the right, whatever the operators', () => {
    expect(parsed('A and B imply C')).toEqual(parsed('A and (B imply C)'));
    expect(parsed('not A and B')).toEqual(parsed('not (A and B)'));
    expect(parsed('always A imply eventually B')).toEqual(parsed('always (A imply (eventually B))'));
    expect(parsed('(A and B) imply C')).not.toEqual(parsed('A and B imply C'));
  });

  it.each(['A equivalent B', '(A', 'A B', 'a imply B', '', 'A and'])('has no "%s"', (text) => {
    expect(() => parsed(text)).toThrow(Error);
  });

  it('wants a RULE, and puts in what its names stand for', () => {
    expect(() => parseSheet('A = B\n')).toThrow('RULE');
    expect(parseSheet('# of A\nRULE = (always A)\nA = (B or C)\n').rule).toEqual(parsed('always (B or C)'));
    expect(() => parseSheet('RULE = A # no end of line')).toThrow('comment');
  });

  it('asks of a word what a monitor can know: nothing of the time after it', () => {
    const word = (...names: readonly string[]): ReadonlySet<string>[] => names.map((name) => new Set([name]));
    expect(mayKeep(parsed('always (A imply (eventually B))'), word('A', 'C'))).toBe(true);
    expect(mayKeep(parsed('(not C) until B'), word('A', 'C'))).toBe(false);
    expect(mayKeep(parsed('(not C) until B'), word('A', 'B', 'C'))).toBe(true);
    expect(mayKeep(parsed('always (not C)'), word('A', 'C'))).toBe(false);
    expect(mayKeep(parsed('(next A) or (not true)'), word('B'))).toBe(true);
    expect(mayKeep(parsed('eventually false'), word('B'))).toBe(true);
  });
});

describe.each(revisions.flatMap(({ id }) => BOTH.map((of) => ({ id, of }))))('$id, rules of one $of', ({ id, of }) => {
  const text = textOf(id, of);
  const sheet = parseSheet(text);
  const automaton = pairAutomaton(revisionOf(id));
  const { notKept } = sheetOf(of, automaton, '');

  it('is in the grammar, and everything is in parentheses', () => {
    const lines = text.replaceAll(/#.*\n/g, '').replaceAll(/\s+/g, ' ');
    const bare = lines.split(/[A-Z_]+ = /).filter((line) => line.trim() !== '');
    expect(bare.every((line) => line.trim().startsWith('(') && line.trim().endsWith(')'))).toBe(true);
    // Without parentheses inside of them there is one operator at most.
    for (const [inner] of lines.matchAll(/\([^()]*\)/g))
      expect(inner.match(/\b(?:and|or|imply|until|not|always|eventually|next)\b/g)?.length ?? 0).toBeLessThan(2);
  });

  it('names each rule once: rvgen shares what has a name, and negates it as often as it comes', () => {
    const names = [...sheet.lines.keys()].filter((name) => name !== 'RULE');
    const used = [...sheet.lines.values()].flatMap(atomsIn).filter((name) => names.includes(name));
    expect(used.toSorted()).toEqual(names.toSorted());
  });

  it('has atoms that are told of by events, at most 32, and at most one "until"', () => {
    const used = new Set(atomsIn(sheet.rule));
    expect([...used].filter((name) => !atoms.some((one) => one.name === name))).toEqual([]);
    expect(used.size).toBeLessThanOrEqual(32);
    expect(text.match(/\buntil\b/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('has all rules but those that the revision does not keep, and says which', () => {
    const rules = ltlRules.filter((rule) => rule.of === of).map(({ name }) => name);
    const left = notKept.map(({ name }) => name);
    expect([...sheet.lines.keys(), ...left].toSorted()).toEqual(['RULE', ...rules].toSorted());
    for (const name of left) expect(text).toContain(`# The revision does not keep ${name}: `);
  });

  it('is kept by every walk', () => {
    const words = wordsOf(id);
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((word) => !mayKeep(sheet.rule, letters(word)))).toEqual([]);
  });
});

it.each(['base', 'v2p8'])('the rules of %s are kept by the walks of two producers and two consumers', (id) => {
  const told = wordsOfWalks(revisionOf(id), SECONDS).map(letters);
  for (const scope of BOTH) expect(told.every((word) => mayKeep(parseSheet(textOf(id, scope)).rule, word))).toBe(true);
});

describe('rules that a revision does not keep', () => {
  const notKept = (id: string): string[] =>
    BOTH.flatMap((scope) => sheetOf(scope, pairAutomaton(revisionOf(id)), '').notKept.map(({ name }) => name));

  it('are none in kernels but 5.9, which starts nobody after a failure and deletes who was added', () => {
    for (const id of ['linux-4.4', 'linux-4.7', 'base', 'v1p7', 'v2p8']) expect(notKept(id)).toEqual([]);
    expect(notKept('linux-5.9')).toEqual([
      'STOPPED_IS_STARTED',
      'CHANGED_WHILE_STOPPED',
      'STOPPED_IN_CALLS',
      'PRODUCER_DELETED_FIRST',
      'CONSUMER_DELETED_AFTER_ADD',
      'CONNECTED_IF_BOTH',
      'NOBODY_CALLED_AFTER_BOTH_LEFT',
    ]);
  });

  it('show what was wrong with the attempts', () => {
    expect(notKept('likexu-v1')).toEqual(['ADDED_ONCE', 'LEFT_IS_DISCONNECTED']);
    expect(notKept('longpeng-hlist')).toContain('CONNECTED_IF_BOTH');
  });

  it('are broken by its walks', () => {
    const whole = parseSheet(textOf('base', 'call'));
    const words = wordsOf('linux-5.9');
    for (const name of ['STOPPED_IS_STARTED', 'CHANGED_WHILE_STOPPED', 'STOPPED_IN_CALLS'])
      expect(words.some((word) => !mayKeep(ruleOf(whole, name), letters(word)))).toBe(true);
  });
});

describe.each(ltlRules)('$name', ({ name, of }) => {
  const rule = ruleOf(parseSheet(textOf('v2p8', of)), name);
  const words = wordsOf('v2p8');

  it('is broken by a walk with an event that is left out, comes twice or comes later', () => {
    const isBroken = words.some((word) =>
      word.some((event, i) => {
        const after = word[i + 1] ?? event;
        const changed = [word.toSpliced(i, 1), word.toSpliced(i, 0, event), word.toSpliced(i, 2, after, event)];
        return changed.some((one) => !mayKeep(rule, letters(one)));
      }),
    );
    expect(isBroken).toBe(true);
  });
});

describe('bugs', () => {
  /** Which rules the runs of a bug break. */
  function broken(mutation: string, id: string, calls: number): string[] {
    const bug = findMutation(mutation);
    if (bug === undefined) throw new Error(`no mutation ${mutation}`);
    const told = wordsWithBug(revisionOf(id), bug, calls, calls < 4).map(letters);
    return ltlRules
      .filter(({ of, name }) => {
        const rule = ruleOf(parseSheet(textOf(id, of)), name);
        return told.some((word) => !mayKeep(rule, word));
      })
      .map(({ name }) => name);
  }

  it.each([
    ['b2', 'v2p8', 2, ['STOPPED_IS_STARTED', 'STOPPED_IN_CALLS']],
    ['b24d', 'base', 2, ['CONNECTED_IF_BOTH']],
    ['m-no-disconnect', 'v2p8', 3, ['LEFT_IS_DISCONNECTED']],
    ['m-no-roll-back', 'v2p8', 2, ['ROLLED_BACK']],
    ['m-consumer-not-stopped', 'v2p8', 2, ['CHANGED_WHILE_STOPPED']],
    ['m-add-producer-first', 'v2p8', 2, ['CONSUMER_ADDED_FIRST', 'CONSUMER_DELETED_AFTER_ADD']],
    ['m-del-consumer-first', 'v2p8', 3, ['PRODUCER_DELETED_FIRST']],
    ['m-unbind-own', 'v2p8', 4, ['PRODUCER_DELETED_FIRST', 'PRODUCER_DELETED_AFTER_ADD', 'CONSUMER_DELETED_AFTER_ADD']],
  ])('%s in %s breaks the rules that it is about', (mutation, id, calls, names) => {
    expect(broken(mutation, id, calls)).toEqual(names);
  });
});
