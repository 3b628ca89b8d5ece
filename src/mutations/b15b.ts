// Taking a posting back restores remapped mode though the host has posted MSIs.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';
import type { IrteContext } from '../machines/iommu/irte.ts';

export const b15b: Mutation = {
  id: 'b15b',
  title: 'Taking a posting back restores remapped mode, though the host has its MSIs posted',
  source: '688124cc541f, 2454823e97a6 (2025-03)',
  patches: {
    irte: (machine) => ({
      handlers: {
        setVcpuAffinity: changed(machine, 'setVcpuAffinity', (effects, { event }) => {
          if ((event as { readonly vcpu: unknown }).vcpu !== null) return effects;
          const entry: IrteContext['entry'] = { mode: 'remapped' };
          return effects.map((effect) => (effect.do === 'set' ? { ...effect, context: { entry } } : effect));
        }),
      },
    }),
  },
  shown: [{ scenario: 'affinity', revision: 'v2p8', breaks: ['i-irte'], steps: 18 }],
};
