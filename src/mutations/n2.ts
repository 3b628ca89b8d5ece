// ir_list_lock is no leaf: the irq_desc lock is taken under it, and it is taken under the run queue's.
import type { AnyHandler } from '../engine/actors/handlers.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { Name, Value } from '../engine/actors/name.ts';
import { acquire, attempt } from '../machines/kernel/lockdep.ts';
import { give } from '../machines/kernel/task.ts';
import type { Mutation } from './mutation.ts';
import { changed, handlerOf } from './patching.ts';

const IRQ_DESC = 'irq_desc->lock' as Value;
const RUN_QUEUE = 'rq->lock' as Value;

/** A handler within locks that a task takes one after the other, and gives back in the end. */
function within(machine: Machine, name: string, locks: readonly Value[], taskOf: (event: object, self: Name) => Name) {
  return changed(machine, name, (effects, { context, event, cells }) => {
    const task = taskOf(event, (context as { readonly self: Name }).self);
    const seen = locks.map((one) => {
      const shown = attempt(cells, task, one, { spins: true });
      acquire(cells, task, one, { spins: true });
      return shown;
    });
    for (const one of locks) give(cells, task, one);
    return [...seen, ...effects];
  });
}

/** The scheduler puts a vCPU with its run queue's lock held: it is held while ir_list_lock is asked for. */
function underRunQueue(machine: Machine, name: string): AnyHandler {
  const original = handlerOf(machine, name);
  return {
    ...original,
    run(handled) {
      const { self } = handled.context as unknown as { readonly self: Name };
      const seen = attempt(handled.cells, self, RUN_QUEUE, { spins: true });
      acquire(handled.cells, self, RUN_QUEUE, { spins: true });
      return [seen, ...[original.run(handled)].flat()];
    },
  };
}
const leaves = (machine: Machine, name: string) =>
  changed(machine, name, (effects, { context, cells }) => {
    give(cells, (context as { readonly self: Name }).self, RUN_QUEUE);
    return effects;
  });

const taskIn = (event: object, self: Name): Name => {
  const { task, caller } = event as { readonly task?: Name; readonly caller?: Name };
  return task ?? caller ?? self;
};

export const n2: Mutation = {
  id: 'n2',
  title: 'A lock cycle: irq_desc, run queue, ir_list_lock, irq_desc',
  source: 'report N2 (2025-12, Linux 6.19-rc2); c3d591c91f9c brought it',
  patches: {
    // The host's handler wakes a thread under the irq_desc lock; a posting is written under it, too.
    'irte-amd': (machine) => ({
      handlers: {
        translate: within(machine, 'translate', [IRQ_DESC, RUN_QUEUE], taskIn),
        setVcpuAffinity: within(machine, 'setVcpuAffinity', [IRQ_DESC], taskIn),
      },
    }),
    'vcpu-svm': (machine) => ({
      handlers: {
        begin: underRunQueue(machine, 'begin'),
        lockToLoad: underRunQueue(machine, 'lockToLoad'),
        putBlocking: leaves(machine, 'putBlocking'),
        putPreempted: leaves(machine, 'putPreempted'),
        load: leaves(machine, 'load'),
      },
    }),
  },
  shown: [{ scenario: 'vcpu-migration', revision: 'v2p8', set: { arch: 'svm' }, breaks: ['i-lockorder'], steps: 11 }],
};
