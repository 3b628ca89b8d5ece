// Loser of a duplicate key tears down the winner: the key survives a failed registration.
import type { Policy } from '../machines/manager/policy.ts';
import { commit, operation } from '../registry/critical-section.ts';
import { inCriticalSection } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { handlerOf } from './patching.ts';

export const b3b: Mutation = {
  id: 'b3b',
  title: 'Loser of a duplicate key tears down the winner: the key survives a failed registration',
  source: '852b1beecb6f (2020) and 2b521d86ee80 fixed it',
  patches: {
    registry: (machine) => ({
      handlers: {
        finish: inCriticalSection((handled) => {
          const { op } = operation(handled.context);
          const isManagers = (machine.declaration.facts as Policy).keyOwner === 'manager';
          if (op.startsWith('register') && handled.context.value !== 0 && isManagers) commit(handled);
          return handlerOf(machine, 'finish').run(handled as never);
        }),
      },
    }),
  },
  shown: [
    { scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['i-owner', 'i-nowarn', 'i-notrace'], steps: 6 },
    { scenario: 'duplicate-producer', revision: 'v2p6', breaks: ['i-nocorrupt'], steps: 6 },
  ],
};
