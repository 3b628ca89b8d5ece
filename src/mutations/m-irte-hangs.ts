// irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock.
import type { Mutation } from './mutation.ts';

export const mIrteHangs: Mutation = {
  id: 'm-irte-hangs',
  title: 'irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock',
  source: 'invented: breaks l-irqfds-lock, while interrupts go on so that nothing is deadlocked',
  patches: {
    irte: () => ({
      chart: (chart) => ({
        ...chart,
        on: Object.fromEntries(Object.entries(chart.on ?? {}).filter(([type]) => type !== 'irq_set_vcpu_affinity')),
        waits: ['irq_set_vcpu_affinity'],
      }),
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['l-irqfds-lock', 'l-unlock'] }],
};
