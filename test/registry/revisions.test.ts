// The table of revisions: ids, aliases, and which policies each patch changes.
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/machines/manager/policy.ts';
import {
  DEFAULT_REVISION,
  findRevision,
  isKernelVersion,
  revisionOfKernel,
  revisions,
} from '../../src/registry/revisions.ts';

function policy(id: string): Policy {
  const found = findRevision(id);
  if (found === undefined) throw new Error(id);
  return found.policy;
}

/** Names of the policies in which two revisions differ. */
function changes(from: string, to: string): string[] {
  const [one, other] = [policy(from), policy(to)];
  return (Object.keys(one) as (keyof Policy)[]).filter(
    (key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]),
  );
}

describe('revisions', () => {
  it('are the ones of the command line', () => {
    const series = (version: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${version}p${i + 1}`);
    expect(revisions.map(({ id }) => id)).toEqual([
      'linux-4.4',
      'linux-4.7',
      'linux-5.9',
      'base',
      ...series('v1', 7),
      ...series('v2', 8),
      'likexu-v1',
      'likexu-v2',
      'likexu-draft3',
      'longpeng-hlist',
    ]);
    expect(findRevision('linux-6.12')?.id).toBe('base');
    expect(findRevision('linux-6.17')?.id).toBe(DEFAULT_REVISION);
  });

  it.each([
    ['linux-4.4', 'linux-4.7', ['nullKey', 'nullUnregister']],
    ['linux-4.7', 'base', ['unregisterConsumer', 'identityTest']],
    ['base', 'linux-5.9', ['start', 'afterStart']],
    ['base', 'v1p1', ['moduleReference']],
    ['v1p1', 'v1p2', ['mightSleep']],
    ['v1p2', 'v1p3', ['keyOwner', 'nullKey']],
    ['v1p3', 'v1p4', ['binding']],
    ['v1p4', 'v1p5', ['unregisterProducer', 'unregisterConsumer', 'binding']],
    ['v1p5', 'v1p6', []],
    ['v1p6', 'v1p7', ['index', 'insertion', 'unregisterProducer', 'unregisterConsumer', 'identityTest', 'order']],
    ['v1p3', 'v2p3', ['identityTest']],
    ['v1p7', 'v2p7', ['indexRead']],
    ['v2p7', 'v2p8', ['irq']],
    ['base', 'longpeng-hlist', ['index', 'consumerLookup']],
  ])('%s to %s changes %j', (from, to, expected) => {
    expect(changes(from, to).toSorted()).toEqual([...expected].toSorted());
  });

  it('say where each was seen', () => {
    expect(Object.fromEntries(revisions.map(({ id, where }) => [id, where]))).toEqual({
      'linux-4.4': 'Linux 4.4 to 4.6',
      'linux-4.7': 'Linux 4.7 to 4.9',
      'linux-5.9': 'Linux 5.9 to 5.12',
      base: 'Linux 4.10 to 5.8, 5.13 to 6.16',
      ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`v1p${n}`, `patch ${n} of the series as first posted`])),
      ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`v2p${n}`, `patch ${n} of the series as merged`])),
      v2p8: 'Linux 6.17',
      'likexu-v1': 'an attempt that was not merged',
      'likexu-v2': 'an attempt that was not merged',
      'likexu-draft3': 'an attempt that was not merged',
      'longpeng-hlist': 'an attempt that was not merged',
    });
  });

  it.each(revisions.map((one) => [one.id, one] as const))('%s says what it is, and where that is from', (_, one) => {
    expect(one.title).toMatch(/^\S+( \S+)+$/);
    expect(one.source).toMatch(/^(lore \d{14}\.\d+(-\d|,|$)|[\da-f]{12}|Linux 6\.12$|September 2023$)/);
    expect(one.source).not.toMatch(/,$/);
  });

  it('before the series: what Linux 6.12 does', () => {
    expect(policy('base')).toEqual({
      index: 'list',
      insertion: 'list_add',
      keyOwner: 'caller',
      nullKey: 'refused',
      nullUnregister: 'returns',
      unregisterProducer: 'by-key',
      unregisterConsumer: 'by-identity',
      identityTest: { producers: false, consumers: true },
      binding: 'implied',
      order: 'connect-first',
      undo: true,
      moduleReference: true,
      mightSleep: true,
      indexRead: 'after-lock',
      irq: 'field',
      consumerLookup: 'consumers',
      start: 'always',
      afterStart: 'returns',
    } satisfies Policy);
  });

  it('of Linux 6.17: what the series has made of that', () => {
    expect(policy('v2p8')).toEqual({
      ...policy('base'),
      index: 'xarray',
      insertion: 'xa_insert',
      keyOwner: 'manager',
      nullKey: 'accepted',
      unregisterProducer: 'by-index',
      unregisterConsumer: 'by-index',
      identityTest: { producers: false, consumers: false },
      binding: 'used',
      order: 'insert-first',
      moduleReference: false,
      mightSleep: false,
      indexRead: 'before-lock',
      irq: 'argument',
    } satisfies Policy);
  });

  it.each<readonly [string, Partial<Policy>]>([
    ['linux-4.4', { nullKey: 'accepted', nullUnregister: 'searches', unregisterConsumer: 'by-key' }],
    ['linux-5.9', { start: 'on-success', afterStart: 'del_consumer' }],
    ['v1p4', { binding: 'tracked', identityTest: { producers: false, consumers: true } }],
    ['v1p5', { binding: 'used', unregisterProducer: 'by-binding', unregisterConsumer: 'by-binding' }],
    ['likexu-v1', { index: 'xarray', insertion: 'xa_store', order: 'connect-first', undo: false, keyOwner: 'caller' }],
    ['likexu-v2', { index: 'xarray', insertion: 'xa_store', order: 'insert-first', undo: false }],
    [
      'likexu-draft3',
      {
        index: 'list+xarray',
        insertion: 'list_add+xa_store',
        identityTest: { producers: true, consumers: true },
        unregisterProducer: 'by-identity',
      },
    ],
    ['longpeng-hlist', { index: 'hash', consumerLookup: 'producers', insertion: 'list_add' }],
    ['linux-4.7', { identityTest: { producers: false, consumers: false } }],
    ['v1p7', { identityTest: { producers: false, consumers: false } }],
    ['v2p3', { identityTest: { producers: false, consumers: false } }],
    ['likexu-v1', { identityTest: { producers: false, consumers: false } }],
    ['likexu-v2', { identityTest: { producers: false, consumers: false } }],
  ])('%s has %j', (id, some) => {
    expect(policy(id)).toMatchObject(some);
  });

  it.each([
    ['4.4', 'linux-4.4'],
    ['4.6.7', 'linux-4.4'],
    ['4.7', 'linux-4.7'],
    ['4.9.337', 'linux-4.7'],
    ['4.10', 'base'],
    ['5.8', 'base'],
    ['5.9', 'linux-5.9'],
    ['v5.12.19', 'linux-5.9'],
    ['5.13', 'base'],
    ['6.1', 'base'],
    ['v6.12.95', 'base'],
    ['Linux-6.16', 'base'],
    ['6.17', 'v2p8'],
    ['6.17-rc3', 'v2p8'],
    ['6.17.0+deb14', 'v2p8'],
    ['linux-v6.20', 'v2p8'],
    ['10.0', 'v2p8'],
    ['4.3', undefined],
    ['3.99', undefined],
  ])('Linux %s has %s', (version, id) => {
    expect(isKernelVersion(version)).toBe(true);
    expect(revisionOfKernel(version)?.id).toBe(id);
  });

  it.each(['6', 'six', 'v2p8', '6.x', 'x6.17', '6.17_1', '6.17.', '-6.17', ''])(
    '%j is no version of a kernel',
    (text) => {
      expect(isKernelVersion(text)).toBe(false);
      expect(revisionOfKernel(text)).toBeUndefined();
    },
  );

  it('are found by id, by alias, by version', () => {
    expect(['v2p8', 'r8', 'linux-6.17', '6.18'].map((one) => findRevision(one)?.id)).toEqual([
      'v2p8',
      'v2p8',
      'v2p8',
      'v2p8',
    ]);
    expect(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'].map((one) => findRevision(one)?.id)).toEqual([
      'base',
      'v1p1',
      'v1p2',
      'v1p3',
      'v1p4',
      'v1p5',
      'v1p6',
      'v1p7',
    ]);
    expect(findRevision('v3p1')).toBeUndefined();
    expect(revisions.flatMap(({ aliases }) => aliases).join(' ')).toBe(
      'linux-6.12 r0 r1 r2 r3 r4 r5 r6 r7 linux-6.17 r8',
    );
  });
});
