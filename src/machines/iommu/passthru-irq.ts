// A passed through irq of powerpc HV: it goes to the host, or is mapped into a VM's map of passed through irqs.
//
// Kernel source: kvmppc_set_passthru_irq(), kvmppc_clr_passthru_irq() of arch/powerpc/kvm/book3s_hv.c, Linux 6.18. Routes play no part. It may
// fail, with whatever the scenario says. Abstracted away: the map of the VM by GSI, when it is full and what it refuses; XICS and XIVE; the
// server of a source (the VM's first vCPU).
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Msi } from '../device/device.ts';
import type { Asks } from '../kernel/request.ts';
import { answer } from '../kernel/request.ts';
import type { Entry, HostInterrupt, PostedInterrupt } from './irte.ts';
import { postedTo } from './irte.ts';

export type PassthruContext = { readonly self: Name; readonly handler: Name; readonly entry: Entry };

/** The irq is mapped for a vCPU, or given back; the device's MSI. */
export type PassthruMessage =
  | ({ readonly type: 'kvmppc_set_passthru_irq'; readonly vcpu: Name; readonly answer?: number } & Asks)
  | ({ readonly type: 'kvmppc_clr_passthru_irq'; readonly answer?: number } & Asks)
  | Msi;

const { on, when } = handlers<PassthruContext, PassthruMessage>();

/** The machine of a passed through irq. */
export const passthruIrq: Machine = machine<PassthruContext, PassthruMessage>({
  id: 'passthru-irq',
  title: 'A passed through irq of powerpc HV',
  kinds: ['object', 'host-irq', 'irte'],
  wiring: { vector: ['vfio-vector', 'irq-handler'] },
  constants: { fails_late: false },
  sends: ['handle_irq', 'post_interrupt', 'return', 'return.*'],
  variants: {
    kvmppc_set_passthru_irq: (_, { failures }) => failures.map((value) => ({ answer: value })),
    kvmppc_clr_passthru_irq: (_, { failures, constants }) =>
      constants['fails_late'] === true ? failures.map((value) => ({ answer: value })) : [],
  },
  context: ({ self, wiring }) => ({ self, handler: wiring['vector'] as Name, entry: { mode: 'remapped' } }),
  guards: {
    fails: when(['kvmppc_set_passthru_irq', 'kvmppc_clr_passthru_irq'], ({ event }) => (event.answer ?? 0) !== 0),
  },
  handlers: {
    refuse: on(['kvmppc_set_passthru_irq', 'kvmppc_clr_passthru_irq'], ({ event }) => answer(event, event.answer ?? 0)),
    map: on('kvmppc_set_passthru_irq', ({ event }) => [
      set<PassthruContext>({ entry: { mode: 'posted', vcpu: event.vcpu } }),
      ...answer(event, 0),
    ]),
    unmap: on('kvmppc_clr_passthru_irq', ({ event }) => [
      set<PassthruContext>({ entry: { mode: 'remapped' } }),
      ...answer(event, 0),
    ]),
    deliver: on('msi', ({ context: { entry, handler }, event: { interrupt, caller } }) => {
      const vcpu = postedTo(entry);
      return vcpu === null
        ? post<HostInterrupt>(handler, { type: 'handle_irq', interrupt, caller }, caller)
        : call<PostedInterrupt>(vcpu, { type: 'post_interrupt', interrupt, caller });
    }),
  },
  chart: {
    on: {
      msi: { actions: 'deliver' },
      kvmppc_set_passthru_irq: [{ guard: 'fails', actions: 'refuse' }, { actions: 'map' }],
      kvmppc_clr_passthru_irq: [{ guard: 'fails', actions: 'refuse' }, { actions: 'unmap' }],
    },
  },
});
