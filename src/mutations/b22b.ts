// unset_forwarding() translates the current route instead of looking for the host irq.
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const b22b: Mutation = {
  id: 'b22b',
  title: 'unset_forwarding() looks the LPI up through the current route, which may be another by now',
  source: '05b9405f2fa1 (2025) fixed it',
  patches: {
    'irqfd-arm64-hooked': () => ({
      chart: (chart) =>
        changeTransitions(chart, 'bypass.lockingToUnmap', 'return.callback', () => [
          { guard: 'isMsiToOne', target: 'findingToUnmap', actions: 'findLpi' },
          { target: 'idle', actions: ['unlockIts', 'deleted'] },
        ]),
    }),
  },
  shown: [
    {
      scenario: 'routing-race',
      revision: 'v2p8',
      set: { arch: 'arm64', reached: true },
      breaks: ['i-irte', 'i-unpost'],
      steps: 38,
    },
  ],
};
