// unset_forwarding() warns of what is not forwarded, which may well be.
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const b22d: Mutation = {
  id: 'b22d',
  title: 'unset_forwarding() warns where there is nothing to take back, as after a fall back to software',
  source: 'd0b79563fd60 (2025): WARN only on a mismatch',
  patches: {
    'irqfd-arm64-hooked': () => ({
      chart: (chart) =>
        changeTransitions(chart, 'bypass.findingToUnmap', 'return.callback', ([notHw, ...others]) => [
          { ...notHw, actions: ['warnMismatch', ...[notHw?.actions ?? []].flat()] },
          ...others,
        ]),
    }),
  },
  shown: [
    {
      scenario: 'routing-race',
      revision: 'v2p8',
      set: { arch: 'arm64', reached: true },
      breaks: ['i-nowarn'],
      steps: 39,
    },
  ],
};
