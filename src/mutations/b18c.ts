// The walk over a vCPU's list stops at the first IRTE that fails.
import type { Effect } from '../engine/actors/effects.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** Of the entries of the list, those behind the first one that refuses are not told. */
const stopsAtFirst = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects, { cells }) => {
    const isTold = (effect: Effect<object>) => effect.do === 'call' && effect.message.type === 'amd_iommu_update_ga';
    const refusing = effects.findIndex(
      (effect) => isTold(effect) && 'to' in effect && cells.constant(effect.to, 'refuses_ga') === true,
    );
    return refusing < 0 ? effects : effects.filter((effect, i) => i <= refusing || !isTold(effect));
  });

export const b18c: Mutation = {
  id: 'b18c',
  title: "The walk over a vCPU's ir_list stops at the first IRTE that fails: the others are not told where it runs",
  source: '48f79c6c86b3 (2025) fixed it',
  patches: {
    'vcpu-svm': (machine) => ({
      handlers: Object.fromEntries(
        ['putBlocking', 'putPreempted', 'load'].map((handler) => [handler, stopsAtFirst(machine, handler)]),
      ),
    }),
  },
  shown: [{ scenario: 'vcpu-migration', revision: 'v2p8', set: { refuses: true }, breaks: ['i-freshcpu'], steps: 28 }],
};
