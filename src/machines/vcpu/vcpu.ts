// What vCPUs of all architectures have in common: what they are asked, and how the guest sees an interrupt.
//
// A vCPU is in the guest unless its thread takes it out: it halts (and blocks), it is preempted, it is put on another CPU. Interrupts
// of the guest are enabled whenever it runs. Abstracted away: exits that change nothing, vectors and priorities, nested guests.
import type { HostEffect } from '../../engine/actors/effects.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import type { Operation } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { delivered, reached } from '../device/interrupt.ts';
import type { PostedInterrupt } from '../iommu/irte.ts';
import { returnTo } from '../kernel/call.ts';

/** A vCPU can run on one of two host CPUs. */
export type Cpu = 0 | 1;

/** What a vCPU's own thread does: HLT, being preempted, running again, running again on the other CPU. */
export type VcpuCall =
  | { readonly type: 'vcpu_block'; readonly caller: Name }
  | { readonly type: 'vcpu_preempt'; readonly caller: Name }
  | { readonly type: 'vcpu_load'; readonly caller: Name; readonly moves?: boolean };

/** KVM hands interrupts to a vCPU; the VM is destroyed, and the vCPU is freed. */
export type ToVcpu =
  | { readonly type: 'inject'; readonly interrupts: readonly Interrupt[] }
  | { readonly type: 'destroy' }
  | PostedInterrupt;

/** Calls of a vCPU's thread. `vcpu_block` returns when the vCPU is in the guest again. */
export const vcpuOperations: Readonly<Record<string, Operation>> = {
  vcpu_block: { how: 'post', kernel: 'kvm_vcpu_halt(): the guest halts until it is woken' },
  vcpu_preempt: { how: 'post', kernel: 'kvm_sched_out(): the vCPU is preempted' },
  vcpu_load: { arguments: ['moves?'], how: 'post', kernel: 'kvm_sched_in(), here or on the other CPU' },
};

/** Cells of a vCPU: has the VM been destroyed? */
export const vcpuCells = { freed: false } as const;

/** Hardware writes an interrupt to a vCPU: its device may raise the next one. */
export const taken = ({ caller }: PostedInterrupt): HostEffect => returnTo(caller, null);

/** The guest runs and takes interrupts at once. */
export function straightIn(
  cells: Cells,
  vcpu: Name,
  how: 'posted' | 'injected',
  interrupts: readonly Interrupt[],
): readonly HostEffect[] {
  return [...reached(how, vcpu, interrupts), ...delivered(cells, vcpu, interrupts)];
}
