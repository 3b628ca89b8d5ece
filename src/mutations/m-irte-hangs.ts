// irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock.
import { changeState } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';

export const mIrteHangs: Mutation = {
  id: 'm-irte-hangs',
  title: 'irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock',
  source: 'invented: breaks l-irqfds-lock, while interrupts go on so that nothing is deadlocked',
  patches: {
    irte: () => ({
      chart: (chart) =>
        changeState(chart, 'idle', ({ on = {}, ...state }) => ({
          ...state,
          on: Object.fromEntries(Object.entries(on).filter(([type]) => type !== 'irq_set_vcpu_affinity')),
          waits: ['irq_set_vcpu_affinity'],
        })),
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['l-irqfds-lock', 'l-unlock'] }],
};
