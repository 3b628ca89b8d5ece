// Routing entries: where a GSI goes.
//
// Kernel source: struct kvm_kernel_irq_routing_entry, virt/kvm/irqchip.c, arch/x86/kvm/irq.c (pi_update_irte()), Linux 6.12 and 6.18.
// Abstracted away: a route's vector and delivery mode (an MSI to another vector of the same vCPU is as one to another vCPU).
import type { Name } from '../../engine/actors/name.ts';

/**
 * Where a GSI goes: an MSI to one vCPU, an MSI to several (it cannot be posted), a pin of the irqchip, nowhere. The bytes of an MSI
 * stay in the entry of an irqchip route: `vcpu` tells what is left of them (bug B11).
 */
export type Route = {
  readonly gsi: Name;
  readonly type: 'msi' | 'multicast' | 'irqchip' | 'none';
  readonly vcpu: Name | null;
  /** What an MSI route that is gone has left in an irqfd's copy: irqfd_update() clears the type alone. */
  readonly left?: Name;
};

/** The route of a GSI: before any is set, a pin of the irqchip. */
export function routeOf(routes: readonly Route[], gsi: Name): Route {
  return routes.find((route) => route.gsi === gsi) ?? { gsi, type: 'irqchip', vcpu: null };
}

/** The vCPU that an interrupt of this route can be posted to. */
export function postable(route: Route | null): Name | null {
  return route?.type === 'msi' ? route.vcpu : null;
}

/** Is it an MSI, to however many vCPUs? */
export const isMsi = (route: Route | null): boolean => route?.type === 'msi' || route?.type === 'multicast';

/** Are two entries the same, type and payload? */
export const isSameRoute = (one: Route | null, other: Route | null): boolean =>
  one?.type === other?.type && one?.vcpu === other?.vcpu;

/** Interrupts routes in words: `msi to vcpu0`. */
export function routeText(route: Route | null): string {
  if (route === null) return 'none';
  return route.vcpu === null ? route.type : `${route.type} to ${route.vcpu}`;
}
