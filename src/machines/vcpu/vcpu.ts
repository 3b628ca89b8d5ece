// What vCPUs of all architectures have in common: what they are asked, and how the guest sees an interrupt.
//
// A vCPU is in the guest unless it is made to leave: it halts (and blocks), it is preempted, it is put on another CPU. It is a task: its
// own thread, in KVM_RUN. Interrupts of the guest are enabled whenever it runs. Abstracted away: exits that change nothing, vectors and
// priorities, nested guests.
import type { HostEffect } from '../../engine/actors/effects.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import type { State } from '../../engine/actors/chart.ts';
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

/** Calls that make a vCPU leave the CPU, or come back. `vcpu_block` returns once it is off the CPU: it comes back when it is woken. */
export const vcpuOperations: Readonly<Record<string, Operation>> = {
  vcpu_block: { how: 'post', kernel: 'kvm_vcpu_halt(): the guest halts until it is woken' },
  vcpu_preempt: { how: 'post', kernel: 'kvm_sched_out(): the vCPU is preempted' },
  vcpu_load: { arguments: ['moves?'], how: 'post', kernel: 'kvm_sched_in(), here or on the other CPU' },
};

/** The calls by name, and what a blocked vCPU answers to them: it is away already, and only what wakes it brings it back. */
export const vcpuCalls = ['vcpu_block', 'vcpu_preempt', 'vcpu_load'] as const;
export const staysAway = Object.fromEntries(vcpuCalls.map((op) => [op, { actions: 'back' }]));

/** States of a vCPU in which, whatever it does, hardware that writes to it once it is freed writes to freed memory. */
export function orFreed<S extends State<string>>(
  message: string,
  states: Readonly<Record<string, S>>,
): Record<string, S> {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => {
      const on = state.on as Readonly<Record<string, unknown>> | undefined;
      if (on === undefined || !Object.hasOwn(on, message)) return [name, state];
      return [
        name,
        { ...state, on: { ...on, [message]: [{ guard: 'isFreed', actions: 'touchFreed' }, on[message]].flat() } },
      ];
    }),
  );
}

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
