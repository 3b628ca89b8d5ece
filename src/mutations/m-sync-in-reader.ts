// Whoever reads waits for all who read.
import { call } from '../engine/actors/effects.ts';
import type { SrcuMessage } from '../machines/kernel/srcu.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const mSyncInReader: Mutation = {
  id: 'm-sync-in-reader',
  title: 'An EOI waits for a grace period of irq_srcu in its own read section',
  source: 'invented: what I-SRCU forbids',
  patches: {
    vm: (machine) => ({
      handlers: {
        acknowledged: changed(machine, 'acknowledged', (_, { context }) => {
          const { self, irq_srcu, acker } = context as VmContext;
          if (acker === null) return [];
          return [call<SrcuMessage>(irq_srcu, { type: 'synchronize_srcu', caller: self, task: acker, as: 'eoi' })];
        }),
      },
    }),
  },
  shown: [{ scenario: 'resampler', revision: 'v2p8', breaks: ['i-srcu'], steps: 12 }],
};
