// What an observation says of the order of locks, and which facts are a cycle: the rules of lockdep, one by one.
import { describe, expect, it } from 'vitest';
import type { ShownStep, StepView } from '../../src/engine/world/property.ts';
import { lockOrder, noSrcuInReader } from '../../src/properties/locks.ts';

type Fact = readonly [string, ...(string | boolean)[]];
type Shown = Readonly<Record<string, unknown>>;

const held = (lockClass: string, how: 'waits' | 'reads' | 'tried' = 'waits'): Shown => ({
  class: lockClass,
  reads: how === 'reads',
  tried: how === 'tried',
});
const lock = (more: Shown): Shown => ({
  kind: 'lock',
  class: 'new',
  task: 't0',
  held: [],
  context: 'process',
  reads: false,
  spins: false,
  tries: false,
  ...more,
});

describe('a lock that is wanted', () => {
  const factsOf = (...observations: readonly Shown[]): readonly unknown[] =>
    (lockOrder.gathered?.facts({ observations } as unknown as ShownStep) ?? []).map((fact) => JSON.parse(fact) as Fact);
  const after = (before: string, beforeReads = false, reads = false): Fact => [
    'order',
    before,
    'new',
    't0',
    beforeReads,
    reads,
  ];
  const open: Fact = ['interruptible', 'new', 't0', false];

  it('with nothing held is one that an interrupt can come into', () => expect(factsOf(lock({}))).toEqual([open]));

  it('comes directly after the last one that was waited for, which came after the others', () =>
    expect(factsOf(lock({ held: [held('a'), held('b')] }))).toEqual([after('b'), open]));

  it('comes after those as well that were tried or read since: nobody knows who has passed them', () => {
    expect(factsOf(lock({ held: [held('a'), held('b', 'tried'), held('c', 'reads')] }))).toEqual([
      after('a'),
      after('b'),
      after('c', true),
      open,
    ]);
    expect(factsOf(lock({ held: [held('a'), held('b', 'reads'), held('c')] }))).toEqual([after('c'), open]);
    expect(factsOf(lock({ held: [held('a', 'tried'), held('b', 'reads')] }))).toEqual([
      after('a'),
      after('b', true),
      open,
    ]);
  });

  it('is remembered as read', () =>
    expect(factsOf(lock({ held: [held('a')], reads: true }))).toEqual([
      after('a', false, true),
      ['interruptible', 'new', 't0', true],
    ]));

  it('is not waited for where it is tried', () =>
    expect(factsOf(lock({ held: [held('a')], tries: true }))).toEqual([open]));

  it('in a handler says so, with interrupts off or by lock_sync() nothing', () => {
    expect(factsOf(lock({ context: 'interrupt handler', held: [held('a')] }))).toEqual([
      after('a'),
      ['handler', 'new', 't0', false],
    ]);
    expect(factsOf(lock({ context: 'interrupts off', held: [held('a')] }))).toEqual([after('a')]);
    expect(factsOf(lock({ context: 'preemption off' }))).toEqual([open]);
    expect(factsOf(lock({ syncs: true, held: [held('a')] }))).toEqual([after('a')]);
  });

  it('where interrupts come on all that is held can be interrupted', () =>
    expect(factsOf({ kind: 'interrupts on', task: 't1', held: [held('a'), held('b', 'reads')] })).toEqual([
      ['interruptible', 'a', 't1', false],
      ['interruptible', 'b', 't1', true],
    ]));

  it('anything else says nothing', () =>
    expect(factsOf({ ...lock({ held: [held('a')] }), kind: 'unlock' })).toEqual([]));
});

describe('facts', () => {
  const cycle = (...facts: readonly Fact[]): string | null | undefined =>
    lockOrder.gathered?.check(facts.map((fact) => JSON.stringify(fact)));
  const order = (before: string, after: string, by = 't0', beforeReads = false, afterReads = false): Fact => [
    'order',
    before,
    after,
    by,
    beforeReads,
    afterReads,
  ];

  it('without a cycle are right', () => {
    expect(cycle()).toBe(null);
    expect(cycle(order('a', 'b'), order('b', 'c'), order('a', 'c'))).toBe(null);
  });

  it('of one class twice are a cycle', () =>
    expect(cycle(order('a', 'a'))).toBe('a cycle of lock classes: a -> a; t0 wants a while it holds a'));

  it('say the same first in the alphabet, whichever came first, and who was the first to want it', () => {
    const text = 'a cycle of lock classes: a -> b -> a; t0 wants b while it holds a; t1 wants a while it holds b';
    expect(cycle(order('a', 'b'), order('b', 'a', 't1'))).toBe(text);
    expect(cycle(order('b', 'a', 't1'), order('a', 'b'))).toBe(text);
    expect(cycle(order('a', 'b'), order('b', 'a', 't1'), order('b', 'a', 't2'), order('a', 'b', 't3'))).toBe(text);
  });

  it('give the shortest cycle', () => {
    const long = [order('a', 'b'), order('b', 'c'), order('c', 'd'), order('d', 'a')];
    expect(cycle(...long)).toMatch(/^a cycle of lock classes: a -> b -> c -> d -> a;/);
    expect(cycle(...long, order('d', 'c'))).toMatch(/^a cycle of lock classes: c -> d -> c;/);
    expect(cycle(order('x', 'y'), order('y', 'x'), ...long)).toMatch(/^a cycle of lock classes: x -> y -> x;/);
    expect(cycle(...long, order('c', 'a'))).toMatch(/^a cycle of lock classes: a -> b -> c -> a;/);
    expect(cycle(...long, order('d', 'd'))).toMatch(/^a cycle of lock classes: d -> d;/);
  });

  it('a cycle need not go through where the way to it begins', () =>
    expect(cycle(order('a', 'b'), order('b', 'c'), order('c', 'b', 't1'))).toMatch(
      /^a cycle of lock classes: b -> c -> b;/,
    ));

  it('a reader does not wait for a reader', () => {
    // a is read, then b; b is held, then a is read.
    expect(cycle(order('a', 'b', 't0', true), order('b', 'a', 't1', false, true))).toBe(null);
    // Whoever holds a writes: the reader waits for him.
    expect(cycle(order('a', 'b', 't0', false), order('b', 'a', 't1', false, true))).not.toBe(null);
    // Who wants a writes: he waits for the reader.
    expect(cycle(order('a', 'b', 't0', true), order('b', 'a', 't1', false, false))).not.toBe(null);
    // Both ways are known: the one that waits counts.
    expect(cycle(order('a', 'b', 't0', true), order('a', 'b', 't2', false), order('b', 'a', 't1', false, true))).toBe(
      'a cycle of lock classes: a -> b -> a; t2 wants b while it holds a; t1 wants a while it holds b',
    );
    expect(
      cycle(order('a', 'b', 't0', true), order('b', 'a', 't1', false, true), order('b', 'a', 't2', false, false)),
    ).toBe('a cycle of lock classes: a -> b -> a; t0 wants b while it holds a; t2 wants a while it holds b');
  });

  it('a class that a handler wants and another holds with interrupts on is a cycle', () => {
    const handler: Fact = ['handler', 'a', 'irq0', false];
    const open: Fact = ['interruptible', 'a', 't0', false];
    const text = 'a cycle of lock classes: a -> a; irq0 wants a in an interrupt handler, t0 holds a with interrupts on';
    expect(cycle(handler)).toBe(null);
    expect(cycle(open)).toBe(null);
    expect(cycle(handler, open)).toBe(text);
    expect(cycle(open, handler)).toBe(text);
    expect(cycle(handler, ['interruptible', 'b', 't0', false])).toBe(null);
    expect(cycle(handler, ['interruptible', 'b', 't0', false], order('a', 'b', 't1'))).toBe(
      'a cycle of lock classes: a -> b -> a; t1 wants b while it holds a; ' +
        'irq0 wants a in an interrupt handler, t0 holds b with interrupts on',
    );
    // Handler and task read.
    expect(cycle(['handler', 'a', 'irq0', true], ['interruptible', 'a', 't0', true])).toBe(null);
    expect(cycle(['handler', 'a', 'irq0', true], open)).not.toBe(null);
    expect(cycle(handler, ['interruptible', 'a', 't0', true])).not.toBe(null);
  });
});

describe('synchronize_srcu()', () => {
  const actors = [
    { name: 'srcu0', machine: { declaration: { kinds: ['srcu'] } } },
    { name: 'm0', machine: { declaration: { kinds: ['mutex'] } } },
  ];
  const wrong = (shown: Shown, constant?: string): string | null | undefined =>
    noSrcuInReader.step?.({
      before: { world: { definition: { actors } }, constant: () => constant },
      observations: [{ kind: 'other' }, shown],
    } as unknown as StepView);

  it('is wrong in a read section of its domain, and with the mutex of the manager', () => {
    const sync = lock({ class: 'srcu0', syncs: true });
    expect(wrong({ ...sync, held: [held('srcu0', 'reads')] })).toBe('t0 waits for readers of srcu0, and holds srcu0');
    expect(wrong({ ...sync, held: [held('b'), held('irqbypass.lock')] })).toBe(
      't0 waits for readers of srcu0, and holds irqbypass.lock',
    );
    expect(wrong({ ...sync, held: [held('b')] })).toBe(null);
    expect(wrong(sync)).toBe(null);
  });

  it('knows a domain by its class where it has one', () => {
    const sync = lock({ class: 'kvm.irq_srcu', held: [held('kvm.irq_srcu', 'reads')] });
    expect(wrong(sync, 'kvm.irq_srcu')).toBe('t0 waits for readers of srcu0, and holds kvm.irq_srcu');
    expect(wrong(sync)).toBe(null);
  });

  it('is not a reader, nor another lock', () => {
    expect(wrong(lock({ class: 'srcu0', reads: true, held: [held('srcu0', 'reads')] }))).toBe(null);
    expect(wrong(lock({ class: 'm0', held: [held('m0')] }))).toBe(null);
    expect(wrong({ ...lock({ class: 'srcu0', held: [held('srcu0', 'reads')] }), kind: 'unlock' })).toBe(null);
  });
});
