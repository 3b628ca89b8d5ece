// The owner puts the eventfd while its object is still registered under it.
import { handlers } from '../engine/actors/handlers.ts';
import type { Name } from '../engine/actors/name.ts';
import type { QueueContext, QueueMessage } from '../machines/vdpa/vdpa-queue.ts';
import { before } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const b6: Mutation = {
  id: 'b6',
  title: 'The owner puts the eventfd while its object is still registered under it',
  source: 'CVE-2024-47748, 02e9e9366fef (2024) fixed it',
  patches: {
    'vdpa-queue': () => ({
      chart: (chart) =>
        changeTransitions(chart, 'ioctl.locking', 'return', (ways) =>
          ways.filter(({ guard }) => guard !== 'swapsLive'),
        ),
      guards: { registersQuietly: handlers<QueueContext, QueueMessage>().whenever(() => false) },
    }),
  },
  definition: (world) => {
    if (world.actors.some(({ machine }) => machine.id === 'vdpa-queue')) return world;
    const eventfd = world.actors.find(({ machine }) => machine.id === 'eventfd');
    if (eventfd === undefined) return world;
    return before(
      world,
      (op) => op.startsWith('unregister'),
      () => [{ op: 'eventfd_ctx_put', object: eventfd.name as Name }],
    );
  },
  shown: [
    { scenario: 'pairing', revision: 'v2p8', breaks: ['i-keyref'], steps: 3 },
    { scenario: 'vdpa-swap', revision: 'v2p8', breaks: ['i-keyref'], steps: 28 },
  ],
};
