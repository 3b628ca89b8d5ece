// The IRTE of one host irq, Intel: it delivers the device's MSI to the host, or posts it to a vCPU.
//
// Kernel source: irq_set_vcpu_affinity() and intel_ir_set_vcpu_affinity(), modify_irte(), intel_ir_set_affinity() of
// drivers/iommu/intel/irq_remapping.c, Linux 6.12 and 6.18. A write is followed by the invalidation of the interrupt entry cache,
// which is waited for: an MSI meanwhile is translated by the old entry, at the latest moment at which the hardware may. A host that
// has posted MSIs (688124cc541f) comes back to them. Abstracted away: descriptors' addresses, guest vectors, host CPUs.
import { call, post, set } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Msi } from '../device/device.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { returnTo } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import { answer, askerOf, waitFor } from '../kernel/request.ts';

/** What an entry says: to the host, by the handler's vector or by a posted MSI of the host's own; or to a vCPU. */
export type Entry = { readonly mode: 'remapped' | 'posted_msi' } | { readonly mode: 'posted'; readonly vcpu: Name };

export type IrteContext = {
  readonly self: Name;
  /** Who handles the host irq. */
  readonly handler: Name;
  /** How the host has its MSIs. */
  readonly host: 'remapped' | 'posted_msi';
  /** The entry in memory, and what the interrupt entry cache has of it. */
  readonly entry: Entry;
  readonly cached: Entry;
};

/** What a new posting is for; whether it may fail depends on it. */
export type AffinityCall = 'add_producer' | 'del_producer' | 'routing';

/** irq_set_vcpu_affinity(): a vCPU, or NULL for the host; the host moves the irq; the cache is invalidated; the device's MSI. */
export type IrteMessage =
  | ({
      readonly type: 'irq_set_vcpu_affinity';
      readonly vcpu: Name | null;
      readonly for: AffinityCall;
      readonly answer?: number;
    } & Asks)
  | { readonly type: 'irq_set_affinity'; readonly caller: Name }
  | ({ readonly type: 'qi_flush_iec' } & Asks)
  | Msi;

/** To the host's handler of an irq: an interrupt, in the channel of the device. */
export type HostInterrupt = { readonly type: 'handle_irq'; readonly interrupt: Interrupt; readonly caller: Name };
/** To a vCPU: hardware writes to it. */
export type PostedInterrupt = { readonly type: 'post_interrupt'; readonly interrupt: Interrupt; readonly caller: Name };

const { on, when } = handlers<IrteContext, IrteMessage>();
type Handling = Handled<IrteContext, IrteMessage>;

/** The vCPU of an entry; null where it goes to the host. */
export const postedTo = (entry: Entry): Name | null => (entry.mode === 'posted' ? entry.vcpu : null);

/** modify_irte(): the entry in memory; then the cache is told, and waited for. */
const modify = ({ context: { self } }: Handling, entry: Entry, asker: Asks) => [
  set<IrteContext>({ entry }),
  waitFor(self, { type: 'qi_flush_iec', ...asker }),
];

/** The machine of an IRTE. States: `idle`, `invalidating` (an entry was written, the cache still has the old one). */
export const irte: Machine = machine<IrteContext, IrteMessage>({
  id: 'irte',
  title: 'The IRTE of one host irq',
  kinds: ['object', 'host-irq'],
  wiring: { vector: ['vfio-vector', 'irq-handler'] },
  constants: { posted_msi: false, fails_late: false },
  sends: ['handle_irq', 'post_interrupt', 'qi_flush_iec', 'return', 'return.*'],
  operations: { irq_set_affinity: { how: 'post', kernel: 'irq_set_affinity(): the host moves the irq' } },
  variants: {
    // Posting anew may fail; going back to the host, or from one vCPU to another, does so only where that is looked for.
    irq_set_vcpu_affinity: (message, { failures, constants }) =>
      message['for'] === 'add_producer' || constants['fails_late'] === true
        ? failures.map((value) => ({ answer: value }))
        : [],
  },
  context: ({ self, wiring, constants }) => {
    const host = constants['posted_msi'] === true ? 'posted_msi' : 'remapped';
    return { self, handler: wiring['vector'] as Name, host, entry: { mode: host }, cached: { mode: host } };
  },
  guards: {
    fails: when('irq_set_vcpu_affinity', ({ event }) => (event.answer ?? 0) !== 0),
    isPosted: when('irq_set_affinity', ({ context }) => context.entry.mode === 'posted'),
  },
  handlers: {
    /** On an error the entry stays as it was. */
    refuse: on('irq_set_vcpu_affinity', ({ event }) => answer(event, event.answer ?? 0)),
    /** NULL: the host's own mode again. */
    setVcpuAffinity: on('irq_set_vcpu_affinity', (handling) => {
      const { vcpu } = handling.event;
      const entry: Entry = vcpu === null ? { mode: handling.context.host } : { mode: 'posted', vcpu };
      return modify(handling, entry, askerOf(handling.event));
    }),
    /** An entry that posts to a vCPU is not the host's to change: where it would go back to is. */
    leave: on('irq_set_affinity', ({ event }) => returnTo(event.caller, 0)),
    moveHost: on('irq_set_affinity', (handling) =>
      modify(handling, { mode: handling.context.host }, { caller: handling.event.caller }),
    ),
    invalidated: on('qi_flush_iec', ({ context, event }) => [set({ cached: context.entry }), ...answer(event, 0)]),
    /** The device writes its MSI: it is translated by what the cache has. */
    translate: on('msi', ({ context, event: { interrupt, caller } }) => {
      const { cached, handler } = context;
      const vcpu = postedTo(cached);
      return vcpu === null
        ? post<HostInterrupt>(handler, { type: 'handle_irq', interrupt, caller }, caller)
        : call<PostedInterrupt>(vcpu, { type: 'post_interrupt', interrupt, caller });
    }),
  },
  chart: {
    initial: 'idle',
    on: { msi: { actions: 'translate' } },
    states: {
      idle: {
        on: {
          irq_set_vcpu_affinity: [
            { guard: 'fails', actions: 'refuse' },
            { target: 'invalidating', actions: 'setVcpuAffinity' },
          ],
          irq_set_affinity: [
            { guard: 'isPosted', actions: 'leave' },
            { target: 'invalidating', actions: 'moveHost' },
          ],
        },
      },
      invalidating: {
        on: { qi_flush_iec: { target: 'idle', actions: 'invalidated' } },
        waits: ['irq_set_vcpu_affinity', 'irq_set_affinity'],
      },
    },
  },
});
