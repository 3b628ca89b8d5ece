// A vCPU of SVM with AVIC: its vAPIC page, and the list of irqfds whose interrupts are posted to it.
//
// Kernel source: arch/x86/kvm/svm/avic.c (avic_vcpu_load(), avic_vcpu_put(), avic_vcpu_blocking(), avic_ga_log_notifier(),
// avic_refresh_apicv_exec_ctrl()), Linux 6.12 and 6.18. Whenever it begins or ceases to run it walks its list under ir_list_lock and tells
// each IRTE where it runs. The IOMMU sets bits of the vAPIC page and rings the doorbell of the CPU in the entry; without a
// doorbell a running guest does not look before its next exit. A GA log entry is asked for only while it blocks. Abstracted away: the
// physical APIC id table, IPIs between guests.
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { delivered, merged, reached } from '../device/interrupt.ts';
import type { AmdIrteMessage, Ga, GuestInterrupt } from '../iommu/irte-amd.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import type { Observation } from '../manager/protocol.ts';
import type { Cpu, ToVcpu, VcpuCall } from './vcpu.ts';
import { orFreed, staysAway, straightIn, vcpuCalls, vcpuCells, vcpuOperations } from './vcpu.ts';

/** A member of a vCPU's ir_list: an irqfd, and the irq that is posted for it. */
export type Listed = { readonly irqfd: Name; readonly irq: Name };

export type SvmVcpuContext = {
  readonly self: Name;
  readonly vm: Name;
  readonly ir_list_lock: Name;
  /** Who makes it leave the CPU or come back, and waits for that. */
  readonly caller: Name | null;
  /** Does it load on the other CPU? */
  readonly moves: boolean;
  /** Bits of the vAPIC page that the guest has not seen. */
  readonly irr: readonly Interrupt[];
  readonly irList: readonly Listed[];
  /** The thread that (un)inhibits AVIC. */
  readonly refresher: Name | null;
};

/** `woken` is its own. Under ir_list_lock: the list; AVIC of the VM was inhibited, or is no more. */
export type SvmVcpuMessage =
  | VcpuCall
  | Exclude<ToVcpu, { readonly type: 'post_interrupt' }>
  | GuestInterrupt
  | { readonly type: 'woken' | 'vm_entry' }
  | ({ readonly type: 'ir_list_add' } & Listed)
  | { readonly type: 'ir_list_del'; readonly irqfd: Name }
  | ({ readonly type: 'ir_list_lock' } & Asks)
  | { readonly type: 'ir_list_unlock'; readonly task: Name }
  | { readonly type: 'avic_refresh'; readonly vm: Name; readonly task: Name }
  | Return<'run' | 'refresh'>;

const { on, act, when, whenever } = handlers<SvmVcpuContext, SvmVcpuMessage>();
type Handling = Handled<SvmVcpuContext, SvmVcpuMessage>;

/** Where a vCPU runs, as the IOMMU is told. */
export function gaOf(cells: Cells, vcpu: Name): Ga {
  return {
    isRun: cells.load(vcpu, 'running') === true,
    cpu: cells.load(vcpu, 'cpu') as Cpu,
    gaLog: cells.load(vcpu, 'ga_log') === true,
  };
}

/** Whoever waits is told. */
const told = ({ caller }: SvmVcpuContext): HostEffect[] => (caller === null ? [] : [returnTo(caller, null)]);

/** Its own locks are taken by itself, its thread. */
const lock = ({ self, ir_list_lock }: SvmVcpuContext, task: Name, as: 'run' | 'refresh'): HostEffect =>
  call<SpinlockMessage>(ir_list_lock, { type: 'spin_lock_irqsave', caller: self, task, as, atOnce: true });
const unlock = ({ ir_list_lock }: SvmVcpuContext, task: Name): HostEffect =>
  call<SpinlockMessage>(ir_list_lock, { type: 'spin_unlock_irqrestore', task });

/** avic_update_iommu_vcpu_affinity(): each IRTE of the list is told where the vCPU runs. */
function tell({ context: { self, irList }, cells }: Handling, ga: Ga): HostEffect[] {
  cells.store(self, 'running', ga.isRun);
  cells.store(self, 'cpu', ga.cpu);
  cells.store(self, 'ga_log', ga.gaLog);
  return irList.map(({ irq }) => call<AmdIrteMessage>(irq, { type: 'amd_iommu_update_ga', ga }));
}

const isRung = ({ context: { self }, cells }: Pick<Handling, 'context' | 'cells'>, { isRun, cpu }: Ga): boolean =>
  isRun && cells.load(self, 'running') === true && cells.load(self, 'cpu') === cpu;

/** The machine of a vCPU on SVM. States: `guest`, `putting`, `blocked`, `waking`, `loading`, `preempted`. */
export const svmVcpu: Machine = machine<SvmVcpuContext, SvmVcpuMessage>({
  id: 'vcpu-svm',
  title: 'A vCPU of SVM with AVIC',
  kinds: ['vcpu'],
  wiring: { vm: 'vm', ir_list_lock: 'spinlock' },
  usual: { ir_list_lock: { part: 'irlistlock', machine: 'spinlock', constants: { class: 'ir_list_lock' } } },
  cells: { ...vcpuCells, running: true, cpu: 0, ga_log: false },
  slots: 2,
  sends: [
    'return',
    'woken',
    'vm_entry',
    'spin_lock_irqsave',
    'spin_unlock_irqrestore',
    'amd_iommu_update_ga',
    'amd_iommu_activate_guest_mode',
    'amd_iommu_deactivate_guest_mode',
    'avic_refreshed',
  ],
  operations: vcpuOperations,
  context: ({ self, wiring }) => ({
    self,
    vm: wiring['vm'] as Name,
    ir_list_lock: wiring['ir_list_lock'] as Name,
    caller: null,
    moves: false,
    irr: [],
    irList: [],
    refresher: null,
  }),
  guards: {
    isPending: whenever(({ context }) => context.irr.length > 0),
    isRung: when('guest_interrupt', ({ context, event, cells }) => isRung({ context, cells }, event.ga)),
    isLogged: when('guest_interrupt', ({ event: { ga } }) => !ga.isRun && ga.gaLog),
    isFreed: when('guest_interrupt', ({ context, cells }) => cells.load(context.self, 'freed') === true),
  },
  handlers: {
    /** The doorbell of the CPU that it runs on. */
    ring: on('guest_interrupt', ({ context: { self }, event, cells }) => [
      ...straightIn(cells, self, 'posted', [event.interrupt]),
      returnTo(event.caller, null),
    ]),
    touchFreed: on('guest_interrupt', ({ context: { self }, event }) => [
      show<Observation>({ kind: 'use-after-free', object: self, what: 'vAPIC page' }),
      returnTo(event.caller, null),
    ]),
    setIrr: on('guest_interrupt', ({ context: { self, irr }, event, cells }) => [
      set<SvmVcpuContext>({ irr: merged(cells, irr, [event.interrupt]) }),
      ...reached('posted', self, [event.interrupt]),
      returnTo(event.caller, null),
    ]),
    enterSoon: act(({ context: { self } }) => post<SvmVcpuMessage>(self, { type: 'vm_entry' })),
    /** Whatever made it exit: VMRUN looks at all of the page. */
    enter: on('vm_entry', ({ context: { self, irr }, cells }) => [
      set<SvmVcpuContext>({ irr: [] }),
      ...delivered(cells, self, irr),
    ]),
    ignore: act(() => []),
    injectToGuest: on('inject', ({ context: { self, irr }, event, cells }) => [
      set<SvmVcpuContext>({ irr: [] }),
      ...reached('injected', self, event.interrupts),
      // The doorbell makes it look at all of the page.
      ...delivered(cells, self, merged(cells, irr, event.interrupts)),
    ]),
    injectToIrr: on('inject', ({ context: { self, irr }, event, cells }) => [
      set<SvmVcpuContext>({ irr: merged(cells, irr, event.interrupts) }),
      ...reached('injected', self, event.interrupts),
    ]),
    wake: act(({ context }) => [
      show<Observation>({ kind: 'wake', vcpu: context.self }),
      post<SvmVcpuMessage>(context.self, { type: 'woken' }),
    ]),
    begin: on(['vcpu_block', 'vcpu_preempt', 'vcpu_load'], ({ context, event }) => [
      set<SvmVcpuContext>({
        caller: event.caller,
        moves: event.type === 'vcpu_load' && event.moves === true,
      }),
      lock(context, context.self, 'run'),
    ]),
    /** avic_vcpu_put(): not running; the GA log is asked for while it blocks. */
    putBlocking: on('return.run', (handling) => [
      set<SvmVcpuContext>({ caller: null }),
      ...tell(handling, { isRun: false, cpu: handling.cells.load(handling.context.self, 'cpu') as Cpu, gaLog: true }),
      unlock(handling.context, handling.context.self),
      ...told(handling.context),
    ]),
    putPreempted: on('return.run', (handling) => [
      set<SvmVcpuContext>({ caller: null }),
      ...tell(handling, { isRun: false, cpu: handling.cells.load(handling.context.self, 'cpu') as Cpu, gaLog: false }),
      unlock(handling.context, handling.context.self),
      ...told(handling.context),
    ]),
    lockToLoad: act(({ context }) => lock(context, context.self, 'run')),
    /** avic_vcpu_load(), then the guest sees what is in the page. */
    load: on('return.run', (handling) => {
      const { context, cells } = handling;
      const { self, moves, irr } = context;
      const here = cells.load(self, 'cpu') as Cpu;
      const cpu: Cpu = moves ? (here === 0 ? 1 : 0) : here;
      return [
        set<SvmVcpuContext>({ caller: null, moves: false, irr: [] }),
        ...tell(handling, { isRun: true, cpu, gaLog: false }),
        unlock(context, self),
        ...delivered(cells, self, irr),
        ...told(context),
      ];
    }),
    back: on(['vcpu_block', 'vcpu_preempt', 'vcpu_load'], ({ event }) => returnTo(event.caller, null)),
    listAdd: on('ir_list_add', ({ context: { irList }, event: { irqfd, irq } }) =>
      set({ irList: [...irList, { irqfd, irq }] }),
    ),
    listDel: on('ir_list_del', ({ context: { irList }, event }) =>
      set({ irList: irList.filter(({ irqfd }) => irqfd !== event.irqfd) }),
    ),
    lockFor: on('ir_list_lock', ({ context: { ir_list_lock }, event: { type: _type, ...asker } }) =>
      call<SpinlockMessage>(ir_list_lock, { type: 'spin_lock_irqsave', ...asker, atOnce: true }),
    ),
    unlockFor: on('ir_list_unlock', ({ context, event }) => unlock(context, event.task)),
    lockToRefresh: on('avic_refresh', ({ context, event }) => [
      set<SvmVcpuContext>({ refresher: event.task }),
      lock(context, event.task, 'refresh'),
    ]),
    /** avic_refresh_apicv_exec_ctrl(): all of the list into guest mode, or out of it. */
    refresh: on('return.refresh', ({ context, cells }) => {
      const { self, vm, irList, refresher } = context;
      if (refresher === null) throw new Error(`nobody refreshes ${self}`);
      const isActive = cells.load(vm, 'avic_inhibited') !== true;
      return [
        set<SvmVcpuContext>({ refresher: null }),
        ...irList.map(({ irq }) =>
          call<AmdIrteMessage>(
            irq,
            isActive
              ? { type: 'amd_iommu_activate_guest_mode', vcpu: self, ga: gaOf(cells, self) }
              : { type: 'amd_iommu_deactivate_guest_mode' },
          ),
        ),
        unlock(context, refresher),
        call(vm, { type: 'avic_refreshed' }),
      ];
    }),
    free: on('destroy', ({ context, cells }) => {
      cells.store(context.self, 'freed', true);
      return [];
    }),
  },
  chart: {
    initial: 'guest',
    on: {
      destroy: { actions: 'free' },
      ir_list_add: { actions: 'listAdd' },
      ir_list_del: { actions: 'listDel' },
      ir_list_lock: { actions: 'lockFor' },
      ir_list_unlock: { actions: 'unlockFor' },
      avic_refresh: { actions: 'lockToRefresh' },
      'return.refresh': { actions: 'refresh' },
      // On its way into the guest it looks anyhow.
      vm_entry: { actions: 'ignore' },
    },
    states: orFreed('guest_interrupt', {
      guest: {
        on: {
          guest_interrupt: [
            { guard: 'isRung', actions: 'ring' },
            // No doorbell of its CPU: the guest does not look before the next VM entry.
            { actions: ['setIrr', 'enterSoon'] },
          ],
          inject: { actions: 'injectToGuest' },
          vm_entry: { actions: 'enter' },
          vcpu_block: { target: 'halting', actions: 'begin' },
          vcpu_preempt: { target: 'putting', actions: 'begin' },
          vcpu_load: { actions: 'back' },
        },
      },
      halting: {
        waits: vcpuCalls,
        on: {
          guest_interrupt: { actions: 'setIrr' },
          inject: { actions: 'injectToIrr' },
          'return.run': { target: 'checking', actions: 'putBlocking' },
        },
      },
      // kvm_vcpu_check_block(): something came meanwhile.
      checking: {
        always: [{ guard: 'isPending', target: 'loading', actions: 'lockToLoad' }, { target: 'blocked' }],
      },
      blocked: {
        on: {
          guest_interrupt: [
            { guard: 'isLogged', target: 'waking', actions: ['setIrr', 'wake'] },
            { actions: 'setIrr' },
          ],
          inject: { target: 'waking', actions: ['injectToIrr', 'wake'] },
          ...staysAway,
        },
      },
      waking: {
        waits: vcpuCalls,
        on: {
          guest_interrupt: { actions: 'setIrr' },
          inject: { actions: 'injectToIrr' },
          woken: { target: 'loading', actions: 'lockToLoad' },
        },
      },
      loading: {
        waits: vcpuCalls,
        on: {
          guest_interrupt: { actions: 'setIrr' },
          inject: { actions: 'injectToIrr' },
          'return.run': { target: 'guest', actions: 'load' },
        },
      },
      putting: {
        waits: vcpuCalls,
        on: {
          guest_interrupt: { actions: 'setIrr' },
          inject: { actions: 'injectToIrr' },
          'return.run': { target: 'preempted', actions: 'putPreempted' },
        },
      },
      preempted: {
        on: {
          guest_interrupt: { actions: 'setIrr' },
          inject: { actions: 'injectToIrr' },
          vcpu_block: { actions: 'back' },
          vcpu_preempt: { actions: 'back' },
          vcpu_load: { target: 'loading', actions: 'begin' },
        },
      },
    }),
  },
});
