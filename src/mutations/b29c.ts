// An IRTE cannot be moved to another vCPU: KVM forgets where it posts, the hardware does not.
import type { Value } from '../engine/actors/name.ts';
import { errno } from '../machines/kernel/call.ts';
import type { Mutation } from './mutation.ts';

export const b29c: Mutation = {
  id: 'b29c',
  title: 'An IRTE that cannot be moved to another vCPU goes on posting to the old one, which KVM forgets',
  source: 'DERIVED from pi_update_irte(): hardware that fails where it cannot',
  definition: (world) => ({
    ...world,
    actors: world.actors.map((actor) =>
      actor.machine.id === 'irte' || actor.machine.id === 'irte-amd'
        ? {
            ...actor,
            constants: { ...actor.constants, fails_late: true } satisfies Record<string, Value>,
            failures: [-errno.EIO],
          }
        : actor,
    ),
  }),
  shown: [{ scenario: 'routing-race', revision: 'v2p8', breaks: ['i-belief'], steps: 17 }],
};
