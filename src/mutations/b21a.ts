// The list of those that resample a GSI is walked while its members are freed.
import { call } from '../engine/actors/effects.ts';
import type { Machine, Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const doesNotWait = (machine: Machine): Patch => ({
  handlers: {
    leaveResampler: changed(machine, 'leaveResampler', (effects, { context }) =>
      effects.map((effect) =>
        effect.do === 'call' && effect.message.type === 'synchronize_srcu'
          ? call((context as IrqfdContext).self, { type: 'return.shutdown', value: null })
          : effect,
      ),
    ),
  },
});

export const b21a: Mutation = {
  id: 'b21a',
  title: 'The list of resampling irqfds is no RCU list: an EOI walks it while members are freed',
  source: 'd583fbd7066a (2023) fixed it',
  patches: { irqfd: doesNotWait, 'irqfd-svm': doesNotWait },
  shown: [{ scenario: 'resampler', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 17 }],
};
