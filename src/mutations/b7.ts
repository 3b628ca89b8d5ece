// A caller holds a spinlock while it calls the manager.
import type { Mutation } from './mutation.ts';

export const b7: Mutation = {
  id: 'b7',
  title: 'A caller holds a spinlock while it calls the manager',
  source: '86e182fe12ee (2020) fixed it',
  definition: (world) => ({
    ...world,
    callers: world.callers.map((caller) => ({
      ...caller,
      program:
        caller.program === 'open'
          ? 'open'
          : caller.program.map((step) => ({ ...step, calls: step.calls.map((call) => ({ ...call, atomic: true })) })),
    })),
  }),
  shown: [
    { scenario: 'pairing', revision: 'v2p8', breaks: ['i-ctx'] },
    { scenario: 'pairing', revision: 'base', breaks: ['i-ctx'] },
  ],
};
