// A taken key is reported with -EEXIST.
import { set } from '../engine/actors/effects.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { errno } from '../machines/kernel/call.ts';
import { inCriticalSection, insertionOf } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const EEXIST = 17;

export const mEexist: Mutation = {
  id: 'm-eexist',
  title: 'A taken key is reported with -EEXIST',
  source: 'invented: breaks i-err',
  patches: {
    registry: (machine) => {
      const policy = machine.declaration.facts as Policy;
      return {
        handlers: {
          fail: inCriticalSection(() => set({ value: -EEXIST })),
          [insertionOf(policy)]: changed(machine, insertionOf(policy), (effects) =>
            effects.map((effect) => {
              const isBusy = effect.do === 'set' && (effect.context as { value?: number }).value === -errno.EBUSY;
              return isBusy ? { ...effect, context: { ...effect.context, value: -EEXIST } } : effect;
            }),
          ),
        },
      };
    },
  },
  shown: [{ scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['i-err'], steps: 4 }],
};
