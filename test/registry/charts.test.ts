// The charts of the registry, revision by revision, by hand from what each version of virt/lib/irqbypass.c does and in which order:
// pictures, plans and explanations call these steps by their names.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../src/engine/actors/name.ts';
import { kindsOf } from '../../src/engine/actors/machine.ts';
import type { State, Transition } from '../../src/engine/actors/chart.ts';
import { bound, operation, unlocked } from '../../src/registry/critical-section.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { findRevision } from '../../src/registry/revisions.ts';

const registryOf = (revision: string, knowsTasks = false) => {
  const found = findRevision(revision);
  if (found === undefined) throw new Error(`no revision ${revision}`);
  return createRegistry(found.policy, knowsTasks);
};

const many = <T>(some: T | readonly T[] | undefined): readonly T[] =>
  some === undefined ? [] : Array.isArray(some) ? (some as readonly T[]) : [some as T];

/** A transition in short: `guard? actions -> target`. */
function short(transition: string | Transition): string {
  if (typeof transition === 'string') return `-> ${transition}`;
  const { guard, actions, target } = transition;
  return [...(guard === undefined ? [] : [`${guard}?`]), ...many(actions).map(String), `-> ${String(target)}`].join(
    ' ',
  );
}

/** What a state does when it is entered, and where it goes. */
const shortState = ({ entry, always }: State): readonly string[] => [
  ...many(entry).map(String),
  ...many(always as readonly Transition[]).map(short),
];

/** All of a critical section but the callbacks, and the ways into it. */
function chartOf(revision: string): Readonly<Record<string, readonly string[]>> {
  const { states = {} } = registryOf(revision).declaration.chart;
  const { unlocked: free, locked, ...others } = states;
  const ways = Object.entries(free?.on ?? {}).map(
    ([op, way]) => [op, many(way as Transition | readonly Transition[]).map(short)] as const,
  );
  const inside = Object.entries(locked?.states ?? {})
    .filter(([name]) => name !== 'connecting' && name !== 'disconnecting')
    .map(([name, state]) => [name, shortState(state)] as const);
  return {
    ...Object.fromEntries([...ways, ...inside]),
    ...Object.fromEntries(Object.entries(others).map(([name, state]) => [name, shortState(state)])),
  };
}

const base = {
  register_producer: ['lock readKey -> locked.registering'],
  register_consumer: ['lock readKey -> locked.registering'],
  unregister_producer: ['lock readKey findByKey -> locked.finding'],
  unregister_consumer: ['lock readKey findByIdentity -> locked.finding'],
  registering: ['isTaken? fail -> returning', 'consumerIsLinked? fail -> returning', '-> pairing'],
  pairing: ['findPartner', 'isCorrupt? -> #registry.corrupted', 'isPaired? -> connecting', '-> inserting'],
  connected: ['-> inserting'],
  failed: ['-> returning'],
  inserting: ['list_add', 'isCorrupt? -> #registry.corrupted', '-> committing'],
  committing: ['-> returning'],
  finding: ['isCorrupt? -> #registry.corrupted', 'isPaired? -> disconnecting', 'isFound? -> erasing', '-> returning'],
  disconnected: ['-> erasing'],
  erasing: ['list_del', 'isCorrupt? -> #registry.corrupted', 'dropModuleReference -> returning'],
  returning: ['putModule', 'finish', 'giveBack -> #registry.unlocked'],
  corrupted: ['reportCorruption'],
};

/** From v1p1 and v2p1 on nobody counts references on the module. */
const withoutReferences = {
  ...base,
  erasing: ['list_del', 'isCorrupt? -> #registry.corrupted', '-> returning'],
  returning: ['finish', 'giveBack -> #registry.unlocked'],
};

/** The manager owns the key: it is the argument, and becomes the struct's own when all went well. */
const ownsKey = {
  ...withoutReferences,
  register_producer: ['lock -> locked.registering'],
  register_consumer: ['lock -> locked.registering'],
  registering: ['isTaken? fail -> returning', '-> pairing'],
  committing: ['commit', '-> returning'],
  finding: [
    'isCorrupt? -> #registry.corrupted',
    'isPaired? -> disconnecting',
    'isFound? -> erasing',
    'warnOnKey -> returning',
  ],
  erasing: ['clearKey', 'list_del', 'isCorrupt? -> #registry.corrupted', '-> returning'],
};
const keyReadUnderLock = (producer: string, consumer: string) => ({
  unregister_producer: [`lock readKey ${producer} -> locked.finding`],
  unregister_consumer: [`lock readKey ${consumer} -> locked.finding`],
});

const tracksBindings = {
  ...ownsKey,
  connected: ['bind -> inserting'],
  disconnected: ['unbind -> erasing'],
  finding: [
    'isCorrupt? -> #registry.corrupted',
    'isPaired? warnOnOtherPeer -> disconnecting',
    'isFound? -> erasing',
    'warnOnKey -> returning',
  ],
};

const usesBindings = {
  ...tracksBindings,
  ...keyReadUnderLock('takeBinding', 'takeBinding'),
  finding: ['isCorrupt? -> #registry.corrupted', 'isPaired? -> disconnecting', '-> erasing'],
};

const { corrupted: _, ...usesXarray } = {
  ...usesBindings,
  registering: ['-> inserting'],
  inserting: ['xa_insert', 'hasFailed? -> returning', '-> pairing'],
  pairing: ['findPartner', 'isPaired? -> connecting', '-> committing'],
  connected: ['bind -> committing'],
  failed: ['-> undoing'],
  undoing: ['xa_erase', 'warnOnOtherEntry', 'clearKey', '-> returning'],
  finding: ['isPaired? -> disconnecting', '-> erasing'],
  erasing: ['xa_erase', 'warnOnOtherEntry', 'clearKey', '-> returning'],
};
/** v1p7 reads the index of what it erases under the lock, what was merged before it. */
const erasesIndex = { ...usesXarray, ...keyReadUnderLock('takeIndex', 'takeIndex') };
const readsIndexBefore = {
  ...usesXarray,
  unregister_producer: ['lock takeIndex -> locked.finding'],
  unregister_consumer: ['lock takeIndex -> locked.finding'],
};

/** Like Xu: producers are tested and found by address, too. */
const identity = { ...base, ...keyReadUnderLock('findByIdentity', 'findByIdentity') };
const { corrupted: __, ...likexu } = {
  ...identity,
  registering: ['isTaken? fail -> returning', '-> pairing'],
  pairing: ['findPartner', 'isPaired? -> connecting', '-> inserting'],
  inserting: ['xa_store', 'hasFailed? -> returning', '-> committing'],
  finding: ['isPaired? -> disconnecting', 'isFound? -> erasing', '-> returning'],
  erasing: ['xa_erase', 'dropModuleReference -> returning'],
};

describe('the chart of the registry', () => {
  it.each<readonly [string, Readonly<Record<string, readonly string[]>>]>([
    ['base', base],
    ['linux-5.9', base],
    [
      'linux-4.4',
      {
        ...base,
        ...keyReadUnderLock('findByKey', 'findByKey'),
        registering: ['isTaken? fail -> returning', '-> pairing'],
      },
    ],
    ['v1p1', withoutReferences],
    ['v1p3', { ...ownsKey, registering: base.registering, ...keyReadUnderLock('findByKey', 'findByIdentity') }],
    ['v2p3', { ...ownsKey, ...keyReadUnderLock('findByKey', 'findByIdentity') }],
    ['v2p4', { ...tracksBindings, ...keyReadUnderLock('findByKey', 'findByIdentity') }],
    ['v2p5', usesBindings],
    ['v1p7', erasesIndex],
    ['v2p7', readsIndexBefore],
    ['v2p8', readsIndexBefore],
    ['likexu-v1', likexu],
    [
      'likexu-v2',
      {
        ...likexu,
        registering: ['isTaken? fail -> returning', '-> inserting'],
        inserting: ['xa_store', 'hasFailed? -> returning', '-> pairing'],
        pairing: ['findPartner', 'isPaired? -> connecting', '-> committing'],
        connected: ['-> committing'],
      },
    ],
    [
      'likexu-draft3',
      {
        ...identity,
        registering: [
          'isTaken? fail -> returning',
          'producerIsLinked? fail -> returning',
          'consumerIsLinked? fail -> returning',
          '-> pairing',
        ],
        inserting: ['list_add_and_xa_store', 'isCorrupt? -> #registry.corrupted', '-> committing'],
        erasing: ['list_del_and_xa_erase', 'isCorrupt? -> #registry.corrupted', 'dropModuleReference -> returning'],
      },
    ],
    [
      'longpeng-hlist',
      {
        ...base,
        pairing: [
          'findPartnerAmongProducers',
          'isCorrupt? -> #registry.corrupted',
          'isPaired? -> connecting',
          '-> inserting',
        ],
        inserting: ['hash_add', 'isCorrupt? -> #registry.corrupted', '-> committing'],
        erasing: ['hash_del', 'isCorrupt? -> #registry.corrupted', 'dropModuleReference -> returning'],
      },
    ],
  ])('of %s', (revision, expected) => {
    expect(chartOf(revision)).toEqual(expected);
  });

  it('is that of an object, with a lock class and tasks where these are known', () => {
    const plain = registryOf('v2p8');
    const withTasks = registryOf('v2p8', true);
    expect([kindsOf(plain).includes('object'), kindsOf(withTasks).includes('object')]).toEqual([true, true]);
    expect([plain, withTasks].map(({ declaration }) => declaration.constants)).toEqual([
      { allocation_faults: false },
      { allocation_faults: false, class: 'irqbypass.lock' },
    ]);
    expect([plain, withTasks].map(({ declaration }) => declaration.families?.map(({ id }) => id))).toEqual([
      ['producers', 'consumers', 'module_references'],
      ['producers', 'consumers', 'module_references', 'task'],
    ]);
  });
});

describe('the critical section', () => {
  const [t0, p0] = ['t0', 'p0'] as [Name, Name];

  it('has an operation only while one is in progress', () => {
    const whole = { ...unlocked, op: 'register_producer', object: p0, caller: t0 } as const;
    expect(operation(whole)).toEqual({ op: 'register_producer', object: p0, caller: t0 });
    for (const missing of ['op', 'object', 'caller'])
      expect(() => operation({ ...whole, [missing]: null })).toThrow(new Error('no operation in progress'));
    expect(() => operation(unlocked)).toThrow('no operation in progress');
  });

  it('has halves only of a pair', () => {
    expect(bound({ ...unlocked, producer: p0 }, 'producer')).toBe(p0);
    expect(() => bound({ ...unlocked, producer: p0 }, 'consumer')).toThrow(new Error('no consumer in this operation'));
  });

  it('begins with nothing', () => {
    expect(unlocked).toEqual({
      op: null,
      object: null,
      key: null,
      caller: null,
      task: null,
      as: null,
      producer: null,
      consumer: null,
      paired: false,
      found: false,
      allocationFails: false,
      value: 0,
      corruption: null,
    });
  });
});
