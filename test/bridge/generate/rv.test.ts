// The automaton of one eventfd: what is generated is what both parsers read, and it tells right managers from wrong ones.
import { describe, expect, it } from 'vitest';
import { CallModel } from '../../../src/bridge/call-model.ts';
import { ONE_OF_EACH, setups } from '../../../src/bridge/compiled/parts.ts';
import { pairAutomaton } from '../../../src/bridge/generate/rv-pair.ts';
import { rvOf } from '../../../src/bridge/generate/rv.ts';
import { plainCalls } from '../../../src/bridge/manager-calls.ts';
import { findMutation } from '../../../src/mutations/mutations.ts';
import type { Revision } from '../../../src/registry/revisions.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { parseDialectA } from './dot-dialect-a.ts';
import { parseDialectB } from './dot-dialect-b.ts';
import { wordsOfWalks, wordsWithBug } from './manager-words.ts';
import type { ParsedAutomaton } from './parsed-automaton.ts';
import { eventsRead, inOrder, isRead } from './parsed-automaton.ts';

const files = new Map(revisions.map((revision) => [revision.id, rvOf(revision)]));
const MANDATORY = new Set<string>(['add_producer', 'del_producer']);
const fileOf = ({ id }: Revision, file: string): string => files.get(id)?.[file] ?? '';
const dotOf = (id: string): string => fileOf(revisionOf(id), 'irqbypass_pair.dot');

/** States, transitions and events of those that are not as the others. */
const sizes: Readonly<Record<string, readonly [number, number, number]>> = {
  'linux-5.9': [46, 58, 22],
  v1p7: [48, 64, 24],
  v2p7: [48, 64, 24],
  v2p8: [48, 64, 24],
  'likexu-v1': [73, 100, 24],
  'likexu-v2': [97, 126, 24],
  'longpeng-hlist': [30, 38, 19],
};

describe.each(revisions)('$id', (revision) => {
  const { states, transitions } = pairAutomaton(revision);
  const generated: ParsedAutomaton = {
    states: states.map(({ name }) => name),
    initial: 'idle',
    finals: states.filter(({ isFinal }) => isFinal).map(({ name }) => name),
    transitions,
  };
  const text = fileOf(revision, 'irqbypass_pair.dot');

  it('both dialects read the automaton that was generated, no event lost', () => {
    expect(inOrder(parseDialectA(text))).toEqual(inOrder(generated));
    expect(inOrder(parseDialectB(text))).toEqual(inOrder(generated));
  });

  it('has the size that it had', () => {
    const events = new Set(transitions.map(({ event }) => event));
    expect([states.length, transitions.length, events.size]).toEqual(sizes[revision.id] ?? [48, 60, 22]);
  });

  it('is deterministic, and begins and ends in idle', () => {
    expect(new Set(transitions.map(({ from, event }) => `${from} ${event}`)).size).toBe(transitions.length);
    expect(generated.finals).toEqual(['idle']);
    expect(states[0]?.name).toBe('idle');
  });

  it('has names of C, none of them of a state and an event: C has both in one name space', () => {
    const names = [...generated.states, ...new Set(transitions.map(({ event }) => event))];
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((one) => !/^[a-z]\w*$/.test(one))).toEqual([]);
  });

  it('says where a kernel has each event, once', () => {
    const rows = fileOf(revision, 'README.md').matchAll(/^\| `(\w+)` \| `(?:irq_bypass|__)/gm);
    const events = [...new Set(transitions.map(({ event }) => event))];
    expect([...rows].map(([, event]) => event).toSorted()).toEqual(events.toSorted());
  });
});

/** What kernels had, and the xarray as it was posted first. */
const kernels = revisions.filter(({ id, where }) => where.startsWith('Linux') || id === 'v1p7');

describe.each(kernels)('$id, by its runs', (revision) => {
  const text = fileOf(revision, 'irqbypass_pair.dot');
  const automaton = parseDialectB(text);

  it.each([
    { producers: 1, consumers: 1, eventfds: 1 },
    { producers: 2, consumers: 1, eventfds: 1 },
    { producers: 1, consumers: 2, eventfds: 1 },
  ])('every walk of $producers, $consumers is read', (scope) => {
    const words = wordsOfWalks(revision, scope);
    expect(words.flat().length).toBeGreaterThan(100);
    expect(words.filter((word) => !isRead(automaton, word))).toEqual([]);
  });

  it('every transition is taken by some walk', () => {
    const scope = { producers: 2, consumers: 2, eventfds: 1 };
    const taken = new Set<string>();
    const next = new Map(automaton.transitions.map(({ from, event, to }) => [`${from} ${event}`, to]));
    for (const word of wordsOfWalks(revision, scope)) {
      let state = automaton.initial;
      for (const event of word) {
        taken.add(`${state} ${event}`);
        state = next.get(`${state} ${event}`) ?? 'not read';
      }
    }
    expect([...taken].toSorted()).toEqual([...next.keys()].toSorted());
  });

  it('no event of a walk can be left out, come twice, or come one place later', () => {
    const words = wordsOfWalks(revision, { producers: 1, consumers: 1, eventfds: 1 });
    for (const word of words)
      for (const [i, event] of word.entries()) {
        const after = word[i + 1];
        if (after === undefined) continue;
        expect(isRead(automaton, word.toSpliced(i, 0, event)), `twice: ${event}`).toBe(false);
        expect(isRead(automaton, word.toSpliced(i, 1)), `left out: ${event}`).toBe(false);
        expect(isRead(automaton, word.toSpliced(i, 2, after, event)), `${after} before ${event}`).toBe(false);
      }
  });

  it('has names that fit into 31 characters, and fewer statements than the parser of 2026 can take', () => {
    const names = [...automaton.states, ...automaton.transitions.map(({ event }) => event)];
    expect(Math.max(...names.map((one) => one.length))).toBeLessThan(32);
    expect(text.match(/;$/gm)?.length).toBeLessThan(244);
  });
});

const EMPTY = { states: [], initial: '', finals: [] };

it('without second structs it is the automaton that refuses nobody', () => {
  const revision = revisionOf('base');
  const alone = pairAutomaton(revision, { producers: 1, consumers: 1, eventfds: 1 });
  const withSecond = pairAutomaton(revision);
  const without = withSecond.transitions.filter(
    ({ from, to }) => ![from, to].some((one) => one.startsWith('refusing')),
  );
  expect(without).not.toHaveLength(withSecond.transitions.length);
  expect(inOrder({ ...EMPTY, transitions: without })).toEqual(inOrder({ ...EMPTY, transitions: alone.transitions }));
});

/** The event that a monitor reports first, and the state that it is in. */
const reported: readonly (readonly [mutation: string, revision: string, calls: number, report: string])[] = [
  ['b2', 'base', 2, 'consumer_register_failed in failing_c_add_consumer_failed'],
  ['b2', 'v2p8', 2, 'consumer_register_failed in failing_c_add_consumer_failed'],
  ['b24a', 'v2p8', 2, 'consumer_register_no_memory in connecting_c_producer_start'],
  ['b24b', 'v2p8', 3, 'consumer_register_busy in connecting_consumer'],
  ['b24d', 'base', 2, 'producer_registered in connecting_producer'],
  ['b3b', 'v2p8', 3, 'producer_register_failed in registering_producer'],
  ['m-keep-key', 'v2p8', 3, 'producer_register_failed in registering_producer'],
  ['m-no-busy-test', 'base', 2, 'producer_registered in refusing_p_producer_waits'],
  ['m-unbind-own', 'v2p8', 4, 'producer_stop in unregistering_consumer'],
  ['m-no-disconnect', 'base', 3, 'producer_unregistered in disconnecting_producer'],
  ['m-no-disconnect', 'v2p8', 3, 'producer_unregistered in disconnecting_producer'],
  ['m-forgets-nothing', 'v2p8', 3, 'producer_register_failed in registering_producer'],
  ['m-add-producer-first', 'v2p8', 2, 'add_producer in connecting_c_consumer_stop'],
  ['m-no-roll-back', 'v2p8', 2, 'consumer_start in failing_c_add_producer_failed'],
  ['m-start-not-awaited', 'v2p8', 2, 'consumer_registered in connecting_c_consumer_start'],
  ['m-eexist', 'v2p8', 2, 'producer_register_failed in refusing_p_producer_waits'],
  ['m-consumer-not-stopped', 'v2p8', 2, 'add_consumer in connecting_c_producer_stop'],
  ['m-del-consumer-first', 'v2p8', 3, 'del_consumer in disconnecting_p_consumer_stop'],
];

describe.each(reported)('%s in %s', (mutation, id, calls, report) => {
  it(`is reported: ${report}`, () => {
    const bug = findMutation(mutation);
    if (bug === undefined) throw new Error(`no mutation ${mutation}`);
    const automaton = parseDialectB(dotOf(id));
    const words = wordsWithBug(revisionOf(id), bug, calls, calls < 4);
    const word = words.find((one) => !isRead(automaton, one)) ?? [];
    const read = eventsRead(automaton, word);
    const state = word
      .slice(0, read)
      .reduce(
        (from, event) => automaton.transitions.find((one) => one.from === from && one.event === event)?.to ?? '',
        automaton.initial,
      );
    expect(`${word[read] ?? ''} in ${state}`).toBe(report);
  });
});

describe('revisions that differ', () => {
  it('the automaton of a kernel reports the runs of 5.9, which starts nobody after a failure', () => {
    const words = wordsOfWalks(revisionOf('linux-5.9'), { producers: 1, consumers: 1, eventfds: 1 });
    expect(words.some((word) => !isRead(parseDialectA(dotOf('base')), word))).toBe(true);
  });

  it('only what can run out of memory has an event for it', () => {
    const has = (id: string): boolean => dotOf(id).includes('register_no_memory');
    expect(['base', 'linux-4.4', 'v2p6'].map(has)).toEqual([false, false, false]);
    expect(['v1p7', 'v2p7', 'v2p8'].map(has)).toEqual([true, true, true]);
  });

  it('say what becomes of a NULL key, which field has the key, and how memory is had', () => {
    const base = fileOf(revisionOf('base'), 'README.md');
    const merged = fileOf(revisionOf('v2p8'), 'README.md');
    expect(base).toMatch(/NULL is refused\s+with -EINVAL/);
    expect(merged).toMatch(/NULL is accepted by\s+this revision/);
    expect(base).toContain('`producer->token`');
    expect(merged).toContain('`prod->eventfd ?: cons->eventfd`');
    expect(fileOf(revisionOf('v1p7'), 'README.md')).toContain('`prod->token ?: cons->token`');
    expect(merged).toContain('xa_insert() returned -ENOMEM');
  });
});

describe.each(
  setups.filter((lacks) =>
    Object.values(lacks)
      .flat()
      .every((one) => !MANDATORY.has(one)),
  ),
)('structs without some callbacks: %o', (lacks) => {
  it.each(['base', 'v2p8', 'linux-5.9'])('run as in %s if those that are missing succeed', (id) => {
    const { policy } = revisionOf(id);
    const full = new CallModel(policy, ONE_OF_EACH, 'clean');
    const less = new CallModel(policy, ONE_OF_EACH, 'clean', lacks);
    const isThere = (text: string): boolean =>
      !Object.entries(lacks).some(([struct, names]) =>
        names.some((one) => new RegExp(`^${struct}\\.${one}\\b`).test(text)),
      );
    let last = [{ one: full.initial, other: less.initial }];
    for (let i = 0; i < 4; i++)
      last = last.flatMap(({ one, other }) =>
        plainCalls(ONE_OF_EACH).map((call) => {
          const [all, some] = [full.perform(one, call), less.perform(other, call)];
          expect(some.observed.callbacks).toEqual(all.observed.callbacks.filter(isThere));
          expect(some.observed.returns).toBe(all.observed.returns);
          return { one: all.state, other: some.state };
        }),
      );
  });
});

it('is the same bytes twice', () => {
  expect(rvOf(revisionOf('v2p8'))).toEqual(rvOf(revisionOf('linux-6.17')));
  expect(Object.keys(rvOf(revisionOf('base')))).toEqual([
    'irqbypass_pair.dot',
    'irqbypass_call.ltl',
    'irqbypass_pair.ltl',
    'README.md',
  ]);
});

it('has prose in lines of at most 120 columns', () => {
  const lines = revisions.flatMap((one) => fileOf(one, 'README.md').split('\n'));
  expect(lines.filter((line) => line.length > 120 && !line.startsWith('|'))).toEqual([]);
});
