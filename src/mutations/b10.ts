// The IRTE keeps posting to the old vCPU when the new route cannot be posted.
import { handlers } from '../engine/actors/handlers.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import { postable } from '../machines/kvm/route.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const b10: Mutation = {
  id: 'b10',
  title: 'The IRTE keeps posting to the old vCPU when the new route cannot be posted',
  source: 'CVE-2025-37885, 9bcac97dc42d (2025)',
  patches: {
    irqfd: () => ({
      guards: {
        hasNoRoute: handlers<IrqfdContext, IrqfdMessage>().whenever(({ context }) => postable(context.entry) === null),
      },
      chart: (chart) =>
        changeTransitions(chart, 'routing.updating', 'pi_update_irte', (transitions) => [
          ...transitions.slice(0, -1),
          { guard: 'hasNoRoute', target: 'idle', actions: 'routingUpdated' },
          ...transitions.slice(-1),
        ]),
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-irte', 'i-routefresh'], steps: 16 }],
};
