// What a declaration may say, also one that comes from plain JavaScript: words, operations, effects, plain data, charts and their names.
import { describe, expect, it } from 'vitest';
import { activeStates, oneAtATime } from '../../../src/engine/actors/chart.ts';
import type { State } from '../../../src/engine/actors/chart.ts';
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import { expectMessages } from '../../../src/engine/actors/failure.ts';
import { distinct, handlers } from '../../../src/engine/actors/handlers.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { isSent, machine } from '../../../src/engine/actors/machine.ts';
import { MachineError, NotModelledError } from '../../../src/engine/actors/machine-error.ts';
import { name } from '../../../src/engine/actors/name.ts';
import { expectPlain, isSamePlain } from '../../../src/engine/actors/plain-data.ts';
import { Stepper } from '../../../src/engine/actors/xstate-internals.ts';
import { World } from '../../../src/engine/world/world.ts';

type Sent = { readonly type: 'go' | 'stop' };
type Context = { readonly self: string };
const { on, act, whenever } = handlers<Context, Sent>();

const made = (more: object): Machine =>
  machine<Context, Sent>({
    id: 'm',
    title: 'A machine',
    context: ({ self }) => ({ self }),
    chart: {},
    ...more,
  });

/** What is said, and what would be right. */
function refusal(run: () => unknown): readonly [message: string, hint: unknown] {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(MachineError);
    const { message, hint } = error as MachineError & { readonly hint?: string };
    return [message, hint];
  }
  throw new Error('nothing is thrown');
}

describe('a declaration', () => {
  const SLOTS = 'how many of its messages may be in flight at once: a whole number from 1';
  const WORD = 'a name, a number, a boolean or null';
  it.each<readonly [object, string, string]>([
    [{ id: '' }, 'machine : its id is ""', 'a text'],
    [{ id: 7 }, 'machine 7: its id is 7', 'a text'],
    [{ slots: 0 }, 'machine m: slots is 0', SLOTS],
    [{ slots: -1 }, 'machine m: slots is -1', SLOTS],
    [{ slots: 1.5 }, 'machine m: slots is 1.5', SLOTS],
    [{ slots: 'two' }, 'machine m: slots is two', SLOTS],
    [{ cells: { key: undefined } }, 'machine m: cells.key is undefined', WORD],
    [{ cells: { key: 1 / 0 } }, 'machine m: cells.key is Infinity', WORD],
    [{ constants: { irq: [] } }, 'machine m: constants.irq is []', WORD],
    [{ operations: { open: { how: 'ring' } } }, 'machine m: operations.open.how is ring', '"call" or "post"'],
    [{ operations: { open: {} } }, 'machine m: operations.open.how is undefined', '"call" or "post"'],
    [
      { operations: { open: { how: 'post', arguments: 'file' } } },
      'machine m: operations.open.arguments is file',
      'a list of texts',
    ],
  ])('%j is refused', (more, message, hint) => {
    expect(refusal(() => made(more))).toEqual([message, hint]);
  });

  it('may have as many slots as it likes, words of every kind, calls and posts', () => {
    const cells = { a: null, b: 'p0', c: -5, d: false };
    const operations = { open: { how: 'call' }, close: { how: 'post', arguments: ['file'] } };
    expect(made({ slots: 1, cells, constants: cells, operations }).declaration).toMatchObject({ cells, operations });
  });
});

describe('plain data', () => {
  class Thing {
    readonly at = 1;
  }
  it.each<readonly [unknown, string]>([
    [undefined, 'context is undefined'],
    [1 / 0, 'context is Infinity'],
    [Number.NaN, 'context is NaN'],
    [-0, 'context is -0'],
    [() => 1, 'context is a function'],
    [1n, 'context is a bigint'],
    [{ a: { b: Symbol('s') } }, 'context.a.b is a symbol'],
    [[1, undefined], 'context.1 is undefined'],
    [{ list: [{ at: 1 / 0 }] }, 'context.list.0.at is Infinity'],
    [new Map(), 'context is a Map'],
    [{ when: new Thing() }, 'context.when is a Thing'],
    [
      new (class {
        readonly at = 1;
      })(),
      'context is a class instance',
    ],
  ])('is not %s', (value, problem) => {
    expect(refusal(() => expectPlain('m', value))[0]).toBe(`m: ${problem}; contexts and messages are plain data`);
    expect(refusal(() => expectPlain('m', value, 'event'))[0]).toContain(problem.replace('context', 'event'));
  });

  it('is names, numbers, truth values, NULL, and lists and objects of them', () => {
    const bare: unknown = Object.assign(Object.create(null) as object, { a: 1 });
    for (const value of ['', 'p0', 0, -5, 1.5, true, false, null, [], {}, [[null], { a: [false, 'b'] }], bare])
      expect(() => expectPlain('m', value)).not.toThrow();
  });

  it('is the same whatever the order of keys', () => {
    const same: readonly (readonly [unknown, unknown])[] = [
      [1, 1],
      [null, null],
      [
        { a: 1, b: [2, { c: null }] },
        { b: [2, { c: null }], a: 1 },
      ],
      [[], []],
      [Number.NaN, Number.NaN],
    ];
    const other: readonly (readonly [unknown, unknown])[] = [
      [1, 2],
      [1, '1'],
      [null, {}],
      [{}, null],
      [{}, []],
      [[], {}],
      ['a', { 0: 'a' }],
      [{ 0: 'a' }, 'a'],
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1, b: 2 }, { a: 1 }],
      [{ a: undefined }, { b: undefined }],
      [
        [1, 2],
        [2, 1],
      ],
      [{ toString: 1 }, { valueOf: 1 }],
      [0, -0],
    ];
    for (const [one, two] of same) expect([one, two, isSamePlain(one, two)]).toEqual([one, two, true]);
    for (const [one, two] of other) expect([one, two, isSamePlain(one, two)]).toEqual([one, two, false]);
  });
});

describe('an effect', () => {
  const doing = (answer: unknown) => () => {
    const world = new World({
      actors: [
        {
          name: 'm0',
          machine: made({
            handlers: { go: on('go', () => answer as never) },
            chart: { on: { go: { actions: 'go' } } },
          }),
        },
      ],
    });
    return world.step(world.initial(), world.call('m0', { type: 'go' })).observations;
  };

  it.each<readonly [unknown, string]>([
    [null, 'machine m, handler "go" answers null'],
    [undefined, 'machine m, handler "go" answers undefined'],
    [7, 'machine m, handler "go" answers 7'],
    [{ do: 'jump' }, 'machine m, handler "go" answers {"do":"jump"}'],
    [[show({ kind: 'a' }), null], 'machine m, handler "go" answers null'],
  ])('is not %j', (answer, message) => {
    expect(refusal(doing(answer))).toEqual([message, 'an effect or a list of effects; [] for none']);
  });

  it('holds plain data', () => {
    const wrong = new Map();
    expect(refusal(doing(call('m0', { type: 'go', wrong } as never)))[0]).toContain('message.wrong is a Map');
    expect(refusal(doing(post('m0', { type: 'go', wrong } as never)))[0]).toContain('message.wrong is a Map');
    expect(refusal(doing(show({ kind: 'a', wrong } as never)))[0]).toContain('observation.wrong is a Map');
    expect(refusal(doing(set<Context>({ self: wrong as never })))[0]).toContain('context.self is a Map');
    expect(doing([show({ kind: 'a' }), show({ kind: 'b' })])()).toEqual([{ kind: 'a' }, { kind: 'b' }]);
    expect(doing(show({ kind: 'a' }))()).toEqual([{ kind: 'a' }]);
  });

  it('says in whose channel a message travels only where that is said', () => {
    expect(post('b', { type: 'go' })).toEqual({ do: 'post', to: 'b', message: { type: 'go' } });
    expect(Object.keys(post('b', { type: 'go' }))).not.toContain('by');
    expect(post('b', { type: 'go' }, name('t0'))).toEqual({ do: 'post', to: 'b', message: { type: 'go' }, by: 't0' });
  });

  it('of a kind that is declared: a type, or all that begin alike', () => {
    const sends = new Set(['go', 'return.*']);
    expect(
      ['go', 'return.open', 'return.a.b', 'return', 'stop', 'go.on', '.open'].filter((type) => isSent(sends, type)),
    ).toEqual(['go', 'return.open', 'return.a.b']);
  });

  it('is one of a list of messages where a machine says what may be delivered', () => {
    expect(expectMessages('m', [{ a: 1 }, {}])).toEqual([{ a: 1 }, {}]);
    for (const [wrong, text] of [
      [{ length: 0 }, '{"length":0}'],
      ['ab', 'ab'],
      [[null], '[null]'],
      [['a'], '["a"]'],
      [[{}, 1], '[{},1]'],
      [undefined, 'undefined'],
    ])
      expect(refusal(() => expectMessages('m', wrong as never))).toEqual([
        `m answers ${String(text)}`,
        'a list; [] for none',
      ]);
  });
});

describe('a chart', () => {
  it('begins in one of its states, but where all are active', () => {
    const states = { a: {}, b: {} };
    expect(refusal(() => made({ chart: { states } }))[0]).toBe(
      'machine m, state top: its initial state "undefined" is none of a, b',
    );
    expect(refusal(() => made({ chart: { initial: 'a', states: { a: { initial: 'z', states } } } }))[0]).toBe(
      'machine m, state a: its initial state "z" is none of a, b',
    );
    expect(() => made({ chart: { type: 'parallel', states } })).not.toThrow();
    expect(() => made({ chart: { initial: 'b', states } })).not.toThrow();
  });

  it('is told which targets there are', () => {
    const chart = (target: string, inside: State = {}) => ({
      initial: 'a',
      states: { a: { on: { go: { target } }, ...inside }, b: {} },
    });
    const hint = (one: object): unknown => refusal(() => made({ chart: one }))[1];
    expect(hint(chart('z'))).toBe('one of a, b');
    expect(hint(chart('z', { initial: 'x', states: { x: {}, y: {} } }))).toBe('one of a, b, .x, .y');
    expect(hint({ on: { go: { target: 'z' } }, initial: 'a', states: { a: {} } })).toBe('one of .a');
    expect(hint({ on: { go: { target: 'z' } } })).toBe('this state has no states beside or below it');
    expect(refusal(() => made({ chart: { on: { go: { target: ['a'] } } } }))[0]).toBe(
      'machine m, state top: a target is one text',
    );
  });

  it('names what is bound to an event that it is not for', () => {
    const two = on(['go', 'stop'], () => []);
    const message = (chart: object, more: object = {}) => refusal(() => made({ chart, ...more }))[0];
    expect(message({ on: { other: { actions: two } } })).toBe(
      'machine m, state top: the handler "go,stop" is for go, stop, it is bound to "other"',
    );
    expect(message({ on: { other: { actions: 'two' } } }, { handlers: { two } })).toBe(
      'machine m, state top: the handler "two" is for go, stop, it is bound to "other"',
    );
    const guards = { isTwo: { for: ['go', 'stop'], test: () => true } };
    expect(message({ on: { other: { guard: 'isTwo' } } }, { guards })).toBe(
      'machine m, state top: the guard "isTwo" is for go, stop, it is bound to "other"',
    );
    expect(message({ entry: on([] as never, () => []) })).toBe('machine m, state top: the handler "" is for no event');
    expect(() => made({ chart: { on: { go: { actions: two } }, entry: two } })).not.toThrow();
  });

  it('is XState’s, with names for handlers that have none, and what the kernel calls it as meta', () => {
    function named() {
      return [];
    }
    const [first, second, third] = [act(() => []), act(() => []), act(named)];
    const chart: State = {
      id: 'top',
      initial: 'a',
      entry: first,
      states: {
        a: {
          entry: [second, first],
          exit: third,
          on: { go: { target: 'b', guard: 'is', actions: [third, 'any'] }, stop: [{ guard: 'is' }, {}] },
          always: { target: 'b', guard: 'is' },
          waits: ['stop'],
        },
        b: { kernel: '__connect()' },
        c: { type: 'final', waits: ['go'], kernel: '__disconnect()' },
      },
    };
    const { config } = made({ chart, handlers: { any: act(() => []) }, guards: { is: whenever(() => true) } }).logic;
    const { context: _context, ...rest } = config as Readonly<Record<string, unknown>>;
    expect(rest).toEqual({
      id: 'm',
      initial: 'a',
      entry: ['act'],
      states: {
        a: {
          entry: ['act 2', 'act'],
          exit: ['named'],
          on: { go: [{ target: 'b', guard: 'is', actions: ['named', 'any'] }], stop: [{ guard: 'is' }, {}] },
          always: [{ target: 'b', guard: 'is' }],
          meta: { waits: ['stop'] },
        },
        b: { meta: { kernel: '__connect()' } },
        c: { type: 'final', meta: { waits: ['go'], kernel: '__disconnect()' } },
      },
    });
    // Nothing is there that was not said.
    expect(JSON.stringify(rest)).not.toContain('null');
    expect(Object.keys((rest['states'] as { readonly b: object }).b)).toEqual(['meta']);
  });

  it('that goes round by itself is ended', () => {
    const chart = {
      initial: 'rest',
      states: {
        rest: { on: { go: { target: 'a' } } },
        a: { always: { target: 'b', guard: 'is' } },
        b: { always: { target: 'a', guard: 'is' } },
      },
    };
    const round = (initial: string) =>
      new World({
        actors: [{ name: 'm0', machine: made({ chart: { ...chart, initial }, guards: { is: whenever(() => true) } }) }],
      });
    const world = round('rest');
    expect(refusal(() => world.step(world.initial(), world.call('m0', { type: 'go' })))[0]).toBe(
      'machine m: transitions without end (always) on "go"',
    );
    expect(refusal(() => round('a').initial())[0]).toBe('machine m: transitions without end (always) at the start');
  });

  it('may go on by itself for a thousand states, each time anew, and for no more', () => {
    const stepper = (count: number): Stepper => {
      const states: Record<string, State> = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `s${i}`,
          { always: { target: i + 1 < count ? `s${i + 1}` : 'rest' } },
        ]),
      );
      const chart = { initial: 'rest', states: { rest: { on: { go: { target: 's0' } } }, ...states } };
      return new Stepper(made({ chart }).logic, () => undefined);
    };
    const go = (one: Stepper) => () => one.step({ value: 'rest', context: {} }, { type: 'go' }, 'effect').value;
    // The event's own transition is one of them.
    const most = stepper(999);
    for (let i = 0; i < 2; i++) expect(go(most)()).toBe('rest');
    expect(refusal(go(stepper(1000)))[0]).toBe('machine m: transitions without end (always) on "go"');
  });

  it('has active states by its value, as far as there are such', () => {
    const b: State = { initial: 'c', states: { c: { kernel: 'c()' } } };
    const a: State = { kernel: 'a()' };
    const chart: State = { initial: 'a', states: { a, b } };
    expect(activeStates(chart, 'a')).toEqual([chart, a]);
    expect(activeStates(chart, { b: 'c' })).toEqual([chart, b, { kernel: 'c()' }]);
    for (const nothing of ['z', { z: 'c' }, {}, null, undefined, 7])
      expect(activeStates(chart, nothing)).toEqual([chart]);
    expect(activeStates({}, 'a')).toEqual([{}]);
    expect(activeStates({}, { a: 'b' })).toEqual([{}]);
  });

  it('does one thing at a time where what would begin another waits', () => {
    expect(oneAtATime('idle', ['go', 'stop'], { idle: { waits: ['x'] }, busy: {}, late: { waits: ['x'] } })).toEqual({
      idle: { waits: ['x'] },
      busy: { waits: ['go', 'stop'] },
      late: { waits: ['x', 'go', 'stop'] },
    });
  });
});

describe('names', () => {
  it('are letters, then digits', () => {
    for (const text of ['p0', 'vcpu12', 'a123']) expect(name(text)).toBe(text);
    for (const text of ['registry', '0p', 'P0', 'p0x', ' p0', 'p0 ', '', 'p-0', 'ap 0', '1p0'])
      expect(() => name(text)).toThrow(new RangeError(`"${text}" is not a name: letters, then digits, as in p0`));
  });

  it('of handlers are there once', () => {
    expect(distinct<number>({ a: 1 }, {}, { b: 2 })).toEqual({ a: 1, b: 2 });
    expect(refusal(() => distinct({ a: 1 }, { b: 2, a: 1 }))[0]).toBe('two handlers or guards are called "a"');
    expect([on('go', () => []).label, on(['go', 'stop'], () => []).label, act(() => []).label]).toEqual([
      'go',
      'go,stop',
      '',
    ]);
  });

  it('of errors are their classes', () => {
    expect([new MachineError('chart', 'a').name, new NotModelledError('a', 'b').name]).toEqual([
      'MachineError',
      'NotModelledError',
    ]);
  });
});
