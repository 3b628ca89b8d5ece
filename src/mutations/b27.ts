// A virqfd is shut down by EPOLLHUP and by the ioctl.
import type { Mutation } from './mutation.ts';
import type { Machine } from '../engine/actors/machine.ts';
import { call, show } from '../engine/actors/effects.ts';
import type { WorkqueueMessage } from '../machines/kernel/workqueue.ts';
import type { VirqfdContext } from '../machines/vfio/virqfd.ts';
import { changed } from './patching.ts';

/** Queues the job, whether *pvirqfd was cleared already or not. */
const queuesAnyhow = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects, { context }) => {
    const { self, active, cleanup_wq, shutdown, eventfd } = context as VirqfdContext;
    if (active || eventfd === null) return effects;
    return [
      show({ kind: 'deactivated', irqfd: self, wasActive: false }),
      call<WorkqueueMessage>(cleanup_wq, { type: 'queue_work', work: shutdown }),
      ...effects,
    ];
  });

export const b27: Mutation = {
  id: 'b27',
  title: 'A virqfd is shut down twice: EPOLLHUP and the ioctl both queue its release job',
  source: 'b68e7fa879cd fixed it',
  patches: {
    virqfd: (machine) => ({
      handlers: { disable: queuesAnyhow(machine, 'disable'), hangUp: queuesAnyhow(machine, 'hangUp') },
    }),
  },
  shown: [{ scenario: 'intx-unmask', revision: 'v2p8', breaks: ['i-once'], steps: 24 }],
};
