// What a host is for: sequences that are played before those that are searched for.
import type { HostCall } from './host-world.ts';

/** What a host is for, and what goes wrong with it: sequences that are played before all others. */
export const USES: Readonly<Record<1 | 2, readonly (readonly HostCall[])[]>> = {
  1: [
    // KVM first, and VFIO first.
    [
      'set_gsi_routing(vm0, g0, vcpu0)',
      'irqfd_assign(c0, e0)',
      'set_irqs(p0, e0)',
      'raise_msi(d0)',
      'loopback(p0)',
      'clear_irqs(p0)',
      'raise_msi(d0)',
      'irqfd_deassign(c0)',
    ],
    [
      'set_irqs(p0, e0)',
      'set_gsi_routing(vm0, g0, vcpu0)',
      'irqfd_assign(c0, e0)',
      'raise_msi(d0)',
      'irqfd_deassign(c0)',
      'raise_msi(d0)',
      'irqfd_assign(c0, e0)',
      'raise_msi(d0)',
      'close_vm(vm0)',
      'raise_msi(d0)',
    ],
    // A route that changes under a pair, that goes, and that comes back.
    [
      'set_gsi_routing(vm0, g0, vcpu0)',
      'irqfd_assign(c0, e0)',
      'set_irqs(p0, e0)',
      'set_gsi_routing(vm0, g0, vcpu1)',
      'raise_msi(d0)',
      'clear_gsi_routing(vm0, g0)',
      'raise_msi(d0)',
      'loopback(p0)',
      'irqfd_deassign(c0)',
      'irqfd_assign(c0, e0)',
      'raise_msi(d0)',
      'set_gsi_routing(vm0, g0, vcpu0)',
      'clear_irqs(p0)',
      'set_irqs(p0, e0)',
    ],
    // Two vectors swap their eventfds; the last descriptor is closed under a pair.
    [
      'set_gsi_routing(vm0, g0, vcpu0)',
      'set_gsi_routing(vm0, g1, vcpu1)',
      'irqfd_assign(c0, e0)',
      'irqfd_assign(c1, e1)',
      'set_irqs(p0, e0)',
      'set_irqs(p1, e1)',
      'set_irqs(p0, e1)',
      'set_irqs(p1, e0)',
      'raise_msi(d0)',
      'raise_msi(d1)',
      'set_irqs(p0, e1)',
      'raise_msi(d0)',
      'close_eventfd(e0)',
      'raise_msi(d1)',
    ],
  ],
  2: [
    // A second VM on the device: the ITS has it for one.
    [
      'set_gsi_routing(vm0, g0, vcpu0)',
      'set_gsi_routing(vm1, g1, vcpu2)',
      'irqfd_assign(c0, e0)',
      'irqfd_assign(c1, e1)',
      'set_irqs(p0, e0)',
      'set_irqs(p1, e1)',
      'raise_msi(d0)',
      'raise_msi(d1)',
      'clear_irqs(p0)',
      'set_irqs(p1, e1)',
      'raise_msi(d1)',
      'set_irqs(p0, e0)',
      'raise_msi(d0)',
    ],
    // One eventfd for two VMs.
    [
      'set_gsi_routing(vm0, g0, vcpu0)',
      'set_gsi_routing(vm1, g1, vcpu2)',
      'irqfd_assign(c0, e0)',
      'irqfd_assign(c1, e0)',
      'set_irqs(p0, e0)',
      'raise_msi(d0)',
      'irqfd_deassign(c0)',
      'irqfd_assign(c1, e0)',
      'raise_msi(d0)',
      'close_vm(vm1)',
      'raise_msi(d0)',
    ],
  ],
};
