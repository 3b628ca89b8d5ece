// The vGIC of a VM, as far as direct injection goes: which LPIs are vLPIs in hardware, and its_lock.
//
// Kernel source: arch/arm64/kvm/vgic/vgic-v4.c, vgic-its.c, Linux 6.12 and 6.18. An LPI is what the guest's ITS makes of a route: one for
// each pair of a GSI and a vCPU here. The guest may have mapped it, or not yet (`maps_late`). Abstracted away: irq_lock (what it protects is
// changed in one step), the guest's ITS commands, collections.
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { returnTo } from '../kernel/call.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import type { Asks, AtOnce } from '../kernel/request.ts';
import { answer } from '../kernel/request.ts';

/** An LPI that is a vLPI: `hw` and `host_irq` of its struct vgic_irq. */
export type Vlpi = { readonly gsi: Name; readonly vcpu: Name; readonly irq: Name };

export type VgicContext = { readonly self: Name; readonly its_lock: Name; readonly vlpis: readonly Vlpi[] };

/**
 * its_lock; its_resolve_lpi(), which is answered 0 or, where the guest has not mapped it, UNMAPPED_INTERRUPT; a look-up by LPI (answered
 * with the host irq) or by host irq (answered with the vCPU); hw is set, or cleared.
 */
export type VgicMessage =
  | ({ readonly type: 'its_lock' } & Asks & AtOnce)
  | { readonly type: 'its_unlock'; readonly task: Name }
  | ({ readonly type: 'its_resolve_lpi'; readonly unmapped?: true } & Asks)
  | ({ readonly type: 'vgic_find_lpi'; readonly gsi: Name; readonly vcpu: Name } & Asks)
  | ({ readonly type: 'vgic_find_host_irq'; readonly irq: Name } & Asks)
  | ({ readonly type: 'vgic_set_hw' } & Vlpi)
  | { readonly type: 'vgic_clear_hw'; readonly irq: Name }
  | { readonly type: 'its_restore_tables'; readonly caller: Name };

/** The vITS error "unmapped interrupt" of INT, as 6.12 lets it through. */
export const UNMAPPED_INTERRUPT = 0x1_03_07;

const { on } = handlers<VgicContext, VgicMessage>();

/** The machine of a vGIC. */
export const vgic: Machine = machine<VgicContext, VgicMessage>({
  id: 'vgic',
  title: 'The vGIC of a VM: its_lock, LPIs that are vLPIs in hardware',
  kinds: ['object'],
  wiring: { its_lock: 'mutex' },
  usual: { its_lock: { part: 'itslock', machine: 'mutex', constants: { class: 'its_lock' } } },
  constants: { direct_msis: true, maps_late: false, starts_unmapped: false },
  // Are the tables of the guest's ITS there?
  cells: { restored: false },
  sends: ['mutex_lock', 'mutex_unlock', 'return', 'return.*'],
  operations: { its_restore_tables: { how: 'post', kernel: 'KVM_DEV_ARM_ITS_RESTORE_TABLES' } },
  variants: {
    its_resolve_lpi: (_, { constants }) => (constants['maps_late'] === true ? [{ unmapped: true }] : []),
  },
  context: ({ self, wiring }) => ({ self, its_lock: wiring['its_lock'] as Name, vlpis: [] }),
  handlers: {
    lock: on('its_lock', ({ context: { its_lock }, event: { type: _type, ...asker } }) =>
      call<MutexMessage>(its_lock, { type: 'mutex_lock', ...asker }),
    ),
    unlock: on('its_unlock', ({ context: { its_lock }, event: { task } }) =>
      call<MutexMessage>(its_lock, { type: 'mutex_unlock', task }),
    ),
    resolve: on('its_resolve_lpi', ({ context: { self }, event, cells }) => {
      const isThere = cells.constant(self, 'starts_unmapped') !== true || cells.load(self, 'restored') === true;
      return answer(event, event.unmapped === true || !isThere ? UNMAPPED_INTERRUPT : 0);
    }),
    restoreTables: on('its_restore_tables', ({ context: { self }, event: { caller }, cells }) => {
      cells.store(self, 'restored', true);
      return returnTo(caller, 0);
    }),
    findLpi: on('vgic_find_lpi', ({ context: { vlpis }, event }) => {
      const { gsi, vcpu } = event;
      return answer(event, vlpis.find((one) => one.gsi === gsi && one.vcpu === vcpu)?.irq ?? null);
    }),
    findHostIrq: on('vgic_find_host_irq', ({ context: { vlpis }, event }) =>
      answer(event, vlpis.find(({ irq }) => irq === event.irq)?.vcpu ?? null),
    ),
    setHw: on('vgic_set_hw', ({ context: { vlpis }, event: { gsi, vcpu, irq } }) =>
      set({ vlpis: [...vlpis, { gsi, vcpu, irq }] }),
    ),
    clearHw: on('vgic_clear_hw', ({ context: { vlpis }, event }) =>
      set({ vlpis: vlpis.filter(({ irq }) => irq !== event.irq) }),
    ),
  },
  chart: {
    on: {
      its_lock: { actions: 'lock' },
      its_unlock: { actions: 'unlock' },
      its_resolve_lpi: { actions: 'resolve' },
      its_restore_tables: { actions: 'restoreTables' },
      vgic_find_lpi: { actions: 'findLpi' },
      vgic_find_host_irq: { actions: 'findHostIrq' },
      vgic_set_hw: { actions: 'setHw' },
      vgic_clear_hw: { actions: 'clearHw' },
    },
  },
});
