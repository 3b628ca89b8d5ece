// The walk over a vCPU's list stops at the first IRTE that fails.
import type { Machine } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** The first one fails, and the others are not told. */
const stopsAtFirst = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects) =>
    effects.filter((effect) => effect.do !== 'call' || effect.message.type !== 'amd_iommu_update_ga'),
  );

export const b18c: Mutation = {
  id: 'b18c',
  title:
    "The walk over a vCPU's ir_list stops at an IRTE that fails: those behind it are not told where it runs (here the first one stands for it)",
  source: '48f79c6c86b3 (2025) fixed it',
  patches: {
    'vcpu-svm': (machine) => ({
      handlers: Object.fromEntries(
        ['putBlocking', 'putPreempted', 'load'].map((handler) => [handler, stopsAtFirst(machine, handler)]),
      ),
    }),
  },
  shown: [{ scenario: 'vcpu-migration', revision: 'v2p8', breaks: ['i-freshcpu'], steps: 16 }],
};
