// AVIC allocates with GFP_KERNEL under irqfds.lock.
import type { Machine } from '../engine/actors/machine.ts';
import { mightSleep } from '../machines/kernel/lockdep.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

const allocates = (machine: Machine, as: 'callback' | 'routing') =>
  changed(machine, `link.${as}`, (effects, { context, cells }) => {
    const { callbackTask, updateTask } = context as IrqfdContext;
    const task = as === 'callback' ? callbackTask : updateTask;
    return task === null ? effects : [...mightSleep(cells, task, 'kmalloc(GFP_KERNEL)'), ...effects];
  });

export const b17: Mutation = {
  id: 'b17',
  title: 'AVIC allocates its list entry with GFP_KERNEL, under irqfds.lock',
  source: '7537deda3652 fixed it, 05c5e23657e1 made it needless',
  patches: {
    'irqfd-svm': (machine) => ({
      handlers: {
        'link.callback': allocates(machine, 'callback'),
        'link.routing': allocates(machine, 'routing'),
      },
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', set: { arch: 'svm' }, breaks: ['i-ctx'], steps: 10 }],
};
