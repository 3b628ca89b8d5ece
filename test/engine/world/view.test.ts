// States by names, traces, what was met of machines: of a lamp with two regions and a button.
import { describe, expect, it } from 'vitest';
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import type { Family } from '../../../src/engine/actors/family.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import type { Property } from '../../../src/engine/world/property.ts';
import { appliesTo, deadlockMessage, isOfRunsOnly, stuckActors } from '../../../src/engine/world/property.ts';
import type { PlainRow } from '../../../src/engine/world/memory.ts';
import { TracedRun, traceOf } from '../../../src/engine/world/trace.ts';
import type { WorldView } from '../../../src/engine/world/view.ts';
import { World } from '../../../src/engine/world/world.ts';

type Sent =
  | { readonly type: 'press'; readonly hard: boolean }
  | { readonly type: 'toggle'; readonly by: Name }
  | { readonly type: 'warm' };
type LampContext = { readonly self: Name; readonly toggles: number };
type ButtonContext = {
  readonly self: Name;
  readonly op: string | null;
  readonly object: Name | null;
  readonly left: number;
};
const ofLamp = handlers<LampContext, Sent>();
const ofButton = handlers<ButtonContext, Sent>();

/** How often it was asked, counted in a word. */
const counter: Family = {
  id: 'counter',
  operations: [
    { name: 'count', values: [], reads: true },
    { name: 'add', values: [], reads: false },
    { name: 'isAt', values: [true, false], reads: true },
  ],
  layOut: () => ({
    columns: [{ holds: 'value' }],
    perform(words, host, operation, a, b) {
      const count = Number(host.valueOf(words.get(0)));
      if (operation === 1) words.set(0, host.idOf(count + 1));
      return operation === 2 ? host.idOf(count === b && host.valueOf(a) === 'l0') : host.idOf(count);
    },
  }),
};

/** Is on or off, and warm when it was on: it warms later, by itself. */
const lamp = machine<LampContext, Sent>({
  id: 'lamp',
  title: 'Is on or off',
  kinds: ['light'],
  sends: ['warm'],
  cells: { by: null, uses: 0 },
  constants: { watts: 40 },
  families: [counter],
  slots: 2,
  context: ({ self }) => ({ self, toggles: 0 }),
  guards: { isWorn: ofLamp.whenever(({ context }) => context.toggles >= 2) },
  handlers: {
    toggle: ofLamp.on('toggle', ({ context: { self, toggles }, event: { by }, cells }) => {
      cells.store(self, 'by', by);
      cells.ask('counter', 'add');
      return [
        set<LampContext>({ toggles: toggles + 1 }),
        show({ kind: 'light', of: self } as never),
        post(self, { type: 'warm' }),
      ];
    }),
    warm: ofLamp.on('warm', () => []),
  },
  chart: {
    type: 'parallel',
    states: {
      light: {
        initial: 'off',
        states: {
          off: { on: { toggle: [{ guard: 'isWorn' }, { target: 'on', actions: 'toggle' }] } },
          on: { on: { toggle: { target: 'off', actions: 'toggle' } } },
        },
      },
      heat: {
        initial: 'cold',
        states: { cold: { on: { warm: { target: 'hot', actions: 'warm' } } }, hot: { on: { warm: {} } } },
      },
    },
  },
});

const button = machine<ButtonContext, Sent>({
  id: 'button',
  title: 'Is pressed',
  sends: ['toggle'],
  wiring: { lamp: 'light' },
  actsByItself: {
    offers: ({ context }) => (Number(context['left']) > 0 ? [{ type: 'press', hard: true } as never] : []),
    isDone: ({ context }) => context['left'] === 0,
  },
  context: ({ self, wiring }) => ({ self, op: null, object: wiring['lamp'] ?? null, left: 2 }),
  handlers: {
    press: ofButton.on('press', ({ context: { self, object, left } }) => [
      set<ButtonContext>({ left: left - 1, op: left === 2 ? 'press' : null }),
      call(String(object), { type: 'toggle', by: self }),
    ]),
  },
  chart: { on: { press: { actions: 'press' } } },
});

const world = new World({
  actors: [
    { name: 'l0', machine: lamp, constants: { watts: 60 } },
    { name: 's0', machine: button, program: {}, wiring: { lamp: 'l0' } },
  ],
});
const [l0, s0] = ['l0', 's0'] as [Name, Name];
const PRESS = 's0 press(true)';
const WARM = 'l0.warm()';

/** The state after some choices, by name. */
function viewAfter(...choices: readonly string[]): WorldView {
  const run = new TracedRun(world);
  for (const choice of choices) run.take(choice);
  return run.view;
}

describe('a state by names', () => {
  it('has values of regions, contexts, cells, constants and families', () => {
    const view = viewAfter(PRESS);
    expect([view.value('l0'), view.value('s0')]).toEqual([{ light: 'on', heat: 'cold' }, {}]);
    expect(view.context('s0')).toEqual({ self: s0, op: 'press', object: l0, left: 1 });
    expect([view.load('l0', 'by'), view.load('l0', 'uses'), view.constant('l0', 'watts')]).toEqual([s0, 0, 60]);
    expect([
      view.ask('counter', 'count'),
      view.ask('counter', 'isAt', l0, 1),
      view.ask('counter', 'isAt', s0, 1),
    ]).toEqual([1, true, false]);
    expect(() => view.ask('counter', 'add')).toThrow(new RangeError('counter.add writes: a view only looks'));
    expect([view.columnOf('l0', 'uses') - view.columnOf('l0', 'by'), view.columnOf('s0', 'by')]).toEqual([1, -1]);
    expect([view.isDone('s0'), view.isDone('l0'), viewAfter(PRESS, PRESS).isDone('s0')]).toEqual([false, true, true]);
  });

  it('is in a state by its path', () => {
    const view = viewAfter(PRESS);
    const paths = ['light', 'light.on', 'light.off', 'heat.cold', 'heat.cold.more', 'sound', 'light.on.more', 'on'];
    expect(paths.filter((path) => view.matches('l0', path))).toEqual(['light', 'light.on', 'heat.cold']);
  });

  it('has actors by kind, and how they are defined', () => {
    const view = viewAfter();
    expect([view.actorsOf('light'), view.actorsOf('lamp'), view.actorsOf('button'), view.actorsOf('bell')]).toEqual([
      [l0],
      [l0],
      [s0],
      [],
    ]);
    expect(view.actorsOf('light')).toBe(view.actorsOf('light'));
    expect(view.definitionOf('s0').machine).toBe(button);
  });

  it('has messages in flight, in all channels and in one', () => {
    const view = viewAfter(PRESS, PRESS);
    const warm = { to: 'l0', message: { type: 'warm' } };
    expect([view.inFlight(), view.inChannel('l0'), view.inChannel('s0')]).toEqual([[warm, warm], [warm, warm], []]);
    expect(viewAfter().inFlight()).toEqual([]);
  });

  it('is plain data in the words of the model', () => {
    expect(viewAfter(PRESS).toJSON()).toEqual({
      l0: { state: { light: 'on', heat: 'cold' }, toggles: 1, by: 's0', uses: 0 },
      s0: { op: 'press', object: 'l0', left: 1 },
      inFlight: [{ to: 'l0', type: 'warm' }],
    });
  });

  it('is another one where the view is pointed at another row', () => {
    const view = viewAfter();
    const row = viewAfter(PRESS).row as PlainRow;
    view.row = row;
    expect([view.load('l0', 'by'), view.row]).toEqual([s0, row]);
    view.row = world.initial();
    expect(view.load('l0', 'by')).toBeNull();
  });
});

describe('a trace', () => {
  it('says who sent what, in whose course, and what came of it', () => {
    const [press, warm] = traceOf(world, [PRESS, 1]);
    expect(press).toMatchObject({
      step: 1,
      choice: PRESS,
      from: 's0',
      to: 's0',
      thread: 's0',
      message: { type: 'press', hard: true },
      calls: [{ from: 's0', to: 'l0', message: { type: 'toggle', by: 's0' }, depth: 1 }],
      observations: [{ kind: 'light', of: 'l0' }],
    });
    // What the lamp sends itself it does later, in a course of its own.
    expect(warm).toMatchObject({
      step: 2,
      choice: WARM,
      from: 'l0',
      to: 'l0',
      thread: 'l0',
      calls: [],
      observations: [],
    });
    expect(warm?.state).toMatchObject({ l0: { state: { heat: 'hot' } }, inFlight: [] });
  });

  it('refuses a choice that is not there', () => {
    const run = new TracedRun(world);
    expect(() => run.take(1)).toThrow('there is no choice 1 at step 1');
    run.take(PRESS);
    expect(() => run.take('s0 press(false)')).toThrow('there is no choice s0 press(false) at step 2');
    expect([run.steps.length, run.choices().length]).toEqual([1, 2]);
    expect(run.row).toEqual((viewAfter(PRESS).row as PlainRow).row);
  });
});

describe('a claim about states', () => {
  const checks = () => [];

  it('speaks while somebody is somewhere, or at the end', () => {
    const lit = { actor: 'l0', isIn: (value: unknown) => (value as { light: string }).light === 'on' };
    const end = viewAfter(PRESS, PRESS, WARM, WARM);
    const applies = (claim: object) =>
      [viewAfter(), viewAfter(PRESS), end].map((state) => appliesTo({ checks, ...claim }, state));
    expect(applies({})).toEqual([true, true, true]);
    expect(applies({ while: lit })).toEqual([false, true, false]);
    expect(applies({ atEnd: true })).toEqual([false, false, true]);
    expect(applies({ atEnd: true, while: lit })).toEqual([false, false, false]);
  });

  it('is not asked for by what is of runs only', () => {
    const property = { id: 'p', title: 'P' };
    const liveness = { checks };
    expect(
      [
        property,
        { ...property, liveness },
        { ...property, liveness, state: { checks } },
        { ...property, state: { checks } },
      ].map((one) => isOfRunsOnly(one)),
    ).toEqual([false, true, false, false]);
  });

  it('says who is stuck, and in which call', () => {
    const property = { id: 'd', title: 'D', deadlock: stuckActors } satisfies Property;
    expect([viewAfter(), viewAfter(PRESS), viewAfter(PRESS, PRESS)].map(stuckActors)).toEqual([
      's0 is not done',
      's0 in press(l0)',
      'messages are left',
    ]);
    expect(deadlockMessage(property, viewAfter())).toBe('nothing can move any more: s0 is not done');
    expect(deadlockMessage({ ...property, deadlock: () => null }, viewAfter())).toBeNull();
    expect(deadlockMessage({ id: 'd', title: 'D' }, viewAfter())).toBeNull();
  });
});

describe('what is met of machines', () => {
  /** Of a world that nobody has run yet. */
  const fresh = (): World => new World(world.definition);
  const all = new Set([0, 1]);
  const take = (one: World, ...choices: readonly string[]): void => void traceOf(one, choices);

  it('are transitions and both outcomes of guards, of the machines that are asked for', () => {
    const one = fresh();
    const { coverage } = one.transitions;
    expect(coverage.coverageOf(new Set([1]))).toEqual({
      transitions: 1,
      neverTaken: ['button top: press'],
      guards: 0,
      neverSeen: [],
    });
    take(one, PRESS, PRESS, WARM);
    expect(coverage.coverageOf(all)).toEqual({
      transitions: 6,
      neverTaken: ['lamp light.off: toggle [isWorn]', 'lamp heat.hot: warm'],
      guards: 1,
      neverSeen: ['lamp isWorn: never true'],
    });
    take(one, PRESS, PRESS, WARM, WARM);
    expect(coverage.coverageOf(all).neverTaken).toEqual(['lamp light.off: toggle [isWorn]']);
  });

  it('are kept as text, and taken over', () => {
    const [one, other] = [fresh(), fresh()];
    take(one, PRESS);
    const { notes } = one.transitions.coverage;
    expect(notes.toSorted()).toEqual([
      'button top: press',
      'guard lamp isWorn: false',
      'lamp light.off: toggle -> light.on',
    ]);
    other.transitions.coverage.adopt(notes);
    expect(other.transitions.coverage.coverageOf(all)).toEqual(one.transitions.coverage.coverageOf(all));
  });

  it('are not noted while machines are only tried out', () => {
    const one = fresh();
    one.transitions.coverage.isPaused = true;
    take(one, PRESS);
    expect(one.transitions.coverage.notes).toEqual([]);
  });
});
