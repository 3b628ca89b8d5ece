// The words of the manager: every kind of event and observation, and what a state shows.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../src/engine/actors/name.ts';
import type { Observation } from '../../src/engine/actors/effects.ts';
import type { PlainEvent } from '../../src/engine/world/events.ts';
import { TracedRun } from '../../src/engine/world/trace.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { Call } from '../../src/machines/manager/program.ts';
import { callText, connectionOf, isNotable, managerLanguage, observationText } from '../../src/registry/language.ts';
import { assembled } from '../engine/assembled.ts';

type Plain = Readonly<Record<string, unknown>>;
const event = (to: string, message: Plain): PlainEvent => ({ to: to as Name, message }) as unknown as PlainEvent;
const shown = (of: Plain): Observation => of as unknown as Observation;

it.each<readonly [string, Plain]>([
  ['register_producer(p0, e0)', { op: 'register_producer', object: 'p0', key: 'e0' }],
  ['register_producer(p0, NULL)', { op: 'register_producer', object: 'p0', key: null }],
  ['irqfd_assign(NULL)', { op: 'irqfd_assign', object: null }],
  ['set_irqs(p0)', { op: 'set_irqs', object: 'p0', eventfd: undefined }],
  ['set_irqs(p0, irq0)', { op: 'set_irqs', object: 'p0', irq: 'irq0' }],
  ['set_irqs(p0)', { op: 'set_irqs', object: 'p0', irq: null }],
  ['f(p0, true)', { op: 'f', object: 'p0', is: true }],
  ['f(p0) [in atomic context]', { op: 'f', object: 'p0', atomic: true }],
  ['f(p0)', { op: 'f', object: 'p0', atomic: false, moduleGet: 'works' }],
  ['f(p0) [try_module_get() fails]', { op: 'f', object: 'p0', moduleGet: 'fails' }],
  [
    'f(p0, e0) [in atomic context, try_module_get() fails]',
    { op: 'f', object: 'p0', key: 'e0', atomic: true, moduleGet: 'fails' },
  ],
])('a call: %s', (text, call) => {
  expect(callText(call as unknown as Call)).toBe(text);
  expect(managerLanguage.event(event('t0', { type: 'call', call }))).toBe(text);
});

it.each<readonly [string, string, Plain]>([
  ['lock: register_producer(p0, e0)', 'registry', { type: 'register_producer', object: 'p0', key: 'e0', caller: 't0' }],
  ['lock: register_consumer(c0, NULL)', 'registry', { type: 'register_consumer', object: 'c0', key: null }],
  [
    'lock: register_consumer(c0, e0) [node allocations fail]',
    'registry',
    { type: 'register_consumer', object: 'c0', key: 'e0', allocation: 'fails' },
  ],
  ['lock: unregister_producer(p0)', 'registry', { type: 'unregister_producer', object: 'p0', caller: 't0' }],
  ['registry.callback_return(0)', 'registry', { type: 'callback_return', value: 0 }],
  ['registry.callback_return(-ENOMEM)', 'registry', { type: 'callback_return', value: -12 }],
  ['p0.register_producer(p0)', 'p0', { type: 'register_producer', object: 'p0' }],
  ['c0.add_producer(p0) = 0', 'c0', { type: 'add_producer', producer: 'p0', caller: 't0', answer: 0 }],
  ['c0.add_producer(p0) = -EIO', 'c0', { type: 'add_producer', producer: 'p0', answer: -5 }],
  ['c0.wakeup()', 'c0', { type: 'wakeup', as: 'work', caller: 'e0' }],
  ['m0.mutex_lock()', 'm0', { type: 'mutex_lock', task: 't0' }],
  ['m0.acquire(t0)', 'm0', { type: 'acquire', task: 't0' }],
  ['u0.grace_period(t0)', 'u0', { type: 'grace_period', task: 't0' }],
  ['w0.flushed(t0)', 'w0', { type: 'flushed', task: 't0' }],
  ['q0.awake(t0)', 'q0', { type: 'awake', task: 't0' }],
  ['irte0.modify(host)', 'irte0', { type: 'modify', vcpu: null }],
  ['irte0.modify(vcpu0)', 'irte0', { type: 'modify', vcpu: 'vcpu0' }],
  ['irte0.modify(NULL)', 'irte0', { type: 'modify', eventfd: null }],
  [
    'vm0.routes([g0 -> msi -> vcpu0, g1], 1)',
    'vm0',
    { type: 'routes', to: [{ gsi: 'g0', type: 'msi', vcpu: 'vcpu0' }, 'g1'], n: 1 },
  ],
  ['vm0.routes([NULL])', 'vm0', { type: 'routes', to: [null] }],
])('an event: %s', (text, to, message) => {
  expect(managerLanguage.event(event(to, message))).toBe(text);
});

it('an event is on the line of its recipient; what the manager does for a caller on that of the caller', () => {
  const { lane } = managerLanguage;
  expect(lane(event('registry', { type: 'register_producer', caller: 't0' }))).toBe('t0');
  expect(lane(event('registry', { type: 'callback_return' }))).toBe('registry');
  expect(lane(event('c0', { type: 'add_producer', caller: 't0' }))).toBe('c0');
});

const interrupt = (more: Plain): Plain => ({
  kind: 'interrupt',
  device: 'd0',
  number: 2,
  vcpu: 'vcpu0',
  why: null,
  ...more,
});

it.each<readonly [string | null, Plain]>([
  [null, { kind: 'call', op: 'f', object: 'p0' }],
  ['register_producer(p0) returns 0', { kind: 'return', op: 'register_producer', object: 'p0', value: 0 }],
  ['register_producer(p0) returns -EBUSY', { kind: 'return', op: 'register_producer', object: 'p0', value: -16 }],
  ['unregister_producer(NULL) returns', { kind: 'return', op: 'unregister_producer', object: null, value: null }],
  ['returns 0', { kind: 'callback', object: 'c0', callback: 'add_producer', value: 0 }],
  ['returns -EIO', { kind: 'callback', object: 'c0', callback: 'add_producer', value: -5 }],
  [null, { kind: 'callback', object: 'c0', callback: 'stop', value: null }],
  ['c0.stop calls the manager again', { kind: 'reentry', object: 'c0', callback: 'stop' }],
  ['WARN in f: x', { kind: 'warn', in: 'f', condition: 'x' }],
  ['CORRUPTION in f(p0): x', { kind: 'corruption', in: 'f', object: 'p0', what: 'x' }],
  ['USE AFTER FREE: x of p0', { kind: 'use-after-free', object: 'p0', what: 'x' }],
  ['BUG in f: x', { kind: 'splat', in: 'f', what: 'x' }],
  ['OOPS: NULL pointer dereference in f', { kind: 'oops', what: 'f' }],
  ['vcpu0 is woken', { kind: 'wake', vcpu: 'vcpu0' }],
  [null, { kind: 'signal', eventfd: 'e0' }],
  ['c0 is deactivated', { kind: 'deactivated', irqfd: 'c0' }],
  ['the last reference on e0 is gone', { kind: 'last reference', object: 'e0' }],
  ['wants m, holding k', { kind: 'lock', class: 'm', held: [{ class: 'k', reads: false }], context: 'process' }],
  [null, { kind: 'lock', class: 'm', held: [], context: 'process' }],
  ['something x 1', { kind: 'something', x: 1 }],
  ['interrupt d0#2 posted to vcpu0', interrupt({ how: 'posted' })],
  ['interrupt d0#2 injected to vcpu0', interrupt({ how: 'injected' })],
  ['vcpu0 sees d0#2', interrupt({ how: 'delivered' })],
  ['vcpu0 sees d0#2, which was not raised again', interrupt({ how: 'duplicate' })],
  ['d0#2 stays in the counter', interrupt({ how: 'pending' })],
  ['d0#2 is lost: nobody listens', interrupt({ how: 'lost', why: 'nobody listens' })],
])('an observation: %s', (text, observation) => {
  expect(observationText(shown(observation))).toBe(text);
  expect(managerLanguage.observation(shown(observation))).toBe(text);
});

it.each<readonly [boolean, Plain]>([
  [true, { kind: 'return', value: -16 }],
  [false, { kind: 'return', value: 0 }],
  [false, { kind: 'return', value: null }],
  [true, { kind: 'callback', value: -5 }],
  [false, { kind: 'callback', value: 0 }],
  [false, { kind: 'callback', value: null }],
  [false, { kind: 'call' }],
  [false, { kind: 'interrupt' }],
  [true, { kind: 'warn' }],
  [true, { kind: 'corruption' }],
])('notable is %s: %s', (is, observation) => {
  expect(isNotable(shown(observation))).toBe(is);
});

it.each<readonly [Plain | null, Plain]>([
  [
    { adds: true, object: 'c0', peer: 'p0' },
    { kind: 'callback', callback: 'add_producer', object: 'c0', peer: 'p0', value: 0 },
  ],
  [
    { adds: false, object: 'c0', peer: 'p0' },
    { kind: 'callback', callback: 'del_producer', object: 'c0', peer: 'p0', value: null },
  ],
  [null, { kind: 'callback', callback: 'add_producer', object: 'c0', peer: 'p0', value: -5 }],
  [null, { kind: 'callback', callback: 'stop', object: 'c0', peer: null, value: null }],
  [null, { kind: 'return', callback: 'add_producer', object: 'c0', peer: 'p0', value: 0 }],
])('a connection: %j', (connection, observation) => {
  expect(connectionOf(shown(observation))).toEqual(connection);
});

describe('a state', () => {
  const shownAfter = (id: string, choices: readonly string[]): Plain => {
    const run = new TracedRun(assembled(id).world);
    for (const choice of choices) run.take(choice);
    return managerLanguage.state(new WorldView(run.world, run.row));
  };
  const registered = ['t0 register_producer(p0, e0)', 'registry.register_producer(p0, e0, t0)'];

  it('of a world with nothing but the manager', () => {
    const state = shownAfter('pairing', registered);
    expect(state).toEqual({
      registry: 'unlocked',
      producers: { e0: 'p0' },
      consumers: {},
      structs: {
        p0: { state: 'running', key: 'e0', peer: null, irq: null },
        c0: { state: 'running', key: null, peer: null, irq: null },
      },
      callers: { t0: { state: 'idle', pc: 1 }, t1: { state: 'idle', pc: 0 } },
      inFlight: [],
    });
    const [registry, producers, ...others] = managerLanguage.leaves?.(state) ?? [];
    expect([registry, producers]).toEqual([
      ['registry', 'unlocked'],
      ['p0.state', 'running'],
    ]);
    expect(others).toContainEqual(['p0.key', 'e0']);
    expect(others.at(-1)).toEqual(['producers.e0', 'p0']);
  });

  it('in the middle of a call, and of a world with more than the manager', () => {
    const choices = ['v0 set_irqs(p0, e0)', 'r0 set_gsi_routing(vm0, g0, vcpu0)', 'p0.set_irqs(v0, e0)'];
    const state = shownAfter('assign', choices);
    const { actors, structs, callers, inFlight } = state as Readonly<Record<string, Readonly<Record<string, Plain>>>>;
    expect(callers).toEqual({
      v0: { state: 'calling', pc: 0 },
      k0: { state: 'idle', pc: 0 },
      r0: { state: 'calling', pc: 0 },
    });
    expect(structs?.['c0']).toMatchObject({ key: null, peer: null, irq: null });
    // What machines with a struct in them hold besides; locks and others as they are; no thread, no registry, no eventfd that is a key only.
    expect(Object.keys(actors ?? {}).slice(0, 3)).toEqual(['p0', 'c0', 'vm0']);
    for (const one of ['v0', 'registry', 'inFlight']) expect(actors).not.toHaveProperty(one);
    for (const [name, data] of Object.entries(actors ?? {}))
      for (const hidden of ['caller', 'added', 'key', 'peer']) expect([name, data]).not.toHaveProperty([1, hidden]);
    expect(inFlight).toContainEqual({ to: 'vm0', type: 'set_gsi_routing', caller: 'r0', gsi: 'g0', vcpu: 'vcpu0' });
    const leaves = managerLanguage.leaves?.(state);
    expect(leaves?.get('registry')).toMatch(/^\w+:?\w*$/);
    expect(leaves?.get('vm0.vcpus')).toBe('[vcpu0]');
    expect(leaves?.get('igate0.owner')).toBe('v0');
    expect([...(leaves?.keys() ?? [])].filter((path) => /^(callers|inFlight|structs|actors)/.test(path))).toEqual([]);
  });

  it('with an eventfd that somebody listens to', () => {
    const choices = ['k0 irqfd_assign(c0, e0)', 'c0.irqfd_assign(k0, e0)'];
    expect(shownAfter('assign', choices.slice(0, 1))['actors']).not.toHaveProperty('e0');
    expect((shownAfter('assign', choices)['actors'] as Plain)['e0']).toMatchObject({
      state: 'unlocked',
      isOpen: true,
      holders: ['c0'],
      waiters: ['c0'],
    });
  });

  it('in which machines have regions, or one state in another', () => {
    const leaves = (state: unknown): unknown => [
      ...(managerLanguage.leaves?.({ registry: { locked: 'calling' }, structs: { p0: { state } } }) ?? []),
    ];
    expect(leaves({ assigned: 'waiting' })).toEqual([
      ['registry', 'locked:calling'],
      ['p0.state', 'assigned:waiting'],
    ]);
    expect(leaves({ one: 'a', other: 'b' })).toEqual([
      ['registry', 'locked:calling'],
      ['p0.state.one', 'a'],
      ['p0.state.other', 'b'],
    ]);
    expect(leaves('idle')).toContainEqual(['p0.state', 'idle']);
    expect(
      managerLanguage.leaves?.({
        registry: 'r',
        structs: {},
        actors: { vm0: { routes: [{ gsi: 'g0', vcpu: null }] } },
      }),
    ).toEqual(
      new Map([
        ['registry', 'r'],
        ['vm0.routes', '[g0 -> NULL]'],
      ]),
    );
  });
});
