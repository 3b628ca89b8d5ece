// The IRTE keeps posting to the old vCPU when the new route cannot be posted.
import type { Mutation } from './mutation.ts';
import { withArch } from './mutation.ts';

export const b10: Mutation = {
  id: 'b10',
  title: 'The IRTE keeps posting to the old vCPU when the new route cannot be posted',
  source: 'CVE-2025-37885, 9bcac97dc42d (2025)',
  needs: 'system',
  definition: (definition) => withArch(definition, { unpostableRoute: 'skipped' }),
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-irte', 'i-routefresh'] }],
};
