// User space does not quiesce the device.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b23: Mutation = {
  id: 'b23',
  title: 'User space does not quiesce the device around a live update: what comes meanwhile is lost',
  source: 'Steve Sistare, 2025-07, declined: the contract is to quiesce first (gap G8a)',
  patches: {
    device: (machine) => ({
      handlers: { quiesce: changed(machine, 'quiesce', (effects) => effects.filter((effect) => effect.do !== 'set')) },
    }),
  },
  shown: [{ scenario: 'live-update', revision: 'v2p8', breaks: ['i-noloss'], steps: 23 }],
};
