// vDPA sets up offloading for an irq that is shared.
import { handlers } from '../engine/actors/handlers.ts';
import type { QueueContext, QueueMessage } from '../machines/vdpa/vdpa-queue.ts';
import type { Mutation } from './mutation.ts';

const { whenever } = handlers<QueueContext, QueueMessage>();

export const b26: Mutation = {
  id: 'b26',
  title: 'vDPA registers a producer for an irq that is shared: get_vq_irq() is negative',
  source: 'cce0ab2b2a39 fixed it',
  patches: {
    'vdpa-queue': () => ({
      guards: {
        registers: whenever(({ context }) => context.driverOk && context.ctx !== null),
        registersQuietly: whenever(({ context }) => context.handles === null && context.driverOk),
      },
    }),
  },
  shown: [{ scenario: 'vdpa-swap', revision: 'v2p8', set: { shared: true }, breaks: ['i-irqexcl'], steps: 18 }],
};
