// Revisions as drawings: each differs from the one before in what its patch changed (kernel-spec part 1), in nothing else.
import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/engine/diagrams/chart.ts';
import { chartDifference, differenceText } from '../../../src/engine/diagrams/chart-difference.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import { findRevision, revisions } from '../../../src/registry/revisions.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';

function policyOf(revision: string): Policy {
  const found = findRevision(revision);
  if (found === undefined) throw new Error(`no revision ${revision}`);
  return found.policy;
}

/** In what the drawings of two revisions differ: of all machines, each line after the machine that it is about. */
function differences(before: string, after: string): readonly string[] {
  const [first, second] = [machinesOf(policyOf(before), 'clean'), machinesOf(policyOf(after), 'clean')];
  return machineIds.flatMap((id) =>
    chartDifference(chartOf(first[id]), chartOf(second[id])).map((one) => `${id} ${differenceText(one)}`),
  );
}

const of = (machine: string, lines: readonly string[]): string[] => lines.map((line) => `${machine} ${line}`);
const ofRegistry = (...lines: readonly string[]): string[] => of('registry', lines);
/** The same of producer and consumer. */
const ofHalves = (lines: (half: string) => readonly string[]): string[] =>
  ['consumer', 'producer'].flatMap((half) => of(half, lines(half)));
const halves = ['consumer', 'producer'] as const;
const requests = 'register_producer, register_consumer, unregister_producer, unregister_consumer';
/** A way through an unlocked half does something else. */
const way = (op: string, before: string, after: string): string =>
  `~ the machine : ${op} / ${before} => the machine : ${op} / ${after}`;

/** Whoever calls: threads, and work that runs a list of calls. */
const ofCallers = (...lines: readonly string[]): string[] =>
  lines.flatMap((line) => [`thread ${line}`, `work ${line.replaceAll('idle', 'running')}`]);

/** R1: no reference on irqbypass.ko is taken, nor given back. */
const noModule = ofRegistry(
  '~ locked.erasing --> locked.returning : / dropModuleReference => locked.erasing --> locked.returning',
  '~ locked.returning: entry / putModule, finish => locked.returning: entry / finish',
);
const noModuleTest = ofHalves((half) => [
  `- the machine : register_${half} [moduleGetFails] / mightSleep, noDevice`,
  `- the machine : unregister_${half} [moduleGetFails] / mightSleep, returnAtOnce`,
]);
const moduleReference = [
  ...noModule,
  ...noModuleTest,
  ...ofHalves((half) => [
    way(`register_${half}`, 'mightSleep, getModule, waitForLock', 'mightSleep, waitForLock'),
    way(`unregister_${half}`, 'mightSleep, getModule, waitForLock', 'mightSleep, waitForLock'),
  ]),
];
/** R2: might_sleep() goes. */
const mightSleep = ofHalves((half) => [
  way(`register_${half}`, 'mightSleep, waitForLock', 'waitForLock'),
  way(`unregister_${half}`, 'mightSleep, waitForLock', 'waitForLock'),
]);
/** R3: the manager writes the key, after __connect() (D3.6), and clears it; it warns where there is one already. */
const managersKey = [
  ...ofRegistry(
    '~ locked.committing: nothing is done => locked.committing: entry / commit',
    ...halves.map(
      (half) =>
        `~ unlocked --> locked.registering : register_${half} / lock, readKey => unlocked --> locked.registering : register_${half} / lock`,
    ),
  ),
  ...ofHalves((half) => [
    `+ the machine : register_${half} [hasKey] / warnRegistered`,
    `- the machine : register_${half} [hasNoKey] / refuse`,
  ]),
  ...ofCallers('~ calling --> idle : return / clearToken, goOn => calling --> idle : return / goOn'),
];
const key = [
  ...managersKey,
  ...ofRegistry(
    '~ locked.erasing: entry / list_del => locked.erasing: entry / clearKey, list_del',
    // R3 and R4: whoever is not found in the list warns (D3.7).
    '~ locked.finding --> locked.returning => locked.finding --> locked.returning : / warnOnKey',
  ),
  ...ofCallers('~ idle --> calling : call / fillIrq, fillToken, call => idle --> calling : call / fillIrq, call'),
];
/** R3 of the second posting: no walk that compares addresses. */
const noIdentityTest = ofRegistry('- locked.registering --> locked.returning : [consumerIsLinked] / fail');
/** R4: step 5 of __connect() and of __disconnect(), after both start callbacks; the partner found by key is compared with the bound one. */
const binding = ofRegistry(
  '~ locked.connected --> locked.inserting => locked.connected --> locked.inserting : / bind',
  '~ locked.disconnected --> locked.erasing => locked.disconnected --> locked.erasing : / unbind',
  '~ locked.finding --> locked.disconnecting : [isPaired] => locked.finding --> locked.disconnecting : [isPaired] / warnOnOtherPeer',
);
/** unregister finds its entry in another way. */
const finds = (half: string, before: string, after: string): string =>
  `~ unlocked --> locked.finding : unregister_${half} / lock, ${before} => unlocked --> locked.finding : unregister_${half} / lock, ${after}`;
/** R5: unregister looks for nothing: no walk, no warning. */
const noWalk = ofRegistry(
  '~ locked.finding --> locked.disconnecting : [isPaired] / warnOnOtherPeer => locked.finding --> locked.disconnecting : [isPaired]',
  '- locked.finding --> locked.erasing : [isFound]',
  '~ locked.finding --> locked.returning : / warnOnKey => locked.finding --> locked.erasing',
  finds('consumer', 'readKey, findByIdentity', 'readKey, takeBinding'),
  finds('producer', 'readKey, findByKey', 'readKey, takeBinding'),
);
/** R7, D7.2: insert first, connect second. */
const insertFirst = ofRegistry(
  '~ locked.registering --> locked.pairing => locked.registering --> locked.inserting',
  '~ locked.inserting --> locked.committing => locked.inserting --> locked.pairing',
  '~ locked.pairing --> locked.inserting => locked.pairing --> locked.committing',
);
const xarray = [
  ...insertFirst,
  ...ofRegistry(
    // xa_insert() tells that the key is taken, and may fail (D7.1).
    '- locked.registering --> locked.returning : [isTaken] / fail',
    '+ locked.inserting --> locked.returning : [hasFailed]',
    // What a failing connect leaves is erased.
    '~ locked.failed --> locked.returning => locked.failed --> locked.undoing',
    '+ locked.undoing: entry / xa_erase, warnOnOtherEntry, clearKey',
    '+ locked.undoing --> locked.returning',
    // D7.4: there is no list node any more whose misuse would corrupt memory.
    '- locked.inserting --> corrupted : [isCorrupt]',
    '- locked.pairing --> corrupted : [isCorrupt]',
    '- locked.finding --> corrupted : [isCorrupt]',
    '- locked.erasing --> corrupted : [isCorrupt]',
    `- corrupted: entry / reportCorruption; waits: ${requests}`,
  ),
];
/** R7 as a patch: the list, which the manager's keys were cleared before, becomes an xarray; xa_erase() is looked at. */
const listToXarray = [
  ...xarray,
  ...ofRegistry(
    '~ locked.inserting: entry / list_add => locked.inserting: entry / xa_insert',
    '~ locked.erasing: entry / clearKey, list_del => locked.erasing: entry / xa_erase, warnOnOtherEntry, clearKey',
    '~ locked.connected --> locked.inserting : / bind => locked.connected --> locked.committing : / bind',
  ),
];
/** R8: the irq is an argument. */
const irqArgument = [
  `producer ${way('register_producer', 'waitForLock', 'setIrq, waitForLock')}`,
  ...ofCallers('~ idle --> calling : call / fillIrq, call => idle --> calling : call / call'),
];

/** Irqfds of every architecture. */
const irqfds = ['irqfd', 'irqfd-svm', 'irqfd-arm64', 'irqfd-arm64-hooked', 'irqfd-powerpc'] as const;
const onRegion = (before: string, after: string): string => `~ ${before} => ${after}`;
/**
 * Where the irq is an argument KVM is that of Linux 6.17: KVM_IRQFD asks the wait queue of the eventfd first, which refuses one that is
 * taken, and lists the irqfd second; a vLPI that is to be unmapped is looked for by its host irq.
 */
const laterKvm = [
  ...irqfds.flatMap((irqfd) =>
    of(irqfd, [
      onRegion('life.begun --> life.locking : / lockItems', 'life.begun --> life.entering : / enterReadSection'),
      onRegion(
        'life.entering --> life.unlocking : return.assign / activate, unlockItems',
        'life.entering --> life.locking : return.assign / lockItems',
      ),
      onRegion(
        'life.updating --> life.entering : irq_entry / takeEntry, enterReadSection',
        'life.updating --> life.polling : irq_entry / takeEntry, poll',
      ),
      // Whether an eventfd has an irqfd its wait queue says, no longer a walk of the VM's list.
      '- life.updating --> life.aborting : irq_entry [isTaken] / abort',
      '+ life.polling --> life.aborting : return.assign [failed] / leaveReadSection, abort',
      onRegion(
        'life.polling --> life.leaving : return.assign / assigned, leaveReadSection, putFile',
        'life.polling --> life.unlocking : return.assign / activate, unlockItems',
      ),
      '- life.polling --> life.registering : return.assign [isToBypass] / register',
      '+ life.unlocking --> life.registering : return.assign [isToBypass] / register',
      onRegion(
        'life.unlocking --> life.polling : return.assign / poll',
        'life.unlocking --> life.leaving : return.assign / assigned, leaveReadSection, putFile',
      ),
    ]),
  ),
  // Where there is none nobody is warned.
  ...(['irqfd-arm64', 'irqfd-arm64-hooked'] as const).flatMap((irqfd) =>
    of(irqfd, [
      onRegion(
        'bypass.findingToUnmap --> bypass.idle : return.callback [isNotHw] / warnMismatch, unlockIts, deleted',
        'bypass.findingToUnmap --> bypass.idle : return.callback [isNotHw] / unlockIts, deleted',
      ),
    ]),
  ),
  `irqfd-arm64 ${onRegion(
    'bypass.lockingToUnmap --> bypass.findingToUnmap : return.callback / findLpi',
    'bypass.lockingToUnmap --> bypass.findingToUnmap : return.callback / findHostIrq',
  )}`,
  `irqfd-arm64-hooked ${onRegion(
    'bypass.withdrawing --> bypass.findingToUnmap : return.callback / withdraw, findLpi',
    'bypass.withdrawing --> bypass.findingToUnmap : return.callback / withdraw, findHostIrq',
  )}`,
];

it('base and v2p8 differ in what the series changed and in the KVM that it is for, and in nothing else', () => {
  expect(differences('base', 'v2p8').toSorted()).toEqual(
    [
      ...noModule,
      ...noModuleTest,
      ...managersKey,
      ...noIdentityTest,
      ...xarray,
      ...laterKvm,
      // R1, R2 and R8 together.
      `consumer ${way('register_consumer', 'mightSleep, getModule, waitForLock', 'waitForLock')}`,
      `producer ${way('register_producer', 'mightSleep, getModule, waitForLock', 'setIrq, waitForLock')}`,
      ...ofHalves((half) => [way(`unregister_${half}`, 'mightSleep, getModule, waitForLock', 'waitForLock')]),
      // R3 and R8.
      ...ofCallers('~ idle --> calling : call / fillIrq, fillToken, call => idle --> calling : call / call'),
      ...ofRegistry(
        '~ locked.inserting: entry / list_add => locked.inserting: entry / xa_insert',
        // R3 and R7.
        '~ locked.erasing: entry / list_del => locked.erasing: entry / xa_erase, warnOnOtherEntry, clearKey',
        // R4 and R7: bound, and then committed.
        '~ locked.connected --> locked.inserting => locked.connected --> locked.committing : / bind',
        '~ locked.disconnected --> locked.erasing => locked.disconnected --> locked.erasing : / unbind',
        // R5 and R7: by-key and by-identity become the binding, and the index as it was read before the lock.
        '- locked.finding --> locked.erasing : [isFound]',
        '~ locked.finding --> locked.returning => locked.finding --> locked.erasing',
        finds('consumer', 'readKey, findByIdentity', 'takeIndex'),
        finds('producer', 'readKey, findByKey', 'takeIndex'),
      ),
    ].toSorted(),
  );
});

describe('a patch of the series', () => {
  it.each([
    ['base', 'v1p1', 'no module references', moduleReference],
    ['base', 'v2p1', 'no module references', moduleReference],
    ['v1p1', 'v1p2', 'might_sleep() goes', mightSleep],
    ['v2p1', 'v2p2', 'might_sleep() goes', mightSleep],
    ['v1p2', 'v1p3', 'the manager owns the key', key],
    ['v2p2', 'v2p3', 'the manager owns the key', [...key, ...noIdentityTest]],
    ['v1p3', 'v1p4', 'bindings are tracked', binding],
    ['v2p3', 'v2p4', 'bindings are tracked', binding],
    ['v1p4', 'v1p5', 'the binding is used', noWalk],
    ['v2p4', 'v2p5', 'the binding is used', noWalk],
    ['v1p5', 'v1p6', 'guard(mutex) changes nothing', []],
    ['v2p5', 'v2p6', 'guard(mutex) changes nothing', []],
    [
      'v1p6',
      'v1p7',
      'the xarray; the index is read under the lock',
      [
        ...listToXarray,
        ...noIdentityTest,
        ...ofRegistry(...halves.map((half) => finds(half, 'readKey, takeBinding', 'readKey, takeIndex'))),
      ],
    ],
    [
      'v2p6',
      'v2p7',
      'the xarray; the index is read before the lock',
      [...listToXarray, ...ofRegistry(...halves.map((half) => finds(half, 'readKey, takeBinding', 'takeIndex')))],
    ],
    ['v2p7', 'v2p8', 'the irq is an argument, and KVM that of Linux 6.17', [...irqArgument, ...laterKvm]],
  ])('%s to %s changes what it says, and nothing else: %s', (before, after, _, changes) => {
    expect(differences(before, after).toSorted()).toEqual(changes.toSorted());
  });
});

describe('a revision off the series', () => {
  it('linux-5.9 starts nothing after a failure, and a success runs on into del_consumer', () => {
    const at = (key: string): string => `locked.connecting.${key}`;
    const redirected = (from: string, before: string, after: string, label: string): string =>
      `~ ${at(from)} --> ${before} : ${label} => ${at(from)} --> ${after} : ${label}`;
    const answered = 'callback_return / takeValue';
    expect(differences('base', 'linux-5.9').toSorted()).toEqual(
      ofRegistry(
        redirected('addConsumer', at('startConsumer'), 'locked.failed', 'callback_return [answersError] / takeValue'),
        redirected('delConsumer', at('startConsumer'), at('started'), '[no producer.del_consumer]'),
        redirected('delConsumer', at('startConsumer'), at('started'), answered),
        redirected('startProducer', at('started'), at('delConsumer'), '[no producer.start]'),
        redirected('startProducer', at('started'), at('delConsumer'), answered),
      ).toSorted(),
    );
  });

  it("Like Xu's second attempt stores before it connects", () => {
    expect(differences('likexu-v1', 'likexu-v2').toSorted()).toEqual(
      [
        ...insertFirst,
        ...ofRegistry('~ locked.connected --> locked.inserting => locked.connected --> locked.committing'),
      ].toSorted(),
    );
  });
});

describe('two revisions are different drawings', () => {
  it('but for those that say the same', () => {
    const drawing = (policy: Policy): string =>
      JSON.stringify(Object.values(machinesOf(policy, 'clean')).map((one: Machine) => chartOf(one)));
    const groups = Map.groupBy(revisions, ({ policy }) => drawing(policy));
    const several = [...groups.values()].filter(({ length }) => length > 1);
    // Patches 1 and 2 are the same in both postings; patch 6 is guard(mutex).
    expect(several.map((group) => group.map(({ id }) => id))).toEqual([
      ['v1p1', 'v2p1'],
      ['v1p2', 'v2p2'],
      ['v1p5', 'v1p6'],
      ['v2p5', 'v2p6'],
    ]);
  });

  it.each([
    [
      'linux-4.4',
      'linux-4.7',
      'a NULL key',
      ofHalves((half) => [
        `+ the machine : register_${half} [hasNoKey] / refuse`,
        `+ the machine : unregister_${half} [hasNoKey] / returnAtOnce`,
      ]),
    ],
    [
      'linux-4.7',
      'base',
      'how register and unregister look for a consumer',
      ofRegistry(
        '+ locked.registering --> locked.returning : [consumerIsLinked] / fail',
        finds('consumer', 'readKey, findByKey', 'readKey, findByIdentity'),
      ),
    ],
    [
      'base',
      'longpeng-hlist',
      'a hash table, and the partner is looked up in the wrong set',
      ofRegistry(
        '~ locked.erasing: entry / list_del => locked.erasing: entry / hash_del',
        '~ locked.inserting: entry / list_add => locked.inserting: entry / hash_add',
        '~ locked.pairing: entry / findPartner => locked.pairing: entry / findPartnerAmongProducers',
      ),
    ],
    [
      'base',
      'likexu-draft3',
      'list and xarray side by side',
      ofRegistry(
        '+ locked.registering --> locked.returning : [producerIsLinked] / fail',
        '~ locked.erasing: entry / list_del => locked.erasing: entry / list_del_and_xa_erase',
        '~ locked.inserting: entry / list_add => locked.inserting: entry / list_add_and_xa_store',
        finds('producer', 'readKey, findByKey', 'readKey, findByIdentity'),
      ),
    ],
  ])('%s and %s: %s', (before, after, _, changes) => {
    expect(differences(before, after).toSorted()).toEqual(changes.toSorted());
  });
});
