// The release of a vDPA device leaves a producer registered whose irq is 0.
import { handlers } from '../engine/actors/handlers.ts';
import type { QueueContext, QueueMessage } from '../machines/vdpa/vdpa-queue.ts';
import type { Mutation } from './mutation.ts';
import { changeTransitions } from './patching.ts';

export const b5: Mutation = {
  id: 'b5',
  title: 'Irq 0 is taken for none: the release of a vDPA device leaves its producer registered',
  source: 'bugzilla 211711 (2021)',
  patches: {
    'vdpa-queue': () => ({
      guards: {
        releasesZero: handlers<QueueContext, QueueMessage>().whenever(
          ({ context, cells }) =>
            context.doing === 'vdpa_release' && cells.constant(context.self, 'irq_is_zero') === true,
        ),
      },
      chart: (chart) =>
        changeTransitions(chart, 'ioctl.locking', 'return', (ways) => [
          { guard: 'releasesZero', target: 'cleaning', actions: 'cleanUp' },
          ...ways,
        ]),
    }),
  },
  shown: [{ scenario: 'vdpa-swap', revision: 'v2p8', set: { zero: true }, breaks: ['i-deadobj'], steps: 33 }],
};
