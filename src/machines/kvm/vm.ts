// The VM: routing table, active irqfds, possible bypass irqs, release.
//
// Kernel source: virt/kvm/irqchip.c (kvm_set_irq_routing(), kvm_set_irq()), virt/kvm/eventfd.c (kvm_irq_routing_update(),
// kvm_irqfd_release()), arch/x86/kvm/irq.c, Linux 6.12 and 6.18. KVM_SET_GSI_ROUTING: under kvm->irq_lock the new table is published,
// then under irqfds.lock every active irqfd gets its entry, then synchronize_srcu(). The locks are parts of struct kvm, the workqueue of
// shutdown jobs is the host's. Abstracted away: all of the table but the entries that are asked for; an MSI or a pin that
// goes to no vCPU in particular goes to the first one; a multicast MSI goes to all.
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { lost } from '../device/interrupt.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import type { Asks } from '../kernel/request.ts';
import { answer } from '../kernel/request.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import type { SrcuMessage } from '../kernel/srcu.ts';
import type { WorkqueueMessage } from '../kernel/workqueue.ts';
import type { ToVcpu } from '../vcpu/vcpu.ts';
import type { Arm64VcpuMessage } from '../vcpu/vcpu-arm64.ts';
import type { SvmVcpuMessage } from '../vcpu/vcpu-svm.ts';
import { unblock } from '../vcpu/vcpu-vmx.ts';
import type { Observation } from '../manager/protocol.ts';
import type { Route } from './route.ts';
import { routeOf } from './route.ts';

/** vCPUs that a VM may have. */
export const VCPUS_MAX = 4;
const vcpuRoles = Array.from({ length: VCPUS_MAX }, (_, i) => `vcpu${i}`);

/** A member of kvm->irqfds.items. */
export type Item = { readonly irqfd: Name; readonly eventfd: Name };

/** An irqfd that tells user space of each EOI of its GSI. */
export type Resampler = { readonly irqfd: Name; readonly gsi: Name; readonly resamplefd: Name };

export type VmContext = {
  readonly self: Name;
  readonly vcpus: readonly Name[];
  readonly routes: readonly Route[];
  /** kvm->irqfds.items: the active irqfds. */
  readonly items: readonly Item[];
  /** irqfds that resample, by GSI. */
  readonly resamplers: readonly Resampler[];
  /** The vCPU's thread whose guest acknowledges, and the eventfds that have yet to be signalled. */
  readonly acker: Name | null;
  readonly acking: readonly { readonly irqfd: Name; readonly resamplefd: Name }[];
  /** The thread in KVM_SET_GSI_ROUTING, the entry that it sets, and the irqfds that have yet to get theirs. */
  readonly caller: Name | null;
  readonly wanted: Route | null;
  readonly pending: readonly Name[];
  /** The thread that closes the VM's last file. */
  readonly closer: Name | null;
  /** SVM: the thread that (un)inhibits AVIC, and the vCPUs that have yet to hear of it. */
  readonly inhibitor: Name | null;
  readonly refreshing: readonly Name[];
  readonly irqfds_lock: Name;
  readonly irq_lock: Name;
  readonly irq_srcu: Name;
  readonly cleanup_wq: Name;
};

/** KVM_SET_GSI_ROUTING, kvm_vm_release(); what irqfds ask and tell under irqfds.lock; injection by the table. */
export type VmMessage =
  | {
      readonly type: 'set_gsi_routing';
      readonly caller: Name;
      readonly gsi: Name;
      readonly vcpu: Name | null;
      readonly irqchip?: boolean;
    }
  | { readonly type: 'clear_gsi_routing'; readonly caller: Name; readonly gsi: Name }
  | { readonly type: 'close_vm'; readonly caller: Name }
  | { readonly type: 'list_add'; readonly irqfd: Name; readonly eventfd: Name }
  | { readonly type: 'list_del'; readonly irqfd: Name }
  | ({ readonly type: 'resampler_add' } & Resampler)
  | { readonly type: 'resampler_del'; readonly irqfd: Name }
  | { readonly type: 'guest_eoi'; readonly caller: Name; readonly gsi: Name }
  | ({ readonly type: 'irqfd_update'; readonly gsi: Name; readonly eventfd: Name } & Asks)
  | { readonly type: 'kvm_set_irq'; readonly gsi: Name; readonly interrupts: readonly Interrupt[] }
  | { readonly type: 'inject_route'; readonly route: Route; readonly interrupts: readonly Interrupt[] }
  | { readonly type: 'start_bypass'; readonly kicks: boolean }
  | { readonly type: 'stop_bypass' }
  | { readonly type: 'halt_guest' | 'resume_guest' }
  | ({ readonly type: 'first_vcpu' } & Asks)
  | { readonly type: 'avic_inhibit' | 'avic_uninhibit'; readonly caller: Name }
  | { readonly type: 'avic_refreshed' }
  | Return<'routing' | 'release' | 'eoi'>
  | { readonly type: 'routing_updated' };

/** To an irqfd: the route of its GSI, and whether an active irqfd of this VM has its eventfd; a new table; it is deactivated. */
export type FromVm =
  | { readonly type: 'irq_entry'; readonly route: Route; readonly isTaken: boolean }
  | { readonly type: 'update_routing'; readonly vm: Name; readonly task: Name; readonly routes: readonly Route[] }
  | { readonly type: 'deactivate'; readonly task: Name };

const { on, act, whenever } = handlers<VmContext, VmMessage>();
type Region = State<string, string, VmMessage['type']>;

const threadOf = ({ self, caller }: VmContext): Name => {
  if (caller === null) throw new Error(`nobody changes the routing of ${self}`);
  return caller;
};
const closerOf = ({ self, closer }: VmContext): Name => {
  if (closer === null) throw new Error(`nobody closes ${self}`);
  return closer;
};
const asks = (self: Name, task: Name, as: 'routing' | 'release' | 'eoi') => ({ caller: self, task, as });

/** A walk of the list reads a member, its resamplefd, then its link. */
const walkOver = (irqfd: Name, cells: Pick<Cells, 'load'>): HostEffect[] =>
  cells.load(irqfd, 'freed') === true
    ? [show<Observation>({ kind: 'use-after-free', object: irqfd, what: 'irqfd->resampler_link' })]
    : [];

/** An interrupt goes where a route says: a multicast one to all vCPUs, a pin to its vCPU or the first one. */
function inject({ self, vcpus }: VmContext, { type, vcpu }: Route, interrupts: readonly Interrupt[]): HostEffect[] {
  const [first] = vcpus;
  if (first === undefined) throw new Error(`${self} has no vCPU`);
  if (type !== 'multicast') return [call<ToVcpu>(vcpu ?? first, { type: 'inject', interrupts })];
  const copies = interrupts.map((one) => ({ ...one, copy: true as const }));
  return vcpus.map((to) => call<ToVcpu>(to, { type: 'inject', interrupts: to === first ? interrupts : copies }));
}

/** KVM_SET_GSI_ROUTING. */
const routing: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ['set_gsi_routing', 'clear_gsi_routing'], {
    idle: {
      on: {
        set_gsi_routing: { target: 'locking', actions: 'lockTable' },
        clear_gsi_routing: { target: 'locking', actions: 'lockTable' },
      },
    },
    locking: { on: { 'return.routing': { target: 'publishing', actions: 'publish' } } },
    publishing: { on: { 'return.routing': { target: 'updating', actions: 'takeItems' } } },
    updating: {
      initial: 'next',
      states: {
        next: {
          always: [
            { guard: 'isUpdated', target: '#synchronizing', actions: 'unlockTable' },
            { target: 'irqfd', actions: 'updateNext' },
          ],
        },
        irqfd: { on: { routing_updated: { target: 'next', actions: 'updated' } } },
      },
    },
    synchronizing: {
      id: 'synchronizing',
      on: { 'return.routing': { target: 'idle', actions: 'finishRouting' } },
    },
  }),
};

/** The guest's EOI of a level interrupt. */
const acknowledging: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ['guest_eoi'], {
    idle: { on: { guest_eoi: { target: 'entering', actions: 'acknowledge' } } },
    entering: { on: { 'return.eoi': { target: 'next' } } },
    next: {
      always: [
        { guard: 'isAcked', target: 'idle', actions: 'acknowledged' },
        { target: 'signalling', actions: 'signalNext' },
      ],
    },
    signalling: { on: { 'return.eoi': { target: 'next', actions: 'signalled' } } },
  }),
};

/** SVM: AVIC is inhibited, or is no more. */
const apicv: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ['avic_inhibit', 'avic_uninhibit'], {
    idle: {
      on: {
        avic_inhibit: { target: 'next', actions: 'inhibit' },
        avic_uninhibit: { target: 'next', actions: 'inhibit' },
      },
    },
    next: {
      always: [
        { guard: 'isRefreshed', target: 'idle', actions: 'finishRefresh' },
        { target: 'refreshing', actions: 'refreshNext' },
      ],
    },
    refreshing: { on: { avic_refreshed: { target: 'next', actions: 'refreshed' } } },
  }),
};

/** kvm_vm_release() and kvm_destroy_vm(). */
const release: Region = {
  initial: 'open',
  states: {
    open: { on: { close_vm: { target: 'locking', actions: 'lockItems' } } },
    locking: { on: { 'return.release': { target: 'flushing', actions: 'deactivateAll' } } },
    flushing: { on: { 'return.release': { target: 'closed', actions: 'destroy' } } },
    closed: {},
  },
};

/** The machine of a VM. Regions: `routing`, `release`, `acknowledging`, `apicv`. */
export const vm: Machine = machine<VmContext, VmMessage>({
  id: 'vm',
  title: 'A VM: routing table, active irqfds, release',
  kinds: ['object'],
  wiring: {
    ...Object.fromEntries(vcpuRoles.map((role) => [`${role}?`, 'vcpu'])),
    irqfds_lock: 'spinlock',
    irq_lock: 'mutex',
    irq_srcu: 'srcu',
    resampler_lock: 'mutex',
    cleanup_wq: 'workqueue',
  },
  usual: {
    irqfds_lock: { part: 'irqfdslock', machine: 'spinlock', constants: { class: 'irqfds.lock' } },
    irq_lock: { part: 'irqlock', machine: 'mutex', constants: { class: 'kvm->irq_lock' } },
    resampler_lock: { part: 'resamplerlock', machine: 'mutex', constants: { class: 'resampler_lock' } },
    irq_srcu: { part: 'irqsrcu', machine: 'srcu', constants: { class: 'irq_srcu' } },
    cleanup_wq: { part: 'cleanupwq', machine: 'workqueue', constants: { unbound: true }, shared: true },
  },
  cells: { nr_possible_bypass_irqs: 0, avic_inhibited: false, halted: false },
  sends: [
    'return',
    'mutex_lock',
    'mutex_unlock',
    'spin_lock_irq',
    'spin_unlock_irq',
    'synchronize_srcu',
    'flush_workqueue',
    'irq_entry',
    'update_routing',
    'deactivate',
    'inject',
    'destroy',
    'unblock',
    'avic_refresh',
    'resume',
    'srcu_read_lock',
    'srcu_read_unlock',
    'eventfd_signal',
    'return.*',
  ],
  operations: {
    set_gsi_routing: { arguments: ['gsi', 'vcpu', 'irqchip?'], how: 'post', kernel: 'KVM_SET_GSI_ROUTING' },
    clear_gsi_routing: { arguments: ['gsi'], how: 'post', kernel: 'KVM_SET_GSI_ROUTING without the GSI' },
    avic_inhibit: { how: 'post', kernel: 'SVM: kvm_set_apicv_inhibit()' },
    avic_uninhibit: { how: 'post', kernel: 'SVM: kvm_clear_apicv_inhibit()' },
    guest_eoi: { arguments: ['gsi'], how: 'post', kernel: 'the guest acknowledges: kvm_notify_acked_irq()' },
    close_vm: { how: 'post', kernel: 'close() of the last file of the VM: kvm_vm_release(), kvm_destroy_vm()' },
  },
  context: ({ self, wiring }) => ({
    self,
    vcpus: vcpuRoles.flatMap((role) => wiring[role] ?? []),
    routes: [],
    items: [],
    resamplers: [],
    acker: null,
    acking: [],
    caller: null,
    wanted: null,
    pending: [],
    closer: null,
    inhibitor: null,
    refreshing: [],
    irqfds_lock: wiring['irqfds_lock'] as Name,
    irq_lock: wiring['irq_lock'] as Name,
    irq_srcu: wiring['irq_srcu'] as Name,
    cleanup_wq: wiring['cleanup_wq'] as Name,
  }),
  guards: {
    isUpdated: whenever(({ context }) => context.pending.length === 0),
    isAcked: whenever(({ context }) => context.acking.length === 0),
    isRefreshed: whenever(({ context }) => context.refreshing.length === 0),
  },
  handlers: {
    /** irqfd_update() and the walk for a taken eventfd, under irqfds.lock. */
    tellEntry: on('irqfd_update', ({ context, event }) =>
      call<FromVm>(event.caller, {
        type: 'irq_entry',
        route: routeOf(context.routes, event.gsi),
        isTaken: context.items.some(({ eventfd }) => eventfd === event.eventfd),
      }),
    ),
    listAdd: on('list_add', ({ context, event: { irqfd, eventfd } }) =>
      set({ items: [...context.items, { irqfd, eventfd }] }),
    ),
    listDel: on('list_del', ({ context, event }) =>
      set({ items: context.items.filter(({ irqfd }) => irqfd !== event.irqfd) }),
    ),
    resamplerAdd: on('resampler_add', ({ context, event: { irqfd, gsi, resamplefd } }) =>
      set({ resamplers: [...context.resamplers, { irqfd, gsi, resamplefd }] }),
    ),
    resamplerDel: on('resampler_del', ({ context, event }) =>
      set({ resamplers: context.resamplers.filter(({ irqfd }) => irqfd !== event.irqfd) }),
    ),
    /** irqfd_resampler_ack(): under SRCU every resamplefd of the GSI is signalled. */
    acknowledge: on('guest_eoi', ({ context, event: { gsi, caller } }) => [
      set<VmContext>({
        acker: caller,
        acking: context.resamplers.filter((one) => one.gsi === gsi),
      }),
      call<SrcuMessage>(context.irq_srcu, { type: 'srcu_read_lock', ...asks(context.self, caller, 'eoi') }),
    ]),
    signalNext: act(({ context: { self, acker, acking }, cells }) => {
      const [member] = acking;
      if (member === undefined || acker === null) throw new Error(`${self} has nothing to signal`);
      const signal = { type: 'eventfd_signal', ...asks(self, acker, 'eoi') } as const;
      return [...walkOver(member.irqfd, cells), post<EventfdMessage>(member.resamplefd, signal, acker)];
    }),
    signalled: on('return.eoi', ({ context: { acking }, cells }) => [
      set<VmContext>({ acking: acking.slice(1) }),
      ...acking.slice(0, 1).flatMap(({ irqfd }) => walkOver(irqfd, cells)),
    ]),
    acknowledged: act(({ context: { self, acker, irq_srcu } }) => {
      if (acker === null) throw new Error(`nobody acknowledges an interrupt of ${self}`);
      return [
        set<VmContext>({ acker: null }),
        call<SrcuMessage>(irq_srcu, { type: 'srcu_read_unlock', task: acker }),
        returnTo(acker, null),
      ];
    }),
    lockTable: on(['set_gsi_routing', 'clear_gsi_routing'], ({ context: { self, irq_lock }, event }) => {
      const { caller, gsi } = event;
      const vcpu = event.type === 'set_gsi_routing' ? event.vcpu : null;
      const type =
        event.type === 'clear_gsi_routing'
          ? 'none'
          : event.irqchip === true
            ? 'irqchip'
            : vcpu === null
              ? 'multicast'
              : 'msi';
      return [
        set<VmContext>({ caller, wanted: { gsi, type, vcpu } }),
        call<MutexMessage>(irq_lock, { type: 'mutex_lock', ...asks(self, caller, 'routing'), atOnce: true }),
      ];
    }),
    /** rcu_assign_pointer() of the table: who looks the GSI up finds the new route; cached entries are the old ones still. */
    publish: on('return.routing', ({ context }) => {
      const { self, irqfds_lock, routes, wanted } = context;
      if (wanted === null) throw new Error(`nobody changes the routing of ${self}`);
      return [
        set<VmContext>({ routes: [...routes.filter(({ gsi }) => gsi !== wanted.gsi), wanted], wanted: null }),
        call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irq', ...asks(self, threadOf(context), 'routing') }),
      ];
    }),
    /** kvm_irq_routing_update(): every active irqfd, all under irqfds.lock. */
    takeItems: on('return.routing', ({ context }) => set({ pending: context.items.map(({ irqfd }) => irqfd) })),
    updateNext: act(({ context }) => {
      const [irqfd] = context.pending;
      if (irqfd === undefined) throw new Error(`${context.self} has no irqfd to update`);
      const { self, routes } = context;
      const task = threadOf(context);
      return call<FromVm>(irqfd, { type: 'update_routing', vm: self, task, routes });
    }),
    updated: on('routing_updated', ({ context }) => set({ pending: context.pending.slice(1) })),
    unlockTable: act(({ context }) => {
      const { self, irqfds_lock, irq_lock, irq_srcu } = context;
      const task = threadOf(context);
      return [
        call<SpinlockMessage>(irqfds_lock, { type: 'spin_unlock_irq', task }),
        call<MutexMessage>(irq_lock, { type: 'mutex_unlock', task }),
        call<SrcuMessage>(irq_srcu, { type: 'synchronize_srcu', ...asks(self, task, 'routing'), atOnce: true }),
      ];
    }),
    finishRouting: on('return.routing', ({ context }) => [set({ caller: null }), returnTo(threadOf(context), null)]),
    /** irqfd_inject(), kvm_set_irq(): by the table, as it is now. */
    setIrq: on('kvm_set_irq', ({ context, event: { gsi, interrupts }, cells }) => {
      const route = routeOf(context.routes, gsi);
      return route.type === 'none'
        ? lost(cells, interrupts, 'no route: the GSI goes nowhere')
        : inject(context, route, interrupts);
    }),
    /** kvm_arch_set_irq_inatomic(): by an entry that the irqfd has cached. */
    injectRoute: on('inject_route', ({ context, event: { route, interrupts } }) => inject(context, route, interrupts)),
    /** nr_possible_bypass_irqs, under irqfds.lock; pi_start_bypass() kicks vCPUs that are blocked already. */
    startBypass: on('start_bypass', ({ context: { self, vcpus }, event: { kicks }, cells }) => {
      const irqs = Number(cells.load(self, 'nr_possible_bypass_irqs'));
      cells.store(self, 'nr_possible_bypass_irqs', irqs + 1);
      return irqs === 0 && kicks ? vcpus.map((vcpu) => unblock(vcpu)) : [];
    }),
    stopBypass: on('stop_bypass', ({ context: { self }, cells }) => {
      cells.store(self, 'nr_possible_bypass_irqs', Number(cells.load(self, 'nr_possible_bypass_irqs')) - 1);
      return [];
    }),
    /** kvm_make_all_cpus_request(KVM_REQ_APICV_UPDATE): each vCPU, one after the other. */
    inhibit: on(['avic_inhibit', 'avic_uninhibit'], ({ context: { self, vcpus }, event, cells }) => {
      cells.store(self, 'avic_inhibited', event.type === 'avic_inhibit');
      return set({ inhibitor: event.caller, refreshing: vcpus });
    }),
    refreshNext: act(({ context: { self, refreshing, inhibitor } }) => {
      const [vcpu] = refreshing;
      if (vcpu === undefined || inhibitor === null) throw new Error(`${self} has no vCPU to refresh`);
      return call<SvmVcpuMessage>(vcpu, { type: 'avic_refresh', vm: self, task: inhibitor });
    }),
    refreshed: on('avic_refreshed', ({ context }) => set({ refreshing: context.refreshing.slice(1) })),
    finishRefresh: act(({ context: { self, inhibitor } }) => {
      if (inhibitor === null) throw new Error(`nobody inhibits AVIC of ${self}`);
      return [set<VmContext>({ inhibitor: null }), returnTo(inhibitor, null)];
    }),
    /** arm64: a pause flag on every vCPU; a flag, not a count. */
    halt: on('halt_guest', ({ context: { self }, cells }) => {
      cells.store(self, 'halted', true);
      return [];
    }),
    resume: on('resume_guest', ({ context: { self, vcpus }, cells }) => {
      cells.store(self, 'halted', false);
      return vcpus.map((vcpu) => call<Arm64VcpuMessage>(vcpu, { type: 'resume' }));
    }),
    tellFirst: on('first_vcpu', ({ context: { vcpus }, event }) => answer(event, vcpus[0] ?? null)),
    lockItems: on('close_vm', ({ context: { self, irqfds_lock }, event: { caller } }) => [
      set<VmContext>({ closer: caller }),
      call<SpinlockMessage>(irqfds_lock, { type: 'spin_lock_irq', ...asks(self, caller, 'release'), atOnce: true }),
    ]),
    /** kvm_irqfd_release(): all that are active; then their shutdown jobs are waited for. */
    deactivateAll: on('return.release', ({ context }) => {
      const { self, irqfds_lock, cleanup_wq, items } = context;
      const task = closerOf(context);
      return [
        ...items.map(({ irqfd }) => call<FromVm>(irqfd, { type: 'deactivate', task })),
        call<SpinlockMessage>(irqfds_lock, { type: 'spin_unlock_irq', task }),
        call<WorkqueueMessage>(cleanup_wq, { type: 'flush_workqueue', ...asks(self, task, 'release'), atOnce: true }),
      ];
    }),
    destroy: on('return.release', ({ context }) => [
      set({ closer: null }),
      ...context.vcpus.map((vcpu) => call<ToVcpu>(vcpu, { type: 'destroy' })),
      returnTo(closerOf(context), null),
    ]),
  },
  chart: {
    type: 'parallel',
    on: {
      irqfd_update: { actions: 'tellEntry' },
      list_add: { actions: 'listAdd' },
      list_del: { actions: 'listDel' },
      resampler_add: { actions: 'resamplerAdd' },
      resampler_del: { actions: 'resamplerDel' },
      kvm_set_irq: { actions: 'setIrq' },
      inject_route: { actions: 'injectRoute' },
      halt_guest: { actions: 'halt' },
      resume_guest: { actions: 'resume' },
      first_vcpu: { actions: 'tellFirst' },
      start_bypass: { actions: 'startBypass' },
      stop_bypass: { actions: 'stopBypass' },
    },
    states: { routing, release, acknowledging, apicv },
  },
});
