// What the parts of an irqfd share: its context, its messages, the locks that it takes.
//
// Kernel source: struct kvm_kernel_irqfd, virt/kvm/eventfd.c, Linux 6.12 and 6.18.
import type { State } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import type { EventfdMessage, WaiterMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import type { SrcuMessage } from '../kernel/srcu.ts';
import type { Policy } from '../manager/policy.ts';
import type { InTask } from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import type { FromWork } from './irqfd-work.ts';
import type { Route } from './route.ts';
import type { FromVm } from './vm.ts';

export type IrqfdContext = StructContext & {
  readonly vm: Name;
  readonly gsi: Name;
  readonly irqfds_lock: Name;
  readonly irq_srcu: Name;
  readonly resampler_lock: Name;
  readonly cleanup_wq: Name;
  readonly inject_wq: Name;
  readonly shutdown: Name;
  readonly inject: Name;
  readonly eventfd: Name | null;
  /** Which eventfd its descriptor was, also once it is freed; and is it on the wait queue of that? */
  readonly fd: Name | null;
  /** The eventfd that tells user space of an EOI, of a resampling irqfd. */
  readonly resamplefd: Name | null;
  readonly queued: boolean;
  /** Is it in kvm->irqfds.items? */
  readonly active: boolean;
  /** irq_entry, the cached route. */
  readonly entry: Route | null;
  /** Interrupts that the inject job is to inject. */
  readonly injecting: readonly Interrupt[];
  /** The thread in KVM_IRQFD, what it asked for, and whether it holds a spinlock (it never should). */
  readonly caller: Name | null;
  readonly bypasses: boolean;
  /** What KVM_IRQFD returns. */
  readonly result: number;
  readonly atomic: boolean;
  /** Threads in deassign, in EPOLLHUP, and the shutdown job. */
  readonly deassigner: Name | null;
  readonly closer: Asks | null;
  readonly job: Name | null;
  /** The architecture's: irqfd->producer; where KVM believes the irq to be posted; the callback and the update in progress. */
  readonly producer: Name | null;
  readonly vcpu: Name | null;
  readonly peer: Name | null;
  readonly callbackTask: Name | null;
  readonly updateTask: Name | null;
  /** The host irq that the update is about. */
  readonly updateIrq: Name | null;
  readonly oldEntry: Route | null;
  /** arm64: the vGIC; powerpc: the vCPU that is the server of its source. */
  readonly vgic: Name | null;
  readonly server: Name | null;
};

/** KVM_IRQFD; the eventfd; the VM; the work items; the manager; answers, by what was asked for. */
export type IrqfdMessage =
  | {
      readonly type: 'irqfd_assign';
      readonly caller: Name;
      readonly eventfd: Name;
      readonly resamplefd?: Name;
      readonly no_bypass?: boolean;
      readonly atomic?: boolean;
    }
  | { readonly type: 'irqfd_deassign'; readonly caller: Name }
  | FromVm
  | FromWork
  | WaiterMessage
  | ({ readonly type: 'add_producer' | 'del_producer'; readonly producer: Name } & InTask)
  | ({ readonly type: 'stop' | 'start' } & InTask)
  | { readonly type: 'pi_update_irte'; readonly producer: Name }
  | Return<'assign' | 'deassign' | 'hang_up' | 'shutdown' | 'callback' | 'routing'>;

export type IrqfdHandling = Handled<IrqfdContext, IrqfdMessage>;
/** A region of the chart: one thing that may go on. */
export type IrqfdRegion = State<string, string, IrqfdMessage['type']>;
export type Strand = 'assign' | 'deassign' | 'hang_up' | 'shutdown' | 'callback' | 'routing';

/** What must be there by now. */
export function there(what: Name | null, { self }: Pick<IrqfdContext, 'self'>): Name {
  if (what === null) throw new Error(`${self} is not assigned`);
  return what;
}

/** spin_lock_irq(&kvm->irqfds.lock) in a thread; the answer is `return.${as}`. */
export const takeLock = ({ self, irqfds_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irq', caller: self, task, as, atOnce: true });

/** The same where interrupts are off already, as in a wakeup. */
export const takeLockIrqsave = ({ self, irqfds_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irqsave', caller: self, task, as, atOnce: true });

export const unlock = ({ irqfds_lock }: IrqfdContext, task: Name): HostEffect =>
  call<SpinlockMessage>(irqfds_lock, { type: 'spin_unlock_irq', task });

/** An irqfd is deactivated: was it active? */
export type DeactivationObservation = {
  readonly kind: 'deactivated';
  readonly irqfd: Name;
  readonly wasActive: boolean;
};

/** A fresh allocation. */
export const zeroed: Partial<IrqfdContext> = {
  eventfd: null,
  resamplefd: null,
  entry: null,
  producer: null,
  vcpu: null,
};

/** Both eventfds are put. */
export const putEventfds = ({ self, eventfd, resamplefd }: IrqfdContext): HostEffect[] =>
  [resamplefd, eventfd].flatMap((one) =>
    one === null ? [] : [call<EventfdMessage>(one, { type: 'eventfd_ctx_put', holder: self })],
  );

export const lockResampler = ({ self, resampler_lock }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<MutexMessage>(resampler_lock, { type: 'mutex_lock', caller: self, task, as, atOnce: true });
export const unlockResampler = ({ resampler_lock }: IrqfdContext, task: Name): HostEffect =>
  call<MutexMessage>(resampler_lock, { type: 'mutex_unlock', task });
/** With resampler_lock held, as the kernel has it (report N1). */
export const synchronizeResampler = ({ self, irq_srcu }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SrcuMessage>(irq_srcu, { type: 'synchronize_srcu', caller: self, task, as, atOnce: true });

export const srcuUnlock = ({ irq_srcu }: IrqfdContext, task: Name): HostEffect =>
  call<SrcuMessage>(irq_srcu, { type: 'srcu_read_unlock', task });

/** Is an eventfd for one irqfd in the whole host (since Linux 6.17), or for one of each VM? */
export const isExclusiveIn = ({ irq }: Policy): boolean => irq === 'argument';
