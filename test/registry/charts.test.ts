// The charts of the registry, revision by revision, by hand from what each version of virt/lib/irqbypass.c does and in which order:
// pictures, plans and explanations call these steps by their names.
import { describe, expect, it } from 'vitest';
import { kindsOf } from '../../src/engine/actors/machine.ts';
import type { State, Transition } from '../../src/engine/actors/chart.ts';
import { many } from '../../src/engine/actors/chart.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';

const registryOf = (revision: string, knowsTasks = false) => createRegistry(revisionOf(revision).policy, knowsTasks);

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

/** Which callbacks a part of the chart calls, in order, and where it goes on, where some answer an error and some are NULL. */
function callbacks(
  revision: string,
  part: 'connecting' | 'disconnecting',
  fail: readonly string[],
  lacks: readonly string[],
): string {
  const { initial = '', states = {} } = registryOf(revision).declaration.chart.states?.['locked']?.states?.[part] ?? {};
  const called: string[] = [];
  let hasFailed = false;
  for (let name = initial; !name.startsWith('#');) {
    const state = states[name];
    const callback = many(state?.entry).map(String).join();
    const isNull = lacks.includes(callback);
    if (callback !== '' && !isNull) called.push(callback);
    const answersError = fail.includes(callback);
    hasFailed ||= answersError;
    const ways = many(
      (isNull || callback === '' ? state?.always : state?.on?.['callback_return']) as
        | Transition
        | readonly Transition[],
    );
    const holds = ({ guard }: Transition): boolean =>
      guard === undefined ||
      (guard === 'answersError' && answersError) ||
      (guard === 'hasFailed' && hasFailed) ||
      (isNull && callback === `${guard.replace('no ', '')}()`);
    name = ways.find(holds)?.target ?? '#nowhere';
    if (called.length > 20) return 'without end';
    if (name.startsWith('#')) called.push(name);
  }
  return called.join(' ').replaceAll('producer.', 'prod.').replaceAll('consumer.', 'cons.').replaceAll('()', '');
}

describe('the callbacks', () => {
  const stops = 'prod.stop cons.stop';
  const starts = 'cons.start prod.start';
  const adds = 'prod.add_consumer cons.add_producer';

  it.each(['linux-4.4', 'base', 'v1p7', 'v2p8', 'likexu-v2', 'longpeng-hlist'])(
    'of %s: stop, add, roll back, start',
    (revision) => {
      const connect = (fail: readonly string[] = [], lacks: readonly string[] = []) =>
        callbacks(revision, 'connecting', fail, lacks);
      expect(connect()).toBe(`${stops} ${adds} ${starts} #connected`);
      expect(connect(['producer.add_consumer()'])).toBe(`${stops} prod.add_consumer ${starts} #failed`);
      expect(connect(['consumer.add_producer()'])).toBe(`${stops} ${adds} prod.del_consumer ${starts} #failed`);
      // VFIO's producer has no callbacks: nothing is rolled back by it.
      const none = ['stop', 'start', 'add_consumer', 'del_consumer'].map((callback) => `producer.${callback}()`);
      expect(connect([], none)).toBe('cons.stop cons.add_producer cons.start #connected');
      expect(connect(['consumer.add_producer()'], none)).toBe('cons.stop cons.add_producer cons.start #failed');
      expect(connect([], ['consumer.stop()', 'consumer.start()'])).toBe(`prod.stop ${adds} prod.start #connected`);
    },
  );

  it('of 5.9 to 5.12: nothing is started after a failure, and a success runs on into del_consumer', () => {
    const connect = (...fail: readonly string[]) => callbacks('linux-5.9', 'connecting', fail, []);
    expect(connect()).toBe(`${stops} ${adds} ${starts} prod.del_consumer #connected`);
    expect(connect('producer.add_consumer()')).toBe(`${stops} prod.add_consumer #failed`);
    expect(connect('consumer.add_producer()')).toBe(`${stops} ${adds} prod.del_consumer #failed`);
  });

  it.each(['linux-5.9', 'base', 'v2p8'])('of %s that disconnect: stop, delete, start', (revision) => {
    const disconnect = (...lacks: readonly string[]) => callbacks(revision, 'disconnecting', [], lacks);
    expect(disconnect()).toBe(`${stops} cons.del_producer prod.del_consumer ${starts} #disconnected`);
    expect(disconnect('producer.del_consumer()', 'consumer.start()')).toBe(
      `${stops} cons.del_producer prod.start #disconnected`,
    );
  });
});
