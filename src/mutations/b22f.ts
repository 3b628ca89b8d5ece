// A VMM assigns irqfds before it restores the tables of the virtual ITS.
import { withFirstProgram } from './mutation.ts';
import type { Mutation } from './mutation.ts';

export const b22f: Mutation = {
  id: 'b22f',
  title: 'A VMM restores the tables of the virtual ITS after its irqfds: their bypass stays off, for good',
  source: 'd766d87cf4a0 (2025) documents the order',
  definition: (world) =>
    withFirstProgram(world, ({ steps, how }) => {
      const isRestore = steps.map(({ calls }) => calls.some(({ op }) => op === 'its_restore_tables'));
      return {
        steps: [...steps.filter((_, i) => isRestore[i] !== true), ...steps.filter((_, i) => isRestore[i])],
        how,
      };
    }),
  shown: [{ scenario: 'restore', revision: 'v2p8', set: { ends: false }, breaks: ['l-bypass'], steps: 17 }],
};
