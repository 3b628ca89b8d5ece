// The table of revisions: ids, aliases, and which policies each patch changes.
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/machines/manager/policy.ts';
import { DEFAULT_REVISION, findRevision, revisions } from '../../src/registry/revisions.ts';

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
});
