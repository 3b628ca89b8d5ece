// Tests of src/engine/diagrams/chart.ts: a chart holds what its machine declares, or is refused.
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { set } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { MachineError } from '../../../src/engine/actors/machine-error.ts';
import type { ChartState, ChartTransition } from '../../../src/engine/diagrams/chart.ts';
import { chartOf, ordinal, placed, statesIn, stateTexts, transitionText } from '../../../src/engine/diagrams/chart.ts';
import { machineIds } from '../../../src/scenarios/machines.ts';
import { declaredChart } from './declared-chart.ts';
import { everyMachine } from './every-machine.ts';

type Context = { readonly count: number };
type Message = { readonly type: 'signal' } | { readonly type: 'clear' };
const { on, act } = handlers<Context, Message>();

/** A machine with everything that a declaration can say. */
const counter = machine<Context, Message>({
  id: 'counter',
  title: 'Counts signals',
  context: () => ({ count: 0 }),
  guards: { isFull: { for: null, test: ({ context }: { context: Context }) => context.count > 1 } },
  handlers: { add: on('signal', ({ context }) => set({ count: context.count + 1 })), note: act(() => []) },
  chart: {
    type: 'parallel',
    entry: 'note',
    on: { clear: { target: '#counter.count.empty' } },
    states: {
      count: {
        initial: 'empty',
        exit: ['note', 'note'],
        states: {
          empty: {
            on: {
              signal: [
                { guard: 'isFull', target: '#done' },
                { target: 'some', actions: ['add', 'note'] },
              ],
            },
          },
          some: { waits: ['signal', 'clear'], always: { guard: 'isFull', target: 'over' } },
          over: { id: 'done', type: 'final' },
        },
      },
      watch: {
        on: {
          signal: {
            actions: act(function watched() {
              return [];
            }),
          },
        },
      },
    },
  },
});

describe('a chart', () => {
  it.each(machineIds)('of %s is what the machine declares, on every revision and with every mutation', (id) => {
    const those = everyMachine.filter((one) => one.machine.id === id);
    expect(those.length).toBeGreaterThan(0);
    for (const { title, machine: drawn } of those)
      expect({ title, chart: chartOf(drawn) }).toEqual({ title, chart: declaredChart(drawn) });
  });

  it('holds regions, nested targets, actions in order, waiting messages, handlers that stand in the chart', () => {
    const { root } = chartOf(counter);
    expect(chartOf(counter)).toEqual(declaredChart(counter));
    expect(root.kind).toBe('parallel');
    expect(root.entry).toEqual(['note']);
    const byPath = new Map(statesIn(root).map((state) => [state.path, state]));
    expect([...byPath.keys()]).toEqual(['', 'count', 'count.empty', 'count.some', 'count.over', 'watch']);
    expect(byPath.get('count.empty')?.transitions).toEqual([
      { event: 'signal', guard: 'isFull', actions: [], target: 'count.over' },
      { event: 'signal', guard: null, actions: ['add', 'note'], target: 'count.some' },
    ]);
    expect(byPath.get('count.some')).toMatchObject({ waits: ['signal', 'clear'], transitions: [{ event: null }] });
    expect(byPath.get('count.over')?.kind).toBe('final');
    expect(byPath.get('watch')?.transitions).toMatchObject([{ actions: ['watched'], target: null }]);
  });

  it('survives JSON', () => {
    const chart = chartOf(counter);
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
  });

  it.each([
    [
      'a history state',
      { initial: 'a', states: { a: {}, h: { type: 'history' } } },
      'machine m, state h: it is a history',
    ],
    ['an invoked actor', { initial: 'a', states: { a: { invoke: { src: 'x' } } } }, 'machine m, state a: it invokes'],
    ['an action without a name', { entry: () => {} }, 'machine m: an action is not a name'],
    ['a guard without a name', { on: { e: { guard: () => true } } }, 'machine m: a guard is not a name'],
    ['a transition that reenters', { on: { e: { target: '#m', reenter: true } } }, 'machine m: a transition reenters'],
    ['actions on the way into it', { initial: { target: 'a', actions: 'x' }, states: { a: {} } }, 'initial transition'],
    ['a dot in a name', { initial: 'a.b', states: { 'a.b': {} } }, 'machine m, state a.b: its name has a dot'],
    [
      'two targets',
      {
        type: 'parallel',
        on: { e: { target: ['.a.x', '.b.x'] } },
        states: { a: { initial: 'x', states: { x: {} } }, b: { initial: 'x', states: { x: {} } } },
      },
      'machine m: a transition has several targets',
    ],
  ])('is refused with %s', (_, config, message) => {
    const refused = { ...counter, logic: createMachine({ id: 'm', ...config } as never) };
    expect(() => chartOf(refused as never)).toThrow(MachineError);
    expect(() => chartOf(refused as never)).toThrow(message);
    expect(() => chartOf(refused as never)).toThrow('that cannot be drawn');
  });
});

describe('what a chart says', () => {
  const way = (event: string | null, guard: string | null, ...actions: string[]): ChartTransition => ({
    event,
    guard,
    actions,
    target: null,
  });
  const state = (more: Partial<ChartState>): ChartState => ({ ...chartOf(counter).root, entry: [], ...more });

  it('tells the order in which guards are asked', () => {
    const transitions = [
      way(null, 'a'),
      way('e', 'b', 'x'),
      way(null, null, 'y'),
      way('e', 'c'),
      way('e', 'd', 'x', 'y'),
    ];
    expect(placed(state({ transitions })).map(transitionText)).toEqual([
      '[a]',
      'e [b] / x',
      '[else] / y',
      'e [else if c]',
      'e [else if d, tried 3rd] / x, y',
    ]);
    expect(transitionText({ transition: way(null, null), place: 0 })).toBe('');
  });

  it('counts as English does', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22].map(ordinal).join(' ')).toBe('1st 2nd 3rd 4th 11th 12th 13th 21st 22nd');
  });

  it('says what a state does and what waits in it', () => {
    expect(stateTexts(state({ entry: ['a', 'b'], exit: ['c'], waits: ['d', 'e'] }))).toEqual([
      'entry / a, b',
      'exit / c',
      'waits: d, e',
    ]);
    expect(stateTexts(state({}))).toEqual([]);
  });
});
