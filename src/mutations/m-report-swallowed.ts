// The proposed report of a failed connect is forgotten.
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

export const mReportSwallowed: Mutation = {
  id: 'm-report-swallowed',
  title: 'VFIO_DEVICE_SET_IRQS returns 0 although its registration failed and user space asked to be told',
  source: 'invented: the half of the proposal that is easily left out',
  patches: {
    'vfio-vector': (machine) => ({
      handlers: {
        enabled: changed(machine, 'enabled', (effects) =>
          effects.map((effect) =>
            'message' in effect && effect.message.type === 'return'
              ? { ...effect, message: { ...effect.message, value: 0 } }
              : effect,
          ),
        ),
      },
    }),
  },
  shown: [{ scenario: 'reported-failure', revision: 'v2p8', breaks: ['i-report'], steps: 11 }],
};
