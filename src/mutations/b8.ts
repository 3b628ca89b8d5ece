// irqfd->producer is written without irqfds.lock: a routing update uses it while it goes away.
import type { Mutation } from './mutation.ts';
import { withArch } from './mutation.ts';

export const b8: Mutation = {
  id: 'b8',
  title: 'irqfd->producer is written without irqfds.lock: a routing update uses it while it goes away',
  source: 'f1fb088d9cec (2025-04)',
  needs: 'system',
  definition: (definition) => withArch(definition, { irqfdsLock: 'not-taken' }),
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-lockprot', 'i-nocorrupt'] }],
};
