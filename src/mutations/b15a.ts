// A change of the host's affinity overwrites an IRTE that posts to a vCPU.
import { handlers } from '../engine/actors/handlers.ts';
import type { IrteContext, IrteMessage } from '../machines/iommu/irte.ts';
import type { Mutation } from './mutation.ts';

export const b15a: Mutation = {
  id: 'b15a',
  title: "A change of the host's affinity overwrites an IRTE that posts to a vCPU",
  source: '688124cc541f, 2454823e97a6 (2025-03)',
  patches: {
    irte: () => ({ guards: { isPosted: handlers<IrteContext, IrteMessage>().when('irq_set_affinity', () => false) } }),
  },
  shown: [{ scenario: 'affinity', revision: 'v2p8', breaks: ['i-irte'], steps: 14 }],
};
