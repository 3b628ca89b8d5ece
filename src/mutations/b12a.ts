// VFIO puts the old trigger of INTx while its handler may still signal it.
import { handlers } from '../engine/actors/handlers.ts';
import type { IntxContext, IntxMessage } from '../machines/vfio/vfio-intx.ts';
import type { Mutation } from './mutation.ts';

export const b12a: Mutation = {
  id: 'b12a',
  title: 'The old trigger of INTx is put before the handler that uses it is over',
  source: 'CVE-2024-26812 (also 26813, 26814, CVE-2026-46034 for other buses): synchronize_irq() before the put',
  patches: { 'vfio-intx': () => ({ guards: { isQuiet: handlers<IntxContext, IntxMessage>().whenever(() => true) } }) },
  shown: [
    { scenario: 'intx-swap', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 21 },
    { scenario: 'intx-swap', revision: 'v2p8', set: { hangs_up: true }, breaks: ['i-evref'], steps: 16 },
  ],
};
