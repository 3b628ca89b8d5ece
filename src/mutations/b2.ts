// Start callbacks only after a successful connect: a failed one leaves the guest halted.
import type { Mutation } from './mutation.ts';

export const b2: Mutation = {
  id: 'b2',
  title: 'Start callbacks only after a successful connect: a failed one leaves the guest halted',
  source: 'a979a6aa009f (2020), reverted by e44b49f623c7 (2021)',
  requires: { start: 'always' },
  policy: { start: 'on-success' },
  shown: [{ scenario: 'connect-failure', revision: 'v2p8', breaks: ['i-balance', 'l-resume'], steps: 7 }],
};
