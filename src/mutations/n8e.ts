// Shutdown leaves the count of the eventfd.
import type { EventfdContext } from '../machines/eventfd/eventfd.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const n8e: Mutation = {
  id: 'n8e',
  title: 'The shutdown job leaves what poll found in the eventfd: the next assign injects it once more',
  source: "fixed in Hyper-V's irqfd (2026)",
  patches: {
    eventfd: (machine) => ({
      handlers: {
        leave: changed(machine, 'leave', (effects, { context }) => {
          const { polled, counter } = context as EventfdContext;
          return effects.flatMap((effect) => {
            if (effect.do === 'show' && effect.observation.kind === 'interrupt') return [];
            return [
              effect.do === 'set'
                ? { ...effect, context: { ...effect.context, counter: [...polled, ...counter] } }
                : effect,
            ];
          });
        }),
      },
    }),
  },
  shown: [{ scenario: 'msix-mask', revision: 'v2p8', set: { masks: 2 }, breaks: ['i-nodup'], steps: 53 }],
};
