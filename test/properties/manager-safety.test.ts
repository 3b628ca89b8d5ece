// What the properties of manager safety say of states and steps, case by case: no run need come to them.
import { describe, expect, it } from 'vitest';
import type { Property } from '../../src/engine/world/property.ts';
import {
  complete,
  deadObject,
  errors,
  idempotent,
  keyReference,
  keySync,
  leak,
  noTrace,
  owner,
  pairKey,
  pairSymmetry,
  unique,
} from '../../src/properties/manager-safety.ts';
import type { Contents, Entries, Key, State } from './manager-state.ts';
import { stateWith, worldOf } from './manager-state.ts';

/** All that a property says of a state. */
function saidOf({ state }: Property, where: string, changes: State): readonly string[] {
  const world = worldOf(where);
  const view = stateWith(world, changes);
  return state?.checks(world).flatMap((check) => check(view) ?? []) ?? [];
}

type Row = readonly [title: string, where: string, state: State, said: readonly string[]];

const table = (property: Property, rows: readonly Row[]): void =>
  it.each(rows)('%s, on %s', (_, where, state, said) => expect(saidOf(property, where, state)).toEqual(said));

describe('i-keysync', () => {
  table(keySync, [
    ['registered under its key', 'v2p8', { sets: [['p0', 'e0']] }, []],
    [
      'registered under another key',
      'v2p8',
      { sets: [['p0', 'e0']], of: { p0: { key: 'e1' } } },
      [
        'p0 is in the set of producers under e0, its key is e1',
        'p0 has the key e1, but the set of producers does not hold it there',
      ],
    ],
    [
      'registered without a key',
      'v2p8',
      { sets: [['c1', 'e0']], of: { c1: { key: null } } },
      ['c1 is in the set of consumers under e0, its key is null'],
    ],
    ['registered under NULL', 'v2p8', { sets: [['p0', null]] }, []],
    [
      'registered under NULL, of which the claim does not speak, with a key',
      'v2p8',
      { sets: [['p0', null]], of: { p0: { key: 'e0' } } },
      ['p0 has the key e0, but the set of producers does not hold it there'],
    ],
    ['a key that its caller owns, and no entry', 'base', { of: { p0: { key: 'e0' } } }, []],
  ]);
});

describe('i-uniq', () => {
  const two = { sets: [['p0', 'e0'] as const, ['p1', 'e0'] as const] };
  table(unique, [
    ['two under one key', 'base', two, ['two producers are registered under e0: e0: p1, e0: p0']],
    ['two under two keys', 'base', { ...two, of: { p1: { key: 'e1' } } }, []],
    ['one of each half under one key', 'base', { sets: [...two.sets.slice(1), ['c0', 'e0']] }, []],
    [
      'two under NULL',
      'v1p3',
      {
        sets: [
          ['c0', null],
          ['c1', null],
        ],
      },
      ['two consumers are registered under NULL: NULL: c1, NULL: c0'],
    ],
  ]);

  it('asks of every set, but not of an xarray, a slot of which holds one entry', () => {
    const asked = ['base', 'longpeng-hlist', 'likexu-draft3', 'v2p8'].map(
      (where) => unique.state?.checks(worldOf(where)).length,
    );
    expect(asked).toEqual([2, 2, 2, 0]);
  });
});

describe('i-pairsym', () => {
  table(pairSymmetry, [
    ['bound to each other', 'v2p8', { of: { p0: { peer: 'c0' }, c0: { peer: 'p0' } } }, []],
    [
      'bound to one who is bound to nobody',
      'v2p8',
      { of: { p0: { peer: 'c0' } } },
      ['p0 is bound to c0, which is bound to nobody'],
    ],
    [
      'bound to one who is bound to another',
      'v2p8',
      { of: { p0: { peer: 'c0' }, c0: { peer: 'p1' }, p1: { peer: 'c0' } } },
      ['p0 is bound to c0, which is bound to p1'],
    ],
    ['one partner', 'base', { of: { c0: { added: ['p0'] }, c1: { added: ['p1'] } } }, []],
    [
      'a consumer with two partners',
      'base',
      { of: { c0: { added: ['p0', 'p1'] } } },
      ['c0 is connected with p0 and p1'],
    ],
    [
      'a producer with two partners',
      'base',
      { of: { c0: { added: ['p0'] }, c1: { added: ['p0'] } } },
      ['p0 is connected with c0 and c1'],
    ],
  ]);
});

describe('i-pairkey', () => {
  const bound = { p0: { peer: 'c0' }, c0: { peer: 'p0' } };
  const pair = (one: Key, other: Key): Entries => [
    ['p0', one],
    ['c0', other],
  ];
  table(pairKey, [
    ['a pair under one key', 'v2p8', { sets: pair('e0', 'e0'), of: bound }, []],
    [
      'a pair under two keys',
      'v2p8',
      { sets: pair('e0', 'e1'), of: bound },
      ['p0 (e0) and c0 (e1) are connected under different keys'],
    ],
    ['two under two keys that are no pair', 'v2p8', { sets: pair('e0', 'e1') }, []],
    [
      'a pair under NULL',
      'v2p8',
      { sets: pair(null, null), of: bound },
      ['p0 and c0 are connected under the NULL key'],
    ],
    [
      'a pair one half of which is under NULL',
      'v2p8',
      { sets: pair(null, 'e0'), of: bound },
      ['p0 (null) and c0 (e0) are connected under different keys'],
    ],
    [
      'a pair one half of which is not registered',
      'v2p8',
      { sets: [['p0', 'e0']], of: bound },
      ['p0 and c0 are connected, but c0 is not registered'],
    ],
    [
      'a half that is registered under its key and under another one before it',
      'v2p8',
      { sets: [['p0', 'e0'], ...pair('e1', 'e1')], of: bound },
      [],
    ],
    [
      'a half that is registered without a key, behind another entry',
      'v2p8',
      { sets: [['p1', 'e0'], ...pair('e1', 'e1')], of: { ...bound, p0: { peer: 'c0', key: null } } },
      [],
    ],
    [
      'a half that is registered without a key, under another one than its partner',
      'v2p8',
      { sets: [['p1', 'e1'], ...pair('e0', 'e1')], of: { ...bound, p0: { peer: 'c0', key: null } } },
      ['p0 (e0) and c0 (e1) are connected under different keys'],
    ],
  ]);
});

describe('i-complete', () => {
  const sets = [['p0', 'e0'] as const, ['c0', 'e0'] as const];
  const apart = 'p0 and c0 are both registered under e0, but not connected';
  table(complete, [
    ['two under one key who are not bound', 'v2p8', { sets }, [apart]],
    ['two under one key who are bound', 'v2p8', { sets, of: { p0: { peer: 'c0' } } }, []],
    ['two under one key, bound to another', 'v2p8', { sets, of: { p0: { peer: 'c1' } } }, [apart]],
    ['two under two keys', 'base', { sets, of: { p0: { key: 'e1' } } }, []],
  ]);
});

describe('i-deadobj', () => {
  const freed = { freed: true };
  table(deadObject, [
    [
      'registered and freed',
      'v2p8',
      { sets: [['c0', 'e0']], of: { c0: freed } },
      ['the set of consumers holds c0, which was freed'],
    ],
    ['freed and not registered', 'v2p8', { sets: [['c1', 'e0']], of: { c0: freed } }, []],
    [
      'bound to one who was freed',
      'v2p8',
      { of: { p0: { peer: 'c0' }, c0: freed } },
      ['p0 is bound to c0, which was freed'],
    ],
    ['bound to one who was freed, and freed as well', 'v2p8', { of: { p0: { peer: 'c0', ...freed }, c0: freed } }, []],
    ['bound, and freed alone', 'v2p8', { of: { p0: { peer: 'c0', ...freed } } }, []],
  ]);
});

describe('i-keyref', () => {
  const put = { put: true };
  table(keyReference, [
    [
      'registered under an eventfd that was put',
      'v2p8',
      { sets: [['p0', 'e0']], of: { e0: put } },
      ['p0 is registered under e0, whose last reference was put'],
    ],
    ['registered under another eventfd', 'v2p8', { sets: [['p0', 'e1']], of: { e0: put } }, []],
  ]);
});

describe('i-leak', () => {
  const isLeft = 'p0 is still registered under e0 and nobody will unregister it';
  table(leak, [
    ['nothing', 'base', {}, []],
    ['one reference and no entry', 'base', { references: 1 }, ['1 references on irqbypass.ko are left']],
    ['two references and no entry', 'base', { references: 2 }, ['2 references on irqbypass.ko are left']],
    ['a producer and its reference', 'base', { sets: [['p0', 'e0']], references: 1 }, [isLeft]],
    [
      'a consumer and its reference',
      'base',
      { sets: [['c0', 'e1']], references: 1 },
      ['c0 is still registered under e1 and nobody will unregister it'],
    ],
    ['a producer without a reference', 'v2p8', { sets: [['p0', 'e0']] }, [isLeft]],
    [
      'an irqfd that is assigned, and its reference',
      'base two-vms',
      { sets: [['c0', 'e0']], of: { c0: { eventfd: 'e0' } }, references: 1 },
      [],
    ],
  ]);
});

/** A step by the state before it, what is other in the state after it, who is told what, and what is shown. */
interface Step {
  readonly before?: State;
  readonly after?: State;
  readonly to?: string;
  readonly told?: object;
  readonly shown?: readonly object[];
}

/** What a property says of a step. */
function saidOfStep({ step }: Property, where: string, { before = {}, to = 'registry', ...more }: Step): string | null {
  const { after = before, told = { type: 'callback_return', value: 0 }, shown = [] } = more;
  const world = worldOf(where);
  const [old, now] = [stateWith(world, before), stateWith(world, after)];
  const touched = Array.from({ length: world.width }, (_, column) => column).filter(
    (column) => old.row.get(column) !== now.row.get(column),
  );
  const event = { to, message: told } as never;
  const observations = shown as never;
  return step?.({ before: old, after: now, event, observations, touched: new Set(touched) }) ?? null;
}

type StepRow = readonly [title: string, where: string, step: Step, said: string | null];

const steps = (property: Property, rows: readonly StepRow[]): void =>
  it.each(rows)('%s, on %s', (_, where, step, said) => expect(saidOfStep(property, where, step)).toBe(said));

/** t0's call returns. */
const returns = (value: number | null, object: Key = 'p0', op = 'register_producer'): object => ({
  kind: 'return',
  caller: 't0',
  op,
  object,
  value,
});
const callback = (object: string, name: string): object => ({ kind: 'callback', object, callback: name });
/** A call of t0 holds the mutex. */
const holding = (op: string, object: string, more: object = {}): Contents => ({
  registry: { op, object, caller: 't0', ...more },
});

describe('i-notrace', () => {
  const shown = [returns(-16)];
  const entered: State = { sets: [['p1', 'e0']] };
  const changed = "register_producer(p0) returned -16 and changed the manager's state";
  /** p0 is refused in the end: the state after it. */
  const refused = (of: Contents, more: State = {}): Step => ({
    before: { of: holding('register_producer', 'p0', { producer: 'p0', consumer: 'c0' }) },
    after: { ...more, of },
    shown: [returns(-5)],
  });
  const failed = 'register_producer(p0) returned -5, but';

  steps(noTrace, [
    ['refused at once, with nothing changed', 'v2p8', { before: entered, shown }, null],
    ['refused at once, with an entry less', 'v2p8', { before: entered, after: {}, shown }, changed],
    ['refused at once, with an entry at the head', 'base', { after: { sets: [['c1', null]] }, shown }, changed],
    ['refused at once, with an entry under NULL', 'v2p8', { after: { sets: [['p1', null]] }, shown }, changed],
    ['refused at once, with a key changed', 'v2p8', { after: { of: { p1: { key: 'e0' } } }, shown }, changed],
    ['refused at once, with a key changed by its owner', 'v1p2', { after: { of: { p1: { key: 'e0' } } }, shown }, null],
    ['refused at once, with a binding changed', 'v2p8', { after: { of: { p1: { peer: 'c0' } } }, shown }, changed],
    ['refused at once, with a binding changed', 'v1p2', { after: { of: { c1: { peer: 'p0' } } }, shown }, changed],
    ['refused at once, with a ledger changed', 'v2p8', { after: { of: { c1: { added: ['p0'] } } }, shown }, changed],
    ['refused at once, with another field changed', 'v2p8', { after: { of: { p1: { irq: 5 } } }, shown }, null],
    [
      'refused at once, while another call holds the mutex',
      'v2p8',
      { before: { of: holding('register_producer', 'p0', { caller: 't1' }) }, after: entered, shown },
      changed,
    ],
    ['succeeds', 'v2p8', { after: entered, shown: [returns(0)] }, null],
    ['returns nothing', 'v2p8', { after: entered, shown: [returns(null)] }, null],
    ['refused, of no struct', 'v2p8', { after: entered, shown: [returns(-16, null)] }, null],
    ['another call fails', 'v2p8', { after: entered, shown: [returns(-16, 'p0', 'unregister_producer')] }, null],
    [
      'another call returns, and then the registration',
      'v2p8',
      { after: entered, shown: [returns(0, 'p0', 'unregister_producer'), ...shown] },
      changed,
    ],
    ['a call, and no return', 'v2p8', { after: entered, shown: [{ ...returns(-16), kind: 'call' }] }, null],
  ]);

  steps(noTrace, [
    ['fails to connect, and all is as before', 'v2p8', refused({}), null],
    ['fails to connect, and another is registered', 'v2p8', refused({}, { sets: [['p1', 'e0']] }), null],
    [
      'fails to connect, and is registered',
      'v2p8',
      refused({}, { sets: [['p0', 'e0']] }),
      `${failed} the object is in the set`,
    ],
    ['fails to connect, and is bound', 'v2p8', refused({ p0: { peer: 'c0' } }), `${failed} it is bound to c0`],
    ['fails to connect, and knows c0', 'v2p8', refused({ p0: { added: ['c0'] } }), `${failed} c0 is still added to p0`],
    [
      'fails to connect, and c0 knows it',
      'v2p8',
      refused({ c0: { added: ['p0'] } }),
      `${failed} p0 is still added to c0`,
    ],
    ['fails to connect, and c0 knows another', 'v2p8', refused({ c0: { added: ['p1'] } }), null],
    [
      'fails to connect, and c0 knows another as well',
      'v2p8',
      refused({ c0: { added: ['p1', 'p0'] } }),
      `${failed} p0 is still added to c0`,
    ],
    ['fails to connect, and a third one knows it', 'v2p8', refused({ c1: { added: ['p0'] } }), null],
    [
      'fails to connect, and cannot be told to forget',
      'v2p8 optional-callbacks',
      {
        before: { of: holding('register_producer', 'p1', { producer: 'p1', consumer: 'c0' }) },
        after: { of: { p1: { added: ['c0'] } } },
        shown: [returns(-5, 'p1')],
      },
      null,
    ],
    ['fails to connect, and has a key', 'v2p8', refused({ p0: { key: 'e0' } }), `${failed} its key is e0`],
    ['fails to connect, and has the key that its caller gave it', 'base', refused({ p0: { key: 'e0' } }), null],
    ['fails to connect, and another has a key', 'v2p8', refused({ p1: { key: 'e0' } }), null],
  ]);
});

describe('i-owner', () => {
  const both: State = {
    sets: [
      ['p0', 'e0'],
      ['p1', 'e1'],
    ],
  };
  const told = { type: 'unregister_producer', object: 'p0' };
  const removed = 'unregister(p0) removed the entry of p1 under e1';
  /** p0's own entry is gone, or another one. */
  const leaves = (...sets: Entries): Step => ({ before: both, after: { sets }, told });

  steps(owner, [
    ['its own entry is gone', 'v2p8', leaves(['p1', 'e1']), null],
    ['another entry is gone', 'v2p8', leaves(['p0', 'e0']), removed],
    ['every entry is gone', 'v2p8', leaves(), removed],
    ['another entry is gone, in a list', 'base', leaves(['p0', 'e0']), removed],
    ['another one has another key', 'v2p8', leaves(['p1', 'e0']), removed],
    ['its entry is where another was', 'v2p8', leaves(['p0', 'e1']), removed],
    [
      'another entry is gone, in the middle of the call',
      'v2p8',
      {
        before: { ...both, of: holding('unregister_producer', 'p0') },
        after: { sets: [['p0', 'e0']] },
      },
      removed,
    ],
    [
      'another entry is gone, in the middle of a registration',
      'v2p8',
      {
        before: { ...both, of: holding('register_producer', 'p0') },
        after: {},
      },
      null,
    ],
    ['another entry is gone, when somebody else is asked', 'v2p8', { ...leaves(), to: 't0' }, null],
    [
      'another entry is gone, when the registry is asked something else',
      'v2p8',
      {
        ...leaves(),
        told: { ...told, type: 'register_producer' },
      },
      null,
    ],
    ['an entry is gone, of a call about nobody', 'v2p8', { ...leaves(), told: { type: told.type } }, null],
  ]);

  /** Callbacks in unregister(p0). */
  const calls = (of: Contents, ...shown: readonly object[]): Step => ({ before: { of }, told, shown });
  const call = { kind: 'call', caller: 't0', op: 'unregister_producer', object: 'p0' };
  const strange = (called: string): string => `unregister(p0) called ${called}, which is not its partner`;

  steps(owner, [
    ['a callback of its own', 'v2p8', calls({}, callback('p0', 'stop')), null],
    ['a callback of a stranger', 'v2p8', calls({}, callback('c0', 'stop')), strange('c0.stop')],
    [
      'a callback of a stranger, after something else',
      'v2p8',
      calls({}, call, callback('c0', 'stop')),
      strange('c0.stop'),
    ],
    [
      'a callback of a stranger, after its own',
      'v2p8',
      calls({}, callback('p0', 'stop'), callback('c1', 'stop')),
      strange('c1.stop'),
    ],
    ['no callback', 'v2p8', calls({}, { ...callback('c0', 'stop'), kind: 'reentry' }), null],
    ['the start of a stranger', 'v2p8', calls({}, callback('c0', 'start')), null],
    ['a callback of whom it is bound to', 'v2p8', calls({ p0: { peer: 'c0' } }, callback('c0', 'stop')), null],
    ['a callback of who is bound to it', 'v2p8', calls({ c0: { peer: 'p0' } }, callback('c0', 'stop')), null],
    ['a callback of whom it knows', 'v2p8', calls({ p0: { added: ['c0'] } }, callback('c0', 'stop')), null],
    ['a callback of who knows it', 'v2p8', calls({ c0: { added: ['p0'] } }, callback('c0', 'stop')), null],
    [
      'a callback of one while it is bound to another',
      'v2p8',
      calls({ p0: { peer: 'c1' } }, callback('c0', 'stop')),
      strange('c0.stop'),
    ],
    ['del_consumer of a stranger', 'v2p8', calls({}, callback('p1', 'del_consumer')), strange('p1.del_consumer')],
  ]);

  const unpaired = (called: object): Step => ({ told: { type: 'unregister_consumer', object: 'c0' }, shown: [called] });
  const world = 'v2p8 optional-callbacks';

  steps(owner, [
    ['del_consumer of a producer without add_consumer', world, unpaired(callback('p0', 'del_consumer')), null],
    [
      'another callback of a producer without add_consumer',
      world,
      unpaired(callback('p0', 'stop')),
      'unregister(c0) called p0.stop, which is not its partner',
    ],
    [
      'del_consumer of a producer with add_consumer',
      world,
      unpaired(callback('p1', 'del_consumer')),
      'unregister(c0) called p1.del_consumer, which is not its partner',
    ],
  ]);
});

describe('i-idemp', () => {
  const told = { type: 'unregister_producer', object: 'p0' };
  const another: State = { sets: [['p1', 'e0']] };
  const own: State = { sets: [['p0', 'e0']] };
  const shown = [callback('c0', 'stop')];
  const said = 'unregister(p0), which is not registered, called c0.stop';

  steps(idempotent, [
    ['nothing is done', 'v2p8', { before: another, told }, null],
    ['a callback of one who is not registered', 'v2p8', { before: another, told, shown }, said],
    ['a callback of one who is registered', 'v2p8', { before: own, told, shown }, null],
    [
      'a callback of one who is registered without a key',
      'v2p8',
      { before: { ...own, of: { p0: { key: null } } }, told, shown },
      null,
    ],
    ['a callback in the middle of the call', 'v2p8', { before: { of: holding(told.type, 'p0') }, shown }, said],
    [
      'a callback in the middle of a registration',
      'v2p8',
      { before: { of: holding('register_producer', 'p0') }, told, shown },
      null,
    ],
    ['a callback when somebody else is asked', 'v2p8', { told, shown, to: 't0' }, null],
    [
      'the head of a list is gone',
      'base',
      { before: another, after: {}, told },
      'unregister(p0), which is not registered, changed a set',
    ],
    ['its own entry is gone', 'base', { before: own, after: {}, told }, null],
  ]);
});

describe('i-err', () => {
  const [EIO, ENOMEM, EBUSY, ENODEV, EINVAL] = [-5, -12, -16, -19, -22] as const;
  const told = { type: 'register_producer', key: 'e0', object: 'p0' };
  const atOnce = (value: number | null, before: State = {}): Step => ({ before, told, shown: [returns(value)] });
  const later = (value: number): Step => ({ ...atOnce(value, { of: holding(told.type, 'p0') }) });
  const call = (value: number): string => `register_producer(p0) returned ${value}`;
  const never = (value: number): string => `${call(value)}, which no registration may return`;
  const late = (value: number): string => `${call(value)} after callbacks had run`;

  steps(errors, [
    ['success', 'v2p8', atOnce(0), null],
    ['no value', 'v2p8', atOnce(null), null],
    ['-EINVAL', 'v2p8', atOnce(EINVAL), null],
    ['-EINVAL after callbacks', 'v2p8', later(EINVAL), null],
    ['what a callback may answer', 'v2p8', later(EIO), null],
    ['what no callback may answer', 'v2p8 pairing', later(EIO), never(EIO)],
    ['-ENOMEM where an xarray allocates', 'v2p8', atOnce(ENOMEM), null],
    ['-ENOMEM where nothing is allocated', 'base', atOnce(ENOMEM), never(ENOMEM)],
    ['-ENODEV where the module is counted', 'base', atOnce(ENODEV), null],
    ['-ENODEV where it is not', 'v1p1', atOnce(ENODEV), never(ENODEV)],
    ['-ENOMEM after callbacks', 'v2p8', later(ENOMEM), late(ENOMEM)],
    ['-EBUSY after callbacks', 'v2p8', later(EBUSY), late(EBUSY)],
    ['the value of something else', 'v2p8', { shown: [returns(-9, 'c0', 'irqfd_assign')] }, null],
    ['the value of an unregistration', 'v2p8', { shown: [returns(-9, 'p0', 'unregister_producer')] }, null],
    [
      'the value of a registration after that of something else',
      'v2p8',
      { shown: [returns(0, 'c0', 'irqfd_assign'), returns(-9)] },
      never(-9),
    ],
    ['the value of a registration of no struct', 'v2p8', { shown: [returns(-9, null)] }, null],
    ['the value of no return', 'v2p8', { shown: [{ ...returns(-9), kind: 'call' }] }, null],
  ]);

  const isFree = (key: string): string => `${call(EBUSY)}, but ${key} is free`;
  const keyed: State = { of: { p0: { key: 'e0' } } };

  steps(errors, [
    ['-EBUSY for a key that is taken', 'v2p8', atOnce(EBUSY, { sets: [['p1', 'e0']] }), null],
    ['-EBUSY for a key that is free', 'v2p8', atOnce(EBUSY), isFree('e0')],
    ['-EBUSY for a key that a consumer has', 'v2p8', atOnce(EBUSY, { sets: [['c0', 'e0']] }), isFree('e0')],
    ['-EBUSY for a key while another is taken', 'v2p8', atOnce(EBUSY, { sets: [['p1', 'e1']] }), isFree('e0')],
    ['-EBUSY for one who is registered', 'v2p8', atOnce(EBUSY, { sets: [['p0', 'e1']] }), null],
    ['-EBUSY for NULL, which is free', 'v2p8', { ...atOnce(EBUSY), told: { type: told.type } }, isFree('NULL')],
    [
      '-EBUSY for NULL, which is taken',
      'v2p8',
      { ...atOnce(EBUSY, { sets: [['p1', null]] }), told: { type: told.type } },
      null,
    ],
    [
      "-EBUSY for the caller's key, which is taken",
      'base',
      { ...atOnce(EBUSY, { ...keyed, sets: [['p1', 'e0']] }), told: { type: told.type } },
      null,
    ],
    [
      "-EBUSY for the caller's key, which is free, while that of the message is taken",
      'base',
      { ...atOnce(EBUSY, { ...keyed, sets: [['p1', 'e1']] }), told: { ...told, key: 'e1' } },
      isFree('e0'),
    ],
  ]);
});
