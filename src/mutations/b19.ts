// What becomes postable while AVIC is inhibited is not remembered.
import type { Machine } from '../engine/actors/machine.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const forgets = (machine: Machine, as: 'callback' | 'routing') =>
  changed(machine, `link.${as}`, (effects, { context, cells }) =>
    cells.load((context as IrqfdContext).vm, 'avic_inhibited') === true ? [] : effects,
  );

export const b19: Mutation = {
  id: 'b19',
  title: 'What becomes postable while AVIC is inhibited is not recorded, and never posted',
  source: '6df262f915ab fixed it',
  patches: {
    'irqfd-svm': (machine) => ({
      handlers: { 'link.callback': forgets(machine, 'callback'), 'link.routing': forgets(machine, 'routing') },
    }),
  },
  shown: [
    { scenario: 'avic-inhibit', revision: 'v2p8', set: { ends: false }, breaks: ['l-bypass', 'i-irte'], steps: 20 },
  ],
};
