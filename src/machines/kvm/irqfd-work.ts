// The two work items of an irqfd: shutdown and inject. Each is a task of its own that runs a function of the irqfd.
//
// Kernel source: struct kvm_kernel_irqfd, irqfd_shutdown() and irqfd_inject() of virt/kvm/eventfd.c, Linux 6.12 and 6.18.
import type { Machine } from '../../engine/actors/machine.ts';
import type { WorkFunction } from '../kernel/work-of.ts';
import { createWorkOf } from '../kernel/work-of.ts';

/** To an irqfd: one of its functions is called. */
export type FromWork = WorkFunction<'irqfd_shutdown' | 'irqfd_inject'>;

const irqfd = { role: 'irqfd', machine: 'irqfd' } as const;

/** irqfd->shutdown */
export const irqfdShutdown: Machine = createWorkOf(
  'irqfd-shutdown',
  'The shutdown job of an irqfd',
  irqfd,
  'irqfd_shutdown',
);
/** irqfd->inject */
export const irqfdInject: Machine = createWorkOf('irqfd-inject', 'The inject job of an irqfd', irqfd, 'irqfd_inject');
