// The VM: irqfds.lock, the list of active irqfds, and the routing entries by GSI.
//
// Kernel source: virt/kvm/eventfd.c (kvm_irq_routing_update()), virt/kvm/irqchip.c, Linux 6.17. A message
// to a locked VM stays in flight: that is a CPU spinning on irqfds.lock. Abstracted away: SRCU, the seqcount, and all of a
// route but its target: a vCPU to which it can be posted, or none (multicast, NMI, not an MSI).
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { returnTo } from '../kernel/call.ts';

/** A routing entry: the vCPU that a GSI goes to. A GSI without one cannot be posted. */
export type Route = { readonly gsi: Name; readonly vcpu: Name };
/** A member of kvm->irqfds.items. */
export type Item = { readonly irqfd: Name; readonly eventfd: Name };

export type VmContext = {
  readonly self: Name;
  readonly routes: readonly Route[];
  /** kvm->irqfds.items: the active irqfds. */
  readonly items: readonly Item[];
  /** The thread in KVM_SET_GSI_ROUTING, and the irqfds that it has yet to update. */
  readonly caller: Name | null;
  readonly pending: readonly Name[];
};

/** What an irqfd is told when it has irqfds.lock, by what it wants it for. */
export type Locked = 'locked.assign' | 'locked.deassign' | 'locked.add_producer' | 'locked.del_producer';

/**
 * A request for irqfds.lock by an irqfd, which is told by `reply` the route of its GSI, and whether an active irqfd of this VM
 * has its eventfd; giving the lock back; the list; KVM_SET_GSI_ROUTING; an irqfd that has the new route.
 */
export type VmMessage =
  | {
      readonly type: 'lock';
      readonly irqfd: Name;
      readonly gsi: Name;
      readonly eventfd: Name | null;
      readonly reply: Locked;
    }
  | { readonly type: 'unlock' }
  | { readonly type: 'list_add'; readonly irqfd: Name; readonly eventfd: Name }
  | { readonly type: 'list_del'; readonly irqfd: Name }
  | { readonly type: 'set_gsi_routing'; readonly caller: Name; readonly gsi: Name; readonly vcpu: Name | null }
  | { readonly type: 'routing_updated' };

/** To an irqfd. */
export type FromVm =
  | { readonly type: Locked; readonly route: Name | null; readonly isTaken: boolean }
  | { readonly type: 'update_routing'; readonly vm: Name; readonly routes: readonly Route[] };

/** The vCPU of a GSI's route. */
export function routeOf(routes: readonly Route[], gsi: Name): Name | null {
  return routes.find((route) => route.gsi === gsi)?.vcpu ?? null;
}

const { on, act, whenever } = handlers<VmContext, VmMessage>();

/** The machine of a VM. States: `unlocked`, `locked` (by an irqfd), `routing` (by kvm_irq_routing_update()). */
export const vm: Machine = machine<VmContext, VmMessage>({
  id: 'vm',
  title: 'A VM: irqfds.lock, active irqfds, routing entries',
  sends: ['locked.assign', 'locked.deassign', 'locked.add_producer', 'locked.del_producer', 'update_routing', 'return'],
  operations: { set_gsi_routing: { arguments: ['gsi', 'vcpu'], how: 'post', kernel: 'KVM_SET_GSI_ROUTING' } },
  context: ({ self }) => ({ self, routes: [], items: [], caller: null, pending: [] }),
  guards: { isUpdated: whenever(({ context }) => context.pending.length === 0) },
  handlers: {
    /** spin_lock(&kvm->irqfds.lock) for an irqfd, which reads its route under it. */
    lock: on('lock', ({ context, event }) =>
      call<FromVm>(event.irqfd, {
        type: event.reply,
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
    unlock: on('unlock', () => []),
    /** kvm_irq_routing_update(): the new entry, then every active irqfd, all under irqfds.lock. */
    setRouting: on('set_gsi_routing', ({ context, event: { gsi, vcpu, caller } }) => {
      const others = context.routes.filter((route) => route.gsi !== gsi);
      return set({
        routes: vcpu === null ? others : [...others, { gsi, vcpu }],
        caller,
        pending: context.items.map(({ irqfd }) => irqfd),
      });
    }),
    updateNext: act(({ context }) => {
      const [irqfd] = context.pending;
      if (irqfd === undefined) throw new Error(`${context.self} has no irqfd to update`);
      const { self, routes } = context;
      return post<FromVm>(irqfd, { type: 'update_routing', vm: self, routes });
    }),
    updated: on('routing_updated', ({ context }) => set({ pending: context.pending.slice(1) })),
    finishRouting: act(({ context }) => {
      if (context.caller === null) throw new Error(`nobody changes the routing of ${context.self}`);
      return [set({ caller: null }), returnTo(context.caller, null)];
    }),
  },
  chart: {
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          lock: { target: 'locked', actions: 'lock' },
          set_gsi_routing: { target: 'routing', actions: 'setRouting' },
        },
      },
      locked: {
        on: {
          unlock: { target: 'unlocked', actions: 'unlock' },
          list_add: { actions: 'listAdd' },
          list_del: { actions: 'listDel' },
        },
        waits: ['lock', 'set_gsi_routing'],
      },
      routing: {
        initial: 'next',
        waits: ['lock', 'set_gsi_routing'],
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
  },
});
