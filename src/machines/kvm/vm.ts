// The VM: irqfds.lock, the list of active irqfds, and the routing entry of their GSI.
//
// Kernel source: virt/kvm/eventfd.c (kvm_irq_routing_update()), virt/kvm/irqchip.c, Linux 6.17 (kernel-spec 3.3). A message
// to a locked VM stays in flight: that is a CPU spinning on irqfds.lock. Abstracted away: SRCU, the seqcount, and all of a
// route but its target: a vCPU to which it can be posted, or none (multicast, NMI, not an MSI).
import { setup } from 'xstate';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Delivered, Name } from '../manager/protocol.ts';
import type { VmMessage } from '../system-protocol.ts';

export type VmContext = {
  readonly self: Name;
  /** The vCPU that the route goes to; null when it cannot be posted. */
  readonly route: Name | null;
  /** kvm->irqfds.items: the active irqfds. */
  readonly items: readonly Name[];
  /** The thread in KVM_SET_GSI_ROUTING, and the irqfds that it has yet to update. */
  readonly caller: Name | null;
  readonly pending: readonly Name[];
};

type Event = Delivered<VmMessage>;
type Args = Arguments<VmContext, Event>;
type Done = Effect<VmContext>;
const act = effect<VmContext, Event>;

/** spin_lock(&kvm->irqfds.lock) for an irqfd, which reads the route under it. */
export function lock({ context, event }: Args): Done {
  if (event.type !== 'lock') return {};
  const { irqfd, purpose } = event;
  return { send: [{ to: irqfd, how: 'immediate', message: { type: 'locked', purpose, route: context.route } }] };
}

/** spin_unlock(); membership of the list is what makes an irqfd active. */
export function unlock({ context, event }: Args): Done {
  if (event.type !== 'unlock') return {};
  const others = context.items.filter((one) => one !== event.irqfd);
  const items = event.active ? [...others, event.irqfd] : others;
  return { context: { items: context.items.includes(event.irqfd) && event.active ? context.items : items } };
}

/** kvm_irq_routing_update(): the new route, then every active irqfd, all under irqfds.lock. */
export function setRouting({ context, event }: Args): Done {
  if (event.type !== 'set_gsi_routing') return {};
  return { context: { route: event.route, caller: event.caller, pending: context.items } };
}

export function updateNext({ context }: Args): Done {
  const [irqfd] = context.pending;
  if (irqfd === undefined) return {};
  const { self, route } = context;
  return { send: [{ to: irqfd, how: 'call', message: { type: 'update_routing', caller: self, route } }] };
}

export function finishRouting({ context }: Args): Done {
  if (context.caller === null) return {};
  return {
    context: { caller: null },
    send: [{ to: context.caller, how: 'immediate', message: { type: 'return', value: null } }],
  };
}

/** The machine of a VM. States: `unlocked`, `locked` (by an irqfd), `routing` (by kvm_irq_routing_update()). */
export function createVmMachine() {
  return setup({
    types: { context: {} as VmContext, events: {} as Event, input: {} as { readonly self: Name } },
    guards: { isUpdated: ({ context }) => context.pending.length === 0 },
    actions: {
      ...outputs,
      lock: act(lock),
      unlock: act(unlock),
      setRouting: act(setRouting),
      updateNext: act(updateNext),
      updated: act(({ context }) => ({ context: { pending: context.pending.slice(1) } })),
      finishRouting: act(finishRouting),
    },
  }).createMachine({
    id: 'vm',
    context: ({ input }) => ({ self: input.self, route: null, items: [], caller: null, pending: [] }),
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          lock: { target: 'locked', actions: 'lock' },
          set_gsi_routing: { target: 'routing', actions: 'setRouting' },
        },
      },
      locked: { on: { unlock: { target: 'unlocked', actions: 'unlock' } } },
      routing: {
        initial: 'next',
        states: {
          next: {
            always: [
              { guard: 'isUpdated', target: '#vm.unlocked', actions: 'finishRouting' },
              { target: 'updating', actions: 'updateNext' },
            ],
          },
          updating: { on: { routing_updated: { target: 'next', actions: 'updated' } } },
        },
      },
    },
  });
}
