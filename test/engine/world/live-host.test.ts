// Live actors beside rows: the same choices, in the same order, the same rows, the same refusals; and what only a live run tells.
import { describe, expect, it } from 'vitest';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import { CALL_DEPTH_MAX } from '../../../src/engine/world/call-depth.ts';
import { StatelyInspection } from '../../../src/engine/world/inspection.ts';
import type { StatelyEvent } from '../../../src/engine/world/inspection.ts';
import { LiveHost } from '../../../src/engine/world/live-host.ts';
import { seeded } from '../../../src/engine/world/schedulers.ts';
import { World } from '../../../src/engine/world/world.ts';
import { assembled } from '../assembled.ts';
import { note, theBox, theThread, threadOf, worldOf } from './note-world.ts';

const notes = (...texts: readonly string[]) => texts.map((text) => note(text));
/** Threads of which one waits for another, two write into the box's channel, and one of those and a third write the same twice. */
const newWorld = (): World =>
  worldOf([
    { ...theBox, failures: [-5] },
    threadOf('t0', notes('b', 'a')),
    { ...threadOf('t1', notes('d', 'c')), after: ['t0'] },
    threadOf('t2', notes('f', 'e', 'f'), { inBox: true }),
    threadOf('t3', notes('z', 'z')),
    threadOf('t5', notes('g'), { inBox: true }),
    { name: 't4', machine: theThread },
  ]);

/** Runs both by chance to the end, or so far; the names of what was taken. */
function together(world: World, seed: number, steps: number): readonly string[] {
  const host = new LiveHost(world);
  const pick = seeded(seed);
  const taken: string[] = [];
  let row = world.initial();
  for (let step = 0; step < steps; step++) {
    const [offered, live] = [world.choices(row), host.choices()];
    expect(live.map(({ event }) => event)).toEqual(offered.map(({ event }) => world.transitions.event(event)));
    expect(live.map(({ place }) => place < 0)).toEqual(offered.map(({ column }) => column < 0));
    if (offered.length === 0) break;
    const index = pick(0, offered.length - 1);
    const choice = offered[index];
    const liveChoice = live[index];
    if (choice === undefined || liveChoice === undefined) throw new Error('no choice');
    taken.push(world.nameOf(choice));
    const next = world.step(row, choice);
    expect(host.take(liveChoice)).toEqual(next.observations);
    ({ row } = next);
    expect([...host.row()]).toEqual([...row]);
  }
  host.stop();
  return taken;
}

describe('a live world', () => {
  it('does what its rows do, whatever is chosen', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 12; seed++) for (const name of together(newWorld(), seed, 60)) seen.add(name);
    expect([...seen].filter((one) => one.includes('= -5')).length).toBeGreaterThan(2);
    expect([...seen].some((one) => one.startsWith('box.note(c)'))).toBe(true);
    expect([...seen].some((one) => one.startsWith('box.note(z)'))).toBe(true);
  });

  it.each(['pairing', 'manager', 'intx-swap'])('does it for %s, too', (id) => {
    for (let seed = 0; seed < 3; seed++) expect(together(assembled(id).world, seed, 40).length).toBeGreaterThan(6);
  });

  it('has messages in flight in the order in which they were sent, and finds them', () => {
    const host = new LiveHost(newWorld());
    const send = (name: string, text: string): void => {
      const choice = host.choices().find(({ event }) => event.to === name && event.message['text'] === text);
      if (choice === undefined) throw new Error(`${name} cannot write ${text}`);
      host.take(choice);
    };
    send('t2', 'f');
    send('t0', 'b');
    send('t2', 'e');
    expect(host.inFlight.map(({ message }) => message['text'])).toEqual(['f', 'b', 'e']);
    expect([host.placeOf(({ message }) => message['text'] === 'b'), host.placeOf(() => false)]).toEqual([1, -1]);
    expect([host.at(2)?.message['text'], host.at(3)]).toEqual(['e', undefined]);
    expect([host.messages, host.sender]).toEqual([3, null]);
    // A thread offers one thing, and equal messages of one channel are one choice.
    const delivery = host.choices().find(({ place }) => place === 1);
    host.take(delivery as never);
    expect([host.messages, host.sender, host.inFlight.map(({ message }) => message['text'])]).toEqual([
      4,
      't0',
      ['f', 'e'],
    ]);
    expect(host.stateOf('box')).toEqual({});
  });

  it('tells cells, and what families answer', () => {
    const { world } = assembled('pairing');
    const host = new LiveHost(world);
    const registered = (): readonly unknown[] => [
      host.ask('producers', 'find', 'e0' as Name),
      host.ask('consumers', 'find', 'e0' as Name),
    ];
    expect(registered()).toEqual([null, null]);
    for (const to of ['t0', 'registry']) host.take(host.choices().find(({ event }) => event.to === to) as never);
    expect(registered()).toEqual(['p0', null]);
    expect([host.load('p0', 'key'), host.load('c0', 'key'), host.stateOf('registry')]).toEqual([
      'e0',
      null,
      'unlocked',
    ]);
  });

  it('refuses what its rows refuse', () => {
    const full = new LiveHost(worldOf([theBox, threadOf('t0', notes('a', 'b', 'c'))]));
    const write = (): unknown => full.take(full.choices().find(({ place }) => place < 0) as never);
    write();
    write();
    expect(write).toThrow('more than 2 messages of t0 in flight');
    const deep = (left: number): (() => unknown) => {
      const host = new LiveHost(worldOf([theBox]));
      return () => host.take({ event: { to: 'box', message: { type: 'down', left } }, place: -1 });
    };
    expect(deep(CALL_DEPTH_MAX)()).toEqual([{ kind: 'bottom' }]);
    expect(deep(CALL_DEPTH_MAX + 1)).toThrow('function calls without end: box.down(0)');
  });

  it('is not asked what it does not say', () => {
    const { on, whenever } = handlers<{ readonly self: Name }, { readonly type: 'go' | 'stop' | 'other' }>();
    const shy = machine<{ readonly self: Name }, { readonly type: 'go' | 'stop' | 'other' }>({
      id: 'shy',
      title: 'Takes little',
      context: ({ self }) => ({ self }),
      guards: { never: whenever(() => false) },
      handlers: { nothing: on(['go', 'stop'], () => []) },
      chart: { on: { go: { actions: 'nothing' }, stop: { guard: 'never', actions: 'nothing' } } },
    });
    const host = new LiveHost(new World({ actors: [{ name: 's0', machine: shy }] }));
    const ask = (type: string): unknown => host.take({ event: { to: 's0', message: { type } }, place: -1 });
    expect(ask('go')).toEqual([]);
    for (const type of ['stop', 'other'])
      expect(() => ask(type)).toThrow(`s0 (machine shy) does not take "${type}" in state top`);
  });
});

describe('the inspection of a live world', () => {
  it('tells the Stately inspector of actors once, of events with their senders, and of snapshots', () => {
    const told: StatelyEvent[] = [];
    const sender: { of: () => string | null } = { of: () => null };
    const inspection = new StatelyInspection(
      (event) => void told.push(event),
      () => sender.of(),
      () => 7,
    );
    const host = new LiveHost(worldOf([theBox, threadOf('t0', notes('a'))]), inspection.next);
    sender.of = () => host.sender;
    host.take(host.choices()[0] as never);
    host.take(host.choices()[0] as never);
    const about = (id: string) => ({ sessionId: id, rootId: id, createdAt: '7', id: null, _version: '0.7.2' });
    const kinds = told.map(({ type, sessionId }) => `${type} ${sessionId}`);
    expect(kinds.filter((kind) => kind.startsWith('@xstate.actor'))).toEqual(['@xstate.actor box', '@xstate.actor t0']);
    expect(kinds[0]).toBe('@xstate.actor box');
    const [first] = told;
    expect(first).toMatchObject({ type: '@xstate.actor', name: 'box', ...about('box') });
    const { definition = '', snapshot } = first as { readonly definition?: string; readonly snapshot?: unknown };
    expect(JSON.parse(definition)).toMatchObject({ id: 'box', on: { note: [{ actions: ['note'] }] } });
    expect(snapshot).toMatchObject({ context: { self: 'box', sent: 0 } });
    const events = told.flatMap((one) => (one.type === '@xstate.event' ? [one] : []));
    expect(events.filter(({ event }) => event.type === 'note')).toEqual([
      { type: '@xstate.event', event: { type: 'note', text: 'a', inBox: false }, ...about('t0') },
      { type: '@xstate.event', event: { type: 'note', text: 'a' }, sourceId: 't0', ...about('box') },
    ]);
    const snapshots = told.flatMap((one) => (one.type === '@xstate.snapshot' ? [one] : []));
    const last = snapshots.findLast(({ sessionId }) => sessionId === 't0');
    expect(last).toMatchObject({
      event: { type: 'note' },
      snapshot: { context: { self: 't0', sent: 1 } },
      ...about('t0'),
    });
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });

  it('stamps what it tells with the time of day', () => {
    const told: StatelyEvent[] = [];
    const inspection = new StatelyInspection(
      (event) => void told.push(event),
      () => null,
    );
    new LiveHost(worldOf([theBox]), inspection.next).stop();
    expect(Number(told[0]?.createdAt)).toBeGreaterThan(Date.UTC(2026, 0));
  });
});
