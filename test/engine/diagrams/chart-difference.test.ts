// Tests of src/engine/diagrams/chart-difference.ts: what is told apart, and how a difference reads.
import { describe, expect, it } from 'vitest';
import type { Chart, ChartState, ChartTransition } from '../../../src/engine/diagrams/chart.ts';
import { chartDifference, differenceText } from '../../../src/engine/diagrams/chart-difference.ts';

const nothing = { initial: null, entry: [], exit: [], waits: [], transitions: [], states: [] };
const state = (path: string, more: Partial<ChartState> = {}): ChartState => ({
  ...nothing,
  path,
  key: path.split('.').at(-1) ?? '',
  kind: 'atomic',
  ...more,
});
const chart = (...states: readonly ChartState[]): Chart => ({
  machine: 'm',
  root: state('', { kind: 'composite', initial: 'a', states }),
});
const way = (event: string | null, more: Partial<ChartTransition> = {}): ChartTransition => ({
  event,
  guard: null,
  actions: [],
  target: null,
  ...more,
});
const ways = (...transitions: readonly ChartTransition[]): Chart => chart(state('a', { transitions }), state('b'));
const texts = (before: Chart, after: Chart): readonly string[] => chartDifference(before, after).map(differenceText);

describe('two charts', () => {
  it('are the same where they say the same, whatever the order of states and of events', () => {
    const [one, two] = [way('e', { target: 'b', actions: ['x'] }), way('f')];
    expect(texts(chart(state('a'), state('b')), chart(state('b'), state('a')))).toEqual([]);
    expect(texts(ways(one, two), ways(two, one))).toEqual([]);
    expect(texts(ways(one, two), structuredClone(ways(one, two)))).toEqual([]);
  });

  it('differ in states that are added, removed or changed, with all of their transitions', () => {
    const inner = state('b.c', { exit: ['tidy'], transitions: [way(null, { target: 'a' })] });
    const outer = state('b', { kind: 'composite', initial: 'b.c', states: [inner] });
    expect(texts(chart(state('a')), chart(state('a'), outer))).toEqual([
      '+ b: composite; begins in b.c',
      '+ b.c: exit / tidy',
      '+ b.c --> a',
    ]);
    expect(texts(chart(state('a'), outer), chart(state('a')))).toEqual([
      '- b: composite; begins in b.c',
      '- b.c: exit / tidy',
      '- b.c --> a',
    ]);
    expect(texts(chart(state('a')), chart(state('a', { entry: ['x', 'y'], waits: ['lock'] })))).toEqual([
      '~ a: nothing is done => a: entry / x, y; waits: lock',
    ]);
  });

  it.each<[string, Partial<ChartState>, Partial<ChartState>]>([
    ['kind', { kind: 'atomic' }, { kind: 'final' }],
    ['initial', { kind: 'composite', initial: 'a.b' }, { kind: 'composite', initial: 'a.c' }],
    ['entry', { entry: ['x', 'y'] }, { entry: ['y', 'x'] }],
    ['exit', { exit: ['x'] }, {}],
    ['waits', { waits: ['x'] }, { waits: ['y'] }],
  ])('differ in the %s of a state', (_, before, after) => {
    const differences = chartDifference(chart(state('a', before)), chart(state('a', after)));
    expect(differences).toMatchObject([{ of: 'state', path: 'a', before, after }]);
  });

  it('differ in transitions, which are known by event and guard', () => {
    const before = ways(way('e', { guard: 'g', target: 'b' }), way('e', { actions: ['x'] }), way('f'));
    expect(texts(before, ways(way('e', { guard: 'h', target: 'b' }), way('e', { actions: ['x'] }), way('f')))).toEqual([
      '- a --> b : e [g]',
      '+ a --> b : e [h]',
    ]);
    expect(texts(before, ways(way('e', { guard: 'g', target: 'a' }), way('e', { actions: ['x', 'y'] })))).toEqual([
      '~ a --> b : e [g] => a --> a : e [g]',
      '~ a : e / x => a : e / x, y',
      '- a : f',
    ]);
  });

  it('differ in the order of guards, but not because others come between', () => {
    const [g, h, rest] = [way('e', { guard: 'g' }), way('e', { guard: 'h' }), way('e')];
    expect(texts(ways(g, rest), ways(g, h, rest))).toEqual(['+ a : e [h]']);
    expect(texts(ways(g, h, rest), ways(h, g, rest))).toEqual([
      '~ a : e [g], tried 1st => a : e [g], tried 2nd',
      '~ a : e [h], tried 2nd => a : e [h], tried 1st',
    ]);
  });

  it('differ in how often a transition is there', () => {
    expect(texts(ways(way('e')), ways(way('e'), way('e', { actions: ['x'] })))).toEqual(['+ a : e / x']);
  });

  it('differ in what the machine as a whole does', () => {
    const before = chart(state('a'));
    const after = { ...before, root: { ...before.root, entry: ['x'], transitions: [way('e', { target: '' })] } };
    expect(texts(before, after)).toEqual([
      '~ the machine: composite; begins in a => the machine: composite; begins in a; entry / x',
      '+ the machine --> the machine : e',
    ]);
  });

  it('differ the other way round where they change places', () => {
    const before = ways(way('e', { guard: 'g', target: 'b' }), way('f'));
    const after = chart(state('a', { entry: ['x'], transitions: [way('f', { target: 'a' })] }), state('c'));
    const turned = chartDifference(before, after).map((one) => ({ ...one, before: one.after, after: one.before }));
    expect(chartDifference(after, before)).toEqual(expect.arrayContaining(turned));
    expect(chartDifference(after, before)).toHaveLength(turned.length);
    expect(turned).toHaveLength(5);
  });
});
