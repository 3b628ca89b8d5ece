// irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory.
import type { Mutation } from './mutation.ts';
import { withArch } from './mutation.ts';

export const b1: Mutation = {
  id: 'b1',
  title: 'irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory',
  source: 'Fixes 77e1b8332d1d; leixiang, 2026-06 (20260622075103.35164-1)',
  needs: 'system',
  definition: (definition) => withArch(definition, { producerOnError: 'left' }),
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-archptr', 'i-nocorrupt'] }],
};
