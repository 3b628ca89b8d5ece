// Litmus sequences of arm64 with GICv4: the guest frozen around each callback, vLPIs, two VMs on one device.

import type { SystemLitmus } from './format.ts';

const CONNECTS = 'c0.stop c0.add_producer(p0)=0 c0.start';
const DISCONNECTS = 'c0.stop c0.del_producer(p0) c0.start';

/** A host with a GICv4 ITS, and guests with a vITS. */
export const ARM64: readonly SystemLitmus[] = [
  {
    title: 'KVM first, 6.12: frozen, forwarded, resumed; irqfd->producer is never filled',
    source: 'kvm_arch_irq_bypass_add_producer() 6.12; kernel-spec 4.4; log s01-612-kprobe-clean-consumer-first',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; vm0.halted false; e0 1' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'register_consumer(c0)=0',
        state: 'irq0 host; c0 - -; vm0.halted false; e0 2',
      },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'loopback(p0)', sees: 'injected:vcpu0' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DISCONNECTS} unregister_producer(p0)`,
        state: 'irq0 host; c0 - -; vm0.halted false; e0 2',
      },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'VFIO first, 6.12: connected by the ioctl of KVM, disconnected by its shutdown job',
    source: 'kvm_irqfd_assign(), irqfd_shutdown() 6.12; logs s02-612 and s11-612 clean-producer-first',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'raise_msi(d0)', sees: 'pending:e0', state: 'irq0 host; c0 - -; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${CONNECTS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false; e0 3',
      },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DISCONNECTS} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0.halted false; e0 2',
      },
    ],
  },
  {
    title:
      'KVM first, 6.18: the same callbacks; with forwarding on the irqfd hears nothing of the device, but of loopback',
    source: 'real-logs/README.md "Facts seen"; logs s13-618-fprobe-reassign-routing, s16-618',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu1)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu1; c0 - vcpu1; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1' },
      { call: 'loopback(p0)', sees: 'injected:vcpu1' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DISCONNECTS} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu1; c0 - vcpu1' },
    ],
  },
  {
    title: 'no MSI route: frozen and connected, nothing forwarded; an MSI route later does not change that',
    source: 'kvm_arch_irq_bypass_add_producer() 6.18, route type test; kernel-spec 4.4, B30; log s13 "irqchip 50"',
    arch: 'arm64',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      // why: the update hook is gated on irqfd->producer, which arm64 never fills.
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu1' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu1; c0 - vcpu1' },
    ],
  },
  {
    title:
      'the route is gone before the connect, 6.12: forwarded by what the MSI has left in the entry, and taken back by it',
    source:
      'irqfd_update() clears irq_entry.type alone, set_forwarding() of 6.12 looks at the payload; seen on 6.12.117: docs/real-host.md',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 host; c0 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'loopback(p0)', sees: 'lost:no-route' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DISCONNECTS} unregister_producer(p0)`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
    ],
  },
  {
    title: 'the route is gone before the connect, 6.18: the type is looked at first, nothing is forwarded',
    source: 'kvm_arch_irq_bypass_add_producer() 6.18, route type test; seen on 6.18.15: docs/real-host.md',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'clear_gsi_routing(vm0, g0)' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'lost:no-route' },
    ],
  },
  {
    title: 'a host without direct injection: frozen and connected all the same, nothing forwarded',
    source: 'kvm_vgic_v4_set_forwarding() 6.18, vgic_supports_direct_msis(); kernel-spec 3.4, 4.4',
    arch: 'arm64',
    shape: { knobs: { gicv4: false } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${CONNECTS} register_consumer(c0)=0`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'the LPI cannot be resolved, 6.12: a positive number, and so a failed connect; the guest is resumed',
    source: 'kvm_vgic_v4_set_forwarding() 6.12; real-logs/README.md (66311); kernel-spec 1.0 step 4, 4.4, B2',
    arch: 'arm64',
    kernel: '6.12',
    faults: ['lpi-unresolved'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      // why: 0x10307, the vITS error "unmapped interrupt" of INT. KVM_IRQFD succeeds.
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'c0.stop c0.add_producer(p0)=66311 c0.start register_consumer(c0)=66311',
        state: 'irq0 host; c0 - -; vm0.halted false; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      // why: not registered, so nothing to disconnect.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${CONNECTS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false; e0 3',
      },
    ],
  },
  {
    title: 'the LPI cannot be resolved as VFIO comes second, 6.12: SET_IRQS succeeds, the producer is not registered',
    source: 'kvm_vgic_v4_set_forwarding() 6.12; real-logs/README.md; kernel-spec 4.4, I-SOFT',
    arch: 'arm64',
    kernel: '6.12',
    faults: ['lpi-unresolved'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.stop c0.add_producer(p0)=66311 c0.start register_producer(p0)=66311',
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'the LPI cannot be resolved, 6.18: connected without forwarding, and nobody tries again',
    source: 'kvm_vgic_v4_set_forwarding() 6.18; kernel-spec 4.4; real-logs/README.md',
    arch: 'arm64',
    faults: ['lpi-unresolved'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${CONNECTS} register_consumer(c0)=0`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
    ],
  },
  {
    title:
      'a vector of a device that is forwarded for another VM: -EINVAL, resumed, injected; until the other one is gone',
    source: 'its_vlpi_map() 6.18; kernel-spec 4.4; log s16-618-kprobe-second-vm-einval',
    arch: 'arm64',
    shape: { vectors: 2, irqfds: 2, vms: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm1, g1, vcpu2)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; irq1 host; c0 - vcpu0; c1 - -',
      },
      {
        call: 'set_irqs(p1, e1)',
        sees: 'c1.stop c1.add_producer(p1)=-22 c1.start register_producer(p1)=-22',
        state: 'irq0 vcpu0; irq1 host; c0 - vcpu0; c1 - -; vm0.halted false; vm1.halted false',
      },
      { call: 'raise_msi(d1)', sees: 'injected:vcpu2' },
      // why: c1 is registered and p1 is not, a new irqfd finds nobody.
      { call: 'irqfd_deassign(c1)', sees: 'unregister_consumer(c1)' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0', state: 'irq1 host; c1 - -' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DISCONNECTS} unregister_producer(p0)`,
        state: 'irq0 host; irq1 host; c0 - -; c1 - -',
      },
      {
        call: 'set_irqs(p1, e1)',
        sees: 'unregister_producer(p1) c1.stop c1.add_producer(p1)=0 c1.start register_producer(p1)=0',
        state: 'irq0 host; irq1 vcpu2; c0 - -; c1 - vcpu2',
      },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.stop c0.add_producer(p0)=-22 c0.start register_producer(p0)=-22',
        state: 'irq0 host; irq1 vcpu2; c0 - -; c1 - vcpu2; vm0.halted false; vm1.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
    ],
  },
  {
    title: 'the same on 6.12 as KVM comes second: the consumer is the one that is not registered',
    source: 'its_vlpi_map() 6.12; log s05-612 "irq bypass consumer ... registration fails: -22"; kernel-spec 4.4',
    arch: 'arm64',
    kernel: '6.12',
    shape: { vectors: 2, irqfds: 2, vms: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm1, g1, vcpu2)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'set_irqs(p1, e1)', sees: 'register_producer(p1)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu0; irq1 host' },
      {
        call: 'irqfd_assign(c1, e1)',
        sees: 'c1.stop c1.add_producer(p1)=-22 c1.start register_consumer(c1)=-22',
        state: 'irq0 vcpu0; irq1 host; c0 - vcpu0; c1 - -; vm0.halted false; vm1.halted false',
      },
      { call: 'close_vm(vm0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; irq1 host' },
      // why: nobody tells c1 that the device is free now.
      { call: 'raise_msi(d1)', sees: 'injected:vcpu2', state: 'irq1 host; c1 - -' },
      { call: 'irqfd_deassign(c1)', sees: 'unregister_consumer(c1)' },
      {
        call: 'irqfd_assign(c1, e1)',
        sees: 'c1.stop c1.add_producer(p1)=0 c1.start register_consumer(c1)=0',
        state: 'irq1 vcpu2; c1 - vcpu2',
      },
    ],
  },
  {
    title: 'no memory for the vLPI maps of the device: a failed connect, and the guest is resumed',
    source: 'its_vlpi_map() 6.18, -ENOMEM; kernel-spec 1.0 step 4, 4.4, B2 (e44b49f623c7), L-RESUME',
    arch: 'arm64',
    faults: ['vlpi-maps'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.stop c0.add_producer(p0)=-12 c0.start register_producer(p0)=-12',
        state: 'irq0 host; c0 - -; vm0.halted false; vcpu0 running; vcpu1 running',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      // why: the vector is set again by a new producer, and the fault is over.
      {
        call: 'set_irqs(p0, e0)',
        sees: `unregister_producer(p0) ${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false',
      },
    ],
  },
  {
    title: 'a route to another vCPU falls on deaf ears: the vLPI keeps the old target, software follows the new route',
    source: 'kvm_irq_routing_update() 6.18, irqfd->producer is NULL; kernel-spec 4.4, B30; log s13-618',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'loopback(p0)', sees: 'injected:vcpu1' },
      // why: 6.18 looks the vLPI up by host irq (05b9405f2fa1), and so finds the one that is mapped.
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu1; c0 - vcpu1' },
    ],
  },
  {
    title: 'the same on 6.12: the disconnect looks the LPI up through the new route, WARNs, and unmaps nothing',
    source:
      'kvm_vgic_v4_unset_forwarding() 6.12; kernel-spec 4.4, B22; WARNING at vgic-v4.c:515 in s05-612 and s09-612 dmesg',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu0; c0 - vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: 'c0.stop warn c0.del_producer(p0) c0.start unregister_consumer(c0)',
        state: 'irq0 vcpu0; c0 - -; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'the route is changed and changed back, 6.12: the disconnect finds the LPI again',
    source: 'kvm_vgic_v4_unset_forwarding() 6.12; log s07-612-kprobe-reassign-routing',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'loopback(p0)', sees: 'injected:vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'loopback(p0)', sees: 'injected:vcpu1' },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'loopback(p0)', sees: 'lost:no-route' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'a forwarded irqfd loses its MSI route, 6.18: the disconnect tests the type, and leaves the vLPI mapped',
    source: 'kvm_arch_irq_bypass_del_producer() 6.18, "non-MSI -> nothing"; kernel-spec 4.4, B4, B30. DERIVED',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'loopback(p0)', sees: 'lost:no-route' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 vcpu0; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 - -' },
      // why: the next connect finds the LPI in hardware already, and the disconnect after it finds it by host irq.
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 - vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'an MSI between DISCARD and VMAPTI is lost: the frozen guest does not stop the device',
    source: 'its_vlpi_map() 6.18; kernel-spec 4.4 (Oliver Upton), part 5 G8(a)',
    arch: 'arm64',
    faults: ['msi-in-gap'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'c0.stop lost:unmapped c0.add_producer(p0)=0 c0.start register_consumer(c0)=0',
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'a blocked vCPU is woken by its doorbell, a preempted one finds the vLPI when it is loaded',
    source: 'vgic_v4_put(), its_make_vpe_non_resident() 6.18, doorbell only in WFI; kernel-spec part 5',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0`, state: 'vcpu0 running; vcpu1 running' },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 vcpu0; vcpu0 blocked; vcpu1 running' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0 wake:vcpu0', state: 'irq0 vcpu0; vcpu0 running; vcpu1 running' },
      { call: 'vcpu_preempt(vcpu0)', state: 'irq0 vcpu0; vcpu0 preempted' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; vcpu0 preempted' },
      { call: 'vcpu_load(vcpu0)', state: 'irq0 vcpu0; vcpu0 running' },
      { call: 'vcpu_migrate(vcpu0)', state: 'irq0 vcpu0; vcpu0 running' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'the VM goes while connected: unmapped by the shutdown job, what VFIO signals then stays in the eventfd',
    source: 'kvm_irqfd_release() 6.18; log s15-618-graphargs-vm-close-first',
    arch: 'arm64',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu0; e0 3' },
      { call: 'close_vm(vm0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 2' },
      { call: 'loopback(p0)', sees: 'pending:e0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'the last descriptor of the eventfd goes: KVM shuts its irqfd down, VFIO keeps context and producer',
    source: 'irqfd_wakeup() EPOLLHUP; log s06-612-function-hup-close (deassign -1 EBADF)',
    arch: 'arm64',
    kernel: '6.12',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: `${CONNECTS} register_consumer(c0)=0`, state: 'irq0 vcpu0; e0 3' },
      {
        call: 'close_eventfd(e0)',
        sees: `${DISCONNECTS} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0.halted false; e0 1',
      },
      { call: 'loopback(p0)', sees: 'pending:e0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; e0 0' },
      { call: 'irqfd_deassign(c0)', returns: -9, state: 'irq0 host; c0 - -; e0 0' },
    ],
  },
  {
    title:
      'one eventfd in two VMs, 6.12: both KVM_IRQFD succeed, the manager refuses the second, which is never tried again',
    source: 'kvm_irqfd_assign() before 2cdd64cbf990; real-logs/README.md; kernel-spec B20, 1.3(i)',
    arch: 'arm64',
    kernel: '6.12',
    shape: { irqfds: 2, vms: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm1, g1, vcpu2)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -; e0 2' },
      { call: 'irqfd_assign(c1, e0)', sees: 'register_consumer(c1)=-16', state: 'irq0 host; c0 - -; c1 - -; e0 3' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; c1 - -; e0 4',
      },
      // why: the first priority waiter takes every event for itself.
      { call: 'loopback(p0)', sees: 'injected:vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DISCONNECTS} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; c1 - -; e0 3',
      },
      // why: now the second one hears them, in software; p0 is registered, c1 is not.
      { call: 'raise_msi(d0)', sees: 'injected:vcpu2', state: 'irq0 host; c1 - -; e0 3' },
      { call: 'irqfd_deassign(c1)', sees: 'unregister_consumer(c1)', state: 'irq0 host; c1 - -; e0 2' },
      {
        call: 'irqfd_assign(c1, e0)',
        sees: 'c1.stop c1.add_producer(p0)=0 c1.start register_consumer(c1)=0',
        state: 'irq0 vcpu2; c1 - vcpu2; e0 3',
      },
    ],
  },
  {
    title:
      'one eventfd in two VMs, 6.18: the second KVM_IRQFD is -EBUSY, the manager is not called, no reference is left',
    source: 'kvm_irqfd_register() 6.17 (2cdd64cbf990); real-logs/README.md; kernel-spec 3.3, B20',
    arch: 'arm64',
    shape: { irqfds: 2, vms: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm1, g1, vcpu2)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -; e0 2' },
      { call: 'irqfd_assign(c1, e0)', returns: -16, state: 'irq0 host; c0 - -; c1 - -; e0 2' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${CONNECTS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; c1 - -; e0 3',
      },
      { call: 'irqfd_deassign(c0)', sees: `${DISCONNECTS} unregister_consumer(c0)`, state: 'irq0 host; e0 2' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c1, e0)',
        sees: 'injected:vcpu2 c1.stop c1.add_producer(p0)=0 c1.start register_consumer(c1)=0',
        state: 'irq0 vcpu2; c0 - -; c1 - vcpu2; e0 3',
      },
    ],
  },
  {
    title: 'two vectors swap their eventfds one after the other: one becomes a loser against its own old partner',
    source: 'vfio_msi_set_block(); real-logs/README.md "Swapping the eventfds"; logs s03-612, s12-618 dup-producer',
    arch: 'arm64',
    shape: { vectors: 2, irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm0, g1, vcpu1)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${CONNECTS} register_producer(p0)=0` },
      {
        call: 'set_irqs(p1, e1)',
        sees: 'c1.stop c1.add_producer(p1)=0 c1.start register_producer(p1)=0',
        state: 'irq0 vcpu0; irq1 vcpu1; c0 - vcpu0; c1 - vcpu1; e0 3; e1 3',
      },
      // why: -EBUSY runs no callback, p1 still sits on e1.
      {
        call: 'set_irqs(p0, e1)',
        sees: `${DISCONNECTS} unregister_producer(p0) register_producer(p0)=-16`,
        state: 'irq0 host; irq1 vcpu1; c0 - -; c1 - vcpu1; e0 2; e1 4',
      },
      {
        call: 'set_irqs(p1, e0)',
        sees:
          'c1.stop c1.del_producer(p1) c1.start unregister_producer(p1) ' +
          'c0.stop c0.add_producer(p1)=0 c0.start register_producer(p1)=0',
        state: 'irq0 host; irq1 vcpu0; c0 - vcpu0; c1 - -; e0 3; e1 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu1' },
      { call: 'raise_msi(d1)', sees: 'posted:vcpu0' },
    ],
  },
];
