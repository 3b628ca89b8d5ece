// The AMD IOMMU says that it posts, and does not.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const b16: Mutation = {
  id: 'b16',
  title: 'The AMD IOMMU answers success without posting',
  source: '07172206a26d fixed it',
  patches: {
    'irte-amd': (machine) => ({
      handlers: {
        setVcpuAffinity: changed(machine, 'setVcpuAffinity', (effects) =>
          effects.filter((effect) => effect.do !== 'set'),
        ),
      },
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', set: { arch: 'svm' }, breaks: ['i-belief'], steps: 10 }],
};
