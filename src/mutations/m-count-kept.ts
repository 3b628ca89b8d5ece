// nr_possible_bypass_irqs only grows.
import type { Mutation } from './mutation.ts';
import { handlerOf } from './patching.ts';

export const mCountKept: Mutation = {
  id: 'm-count-kept',
  title: 'A disconnect does not count nr_possible_bypass_irqs down',
  source: 'invented: vCPUs of the VM are on wakeup lists for ever',
  patches: {
    vm: (machine) => ({
      handlers: {
        // Not even looked at.
        stopBypass: { ...handlerOf(machine, 'stopBypass'), run: () => [] },
      },
    }),
  },
  shown: [{ scenario: 'affinity', revision: 'v2p8', breaks: ['i-count'], steps: 18 }],
};
