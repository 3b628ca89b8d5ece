// The contestants: what the manager keeps its objects in, what was proposed, and what registers nothing at all.
import type { Policy } from '../machines/manager/policy.ts';
import type { XArrayVariant } from './numbered-sets.ts';
import { findRevision } from '../registry/revisions.ts';

export const contestantIds = [
  'list',
  'hashtable',
  'xarray',
  'xarray-shifted',
  'lean',
  'list+xarray',
  'opt-out',
  'posted-irqs-off',
] as const;
export type ContestantId = (typeof contestantIds)[number];

/** One way to keep track of producers and consumers. */
export interface Contestant {
  readonly id: ContestantId;
  readonly title: string;
  /** The manager's policies; the machines of this row run in virtual time. */
  readonly policy: Policy;
  /** How an xarray is indexed, and of what nodes it is made. */
  readonly variant: XArrayVariant;
  /** Whose consumers KVM registers: of all VMs, of those with an assigned device (that have producers), of none. */
  readonly registers: 'all' | 'devices' | 'none';
}

function policyOf(revision: string): Policy {
  const found = findRevision(revision);
  if (found === undefined) throw new RangeError(`no revision ${revision}`);
  return found.policy;
}

const merged = policyOf('v2p8');
const common = { variant: 'faithful', registers: 'all' } as const;

/** All contestants, oldest first. */
export const contestants: readonly Contestant[] = [
  { ...common, id: 'list', title: 'two lists (Linux 6.12)', policy: policyOf('base') },
  {
    ...common,
    id: 'hashtable',
    // As Jason Wang asked for: look-ups in one bucket. As posted, the test for the own address walks all buckets.
    title: 'two hash tables of 512 buckets, on top of the series',
    policy: { ...policyOf('v2p6'), index: 'hash' },
  },
  { ...common, id: 'xarray', title: 'two xarrays (Linux 6.17)', policy: merged },
  {
    ...common,
    id: 'xarray-shifted',
    title: 'two xarrays indexed by pointer >> 6',
    policy: merged,
    variant: 'shifted',
  },
  {
    ...common,
    id: 'lean',
    title: 'pointer >> 6 in nodes without gaps (in no kernel)',
    policy: merged,
    variant: 'lean',
  },
  { ...common, id: 'list+xarray', title: 'lists with xarrays as hints (draft 3)', policy: policyOf('likexu-draft3') },
  {
    ...common,
    id: 'opt-out',
    title: 'per-VM opt-out (proposed): VMs without devices register nothing',
    policy: merged,
    registers: 'devices',
  },
  {
    ...common,
    id: 'posted-irqs-off',
    title: 'enable_device_posted_irqs=N: no VM registers consumers',
    policy: merged,
    registers: 'none',
  },
];

/** The contestant of an id. */
export function contestantOf(id: ContestantId): Contestant {
  const found = contestants.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`no contestant ${id}`);
  return found;
}
