// A vCPU of VMX with its posted interrupt descriptor: PIR, ON, SN, NV.
//
// Kernel source: arch/x86/kvm/vmx/posted_intr.c (vmx_vcpu_pi_load(), vmx_vcpu_pi_put(), pi_enable_wakeup_handler(),
// pi_wakeup_handler(), vmx_pi_start_bypass()), vmx_deliver_interrupt(), kvm_vcpu_block(), Linux 6.12 and 6.18. Hardware that posts sets
// a bit of the PIR; unless SN or ON is set it sets ON and sends the vector NV to the CPU NDST. In the guest that is merged at once;
// elsewhere the notification vector does nothing, the wakeup vector wakes what is on the CPU's wakeup list with ON set. KVM changes NV
// only while the VM has possible bypass irqs, or with IPI virtualisation (`ipiv`). Abstracted away: NDST (a vCPU is on the list of the
// CPU that it left), the CPUs' wakeup_vcpus_on_cpu_lock.
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { delivered, merged, reached } from '../device/interrupt.ts';
import { returnTo } from '../kernel/call.ts';
import type { Observation } from '../manager/protocol.ts';
import type { Cpu, ToVcpu, VcpuCall } from './vcpu.ts';
import { orFreed, staysAway, straightIn, taken, vcpuCalls, vcpuCells, vcpuOperations } from './vcpu.ts';

export type VmxVcpuContext = {
  readonly self: Name;
  readonly vm: Name;
  readonly pir: readonly Interrupt[];
  readonly on: boolean;
  readonly sn: boolean;
  readonly nv: 'notification' | 'wakeup';
  /** The CPU that it runs on, or ran on last. */
  readonly cpu: Cpu;
  /** The CPUs on whose wakeup lists it is: one at most. */
  readonly lists: readonly Cpu[];
};

/**
 * `vcpu_check`, `vcpu_put` and `woken` are its own: it looks whether anything is pending, it leaves the CPU (nobody waits for one that
 * goes round again), it was woken. KVM_REQ_UNBLOCK makes it look again.
 */
export type VmxVcpuMessage =
  | VcpuCall
  | ToVcpu
  | { readonly type: 'vcpu_check'; readonly caller: Name }
  | { readonly type: 'vcpu_put'; readonly caller: Name | null }
  | { readonly type: 'woken' }
  | { readonly type: 'unblock' };

const { on, act, when, whenever } = handlers<VmxVcpuContext, VmxVcpuMessage>();
type Handling = Handled<VmxVcpuContext, VmxVcpuMessage>;

/** Interrupts in the PIR, beside those that are there. */
const posts = ({ context: { pir }, cells }: Handling, interrupts: readonly Interrupt[]) =>
  set<VmxVcpuContext>({ pir: merged(cells, pir, interrupts) });

/** vmx_vcpu_pi_load(): off the list, SN off, the notification vector; then the PIR is merged and the guest sees it. */
function load({ context, cells }: Handling, moves: boolean) {
  const { self, pir, cpu } = context;
  const fresh = { pir: [], on: false, sn: false, nv: 'notification', lists: [] } as const;
  return [set<VmxVcpuContext>({ ...fresh, cpu: moves ? (cpu === 0 ? 1 : 0) : cpu }), ...delivered(cells, self, pir)];
}

const wake = ({ context }: Handling) => [
  show<Observation>({ kind: 'wake', vcpu: context.self }),
  post<VmxVcpuMessage>(context.self, { type: 'woken' }),
];

/** vmx_needs_pi_wakeup(): only a VM with possible bypass irqs has the wakeup vector. */
const mayBypass = ({ context, cells }: Pick<Handling, 'context' | 'cells'>): boolean =>
  cells.constant(context.self, 'ipiv') === true || Number(cells.load(context.vm, 'nr_possible_bypass_irqs')) > 0;

/**
 * The machine of a vCPU on VMX. States: `guest`, `halting` (out of the guest), `checked` (nothing is pending; not off the CPU yet),
 * `kicked`, `blocked`, `waking`, `preempted`.
 */
export const vmxVcpu: Machine = machine<VmxVcpuContext, VmxVcpuMessage>({
  id: 'vcpu-vmx',
  title: 'A vCPU of VMX and its posted interrupt descriptor',
  kinds: ['vcpu'],
  wiring: { vm: 'vm' },
  cells: vcpuCells,
  constants: { ipiv: false },
  sends: ['return', 'vcpu_check', 'vcpu_put', 'woken'],
  operations: vcpuOperations,
  context: ({ self, wiring }) => ({
    self,
    vm: wiring['vm'] as Name,
    pir: [],
    on: false,
    sn: false,
    nv: 'notification',
    cpu: 0,
    lists: [],
  }),
  guards: {
    isFreed: when('post_interrupt', ({ context, cells }) => cells.load(context.self, 'freed') === true),
    isPostedMeanwhile: when('vcpu_put', (handling) => handling.context.on && mayBypass(handling)),
    isPending: whenever(({ context }) => context.pir.length > 0),
    // The first one since the last notification, and the vector wakes.
    wakes: when('post_interrupt', ({ context: { on: isOn, sn, nv } }) => !isOn && !sn && nv === 'wakeup'),
    notifies: when(['post_interrupt', 'inject'], ({ context: { on: isOn, sn } }) => !isOn && !sn),
    isSuppressed: when(['post_interrupt', 'inject'], ({ context }) => context.sn),
    isNotifiedAlready: when(['post_interrupt', 'inject'], ({ context }) => context.on),
  },
  handlers: {
    /** In the guest: merged by hardware. */
    postToGuest: on('post_interrupt', ({ context: { self }, event, cells }) => [
      ...straightIn(cells, self, 'posted', [event.interrupt]),
      taken(event),
    ]),
    injectToGuest: on('inject', ({ context: { self }, event, cells }) =>
      straightIn(cells, self, 'injected', event.interrupts),
    ),
    touchFreed: on('post_interrupt', ({ context: { self }, event }) => [
      show<Observation>({ kind: 'use-after-free', object: self, what: 'posted interrupt descriptor' }),
      taken(event),
    ]),
    setPir: on('post_interrupt', (handling) => [
      posts(handling, [handling.event.interrupt]),
      ...reached('posted', handling.context.self, [handling.event.interrupt]),
      taken(handling.event),
    ]),
    setOn: act(() => set({ on: true })),
    wake: act(wake),
    injectToPir: on('inject', (handling) => [
      posts(handling, handling.event.interrupts),
      ...reached('injected', handling.context.self, handling.event.interrupts),
    ]),
    halt: on('vcpu_block', ({ context: { self }, event: { caller } }) => [
      post<VmxVcpuMessage>(self, { type: 'vcpu_check', caller }),
    ]),
    /** Something came meanwhile: kvm_vcpu_check_block() says so. */
    goOn: on('vcpu_check', (handling) => [...load(handling, false), returnTo(handling.event.caller, null)]),
    /** Nothing yet: it goes to sleep. Between the look and vmx_vcpu_pi_put() anything may happen. */
    sleep: on('vcpu_check', ({ context: { self }, event: { caller } }) =>
      post<VmxVcpuMessage>(self, { type: 'vcpu_put', caller }),
    ),
    comeBack: on('woken', (handling) => load(handling, false)),
    /** vmx_vcpu_pi_put(), blocking: pi_enable_wakeup_handler(), which sends itself the wakeup vector where ON is set; or nothing at all. */
    enableWakeup: on('vcpu_put', (handling) => {
      const { cpu, lists } = handling.context;
      return mayBypass(handling) ? set<VmxVcpuContext>({ nv: 'wakeup', lists: [...lists, cpu] }) : [];
    }),
    leave: on('vcpu_put', ({ event: { caller } }) => (caller === null ? [] : returnTo(caller, null))),
    /** Nothing is pending: kvm_vcpu_block() goes round again, vmx_vcpu_pi_load() first. */
    haltAgain: on('woken', ({ context: { self } }) => [
      set<VmxVcpuContext>({ on: false, nv: 'notification', lists: [] }),
      post<VmxVcpuMessage>(self, { type: 'vcpu_put', caller: null }),
    ]),
    /** vmx_vcpu_pi_put(), preempted: SN, where the VM has possible bypass irqs. */
    preempt: on('vcpu_preempt', (handling) => [
      set<VmxVcpuContext>({ sn: mayBypass(handling) }),
      returnTo(handling.event.caller, null),
    ]),
    load: on('vcpu_load', (handling) => [
      ...load(handling, handling.event.moves === true),
      returnTo(handling.event.caller, null),
    ]),
    back: on(['vcpu_block', 'vcpu_preempt', 'vcpu_load'], ({ event }) => returnTo(event.caller, null)),
    ignore: act(() => []),
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
          post_interrupt: [{ actions: 'postToGuest' }],
          inject: { actions: 'injectToGuest' },
          unblock: { actions: 'ignore' },
          vcpu_block: { target: 'halting', actions: 'halt' },
          vcpu_preempt: { target: 'preempted', actions: 'preempt' },
          vcpu_load: { actions: 'back' },
        },
      },
      halting: {
        waits: vcpuCalls,
        on: {
          post_interrupt: { actions: ['setPir', 'setOn'] },
          inject: { actions: ['injectToPir', 'setOn'] },
          unblock: { actions: 'ignore' },
          vcpu_check: [
            { guard: 'isPending', target: 'guest', actions: 'goOn' },
            { target: 'checked', actions: 'sleep' },
          ],
        },
      },
      checked: {
        waits: vcpuCalls,
        on: {
          // NV is the notification vector still: nobody hears of it.
          post_interrupt: { actions: ['setPir', 'setOn'] },
          inject: [
            { guard: 'isNotifiedAlready', actions: 'injectToPir' },
            { target: 'kicked', actions: ['injectToPir', 'setOn'] },
          ],
          unblock: { target: 'kicked' },
          vcpu_put: [
            { guard: 'isPostedMeanwhile', target: 'waking', actions: ['enableWakeup', 'wake', 'leave'] },
            { target: 'blocked', actions: ['enableWakeup', 'leave'] },
          ],
        },
      },
      // Woken before it slept: schedule() returns at once.
      kicked: {
        waits: vcpuCalls,
        on: {
          post_interrupt: { actions: ['setPir', 'setOn'] },
          inject: { actions: ['injectToPir', 'setOn'] },
          unblock: { actions: 'ignore' },
          vcpu_put: { target: 'waking', actions: ['wake', 'leave'] },
        },
      },
      blocked: {
        on: {
          post_interrupt: [
            { guard: 'wakes', target: 'waking', actions: ['setPir', 'setOn', 'wake'] },
            // ON is set, or NV is not the wakeup vector: nobody hears of it.
            { actions: ['setPir', 'setOn'] },
          ],
          inject: [
            { guard: 'isNotifiedAlready', actions: 'injectToPir' },
            { target: 'waking', actions: ['injectToPir', 'setOn', 'wake'] },
          ],
          unblock: { target: 'waking', actions: 'wake' },
          ...staysAway,
        },
      },
      waking: {
        waits: vcpuCalls,
        on: {
          post_interrupt: { actions: ['setPir', 'setOn'] },
          inject: { actions: ['injectToPir', 'setOn'] },
          unblock: { actions: 'ignore' },
          woken: [
            { guard: 'isPending', target: 'guest', actions: 'comeBack' },
            { target: 'checked', actions: 'haltAgain' },
          ],
        },
      },
      preempted: {
        on: {
          post_interrupt: [{ guard: 'isSuppressed', actions: 'setPir' }, { actions: ['setPir', 'setOn'] }],
          inject: [{ guard: 'isSuppressed', actions: 'injectToPir' }, { actions: ['injectToPir', 'setOn'] }],
          unblock: { actions: 'ignore' },
          vcpu_block: { actions: 'back' },
          vcpu_preempt: { actions: 'back' },
          vcpu_load: { target: 'guest', actions: 'load' },
        },
      },
    }),
  },
});

/** KVM_REQ_UNBLOCK. */
export const unblock = (vcpu: Name) => call<VmxVcpuMessage>(vcpu, { type: 'unblock' });
