// A failed resolution of the LPI fails the connect.
import type { Machine } from '../engine/actors/machine.ts';
import { UNMAPPED_INTERRUPT } from '../machines/kvm/vgic.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** The positive number that its_resolve_lpi() answers is what add_producer returns. */
const failsConnect = (machine: Machine) =>
  changed(machine, 'unresolved', (effects) =>
    effects.map((effect) =>
      effect.do === 'call' && effect.message.type === 'callback_return'
        ? { ...effect, message: { ...effect.message, value: UNMAPPED_INTERRUPT } }
        : effect,
    ),
  );

export const b22e: Mutation = {
  id: 'b22e',
  title: 'An LPI that the guest has not mapped fails the connect, by a number that is no errno',
  source: '5c57533eb8c1 (2025) fixed it',
  requires: { irq: 'argument' },
  patches: { 'irqfd-arm64': (machine) => ({ handlers: { unresolved: failsConnect(machine) } }) },
  shown: [{ scenario: 'restore', revision: 'v2p8', set: { order: 'never' }, breaks: ['i-err'], steps: 19 }],
};
