// The first possible bypass irq comes while a vCPU is blocked, and nobody kicks that: its wake-up is lost.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b13a: Mutation = {
  id: 'b13a',
  title: 'The first possible bypass irq comes while a vCPU is blocked, and nobody kicks that',
  source: 'a2486020a82e (2021) fixed it; pi_start_bypass() today',
  patches: {
    vm: (machine) => ({
      handlers: {
        startBypass: changed(machine, 'startBypass', (effects) =>
          effects.filter((effect) => effect.do !== 'call' || effect.message.type !== 'unblock'),
        ),
      },
    }),
  },
  shown: [{ scenario: 'block-and-wake', revision: 'v2p8', breaks: ['l-wake', 'l-deliver'], steps: 20 }],
};
