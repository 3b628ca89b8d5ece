// Remembered transitions by themselves: what is numbered, how often a machine is run, what is compared, what is refused.
import { describe, expect, it } from 'vitest';
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import { LocalTransitions } from '../../../src/engine/world/local-transitions.ts';
import { Operations } from '../../../src/engine/world/operations.ts';
import { Values } from '../../../src/engine/world/values.ts';
import type { Row } from '../../../src/engine/world/world.ts';
import { World } from '../../../src/engine/world/world.ts';

type Sent = { readonly type: 'take' | 'give'; readonly by: Name } | { readonly type: 'count' | 'odd' };
type Context = { readonly self: Name; readonly last: Name | null; readonly takes: number };
const { on, when, whenever } = handlers<Context, Sent>();

/** Keeps who came last, in its context and in a cell, and answers whether that is who its cell names as a friend. */
const keeper = machine<Context, Sent>({
  id: 'keeper',
  title: 'Keeps who came last',
  sends: ['return', 'count'],
  cells: { friend: null, last: null },
  slots: 2,
  context: ({ self }) => ({ self, last: null, takes: 0 }),
  guards: {
    isFriend: when('give', ({ context: { self }, event: { by }, cells }) => cells.load(self, 'friend') === by),
    isFirst: whenever(({ context }) => context.takes === 0),
  },
  handlers: {
    take: on('take', ({ context: { self, takes }, event: { by }, cells }) => {
      const isFriend = cells.load(self, 'friend') === by;
      cells.store(self, 'last', by);
      return [
        set<Context>({ last: by, takes: Math.min(takes + 1, 2) }),
        show({ kind: 'taken', by, isFriend } as never),
        ...(isFriend ? [post(self, { type: 'count' })] : []),
      ];
    }),
    nothing: on(['give', 'count', 'odd'], () => []),
  },
  chart: {
    initial: 'open',
    states: {
      open: {
        on: {
          take: { actions: 'take' },
          give: { guard: 'isFriend', actions: 'nothing' },
          count: { guard: 'isFirst', actions: 'nothing' },
        },
        waits: ['odd'],
      },
    },
  },
});
const forgetful = machine<Context, Sent>({
  id: 'forgetful',
  title: 'Takes nothing',
  context: ({ self }) => ({ self, last: null, takes: 0 }),
  chart: {},
});

const names = ['k0', 'k1', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9'] as Name[];
const people = names.slice(2);
const newWorld = (): World =>
  new World({
    actors: [
      { name: 'k0', machine: keeper },
      { name: 'k1', machine: keeper },
      { name: 'f0', machine: forgetful },
    ],
    names: people,
  });
const ask = (world: World, row: Row, to: string, message: Sent) => world.step(row, world.call(to, message));

describe('local states and events', () => {
  const empty = (): LocalTransitions => new LocalTransitions(new Values(), [keeper], new Operations([keeper]));
  const local = (takes: number) => ({ machine: 0, value: 'open', context: { self: 'k0', last: null, takes } });
  const event = (type: string) => ({ to: 'k0', message: { type } });

  it('are numbered by content, as they come', () => {
    const transitions = empty();
    expect([local(0), local(1), local(0)].map((one) => transitions.internLocal(one as never))).toEqual([0, 1, 0]);
    expect([event('a'), event('b'), event('a')].map((one) => transitions.internEvent(one))).toEqual([0, 1, 0]);
    expect([transitions.local(1), transitions.event(1)]).toEqual([local(1), event('b')]);
    expect(() => transitions.local(2)).toThrow(new RangeError('no local state has the number 2'));
    expect(() => transitions.event(2)).toThrow(new RangeError('no event has the number 2'));
    expect(() => transitions.initial(1, {})).toThrow(new RangeError('no machine 1'));
  });

  it('are taken over where they have the same numbers', () => {
    const [one, other] = [empty(), empty()];
    one.internLocal(local(0));
    one.internLocal(local(1));
    one.internEvent(event('a'));
    other.internLocal(local(0));
    other.adopt(one.interned);
    expect(other.interned).toEqual(one.interned);
    const [swapped, later] = [empty(), empty()];
    swapped.internLocal(local(1));
    expect(() => swapped.adopt(one.interned)).toThrow(new RangeError('local state 0 is not what it was'));
    later.internEvent(event('b'));
    expect(() => later.adopt(one.interned)).toThrow(new RangeError('event 0 is not what it was'));
  });

  it('of events are ordered by content', () => {
    const transitions = empty();
    const [b, a] = [transitions.internEvent(event('b')), transitions.internEvent(event('a'))];
    expect([transitions.compareEvents(a, b), transitions.compareEvents(b, a), transitions.compareEvents(a, a)]).toEqual(
      [-1, 1, 0],
    );
  });
});

describe('a machine', () => {
  it('is run once for what is the same but for names, and a few times more to compare', () => {
    const world = newWorld();
    const { transitions } = world;
    const taken = people.map((by) => ask(world, world.initial(), 'k0', { type: 'take', by }));
    expect(taken.map(({ observations }) => observations)).toEqual(
      people.map((by) => [{ kind: 'taken', by, isFriend: false }]),
    );
    expect(taken.map(({ row }) => (transitions.local(row[0] as number).context as Context).last)).toEqual(people);
    // Once computed, and compared under eight other names.
    expect(transitions.machineCalls).toBe(9);
    for (const by of people) ask(world, world.initial(), 'k0', { type: 'take', by });
    expect(transitions.machineCalls).toBe(9);
  });

  it('is run again where memory answers something else, or the context is another', () => {
    const world = newWorld();
    const { transitions, operations, values } = world;
    const [p0, p1] = people as [Name, Name];
    const friendly = world.initial();
    const column = world.layout.cells.get(values.id('k0' as Name))?.[operations.cell('friend')] ?? 0;
    friendly[column] = values.id(p0);
    const take = (row: Row, by: Name) => ask(world, row, 'k0', { type: 'take', by });
    expect(take(world.initial(), p0).observations).toEqual([{ kind: 'taken', by: p0, isFriend: false }]);
    expect(transitions.machineCalls).toBe(1);
    expect(take(friendly, p0).observations).toEqual([{ kind: 'taken', by: p0, isFriend: true }]);
    expect(transitions.machineCalls).toBe(2);
    // Another name than that of who takes: neither NULL nor the same.
    expect(take(friendly, p1).observations).toEqual([{ kind: 'taken', by: p1, isFriend: false }]);
    expect(transitions.machineCalls).toBe(3);
    const { row } = take(friendly, p0);
    expect([transitions.machineCalls, world.inFlight(row).map(({ event }) => event)]).toEqual([
      3,
      [{ to: 'k0', message: { type: 'count' } }],
    ]);
    expect((transitions.local(take(row, p1).row[0] as number).context as Context).takes).toBe(2);
    expect(transitions.machineCalls).toBe(4);
  });

  it('is run each time where nothing is remembered, and where what is not remembered is only asked', () => {
    const world = newWorld();
    const { transitions } = world;
    const [p0] = people as [Name];
    const take = () => ask(world, world.initial(), 'k0', { type: 'take', by: p0 });
    transitions.remembers = 'asks';
    const asked = [take(), take()];
    expect(transitions.machineCalls).toBe(2);
    transitions.remembers = 'yes';
    const remembered = [take(), take()];
    expect(transitions.machineCalls).toBe(3);
    transitions.remembers = 'asks';
    asked.push(take());
    expect(transitions.machineCalls).toBe(3);
    transitions.remembers = 'no';
    const fresh = [take(), take()];
    expect(transitions.machineCalls).toBe(5);
    for (const step of [...asked, ...fresh]) expect(step).toEqual(remembered[0]);
  });

  it('takes what no guard is against, waits for what one is, and refuses what it says nothing of', () => {
    const world = newWorld();
    const { transitions } = world;
    const start = world.initial();
    const [k0, , f0] = start as unknown as [number, number, number];
    const event = (message: Sent) => world.call('k0', message).event;
    expect([
      transitions.accepts(k0, event({ type: 'count' })),
      transitions.accepts(k0, event({ type: 'odd' })),
    ]).toEqual([true, false]);
    const used = ask(world, start, 'k0', { type: 'take', by: people[0] as Name }).row[0] as number;
    expect(transitions.accepts(used, event({ type: 'count' }))).toBe(false);
    expect([transitions.takes(f0, event({ type: 'count' })), transitions.takes(k0, event({ type: 'odd' }))]).toEqual([
      false,
      false,
    ]);
    expect(() => transitions.accepts(f0, world.call('f0', { type: 'count' }).event)).toThrow(
      'f0 (machine forgetful) gets "count" in state top, and does not say what it means there',
    );
    expect(() => ask(world, start, 'f0', { type: 'count' })).toThrow(
      'f0 (machine forgetful) is called with "count" in state top, and does not say what it means there',
    );
    // A guard that looks at memory decides nothing about what is on its way.
    expect(() => transitions.accepts(k0, event({ type: 'give', by: people[0] as Name }))).toThrow(
      /looks at context and event only/,
    );
  });

  it('may do by itself what its guards let it, as memory is', () => {
    const world = newWorld();
    const { values, operations } = world;
    const [p0, p1] = people as [Name, Name];
    const start = world.initial();
    const column = world.layout.cells.get(values.id('k0' as Name))?.[operations.cell('friend')] ?? 0;
    start[column] = values.id(p0);
    const enabled = (message: Sent): boolean =>
      world.transitions.isEnabled(
        start[0] as number,
        world.call('k0', message).event,
        world.memoryFor(rowAccess(start)),
      );
    expect([
      enabled({ type: 'give', by: p0 }),
      enabled({ type: 'give', by: p1 }),
      enabled({ type: 'give', by: p0 }),
      enabled({ type: 'take', by: p1 }),
      // Nobody says what it means: it may be tried.
      enabled({ type: 'odd' }),
    ]).toEqual([true, false, true, true, true]);
  });

  const rowAccess = (row: Row) => ({
    get: (column: number): number => row[column] as number,
    set: (column: number, value: number): void => void (row[column] = value),
  });

  it('that tells names apart is found out', () => {
    const partial = machine<Context, Sent>({
      id: 'partial',
      title: 'Prefers somebody',
      context: ({ self }) => ({ self, last: null, takes: 0 }),
      handlers: {
        take: on('take', ({ event: { by } }) => (by === 'p3' ? [] : show({ kind: 'taken', by } as never))),
      },
      chart: { on: { take: { actions: 'take' } } },
    });
    const world = new World({ actors: [{ name: 'k0', machine: partial }], names: people });
    const take = (by: string) => ask(world, world.initial(), 'k0', { type: 'take', by: by as Name });
    take('p0');
    take('p1');
    expect(() => take('p3')).toThrow(
      /the machine of k0 tells names apart: on "take" with k0, p3 it does something else/,
    );
  });

  it('calls and posts in the names at hand', () => {
    const caller = machine<Context, Sent>({
      id: 'caller',
      title: 'Calls whom it is told',
      sends: ['give', 'odd'],
      context: ({ self }) => ({ self, last: null, takes: 0 }),
      handlers: {
        take: on('take', ({ context: { self }, event: { by } }) => [
          call(by, { type: 'give', by: self }),
          post(by, { type: 'odd' }, by),
        ]),
      },
      chart: { on: { take: { actions: 'take' } } },
    });
    const actors = ['k0', 'k1'].map((name) => ({ name, machine: keeper }));
    const world = new World({ actors: [...actors, { name: 'c0', machine: caller }] });
    const { values, operations } = world;
    for (const to of ['k0', 'k1'] as Name[]) {
      const start = world.initial();
      start[world.layout.cells.get(values.id(to))?.[operations.cell('friend')] ?? 0] = values.id('c0' as Name);
      const { row } = ask(world, start, 'c0', { type: 'take', by: to });
      const { start: first } = world.channel(world.actor(to));
      expect(world.inFlight(row)).toMatchObject([{ column: first, event: { to, message: { type: 'odd' } } }]);
    }
  });
});
