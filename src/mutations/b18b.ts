// Where a vCPU runs is read, and written to the IRTE without ir_list_lock.
import type { Machine } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';
import { changed, handlerOf } from './patching.ts';

/** ir_list_lock is given back between reading where the vCPU runs and the write. */
const unlocksEarly = (machine: Machine, as: 'callback' | 'routing') => ({
  [`post.${as}`]: changed(machine, `post.${as}`, (effects, handled) => [
    ...[handlerOf(machine, `unlockNew.${as}`).run(handled)].flat(),
    ...effects,
  ]),
  [`unlockNew.${as}`]: changed(machine, `unlockNew.${as}`, () => []),
});

export const b18b: Mutation = {
  id: 'b18b',
  title: 'Where a vCPU runs is read and written to the IRTE without ir_list_lock: it moves in between',
  source: 'c3d591c91f9c (2025) fixed it',
  patches: {
    'irqfd-svm': (machine) => ({
      handlers: { ...unlocksEarly(machine, 'callback'), ...unlocksEarly(machine, 'routing') },
    }),
  },
  shown: [{ scenario: 'vcpu-migration', revision: 'v2p8', breaks: ['i-freshcpu'], steps: 16 }],
};
