// A caller holds a spinlock while it calls the manager.
import type { Call } from '../machines/manager/program.ts';
import { withPrograms } from './mutation.ts';
import type { Mutation } from './mutation.ts';

export const b7: Mutation = {
  id: 'b7',
  title: 'A caller holds a spinlock while it calls the manager',
  source: '86e182fe12ee (2020) fixed it',
  definition: (world) => {
    const sleeps = new Set(
      world.actors.flatMap(({ machine }) =>
        Object.entries(machine.declaration.operations ?? {}).flatMap(([op, { arguments: args = [] }]) =>
          args.includes('atomic?') ? [op] : [],
        ),
      ),
    );
    const atomic = (call: Call): Call => (sleeps.has(call.op) ? { ...call, atomic: true } : call);
    return withPrograms(world, ({ steps, how }) => ({
      steps: steps.map((step) => ({ ...step, calls: step.calls.map(atomic) })),
      how,
    }));
  },
  shown: [
    { scenario: 'pairing', revision: 'v2p8', breaks: ['i-ctx'] },
    { scenario: 'pairing', revision: 'base', breaks: ['i-ctx'] },
    { scenario: 'assign', revision: 'v2p8', breaks: ['i-ctx'] },
  ],
};
