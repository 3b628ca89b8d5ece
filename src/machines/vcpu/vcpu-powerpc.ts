// A vCPU of powerpc HV: interrupts are pending until it runs.
//
// Kernel source: arch/powerpc/kvm/book3s_hv.c, Linux 6.12 and 6.18. Abstracted away: XIVE's queues, escalation interrupts (a blocked vCPU is
// woken by whatever comes).
import { post, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { delivered, merged, reached } from '../device/interrupt.ts';
import { returnTo } from '../kernel/call.ts';
import type { Observation } from '../manager/protocol.ts';
import type { ToVcpu, VcpuCall } from './vcpu.ts';
import { orFreed, staysAway, taken, vcpuCalls, vcpuCells, vcpuOperations } from './vcpu.ts';

export type PowerpcVcpuContext = {
  readonly self: Name;
  readonly pending: readonly Interrupt[];
};

/** `woken` is its own. */
export type PowerpcVcpuMessage = VcpuCall | ToVcpu | { readonly type: 'woken' };

const { on, act, when } = handlers<PowerpcVcpuContext, PowerpcVcpuMessage>();

/** The machine of a vCPU on powerpc. States: `guest`, `blocked`, `waking`, `preempted`. */
export const powerpcVcpu: Machine = machine<PowerpcVcpuContext, PowerpcVcpuMessage>({
  id: 'vcpu-powerpc',
  title: 'A vCPU of powerpc HV',
  kinds: ['vcpu'],
  wiring: { vm: 'vm' },
  cells: vcpuCells,
  sends: ['return', 'woken'],
  operations: vcpuOperations,
  context: ({ self }) => ({ self, pending: [] }),
  guards: {
    isFreed: when('post_interrupt', ({ context, cells }) => cells.load(context.self, 'freed') === true),
  },
  handlers: {
    touchFreed: on('post_interrupt', ({ context: { self }, event }) => [
      show<Observation>({ kind: 'use-after-free', object: self, what: 'vCPU' }),
      taken(event),
    ]),
    post: on('post_interrupt', ({ context: { self, pending }, event, cells }) => [
      set<PowerpcVcpuContext>({ pending: merged(cells, pending, [event.interrupt]) }),
      ...reached('posted', self, [event.interrupt]),
      taken(event),
    ]),
    inject: on('inject', ({ context: { self, pending }, event: { interrupts }, cells }) => [
      set<PowerpcVcpuContext>({ pending: merged(cells, pending, interrupts) }),
      ...reached('injected', self, interrupts),
    ]),
    see: act(({ context: { self, pending }, cells }) => [
      set<PowerpcVcpuContext>({ pending: [] }),
      ...delivered(cells, self, pending),
    ]),
    wake: act(({ context }) => [
      show<Observation>({ kind: 'wake', vcpu: context.self }),
      post<PowerpcVcpuMessage>(context.self, { type: 'woken' }),
    ]),
    back: on(['vcpu_block', 'vcpu_preempt', 'vcpu_load'], ({ event }) => returnTo(event.caller, null)),
    free: on('destroy', ({ context, cells }) => {
      cells.store(context.self, 'freed', true);
      return [];
    }),
  },
  chart: {
    initial: 'guest',
    on: { destroy: { actions: 'free' } },
    states: orFreed('post_interrupt', {
      guest: {
        on: {
          post_interrupt: [{ actions: ['post', 'see'] }],
          inject: { actions: ['inject', 'see'] },
          // It goes to sleep unless something is pending, which the guest sees at once.
          vcpu_block: { target: 'blocked', actions: 'back' },
          vcpu_preempt: { target: 'preempted', actions: 'back' },
          vcpu_load: { actions: 'back' },
        },
      },
      blocked: {
        on: {
          post_interrupt: { target: 'waking', actions: ['post', 'wake'] },
          inject: { target: 'waking', actions: ['inject', 'wake'] },
          ...staysAway,
        },
      },
      waking: {
        waits: vcpuCalls,
        on: {
          post_interrupt: { actions: 'post' },
          inject: { actions: 'inject' },
          woken: { target: 'guest', actions: 'see' },
        },
      },
      preempted: {
        on: {
          post_interrupt: [{ actions: 'post' }],
          inject: { actions: 'inject' },
          vcpu_block: { actions: 'back' },
          vcpu_preempt: { actions: 'back' },
          vcpu_load: { target: 'guest', actions: ['see', 'back'] },
        },
      },
    }),
  },
});
