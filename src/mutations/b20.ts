// An eventfd is looked for only in the irqfds of one VM.
import type { Machine, Patch } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const waitsBehind = (machine: Machine): Patch => ({
  handlers: {
    poll: changed(machine, 'poll', (effects) =>
      effects.map((effect) => {
        if (effect.do !== 'call') return effect;
        const { exclusive: _exclusive, ...message } = effect.message as {
          readonly type: string;
          readonly exclusive?: true;
        };
        return { ...effect, message };
      }),
    ),
  },
});

export const b20: Mutation = {
  id: 'b20',
  title: 'One eventfd, two VMs: the second irqfd waits behind the first, and gets nothing',
  source: '2cdd64cbf990 (2025) made it one irqfd an eventfd, host wide',
  requires: { irq: 'argument' },
  patches: { irqfd: waitsBehind, 'irqfd-svm': waitsBehind, 'irqfd-arm64': waitsBehind, 'irqfd-powerpc': waitsBehind },
  shown: [{ scenario: 'two-vms', revision: 'v2p8', breaks: ['i-uniqfd'], steps: 10 }],
};
