// A vCPU of arm64 with its vPE: vLPIs that are pending in hardware, interrupts that are pending in the vGIC.
//
// Kernel source: arch/arm64/kvm/vgic/vgic-v4.c, virt/kvm/arm paused vCPUs (kvm_arm_halt_guest()), Linux 6.12 and 6.18. The vPE is resident
// while the vCPU runs; of one that waits for an interrupt a doorbell LPI is asked for. What is pending in hardware is the vPE's: DISCARD
// of a vLPI drops it. A guest that is halted around a connect sees nothing until it is resumed. Abstracted away: the pending table, priorities.
import { post, set, show } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { delivered, lost, merged, reached } from '../device/interrupt.ts';
import { returnTo } from '../kernel/call.ts';
import type { Observation } from '../manager/protocol.ts';
import type { ToVcpu, VcpuCall } from './vcpu.ts';
import { orFreed, staysAway, vcpuCalls, vcpuCells, vcpuOperations } from './vcpu.ts';

/** A vLPI that is pending in the vPE: of which host irq, and for which interrupts. */
type PendingVlpi = { readonly irq: Name; readonly interrupts: readonly Interrupt[] };

export type Arm64VcpuContext = {
  readonly self: Name;
  readonly vm: Name;
  readonly hardware: readonly PendingVlpi[];
  readonly software: readonly Interrupt[];
};

/** An MSI through the ITS; a vLPI is discarded; the guest is halted, or resumed; `woken` is its own. */
export type Arm64VcpuMessage =
  | VcpuCall
  | Exclude<ToVcpu, { readonly type: 'post_interrupt' }>
  | { readonly type: 'post_vlpi'; readonly irq: Name; readonly interrupt: Interrupt; readonly caller: Name }
  | { readonly type: 'discard_vlpi'; readonly irq: Name }
  | { readonly type: 'resume' }
  | { readonly type: 'vcpu_drain'; readonly caller: Name }
  | { readonly type: 'woken' };

const { on, act, whenever, when } = handlers<Arm64VcpuContext, Arm64VcpuMessage>();
type Handling = Handled<Arm64VcpuContext, Arm64VcpuMessage>;

/** The guest sees all that is pending. */
function seeAll({ context: { self, hardware, software }, cells }: Handling) {
  return [
    set<Arm64VcpuContext>({ hardware: [], software: [] }),
    ...delivered(cells, self, [...hardware.flatMap(({ interrupts }) => interrupts), ...software]),
  ];
}

/** The machine of a vCPU on arm64. States: `guest`, `blocked`, `waking`, `preempted`. */
export const arm64Vcpu: Machine = machine<Arm64VcpuContext, Arm64VcpuMessage>({
  id: 'vcpu-arm64',
  title: 'A vCPU of arm64 with its vPE',
  kinds: ['vcpu'],
  wiring: { vm: 'vm' },
  cells: vcpuCells,
  sends: ['return', 'woken'],
  operations: {
    ...vcpuOperations,
    vcpu_drain: { how: 'post', kernel: 'user space waits until the guest has seen what is pending' },
  },
  context: ({ self, wiring }) => ({ self, vm: wiring['vm'] as Name, hardware: [], software: [] }),
  guards: {
    isPending: whenever(({ context }) => context.hardware.length + context.software.length > 0),
    isDrained: when('vcpu_drain', ({ context }) => context.hardware.length + context.software.length === 0),
    isRunnable: whenever(({ context, cells }) => cells.load(context.vm, 'halted') !== true),
    isHalted: whenever(({ context, cells }) => cells.load(context.vm, 'halted') === true),
    isFreed: when('post_vlpi', ({ context, cells }) => cells.load(context.self, 'freed') === true),
  },
  handlers: {
    touchFreed: on('post_vlpi', ({ context: { self }, event }) => [
      show<Observation>({ kind: 'use-after-free', object: self, what: 'vPE' }),
      returnTo(event.caller, null),
    ]),
    pendInHardware: on('post_vlpi', ({ context: { self, hardware }, event: { irq, interrupt, caller }, cells }) => {
      const there = hardware.find((one) => one.irq === irq)?.interrupts ?? [];
      const pending = { irq, interrupts: merged(cells, there, [interrupt]) };
      return [
        set<Arm64VcpuContext>({ hardware: [...hardware.filter((one) => one.irq !== irq), pending] }),
        ...reached('posted', self, [interrupt]),
        returnTo(caller, null),
      ];
    }),
    pendInSoftware: on('inject', ({ context: { self, software }, event: { interrupts }, cells }) => [
      set<Arm64VcpuContext>({ software: merged(cells, software, interrupts) }),
      ...reached('injected', self, interrupts),
    ]),
    see: act(seeAll),
    discard: on('discard_vlpi', ({ context: { hardware }, event: { irq }, cells }) => [
      set<Arm64VcpuContext>({ hardware: hardware.filter((one) => one.irq !== irq) }),
      ...lost(
        cells,
        hardware.filter((one) => one.irq === irq).flatMap(({ interrupts }) => interrupts),
        'unmapped: the ITS has no translation for the event',
      ),
    ]),
    wake: act(({ context }) => [
      show<Observation>({ kind: 'wake', vcpu: context.self }),
      post<Arm64VcpuMessage>(context.self, { type: 'woken' }),
    ]),
    back: on(['vcpu_block', 'vcpu_preempt', 'vcpu_load', 'vcpu_drain'], ({ event }) => returnTo(event.caller, null)),
    ignore: act(() => []),
    free: on('destroy', ({ context, cells }) => {
      cells.store(context.self, 'freed', true);
      return [];
    }),
  },
  chart: {
    initial: 'guest',
    on: {
      destroy: { actions: 'free' },
      discard_vlpi: { actions: 'discard' },
      resume: { actions: 'ignore' },
      vcpu_drain: { guard: 'isDrained', actions: 'back' },
    },
    states: orFreed('post_vlpi', {
      guest: {
        on: {
          post_vlpi: [{ guard: 'isHalted', actions: 'pendInHardware' }, { actions: ['pendInHardware', 'see'] }],
          inject: [{ guard: 'isHalted', actions: 'pendInSoftware' }, { actions: ['pendInSoftware', 'see'] }],
          resume: { actions: 'see' },
          // It goes to sleep unless something is pending, which the guest sees at once.
          vcpu_block: [
            { guard: 'isPending', actions: 'back' },
            { target: 'blocked', actions: 'back' },
          ],
          vcpu_preempt: { target: 'preempted', actions: 'back' },
          vcpu_load: { actions: 'back' },
        },
      },
      blocked: {
        on: {
          post_vlpi: { target: 'waking', actions: ['pendInHardware', 'wake'] },
          inject: { target: 'waking', actions: ['pendInSoftware', 'wake'] },
          ...staysAway,
        },
      },
      waking: {
        waits: vcpuCalls,
        on: {
          post_vlpi: { actions: 'pendInHardware' },
          inject: { actions: 'pendInSoftware' },
          woken: { target: 'loading' },
        },
      },
      // A halted guest is not entered.
      loading: {
        waits: vcpuCalls,
        always: { guard: 'isRunnable', target: 'guest', actions: 'see' },
        on: {
          post_vlpi: { actions: 'pendInHardware' },
          inject: { actions: 'pendInSoftware' },
          resume: { target: 'guest', actions: 'see' },
        },
      },
      preempted: {
        on: {
          post_vlpi: [{ actions: 'pendInHardware' }],
          inject: { actions: 'pendInSoftware' },
          vcpu_block: { actions: 'back' },
          vcpu_preempt: { actions: 'back' },
          vcpu_load: [
            { guard: 'isHalted', target: 'guest', actions: 'back' },
            { target: 'guest', actions: ['see', 'back'] },
          ],
        },
      },
    }),
  },
});
