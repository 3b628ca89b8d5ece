// irqfd->producer is never set on arm64: no routing update reaches the architecture.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b30a: Mutation = {
  id: 'b30a',
  title: 'arm64 never sets irqfd->producer: routing updates of a forwarded vLPI reach nobody (open)',
  source: 'RFC 20260623081433.21250-1, withdrawn; so in every kernel',
  patches: {
    'irqfd-arm64-hooked': (machine) => ({
      handlers: { publish: changed(machine, 'publish', (effects) => effects.filter((effect) => effect.do !== 'set')) },
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
