// The two work items of an irqfd: shutdown and inject. Each is a task of its own that runs a function of the irqfd.
//
// Kernel source: struct kvm_kernel_irqfd, irqfd_shutdown() and irqfd_inject() of virt/kvm/eventfd.c, Linux 6.12 and 6.18.
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Return } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import type { Work, WorkqueueMessage } from '../kernel/workqueue.ts';

export type IrqfdWorkContext = {
  readonly self: Name;
  readonly irqfd: Name;
  /** The pool whose worker runs it. */
  readonly pool: Name | null;
};

/** The functions of an irqfd that work items run. */
export type IrqfdFunction = 'irqfd_shutdown' | 'irqfd_inject';

/** To an irqfd: one of its functions is called. */
export type FromWork = { readonly type: IrqfdFunction } & Asks;

const { on } = handlers<IrqfdWorkContext, Work | Return>();

function createIrqfdWork(id: string, title: string, run: IrqfdFunction): Machine {
  return machine<IrqfdWorkContext, Work | Return>({
    id,
    title,
    wiring: { irqfd: 'irqfd' },
    sends: [run, 'work_done'],
    context: ({ self, wiring }) => ({ self, irqfd: wiring['irqfd'] as Name, pool: null }),
    handlers: {
      run: on('work', ({ context: { self, irqfd }, event }) => [
        set<IrqfdWorkContext>({ pool: event.pool }),
        call<FromWork>(irqfd, { type: run, caller: self }),
      ]),
      end: on('return', ({ context: { self, pool } }) => {
        if (pool === null) throw new Error(`${self} is run by no pool`);
        return [set<IrqfdWorkContext>({ pool: null }), call<WorkqueueMessage>(pool, { type: 'work_done', work: self })];
      }),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: { on: { work: { target: 'running', actions: 'run' } } },
        running: { on: { return: { target: 'idle', actions: 'end' } } },
      },
    },
  });
}

/** irqfd->shutdown */
export const irqfdShutdown: Machine = createIrqfdWork(
  'irqfd-shutdown',
  'The shutdown job of an irqfd',
  'irqfd_shutdown',
);
/** irqfd->inject */
export const irqfdInject: Machine = createIrqfdWork('irqfd-inject', 'The inject job of an irqfd', 'irqfd_inject');
