// A callback unregisters its own object.
import type { Mutation } from './mutation.ts';

export const mReentry: Mutation = {
  id: 'm-reentry',
  title: 'A callback unregisters its own object',
  source: 'invented: breaks i-noreentry (misuse matrix, last row)',
  definition: (world) => ({
    ...world,
    actors: world.actors.map((actor) =>
      actor.machine.id === 'consumer' ? { ...actor, constants: { ...actor.constants, 'reenters stop': true } } : actor,
    ),
  }),
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-noreentry', 'l-term'], steps: 6 }],
};
