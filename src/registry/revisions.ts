// Every version of the manager as a row of policies: the executable form of the series' patches and the rejected attempts.
//
// Sources: virt/lib/irqbypass.c of Linux 4.4 to 6.17, the eight patches between them (lore
// 20250404211449.1443336-1, 20250516230734.2564775), and the attempts before (20230301021830.880,
// 20230801115646.33990, 20230802051700.52321). The statechart in registry.ts reads these rows; there is no copy of it.

import type { Policy } from '../machines/manager/policy.ts';

/** The revision that is used when none is named: what Linux 6.17 has. */
export const DEFAULT_REVISION = 'v2p8';

/** A revision: its id, what it is, and its policies. */
export interface Revision {
  readonly id: string;
  readonly title: string;
  /** Which kernels do this, or where else it was seen: `Linux 6.17`. */
  readonly where: string;
  readonly aliases: readonly string[];
  readonly source: string;
  readonly policy: Policy;
}

const base: Policy = {
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
};
/** b52f3ed02220 (4.7): NULL is refused; consumers are still unregistered by token, and one in the list may be registered again. */
const linux47: Policy = {
  ...base,
  unregisterConsumer: 'by-key',
  identityTest: { producers: false, consumers: false },
};
/** f73f8173126b (4.4): NULL is a key like any other. */
const linux44: Policy = { ...linux47, nullKey: 'accepted', nullUnregister: 'searches' };
/** a979a6aa009f (5.9): nothing is started after a failure, and a success runs on into the del_consumer of the failure. */
const linux59: Policy = { ...base, start: 'on-success', afterStart: 'del_consumer' };
const r1: Policy = { ...base, moduleReference: false };
const r2: Policy = { ...r1, mightSleep: false };
const r3v1: Policy = { ...r2, keyOwner: 'manager', nullKey: 'accepted' };
const r3v2: Policy = { ...r3v1, identityTest: { producers: false, consumers: false } };
const r4 = (r3: Policy): Policy => ({ ...r3, binding: 'tracked' });
const r5 = (r3: Policy): Policy => ({
  ...r4(r3),
  binding: 'used',
  unregisterProducer: 'by-binding',
  unregisterConsumer: 'by-binding',
});
const r7 = (r3: Policy): Policy => ({
  ...r5(r3),
  index: 'xarray',
  insertion: 'xa_insert',
  order: 'insert-first',
  identityTest: { producers: false, consumers: false },
  unregisterProducer: 'by-index',
  unregisterConsumer: 'by-index',
});
const r7v2: Policy = { ...r7(r3v2), indexRead: 'before-lock' };
const r8: Policy = { ...r7v2, irq: 'argument' };

/** Like Xu's prerequisite: the producer side tests and matches by address too. */
const identity: Policy = {
  ...base,
  identityTest: { producers: true, consumers: true },
  unregisterProducer: 'by-identity',
};

function revision(
  id: string,
  title: string,
  source: string,
  policy: Policy,
  aliases: readonly string[] = [],
): Revision {
  return { id, title, where: whereOf(id), source, policy, aliases };
}

/** Where a revision was seen, in a few words. */
function whereOf(id: string): string {
  const kernels = kernelsOf
    .filter((one) => one.revision === id)
    .map(({ from, to }) => (to === null ? from : `${from} to ${to}`));
  if (kernels.length > 0) return `Linux ${kernels.join(', ')}`;
  const [, posting, patch] = /^v([12])p(\d)$/.exec(id) ?? [];
  if (patch === undefined) return 'an attempt that was not merged';
  return posting === '1' ? `patch ${patch} of the series as first posted` : `patch ${patch} of the series as merged`;
}

/** Which revision the kernels of mainline have, first to last. */
const kernelsOf: readonly { readonly from: string; readonly to: string | null; readonly revision: string }[] = [
  { from: '4.4', to: '4.6', revision: 'linux-4.4' },
  { from: '4.7', to: '4.9', revision: 'linux-4.7' },
  { from: '4.10', to: '5.8', revision: 'base' },
  { from: '5.9', to: '5.12', revision: 'linux-5.9' },
  { from: '5.13', to: '6.16', revision: 'base' },
  { from: '6.17', to: null, revision: 'v2p8' },
];

const v1 = 'lore 20250404211449.1443336';
const v2 = 'lore 20250516230734.2564775';

/** All revisions: the years before the series, its two postings, the rejected attempts. */
export const revisions: readonly Revision[] = [
  revision('linux-4.4', 'Linux 4.4 to 4.6: NULL is a key, consumers are matched by token', 'f73f8173126b', linux44),
  revision('linux-4.7', 'Linux 4.7 to 4.9: NULL is refused, consumers are matched by token', 'b52f3ed02220', linux47),
  revision(
    'linux-5.9',
    'Linux 5.9 to 5.12: start only after success, which then runs del_consumer',
    'a979a6aa009f, reverted by e44b49f623c7',
    linux59,
  ),
  revision(
    'base',
    'Before the series (4.10 to 5.8, 5.13 to 6.16): two lists, the caller owns the token',
    'Linux 6.12',
    base,
    ['linux-6.12', 'r0'],
  ),
  revision('v1p1', 'Drop pointless and misleading THIS_MODULE get/put', `${v1}-2, fa079a0616ed`, r1, ['r1']),
  revision('v1p2', 'Drop superfluous might_sleep()', `${v1}-3, 07fbc83c0152`, r2, ['r2']),
  revision('v1p3', 'Take ownership of token tracking', `${v1}-4`, r3v1, ['r3']),
  revision('v1p4', 'Explicitly track bindings', `${v1}-5`, r4(r3v1), ['r4']),
  revision('v1p5', 'Use the binding to disconnect during unregister', `${v1}-6`, r5(r3v1), ['r5']),
  revision('v1p6', 'Use guard(mutex)', `${v1}-7`, r5(r3v1), ['r6']),
  revision('v1p7', 'Use an xarray to track producers and consumers', `${v1}-8`, r7(r3v1), ['r7']),
  revision('v2p1', 'Drop pointless and misleading THIS_MODULE get/put', `${v2}, fa079a0616ed`, r1),
  revision('v2p2', 'Drop superfluous might_sleep()', `${v2}, 07fbc83c0152`, r2),
  revision('v2p3', 'Take ownership of eventfd tracking', `${v2}, 2b521d86ee80`, r3v2),
  revision('v2p4', 'Explicitly track bindings', `${v2}, add57f493e08`, r4(r3v2)),
  revision('v2p5', 'Use the binding to disconnect during unregister', `${v2}, 5d7dbdce388b`, r5(r3v2)),
  revision('v2p6', 'Use guard(mutex)', `${v2}, 46a4bfd0ae48`, r5(r3v2)),
  revision('v2p7', 'Use an xarray to track producers and consumers', `${v2}, 8394b32faecd`, r7v2),
  revision('v2p8', 'Require producers to pass in the Linux irq number', `${v2}, 23b54381cee2`, r8, [
    'linux-6.17',
    'r8',
  ]),
  revision('likexu-v1', 'Like Xu v1: xarray, connect before the store, no undo', 'lore 20230801115646.33990', {
    ...identity,
    identityTest: { producers: false, consumers: false },
    index: 'xarray',
    insertion: 'xa_store',
    order: 'connect-first',
    undo: false,
  }),
  revision('likexu-v2', 'Like Xu v2: xarray, store before the connect, no erase', 'lore 20230802051700.52321', {
    ...identity,
    identityTest: { producers: false, consumers: false },
    index: 'xarray',
    insertion: 'xa_store',
    order: 'insert-first',
    undo: false,
  }),
  revision(
    'likexu-draft3',
    'Like Xu draft 3: list and xarray side by side (the xarray is a hint; the explorer keeps the list)',
    'September 2023',
    {
      ...identity,
      index: 'list+xarray',
      insertion: 'list_add+xa_store',
    },
  ),
  revision('longpeng-hlist', 'Longpeng: two hash tables of 512 buckets', 'lore 20230301021830.880', {
    ...base,
    index: 'hash',
    consumerLookup: 'producers',
  }),
];

/** Major and minor number of a kernel version as people write it: `6.17`, `v6.12.95`, `linux-6.1`, `6.17-rc3`. */
function kernelVersion(text: string): readonly [number, number] | undefined {
  const [, major, minor] = /^(?:linux-)?v?(\d+)\.(\d+)(?:\.\d+)*(?:[-+].*)?$/i.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** Is this written as the version of a kernel? */
export function isKernelVersion(text: string): boolean {
  return kernelVersion(text) !== undefined;
}

/**
 * What a kernel of mainline does; undefined where the version is before 4.4, which has no irqbypass, or is none.
 *
 * @example
 * revisionOfKernel('v6.12.95')?.id; // 'base'
 */
export function revisionOfKernel(version: string): Revision | undefined {
  const asked = kernelVersion(version);
  if (asked === undefined) return undefined;
  const isFrom = (from: string): boolean => {
    const [major, minor] = kernelVersion(from) ?? [0, 0];
    return asked[0] > major || (asked[0] === major && asked[1] >= minor);
  };
  const found = kernelsOf.findLast(({ from }) => isFrom(from));
  return revisions.find(({ id }) => id === found?.revision);
}

/** Finds a revision by id, alias or kernel version; undefined where there is none. */
export function findRevision(id: string): Revision | undefined {
  return revisions.find((r) => r.id === id || r.aliases.includes(id)) ?? revisionOfKernel(id);
}
