// Mistakes in a machine are found when it is made, or when it does what it must not: each an InputError with its code.
import { describe, expect, it } from 'vitest';
import type { State } from '../../../src/engine/actors/chart.ts';
import type { Effects } from '../../../src/engine/actors/effects.ts';
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { Handled } from '../../../src/engine/actors/handlers.ts';
import type { Declaration, Machine } from '../../../src/engine/actors/machine.ts';
import { changeState, machine, patched } from '../../../src/engine/actors/machine.ts';
import { machineErrors } from '../../../src/engine/actors/machine-error.ts';
import { InputError } from '../../../src/engine/input-error.ts';
import { World } from '../../../src/engine/world/world.ts';
import { drivenRun, hosts } from './three-hosts.ts';

type Context = { readonly self: string; readonly note?: unknown };
type Message = { readonly type: 'ping' | 'pong' };
type Chart = Declaration<Context, Message>['chart'];
type Run = (handled: Handled<Context, Message>) => Effects<Context>;
const { on, act, when, whenever } = handlers<Context, Message>();

const declared = (more: Partial<Declaration<Context, Message>> = {}): Declaration<Context, Message> => ({
  id: 'm',
  title: 'A machine with a mistake',
  cells: { word: null },
  constants: { fixed: 1 },
  sends: ['ping'],
  context: ({ self }) => ({ self }),
  handlers: { ping: on('ping', () => []), any: act(() => []) },
  guards: { isPing: when('ping', () => true), is: whenever(() => true) },
  chart: { on: { ping: { guard: 'isPing', actions: 'ping' } } },
  ...more,
});

const made = (more: Partial<Declaration<Context, Message>>): Machine => machine(declared(more));

/** What goes wrong: an error of the user's, with this code. */
function expectMistake(run: () => unknown, kind: keyof typeof machineErrors, message: string): void {
  let thrown: unknown = null;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(InputError);
  expect(thrown).toMatchObject({ code: machineErrors[kind], message: expect.stringContaining(message) as string });
}

describe('a chart is checked when the machine is made', () => {
  const charts: readonly (readonly [string, Chart, keyof typeof machineErrors, string])[] = [
    [
      'a handler of another event',
      { on: { pong: { actions: 'ping' } } },
      'binding',
      '"ping" is for ping, it is bound to "pong"',
    ],
    [
      'a guard of another event',
      { on: { pong: { guard: 'isPing' } } },
      'binding',
      '"isPing" is for ping, it is bound to "pong"',
    ],
    ['a handler that is not there', { on: { ping: { actions: 'pang' } } }, 'chart', 'no handler "pang"'],
    ['a guard that is not there', { on: { ping: { guard: 'isPang' } } }, 'chart', 'no guard "isPang"'],
    ['an entry handler that is not there', { entry: 'pang' }, 'chart', 'no handler "pang"'],
    [
      'a guard of `always` that is not there',
      { always: { guard: 'isPang', target: '.a' }, states: { a: {} } },
      'chart',
      'no guard',
    ],
    ['a target that is not there', { on: { ping: { target: '.pang' } } }, 'chart', 'target ".pang" is no state'],
    ['a list of targets', { on: { ping: { target: ['.a'] as never } } }, 'chart', 'a target is one text'],
    ['a target by id that is not there', { always: { target: '#pang' } }, 'chart', 'target "#pang" is no state'],
  ];

  it.each(charts)('%s', (_, chart, kind, message) => {
    expectMistake(() => made({ chart }), kind, message);
  });

  it.each(charts)('%s, deep down and in a list', (_, chart, kind, message) => {
    const { on: bound = {}, ...rest } = chart;
    const listed = Object.entries(bound).map(([type, one]) => [type, [{ actions: 'any' }, one]]);
    const inner: Chart = { ...rest, on: Object.fromEntries(listed) as Chart['on'] & object };
    const deep: Chart = { initial: 'a', states: { a: { initial: 'b', states: { b: inner, a: {} } } } };
    expectMistake(() => made({ chart: deep }), kind, message);
    expectMistake(() => made({ chart: deep }), kind, 'a.b');
  });

  it('a handler written where it is bound is checked, too', () => {
    const chart = { on: { pong: { actions: on('ping', () => []) } } };
    expectMistake(() => made({ chart }), 'binding', 'is for ping');
  });

  it('what is for any event, or for several, may be bound to each', () => {
    const both = on(['ping', 'pong'], () => []);
    expect(made({ chart: { on: { ping: { guard: 'is', actions: 'any' }, pong: { actions: both } } } }).takes).toEqual(
      new Set(['ping', 'pong']),
    );
  });
});

/** A machine that does something on a ping. */
const doing = (run: Run, more: Partial<Declaration<Context, Message>> = {}): Machine =>
  made({ chart: { on: { ping: { actions: act(run) } } }, ...more });

describe.each(hosts)('what a machine must not do, %s', (host) => {
  const ask = (one: Machine) => (): unknown =>
    drivenRun(host, [{ name: 'm0', machine: one }]).ask('m0', { type: 'ping' });

  it('send what it does not declare', () => {
    const message = 'sends "pong", which it does not declare';
    expectMistake(ask(doing(() => call('m0', { type: 'pong' }))), 'undeclaredSend', message);
    expectMistake(ask(doing(() => post('m0', { type: 'pong' }))), 'undeclaredSend', message);
  });

  it.each([
    ['a function', () => 1, 'a function'],
    ['undefined', undefined, 'undefined'],
    ['a Map', new Map(), 'a Map'],
    ['NaN', Number.NaN, 'NaN'],
    ['-0', -0, '0'],
    ['a bigint', 1n, 'a bigint'],
    ['something of that within a list', [{ deep: new Set() }], 'a Set'],
  ])('put %s into its context', (_, note, message) => {
    expectMistake(ask(doing(() => set({ note }))), 'notPlain', message);
  });

  it.each([
    ['a message that travels', (what: unknown) => post('m0', { type: 'ping', what } as Message)],
    ['a call', (what: unknown) => call('m0', { type: 'ping', what } as Message)],
    ['what it shows', (what: unknown) => show({ kind: 'x', what } as { readonly kind: string })],
  ] as const)('put what is no plain data into %s', (_, effect) => {
    // JSON loses it: hosts that remember would deliver something else than those that do not.
    for (const what of [new Map(), Number.NaN, () => 1])
      expectMistake(ask(doing(() => effect(what))), 'notPlain', 'plain data');
  });

  it('use a cell, a constant or a family that is not declared', () => {
    for (const use of [
      (cells) => cells.load('m0', 'other'),
      (cells) => cells.store('m0', 'other', 1),
      (cells) => cells.constant('m0', 'other'),
      (cells) => cells.ask('other', 'find', null),
    ] as ((cells: Handled<Context, Message>['cells']) => unknown)[])
      expectMistake(ask(doing(({ cells }) => (use(cells), []))), 'undeclaredCell', 'other');
  });

  it('use a cell of an actor that has none of that name', () => {
    const bare = made({ id: 'bare', cells: {}, constants: {} });
    const actors = (one: Machine) => [
      { name: 'm0', machine: one },
      { name: 'b0', machine: bare },
    ];
    for (const run of [
      (({ cells }) => (cells.load('b0', 'word'), [])) as Run,
      (({ cells }) => (cells.constant('b0', 'fixed'), [])) as Run,
    ])
      expectMistake(
        () => drivenRun(host, actors(doing(run))).ask('m0', { type: 'ping' }),
        'undeclaredCell',
        'b0 has no',
      );
  });

  it('throw: what it throws is told with the machine and the handler', () => {
    const fails: Run = () => {
      throw new TypeError('out of luck');
    };
    expectMistake(ask(doing(fails)), 'threw', 'out of luck');
    expectMistake(ask(doing(fails)), 'threw', 'machine m');
    const guard = whenever(() => fails(undefined as never) === null);
    const chart = { on: { ping: { guard: 'fails', actions: 'any' } } };
    expectMistake(ask(made({ chart, guards: { fails: guard } })), 'threw', 'guard "fails"');
  });

  it('reach a handler of one event by another, on the way through its states', () => {
    const chart: Chart = {
      initial: 'a',
      states: { a: { on: { ping: { target: 'b' } } }, b: { entry: 'pong' } },
    };
    const handler = { pong: on('pong', () => []) };
    expectMistake(ask(made({ chart, handlers: handler })), 'binding', 'machine m, handler "pong" is for pong');
    const always: Chart = {
      initial: 'a',
      states: { a: { on: { ping: { target: 'b' } } }, b: { always: { guard: 'isPong', target: 'a' } } },
    };
    const guards = { isPong: when('pong', () => true) };
    expectMistake(ask(made({ chart: always, guards })), 'binding', 'guard "isPong" of machine m is for pong');
  });
});

describe.each(hosts)('what a machine must not do at start, %s', (host) => {
  const start = (one: Machine) => (): unknown => drivenRun(host, [{ name: 'm0', machine: one }]);
  const entering = (run: Run): Machine => made({ chart: { entry: act(run) } });

  it.each([
    ['call', () => call('m0', { type: 'ping' })],
    ['post', () => post('m0', { type: 'ping' })],
    ['show', () => show({ kind: 'x' })],
  ] as [string, Run][])('%s', (_, run) => {
    expectMistake(start(entering(run)), 'chart', 'acts before it is asked anything');
  });

  it('look at memory', () => {
    expectMistake(start(entering(({ cells }) => (cells.load('m0', 'word'), []))), 'memory', 'shared memory');
    const chart: Chart = {
      initial: 'a',
      states: { a: { always: { guard: 'looks', target: 'b' } }, b: {} },
    };
    const guards = { looks: whenever(({ cells, context }) => cells.load(context.self, 'word') === null) };
    expectMistake(start(made({ chart, guards })), 'memory', 'shared memory');
  });

  it('have a context that is no plain data', () => {
    expectMistake(start(made({ context: ({ self }) => ({ self, note: new Date(0) }) })), 'notPlain', 'a Date');
    expectMistake(
      start(
        made({
          context: () => {
            throw new Error('no context');
          },
        }),
      ),
      'threw',
      'no context',
    );
  });

  it('but it may set its context on entry', () => {
    expect(start(entering(() => set({ note: 1 })))).not.toThrow();
  });
});

describe('patches', () => {
  const original = made({ chart: { initial: 'a', states: { a: { on: { ping: { actions: 'ping' } } } } } });
  const entries = (one: Machine): readonly string[] => Object.keys(one.declaration.handlers ?? {});

  it('replace what is there', () => {
    const changed = patched(original, { handlers: { ping: on('ping', () => show({ kind: 'patched' })) } });
    const run = drivenRun('remembered', [{ name: 'm0', machine: changed }]);
    expect(run.ask('m0', { type: 'ping' })).toEqual([{ kind: 'patched' }]);
    const before = drivenRun('remembered', [{ name: 'm0', machine: original }]);
    expect(before.ask('m0', { type: 'ping' })).toEqual([]);
    expect(entries(original)).toEqual(entries(changed));
  });

  it('of what is not there are refused', () => {
    expectMistake(() => patched(original, { handlers: { pang: act(() => []) } }), 'patch', 'no handler "pang"');
    expectMistake(() => patched(original, { guards: { isPang: whenever(() => true) } }), 'patch', 'no guard "isPang"');
    expectMistake(() => patched(original, { chart: (chart) => changeState(chart, 'a.b', (s) => s) }), 'patch', '"b"');
  });

  it('are checked as the machine was', () => {
    const chart = (from: State): State =>
      changeState(from, 'a', (state) => ({ ...state, on: { pong: { actions: 'ping' } } }));
    expectMistake(() => patched(original, { chart }), 'binding', 'it is bound to "pong"');
  });
});

describe('worlds of machines', () => {
  it('that cannot share remembered transitions say so', () => {
    const [one, other] = [made({}), made({})];
    const world = new World({ actors: [{ name: 'm0', machine: one }] });
    expect(() => new World({ actors: [{ name: 'm0', machine: other }] }, world)).toThrow('different machines');
  });
});
