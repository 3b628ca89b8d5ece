// A routing update leaves the old vLPI mapped.
import { handlers } from '../engine/actors/handlers.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';

export const b22a: Mutation = {
  id: 'b22a',
  title: 'A routing update leaves the old vLPI mapped',
  source: '4bf3693d36af (2025) was to fix it',
  patches: {
    'irqfd-arm64-hooked': () => ({
      guards: { isMappedAndMoves: handlers<IrqfdContext, IrqfdMessage>().when('update_routing', () => false) },
    }),
  },
  shown: [
    {
      scenario: 'routing-race',
      revision: 'v2p8',
      set: { arch: 'arm64', reached: true },
      breaks: ['i-irte', 'i-routefresh'],
      steps: 28,
    },
  ],
};
