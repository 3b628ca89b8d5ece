// Stepping through a world: what can happen, what is blocked by what, what changed, where two worlds differ.
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { traceOf } from '../../src/engine/world/trace.ts';
import type { Selection } from '../../src/studio/link/link.ts';
import { compared } from '../../src/studio/session/compare.ts';
import { activePaths, leavesOf } from '../../src/studio/session/leaves.ts';
import { selectedWorld } from '../../src/studio/session/select.ts';
import { Session } from '../../src/studio/session/session.ts';

const opened = (scenario: string, more: Partial<Selection> = {}): Session =>
  new Session(selectedWorld({ scenario, set: {}, ...more }));

/** A session at the end of the shortest counterexample of a property. */
async function atCounterexample(property: string, scenario: string, more: Partial<Selection> = {}): Promise<Session> {
  const session = opened(scenario, more);
  const { world, properties } = session.assembled;
  const { violations } = await explore(world, { properties });
  const found = violations.find((one) => one.property === property);
  if (found === undefined) throw new Error(`${scenario} does not violate ${property}`);
  for (const { choice } of traceOf(world, found.path)) session.take(choice);
  return session;
}

describe('a path', () => {
  it('is followed again by its codes, to the same state', () => {
    for (const scenario of ['manager', 'assign', 'block-and-wake']) {
      const session = opened(scenario);
      session.walk('random', 7, 60);
      const again = opened(scenario);
      expect(again.follow(session.path())).toEqual({ steps: session.length });
      expect(again.at(again.length)).toEqual(session.at(session.length));
      expect(again.model).toBe(session.model);
    }
  });

  it('stops where a code names nothing, and says at which step and what is offered', () => {
    const session = opened('pairing');
    session.walk('fifo', 1, 5);
    const good = session.path(3);
    const { steps, stopped } = session.follow(`${good}__`);
    expect(steps).toBe(3);
    expect(stopped).toMatch(/^step 4 of 4: no choice has the code __; offered are: /);
    expect(session.length).toBe(3);
  });

  it('is cut where another choice is taken in the middle of it', () => {
    const session = opened('manager');
    session.walk('random', 1, 20);
    const before = session.lines().slice(0, 5);
    session.cut(5);
    const [choice] = session.at(5).choices;
    session.take(choice?.name ?? '');
    expect(session.length).toBe(6);
    expect(session.lines().slice(0, 5)).toEqual(before);
  });

  it('of a walk by chance is the same for the same seed, and ends at a violation', () => {
    const [one, other] = [opened('double-unregister-race'), opened('double-unregister-race')];
    one.walk('random', 3, 200);
    other.walk('random', 3, 200);
    expect(one.path()).toBe(other.path());
    expect(one.lines().at(-1)?.breaks).toEqual(['i-nowarn']);
  });
});

describe('a position', () => {
  it('says who waits for a lock, who holds it, and where it would be taken', () => {
    const session = opened('pairing');
    // Both threads have made their call; one has the mutex.
    session.take('t0 register_producer(p0, e0)');
    session.take('t1 register_consumer(c0, e0)');
    session.take('registry.register_consumer(c0, e0, t1)');
    const named = (): string[] => session.at(session.length).choices.map(({ name }) => name);
    while (!named().some((name) => name.startsWith('p0.stop'))) session.take(named()[0] ?? '');
    const { blocked, locks } = session.at(session.length);
    expect(locks[0]).toMatchObject({ lock: 'registry', holder: 't0' });
    expect(blocked).toEqual([
      {
        actor: 't1',
        what: 'registry.lock: unregister_consumer(c0)',
        why: 'registry is in locked.connecting.stopProducer, held by t0; it takes unregister_consumer in unlocked',
      },
    ]);
  });

  it('says of a thread that waits for the mutex what is in its way', () => {
    const session = opened('double-unregister-race');
    const upTo = (name: string): void => {
      const choice = session.at(session.length).choices.find((one) => one.name.includes(name));
      session.take(choice?.name ?? name);
    };
    for (const name of [
      't0 register_producer',
      'registry.register_producer',
      't1 register_consumer',
      'registry.register_consumer',
    ])
      upTo(name);
    for (const callback of ['p0.stop', 'c0.stop', 'p0.add_consumer', 'c0.add_producer', 'c0.start', 'p0.start'])
      upTo(callback);
    for (const name of ['t2 unregister_producer', 't3 unregister_producer', 'for t2', 'p0.stop'])
      upTo(name === 'for t2' ? 't2' : name);
    const { blocked } = session.at(session.length);
    const waiting = blocked.find(({ actor }) => actor === 't3');
    expect(waiting?.what).toContain('unregister_producer');
    expect(waiting?.why).toBe(
      'registry is in locked.disconnecting.stopConsumer, held by t2; it takes unregister_producer in unlocked',
    );
    expect(blocked).toContainEqual({ actor: 't5', what: 'starts', why: 'it starts when t2, t3, t4 are done' });
  });

  it('tells what the last step added, changed and removed', () => {
    const session = opened('pairing');
    session.take('t0 register_producer(p0, e0)');
    const { leaves } = session.at(1);
    expect(leaves.filter(({ change }) => change !== 'same')).toContainEqual({
      path: 'inFlight.registry.register_producer',
      value: '{"object":"p0","key":"e0","caller":"t0"}',
      change: 'added',
    });
    expect(session.at(0).leaves.every(({ change }) => change === 'same')).toBe(true);
  });

  it('has a violated property with its step and message from that step on, and a vacuous one before its occasion', async () => {
    const session = await atCounterexample('i-owner', 'double-unregister-race');
    const status = (id: string, step: number): unknown => session.at(step).properties.find((one) => one.id === id);
    expect(status('i-owner', session.length)).toMatchObject({
      status: 'violated',
      at: session.length,
      message: 'unregister(p0) removed the entry of p1 under e0',
    });
    expect(status('i-owner', session.length - 1)).toMatchObject({ status: 'holds' });
    expect(status('i-owner', 0)).toMatchObject({ status: 'vacuous' });
    expect(session.lines().at(-1)?.breaks).toContain('i-owner');
  });

  it('leaves nobody out: who can go on, who is blocked, who is done, who waits for another to answer', () => {
    for (const scenario of ['pairing', 'double-unregister-race', 'block-and-wake', 'assign']) {
      const session = opened(scenario);
      session.walk('random', 11, 60);
      for (let step = 0; step <= session.length; step++) {
        const { choices, blocked, busy, done } = session.at(step);
        const told = new Set([...[...choices, ...blocked, ...busy].map(({ actor }) => actor), ...done]);
        for (const { address, actsByItself } of session.world.actors)
          if (actsByItself) expect(told, `${scenario} step ${step}`).toContain(address);
      }
    }
  });

  it('says in which call a thread is whose callback has yet to answer', () => {
    const session = opened('pairing');
    session.take('t0 register_producer(p0, e0)');
    session.take('t1 register_consumer(c0, e0)');
    session.take('registry.register_consumer(c0, e0, t1)');
    session.take('registry.register_producer(p0, e0, t0)');
    expect(session.at(4).busy).toEqual([{ actor: 't0', what: 'in register_producer(p0)' }]);
  });
});

describe('two worlds on the same choices', () => {
  it('base and v2p8 differ in what is seen where the loser unregisters', async () => {
    const left = await atCounterexample('i-idemp', 'loser-unregisters', { revision: 'base' });
    const comparison = compared(left, opened('loser-unregisters', { revision: 'v2p8' }));
    // Before the series the caller writes the key; what is seen differs only where v2p8 finds nothing to unregister.
    expect(comparison.first).toBe(1);
    expect(comparison.steps[0]?.state).toEqual(['c0.key: e0 -> NULL']);
    expect(comparison.firstSeen).toBe(13);
    expect(comparison.steps[12]?.seen[0]).toContain('unregister_producer(p1) returns');
    expect(comparison.stopped).toMatch(/^step 14: registry.unregister_producer\(p1, e0, t1\) is not offered/);
  });

  it('do not differ from themselves', () => {
    const session = opened('re-pairing');
    session.walk('random', 5, 40);
    expect(compared(session, opened('re-pairing'))).toMatchObject({ first: null, firstSeen: null, stopped: null });
  });

  it('differ where a bug is put in', async () => {
    const left = await atCounterexample('i-keyref', 'pairing', { mutation: 'b6' });
    const { firstSeen } = compared(left, opened('pairing'));
    expect(firstSeen).not.toBeNull();
  });
});

it('leaves are paths: lists are one value, messages in flight one each', () => {
  const before = { a: { b: 1, gone: true }, inFlight: [{ to: 'x', type: 'go', n: 1 }] };
  const after = {
    a: { b: 2 },
    list: [1, 2],
    inFlight: [
      { to: 'x', type: 'go', n: 1 },
      { to: 'x', type: 'go', n: 2 },
    ],
  };
  expect(leavesOf(before, after)).toEqual([
    { path: 'a.b', value: '2', was: '1', change: 'changed' },
    { path: 'list', value: '[1,2]', change: 'added' },
    { path: 'inFlight.x.go', value: '{"n":1}', change: 'same' },
    { path: 'inFlight.x.go#2', value: '{"n":2}', change: 'added' },
    { path: 'a.gone', was: 'true', change: 'removed' },
  ]);
});

it('active states are paths, outer ones first', () => {
  expect(activePaths({ locked: { connecting: 'addConsumer' } })).toEqual([
    'locked',
    'locked.connecting',
    'locked.connecting.addConsumer',
  ]);
  expect(activePaths({ life: 'active', bypass: { on: {} } })).toEqual(['life', 'life.active', 'bypass', 'bypass.on']);
});
