// The IRTE of one host irq, AMD: remapped to the host, or in guest mode: the vAPIC page of a vCPU, and where that runs.
//
// Kernel source: amd_ir_set_vcpu_affinity(), amd_iommu_update_ga(), amd_iommu_activate_guest_mode() and amd_iommu_deactivate_guest_mode()
// of drivers/iommu/amd/iommu.c, Linux 6.12 and 6.18. In guest mode an MSI sets a bit of the vAPIC page; of a running vCPU the doorbell of
// the CPU in the entry is rung, of one that does not run a GA log entry is written if it is asked for. Metadata stays with KVM, so that
// an entry can go to guest mode and back without it (AVIC inhibited). An entry is written whole and flushed: one step here.
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Msi } from '../device/device.ts';
import type { Interrupt } from '../device/interrupt.ts';
import type { Asks } from '../kernel/request.ts';
import { answer } from '../kernel/request.ts';
import type { Cpu } from '../vcpu/vcpu.ts';
import type { AffinityCall, HostInterrupt } from './irte.ts';

/** Where a vCPU runs, and whether it wants to hear of interrupts that it is not running for. */
export type Ga = { readonly isRun: boolean; readonly cpu: Cpu; readonly gaLog: boolean };
/** What an entry says. */
export type AmdEntry = { readonly mode: 'remapped' } | ({ readonly mode: 'posted'; readonly vcpu: Name } & Ga);

export type AmdIrteContext = {
  readonly self: Name;
  readonly handler: Name;
  readonly entry: AmdEntry;
};

/** irq_set_vcpu_affinity(): a vCPU and where it runs, guest mode or not; or NULL. The other three tell of the vCPU. */
export type AmdIrteMessage =
  | ({
      readonly type: 'irq_set_vcpu_affinity';
      readonly vcpu: Name | null;
      readonly ga?: Ga;
      readonly isGuestMode?: boolean;
      readonly for: AffinityCall;
      readonly answer?: number;
      readonly metadata?: 'missing';
    } & Asks)
  | { readonly type: 'amd_iommu_update_ga'; readonly ga: Ga }
  | { readonly type: 'amd_iommu_activate_guest_mode'; readonly vcpu: Name; readonly ga: Ga }
  | { readonly type: 'amd_iommu_deactivate_guest_mode' }
  | Msi;

/** To a vCPU of AVIC: the IOMMU writes to its vAPIC page, and rings or logs. */
export type GuestInterrupt = {
  readonly type: 'guest_interrupt';
  readonly interrupt: Interrupt;
  readonly ga: Ga;
  readonly caller: Name;
};

/** It posts, and hands no metadata out. */
export const NO_METADATA = 1;

const { on, when, whenever } = handlers<AmdIrteContext, AmdIrteMessage>();

/** The machine of an IRTE of AMD. */
export const amdIrte: Machine = machine<AmdIrteContext, AmdIrteMessage>({
  id: 'irte-amd',
  title: 'The IRTE of one host irq, AMD',
  kinds: ['object', 'host-irq', 'irte'],
  wiring: { vector: ['vfio-vector', 'irq-handler'] },
  constants: { fails_late: false, lacks_metadata: false, refuses_ga: false },
  sends: ['handle_irq', 'guest_interrupt', 'return', 'return.*'],
  variants: {
    irq_set_vcpu_affinity: (message, { failures, constants }) => [
      ...(message['for'] === 'add_producer' || constants['fails_late'] === true
        ? failures.map((value) => ({ answer: value }))
        : []),
      ...(constants['lacks_metadata'] === true && message['vcpu'] !== null ? [{ metadata: 'missing' }] : []),
    ],
  },
  context: ({ self, wiring }) => ({ self, handler: wiring['vector'] as Name, entry: { mode: 'remapped' } }),
  guards: {
    fails: when('irq_set_vcpu_affinity', ({ event }) => (event.answer ?? 0) !== 0),
    isPosted: whenever(({ context }) => context.entry.mode === 'posted'),
  },
  handlers: {
    refuse: on('irq_set_vcpu_affinity', ({ event }) => answer(event, event.answer ?? 0)),
    setVcpuAffinity: on('irq_set_vcpu_affinity', ({ event }) => {
      const { vcpu, ga, isGuestMode = true, metadata } = event;
      const entry: AmdEntry =
        vcpu === null || ga === undefined || !isGuestMode ? { mode: 'remapped' } : { mode: 'posted', vcpu, ...ga };
      return [set<AmdIrteContext>({ entry }), ...answer(event, metadata === undefined ? 0 : NO_METADATA)];
    }),
    /** What refuses it stays as it was; the walk goes on (48f79c6c86b3). */
    updateGa: on('amd_iommu_update_ga', ({ context: { self, entry }, event: { ga }, cells }) =>
      entry.mode === 'posted' && cells.constant(self, 'refuses_ga') !== true
        ? set<AmdIrteContext>({ entry: { ...entry, ...ga } })
        : [],
    ),
    activate: on('amd_iommu_activate_guest_mode', ({ event: { vcpu, ga } }) =>
      set<AmdIrteContext>({ entry: { mode: 'posted', vcpu, ...ga } }),
    ),
    deactivate: on('amd_iommu_deactivate_guest_mode', () => set<AmdIrteContext>({ entry: { mode: 'remapped' } })),
    translate: on('msi', ({ context, event: { interrupt, caller } }) => {
      const { entry, handler } = context;
      if (entry.mode === 'remapped')
        return post<HostInterrupt>(handler, { type: 'handle_irq', interrupt, caller }, caller);
      const { vcpu, isRun, cpu, gaLog } = entry;
      return call<GuestInterrupt>(vcpu, { type: 'guest_interrupt', interrupt, ga: { isRun, cpu, gaLog }, caller });
    }),
  },
  chart: {
    on: {
      msi: { actions: 'translate' },
      irq_set_vcpu_affinity: [{ guard: 'fails', actions: 'refuse' }, { actions: 'setVcpuAffinity' }],
      amd_iommu_update_ga: { actions: 'updateGa' },
      amd_iommu_activate_guest_mode: { actions: 'activate' },
      amd_iommu_deactivate_guest_mode: { actions: 'deactivate' },
    },
  },
});
