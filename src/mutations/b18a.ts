// An irq moves to another vCPU, and stays on the list of the old one.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b18a: Mutation = {
  id: 'b18a',
  title: 'An irq that moves to another vCPU stays on the ir_list of the old one',
  source: 'a0ca34bb1aad, 0a917e9d4b70 (2025) fixed it',
  patches: {
    'irqfd-svm': (machine) => ({
      handlers: {
        'unlink.routing': changed(machine, 'unlink.routing', (effects) =>
          effects.filter((effect) => effect.do !== 'call' || effect.message.type !== 'ir_list_del'),
        ),
      },
    }),
  },
  shown: [{ scenario: 'routing-race', revision: 'v2p8', set: { arch: 'svm' }, breaks: ['i-irlist'], steps: 16 }],
};
