// What an actor does by itself waits while all its guards are false: guards that look at shared memory, too.
import { describe, expect, it } from 'vitest';
import type { Given, Machine, Name, Property, Row, WorldDefinition } from '../../../src/engine/index.ts';
import { explore, handlers, LiveHost, machine, post, stuckActors, World } from '../../../src/engine/index.ts';
import { breadthFirst } from '../../breadth-first.ts';

type Context = { readonly self: Name; readonly other: Name | null; readonly porter?: Name | undefined };
type Message = { readonly type: 'ask' | 'serve' | 'open' | 'pass' };

const { act, when, whenever } = handlers<Context, Message>();
const context = ({ self, wiring }: Given): Context => ({ self, other: wiring['other'] ?? null });
const store = (cell: string) =>
  act(({ context, cells }) => {
    cells.store(context.self, cell, true);
    return [];
  });
const doesOnce = (type: Message['type']) => ({
  offers: ({ value }: { readonly value: unknown }) => (value === 'before' ? [{ type }] : []),
  isDone: ({ value }: { readonly value: unknown }) => value === 'after',
});

/** Passes when a cell of another is true. */
const walker = (cell: string): Machine =>
  machine<Context, Message>({
    id: 'walker',
    title: 'Waits for a cell',
    wiring: { other: '*' },
    actsByItself: doesOnce('pass'),
    context,
    guards: {
      isOpen: when('pass', ({ context: { other }, cells }) => other !== null && cells.load(other, cell) === true),
    },
    chart: {
      initial: 'before',
      states: { before: { on: { pass: { guard: 'isOpen', target: 'after' } } }, after: {} },
    },
  });

const porter: Machine = machine<Context, Message>({
  id: 'porter',
  title: 'Opens the gate',
  cells: { open: false },
  actsByItself: doesOnce('open'),
  context,
  handlers: { open: store('open') },
  chart: {
    initial: 'before',
    states: { before: { on: { open: { target: 'after', actions: 'open' } } }, after: {} },
  },
});

const walk = walker('open');
const gate = (...porters: string[]): WorldDefinition => ({
  actors: [
    ...['w0', 'w1'].map((name) => ({ name, machine: walk, wiring: { other: 'p0' }, program: {} })),
    // A porter without a program does nothing by itself.
    { name: 'p0', machine: porter, ...(porters.includes('p0') ? { program: {} } : {}) },
  ],
});

const deadlock: Property = { id: 'deadlock', title: 'Nobody waits for ever', deadlock: stuckActors };
const namesOf = (world: World, row: Row): string[] => world.choices(row).map((choice) => world.nameOf(choice));

describe('a guard over cells', () => {
  it('makes what an actor offers no choice until it is true', () => {
    const world = new World(gate('p0'));
    const before = world.initial();
    expect(namesOf(world, before)).toEqual(['p0 open()']);
    const [open] = world.choices(before);
    if (open === undefined) throw new Error('nothing to do');
    expect(namesOf(world, world.step(before, open).row)).toEqual(['w0 pass()', 'w1 pass()']);
  });

  it('gives the explorer the states and transitions of a plain search', async () => {
    const world = new World(gate('p0'));
    const found = await explore(world, { properties: [deadlock] });
    expect(found).toMatchObject({ verdict: 'holds', states: 5, transitions: 5, depth: 3 });
    expect(breadthFirst(world)).toEqual({ states: 5, transitions: 5 });
  });

  it('leaves a deadlock where it never is', async () => {
    const found = await explore(new World(gate()), { properties: [deadlock] });
    expect(found).toMatchObject({ verdict: 'violated', states: 1 });
    expect(found.violations[0]?.message).toContain('w0 is not done, w1 is not done');
  });

  it('lets live actors wait, too', () => {
    const live = new LiveHost(new World(gate('p0')));
    const offered = (): string[] => live.choices().map(({ event }) => `${event.to} ${event.message.type}`);
    expect(offered()).toEqual(['p0 open']);
    const [open] = live.choices();
    if (open === undefined) throw new Error('nothing to do');
    live.take(open);
    expect(offered()).toEqual(['w0 pass', 'w1 pass']);
    live.stop();
  });
});

describe('an offer that no transition is for', () => {
  it('is not modelled, rather than a choice that waits', () => {
    const deaf = machine<Context, Message>({
      id: 'deaf',
      title: 'Offers what it does not take',
      actsByItself: { offers: () => [{ type: 'pass' }], isDone: () => false },
      context,
      chart: {},
    });
    const world = new World({ actors: [{ name: 'd0', machine: deaf, program: {} }] });
    const [pass] = world.choices(world.initial());
    if (pass === undefined) throw new Error('nothing to do');
    expect(() => world.step(world.initial(), pass)).toThrow('d0 (machine deaf)');
  });
});

describe('partial order reduction', () => {
  // A call that has to wait would be put off, but a walker sees that it was made.
  const server: Machine = machine<Context, Message>({
    id: 'server',
    title: 'Is always busy',
    sends: [],
    context,
    chart: { waits: ['ask'] },
  });
  const caller: Machine = machine<Context, Message>({
    id: 'caller',
    title: 'Asks, and says so in a cell',
    wiring: { other: 'server' },
    cells: { asked: false },
    sends: ['ask'],
    actsByItself: doesOnce('serve'),
    context,
    handlers: {
      serve: act(({ context: { self, other }, cells }) => {
        cells.store(self, 'asked', true);
        return other === null ? [] : post(other, { type: 'ask' }, self);
      }),
    },
    chart: {
      initial: 'before',
      states: { before: { on: { serve: { target: 'after', actions: 'serve' } } }, after: {} },
    },
  });
  /** Passes only between the call and what the reduction would do first. */
  const early: Machine = machine<Context, Message>({
    id: 'early',
    title: 'Passes while a caller has asked and the porter has not opened',
    wiring: { other: 'caller', porter: 'porter' },
    actsByItself: doesOnce('pass'),
    context: ({ self, wiring }) => ({ self, other: wiring['other'] ?? null, porter: wiring['porter'] }),
    guards: {
      isEarly: whenever(({ context: { other, porter: one }, cells }) =>
        [cells.load(other ?? '', 'asked'), !(cells.load(one ?? '', 'open') === true)].every((it) => it === true),
      ),
    },
    chart: {
      initial: 'before',
      states: { before: { on: { pass: { guard: 'isEarly', target: 'after' } } }, after: {} },
    },
  });
  const passed: Property = {
    id: 'passed',
    title: 'Nobody passes',
    state: { checks: () => [(state) => (state.value('w0') === 'after' ? 'w0 has passed' : null)] },
  };

  it('does not put off a call that somebody waits for', async () => {
    const definition: WorldDefinition = {
      actors: [
        { name: 's0', machine: server },
        { name: 'c0', machine: caller, wiring: { other: 's0' }, program: {} },
        { name: 'w0', machine: early, wiring: { other: 'c0', porter: 'p0' }, program: {} },
        { name: 'p0', machine: porter, program: {} },
      ],
    };
    const all = await explore(new World(definition), { properties: [passed] });
    const reduced = await explore(new World(definition), { properties: [passed], por: true });
    expect(all.violations.map(({ path }) => path.length)).toEqual([2]);
    expect(reduced.violations.map(({ path }) => path.length)).toEqual([2]);
  });
});
