// A route of another type with the same bytes left over counts as unchanged (arm64).
import { handlers } from '../engine/actors/handlers.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import { routeOf } from '../machines/kvm/route.ts';
import type { Mutation } from './mutation.ts';

export const b11b: Mutation = {
  id: 'b11b',
  title: 'A route of another type with the same bytes left over counts as unchanged (arm64, where updates reach it)',
  source: '1fbe6861a6d9 (2025) fixed it',
  patches: {
    'irqfd-arm64-hooked': () => ({
      guards: {
        isMappedAndMoves: handlers<IrqfdContext, IrqfdMessage>().when(
          'update_routing',
          ({ context, event }) =>
            context.producer !== null &&
            context.vcpu !== null &&
            routeOf(event.routes, context.gsi).vcpu !== context.vcpu,
        ),
      },
    }),
  },
  shown: [
    {
      scenario: 'routing-race',
      revision: 'v2p8',
      set: { arch: 'arm64', reached: true },
      breaks: ['i-irte'],
      steps: 35,
    },
  ],
};
