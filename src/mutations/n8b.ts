// The snapshot of the route is taken outside of the retry loop.
import type { Machine, Patch } from '../engine/actors/machine.ts';
import { post } from '../engine/actors/effects.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** What was read is used later, whatever was written meanwhile. */
const usesSnapshot = (machine: Machine): Patch => ({
  handlers: {
    injectAtOnce: changed(machine, 'injectAtOnce', (effects) =>
      effects.map((effect) => (effect.do === 'call' ? post(effect.to, effect.message) : effect)),
    ),
  },
});

export const n8b: Mutation = {
  id: 'n8b',
  title: 'The snapshot of the route is taken outside of the retry loop: a wakeup injects by an old one',
  source: "fixed in Hyper-V's irqfd (2025-12)",
  patches: { irqfd: usesSnapshot, 'irqfd-svm': usesSnapshot },
  shown: [{ scenario: 'routing-race', revision: 'v2p8', breaks: ['i-routefresh'], steps: 15 }],
};
