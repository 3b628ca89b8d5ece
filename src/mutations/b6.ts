// The owner puts the eventfd while its object is still registered under it.
import { before } from './mutation.ts';
import type { Mutation } from './mutation.ts';

export const b6: Mutation = {
  id: 'b6',
  title: 'The owner puts the eventfd while its object is still registered under it',
  source: 'CVE-2024-47748, 02e9e9366fef (2024) fixed it',
  definition: (world) =>
    before(
      world,
      (op) => op.startsWith('unregister'),
      () => {
        const [eventfd = null] = world.eventfds;
        return { calls: [{ op: 'eventfd_ctx_put', object: null, eventfd: eventfd as never }] };
      },
    ),
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-keyref'] }],
};
