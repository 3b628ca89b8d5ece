// A VMM assigns irqfds before it restores the tables of the virtual ITS.
import { withFirstProgram } from './mutation.ts';
import type { Mutation } from './mutation.ts';

export const b22f: Mutation = {
  id: 'b22f',
  title: 'A VMM restores the tables of the virtual ITS after its irqfds: their bypass stays off, for good',
  source: 'd766d87cf4a0 (2025) documents the order',
  definition: (world) =>
    withFirstProgram(world, ({ steps, how }) => {
      const [restore, ...rest] = steps;
      if (restore?.calls.some(({ op }) => op === 'its_restore_tables') !== true) return { steps, how };
      // Whatever ended the program goes on with what comes last now.
      const moved = (to: number): number => Math.min(to, steps.length) - 1;
      const before = rest.map(({ calls, ok, error }) => ({
        calls,
        ...(ok === undefined ? {} : { ok: moved(ok) }),
        ...(error === undefined ? {} : { error: moved(error) }),
      }));
      return { steps: [...before, { calls: restore.calls }], how };
    }),
  shown: [{ scenario: 'restore', revision: 'v2p8', set: { ends: false }, breaks: ['l-bypass'], steps: 25 }],
};
