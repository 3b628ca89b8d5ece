// A state of the manager by its own names, in states put together by hand.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../src/engine/actors/name.ts';
import { hasManager, managerIn } from '../../src/registry/manager-view.ts';
import type { State } from '../properties/manager-state.ts';
import { stateWith, worldOf } from '../properties/manager-state.ts';

const [p0, p1, c0, c1, e0, e1] = ['p0', 'p1', 'c0', 'c1', 'e0', 'e1'] as [Name, Name, Name, Name, Name, Name];

const viewOf = (revision: string, state: State = {}) => managerIn(stateWith(worldOf(revision), state));

describe('the manager in a state', () => {
  it('is one for each view of the world', () => {
    const view = stateWith(worldOf('v2p8'), {});
    expect(managerIn(view)).toBe(managerIn(view));
    expect(managerIn(view)).not.toBe(managerIn(stateWith(worldOf('v2p8'), {})));
    expect(hasManager(worldOf('v2p8'))).toBe(true);
  });

  it('has its actors by what they are', () => {
    const { producers, consumers, eventfds, policy, world } = viewOf('v2p8');
    expect([producers, consumers, eventfds]).toEqual([
      [p0, p1],
      [c0, c1],
      [e0, e1],
    ]);
    expect([policy.index, world]).toEqual(['xarray', worldOf('v2p8')]);
  });

  it.each(['v2p8', 'base', 'longpeng-hlist'])('on %s has entries under keys', (revision) => {
    const manager = viewOf(revision, {
      sets: [
        ['p0', 'e1'],
        ['c1', null],
      ],
    });
    expect([manager.entries('producers'), manager.entries('consumers')]).toEqual([
      [{ key: e1, object: p0 }],
      [{ key: null, object: c1 }],
    ]);
    expect([
      manager.holder('producers', e1),
      manager.holder('producers', e0),
      manager.holder('consumers', null),
    ]).toEqual([p0, null, c1]);
    expect([p0, p1, c0, c1].map((object) => manager.isRegistered(object))).toEqual([true, false, false, true]);
    expect([p0, c1].map((object) => manager.sideOf(object))).toEqual(['producers', 'consumers']);
  });

  it('is entered also where the struct has got another key since', () => {
    const manager = viewOf('v2p8', { sets: [['p0', 'e1']], of: { p0: { key: 'e0' } } });
    expect([manager.field(p0, 'key'), manager.isRegistered(p0), manager.isRegistered(p1)]).toEqual([e0, true, false]);
  });

  it('has sets where the world keeps them', () => {
    const manager = viewOf('v2p8', { sets: [['c1', 'e0']] });
    const { layout, operations, values } = manager.world;
    for (const side of ['producers', 'consumers'] as const) {
      const laidOut = layout.families[operations.families.findIndex(({ id }) => id === side)];
      expect(manager.columnsOf(side)).toEqual({ start: laidOut?.start, count: 3 });
    }
    const { start, count } = manager.columnsOf('consumers');
    const words = Array.from({ length: count }, (_, i) => values.value(manager.state.row.get(start + i)));
    expect(words).toEqual([null, c1, null]);
  });

  it('has partners by their bindings where these are kept', () => {
    const pair: State = { of: { p0: { peer: 'c1' }, c1: { peer: 'p0' } } };
    const manager = viewOf('v2p8', pair);
    expect([p0, p1, c0, c1].map((object) => manager.partners(object))).toEqual([[c1], [], [], [p0]]);
  });

  it('has partners by what callbacks have added where no binding is kept', () => {
    const manager = viewOf('base', { of: { c0: { added: ['p1'] }, c1: { added: ['p0', 'p1'] } } });
    expect([p0, p1, c0, c1].map((object) => manager.partners(object))).toEqual([[c1], [c0, c1], [p1], [p0, p1]]);
  });

  it('has a partner in a call only while both halves are there', () => {
    const partners = (of: Readonly<Record<string, unknown>>) => {
      const manager = viewOf('v2p8', { of: { registry: of } });
      return [p0, p1, c0, c1].map((object) => manager.partnerInCall(object));
    };
    expect(partners({ producer: 'p0', consumer: 'c1' })).toEqual([[c1], [], [], [p0]]);
    expect(partners({ producer: 'p0', consumer: null })).toEqual([[], [], [], []]);
    expect(partners({ producer: null, consumer: 'c1' })).toEqual([[], [], [], []]);
  });

  it('has callbacks by what a struct was declared with, and eventfds that are put', () => {
    const manager = viewOf('v2p8', { of: { e1: { put: true } } });
    expect([e0, e1].map((eventfd) => manager.isPut(eventfd))).toEqual([false, true]);
    expect([manager.has(c0, 'add_producer'), manager.has(e0, 'add_producer')]).toEqual([true, false]);
    expect([manager.isFree, manager.isCorrupt, manager.callbacksUnderWay()]).toEqual([true, false, []]);
    expect([manager.isStopped(p0), manager.moduleReferences]).toEqual([false, 0]);
    expect(viewOf('base', { references: 3 }).moduleReferences).toBe(3);
    expect(manager.threads().map(({ name }) => name)).toEqual(manager.state.actorsOf('thread'));
  });
});
