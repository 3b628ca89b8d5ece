// N6: to drop the last reference and to erase are two steps. A new LPI that is mapped between them is erased for the old one.
//
// Source: CVE-2026-74568, arch/arm64/kvm/vgic/vgic.c and vgic-its.c, Linux 6.17 to 7.1; mended by cbfe2b24a1ea. The LPIs of a
// VM are in an xarray by INTID (dist->lpi_xa). vgic_put_irq() drops a reference and takes the xarray's lock only afterwards;
// meanwhile vgic_add_lpi() finds an entry that cannot be referenced any more and overwrites it. The release then erases by
// INTID: the new LPI is gone. In the deferred release (vgic_put_irq_norelease(), vgic_release_deleted_lpis()) the overwritten
// LPI is never freed. The fix: vgic_put_irq() drops inside the lock, vgic_add_lpi() frees what it evicts.
// Modelled: one INTID and its LPIs with reference counts; an ap_list that holds a reference, DISCARD and MAPTI. Abstracted
// away: RCU, the ITS, other INTIDs. Parameter deferred: whoever empties the ap_list holds a raw spinlock.
import type { Name } from 'irqbypass-lab';
import { always, atEnd, defineScenario, handlers, invoke, machine, post, returnTo, set, step } from 'irqbypass-lab';

/** struct vgic_irq, from kzalloc() to kfree(). */
type Lpi = { readonly irq: Name; readonly refcount: number };
/** The xarray at one INTID, the LPI that the ITS maps to it, the one on the ap_list, and all that are allocated. */
type Dist = {
  readonly self: Name;
  readonly lpi_xa: Name | null;
  readonly mapped: Name;
  readonly queued: Name;
  readonly lpis: readonly Lpi[];
};
type Message =
  | { readonly type: 'vgic_its_cmd_handle_discard' | 'vgic_prune_ap_list'; readonly caller: Name }
  | { readonly type: 'vgic_release_deleted_lpis'; readonly caller: Name }
  | { readonly type: 'vgic_add_lpi' | 'vgic_release_lpi_locked'; readonly caller: Name; readonly irq: Name };
const { on } = handlers<Dist, Message>();

const refcount = (lpis: readonly Lpi[], irq: Name | null) => lpis.find((lpi) => lpi.irq === irq)?.refcount ?? 0;
const referred = (lpis: readonly Lpi[], irq: Name, change: number) =>
  lpis.map((lpi) => (lpi.irq === irq ? { irq, refcount: lpi.refcount + change } : lpi));
const freed = (lpis: readonly Lpi[], irq: Name | null) => lpis.filter((lpi) => lpi.irq !== irq);

const vgic = (fixed: boolean, deferred: boolean) => {
  /** vgic_put_irq(): the last reference goes before the xarray's lock is taken; fixed: under it. */
  const put = ({ self, lpis }: Dist, caller: Name, irq: Name, release: 'direct' | 'deferred') => {
    const left = referred(lpis, irq, -1);
    if (refcount(left, irq) > 0) return [set<Dist>({ lpis: left }), returnTo(caller, null)];
    if (release === 'deferred')
      return [set<Dist>({ lpis: left }), post<Message>(self, { type: 'vgic_release_deleted_lpis', caller }, caller)];
    if (fixed) return [set<Dist>({ lpis: freed(lpis, irq), lpi_xa: null }), returnTo(caller, null)];
    return [set<Dist>({ lpis: left }), post<Message>(self, { type: 'vgic_release_lpi_locked', irq, caller }, caller)];
  };
  const discard = on('vgic_its_cmd_handle_discard', ({ context, event }) =>
    put(context, event.caller, context.mapped, 'direct'),
  );
  const prune = on('vgic_prune_ap_list', ({ context, event }) =>
    put(context, event.caller, context.queued, deferred ? 'deferred' : 'direct'),
  );
  /** MAPTI: the entry that is there already if it can be referenced, else the new one. */
  const add = on('vgic_add_lpi', ({ context: { lpis, lpi_xa }, event: { irq, caller } }) => {
    if (lpi_xa !== null && refcount(lpis, lpi_xa) > 0)
      return [set({ lpis: referred(lpis, lpi_xa, 1), mapped: lpi_xa }), returnTo(caller, null)];
    const others = fixed ? freed(lpis, lpi_xa) : lpis;
    return [set({ lpis: [...others, { irq, refcount: 1 }], lpi_xa: irq, mapped: irq }), returnTo(caller, null)];
  });
  /** __xa_erase() at the INTID, whoever is there by now. */
  const release = on('vgic_release_lpi_locked', ({ context, event }) => [
    set({ lpi_xa: null, lpis: freed(context.lpis, event.irq) }),
    returnTo(event.caller, null),
  ]);
  const releaseDeleted = on('vgic_release_deleted_lpis', ({ context: { lpis, lpi_xa }, event }) => [
    ...(refcount(lpis, lpi_xa) > 0 ? [] : [set<Dist>({ lpi_xa: null, lpis: freed(lpis, lpi_xa) })]),
    returnTo(event.caller, null),
  ]);
  return machine<Dist, Message>({
    id: 'vgic',
    title: 'struct vgic_dist and its xarray of LPIs',
    wiring: { irq: '*' },
    sends: ['vgic_release_lpi_locked', 'vgic_release_deleted_lpis', 'return'],
    operations: {
      vgic_add_lpi: { arguments: ['irq'], how: 'call', kernel: 'MAPTI' },
      vgic_its_cmd_handle_discard: { how: 'call', kernel: 'DISCARD' },
      vgic_prune_ap_list: { how: 'call' },
    },
    context: ({ self, wiring }) => {
      const irq = wiring['irq'] as Name;
      return { self, lpi_xa: irq, mapped: irq, queued: irq, lpis: [{ irq, refcount: 2 }] };
    },
    chart: {
      on: {
        vgic_add_lpi: { actions: add },
        vgic_its_cmd_handle_discard: { actions: discard },
        vgic_prune_ap_list: { actions: prune },
        vgic_release_lpi_locked: { actions: release },
        vgic_release_deleted_lpis: { actions: releaseDeleted },
      },
    },
  });
};

const registered = always('i-lpi', 'An LPI that is referenced is in the xarray', (state) => {
  const { lpis, lpi_xa } = state.context<Dist>('vgic0');
  const lost = lpis.find((lpi) => lpi.refcount > 0 && lpi.irq !== lpi_xa);
  return lost === undefined ? null : `${lost.irq} is referenced, and the xarray does not know it`;
});
const noLeak = atEnd('i-leak', 'In the end every LPI without references is freed', (state) => {
  const leaked = state.context<Dist>('vgic0').lpis.find((lpi) => lpi.refcount === 0);
  return leaked === undefined ? null : `${leaked.irq} is never freed`;
});

export default defineScenario({
  id: 'n6-drop-and-erase',
  title: 'An LPI is released while another is mapped to its INTID',
  description: 'Violates i-lpi; with deferred=true i-leak; with fixed=true neither.',
  parameters: { fixed: false, deferred: false },
  properties: [registered, noLeak, 'l-term'],
  script: ({ fixed, deferred }) => ({
    actors: [{ name: 'vgic0', machine: vgic(fixed, deferred), wiring: { irq: 'irq0' } }],
    threads: {
      t0: [step(invoke('vgic_prune_ap_list', 'vgic0'))],
      t1: [
        step(invoke('vgic_its_cmd_handle_discard', 'vgic0')),
        step(invoke('vgic_add_lpi', 'vgic0', { irq: 'irq1' })),
      ],
    },
  }),
});
