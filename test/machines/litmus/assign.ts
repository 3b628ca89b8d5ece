// Litmus sequences of a device assignment on x86, written down by hand from what the kernel does.
//
// Sources: vfio_msi_set_vector_signal() in drivers/vfio/pci/vfio_pci_intrs.c, kvm_irqfd_assign(), irqfd_shutdown() and
// kvm_irq_routing_update() in virt/kvm/eventfd.c, kvm_arch_irq_bypass_add_producer() and pi_update_irte() in
// arch/x86/kvm/irq.c, Linux 6.17. No line of this table was taken from what the machines do.
import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(p0)=0';
const FAILS = 'c0.add_producer(p0)=-5';
const DELETES = 'c0.del_producer(p0)';

/** VFIO, KVM and the IOMMU, one call after the other. */
export const ASSIGN: readonly SystemLitmus[] = [
  {
    title: 'VFIO sets the vector, then KVM assigns the irqfd: posted until the irqfd is deassigned',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -',
      },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'lost:no-handler', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'KVM assigns the irqfd, then VFIO sets the vector: posted until the vector is cleared',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'clear_irqs(p0)', sees: `${DELETES} unregister_producer(p0)`, state: 'irq0 host; c0 - -' },
      // No irq is requested: lost unless the device raises it again.
      { call: 'raise_msi(d0)', sees: 'lost:no-handler', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'whichever half goes and comes back, the other half is still there to be connected with',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'clear_irqs(p0)', sees: `${DELETES} unregister_producer(p0)`, state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -',
      },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
    ],
  },
  {
    title: 'a vector and an irqfd on different eventfds are never connected',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e1)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    // unregister, free_irq(), eventfd_ctx_put(), then request_irq(), register: a fresh producer.
    title: 'a vector is pointed at another eventfd: disconnected from the first irqfd, connected with the second',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'set_gsi_routing(vm0, g1, vcpu0)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0', state: 'irq0 host; c0 - -; c1 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -',
      },
      {
        call: 'set_irqs(p0, e1)',
        sees: `${DELETES} unregister_producer(p0) c1.add_producer(p0)=0 register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 - -; c1 p0 vcpu0',
      },
      // The first irqfd is as if the vector had never been there.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 vcpu0; c0 - -; c1 p0 vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 - -; c1 p0 vcpu0' },
    ],
    shape: { irqfds: 2 },
  },
  {
    title: 'a vector is pointed at an eventfd on which nobody waits: back in host mode',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      {
        call: 'set_irqs(p0, e1)',
        sees: `${DELETES} unregister_producer(p0) register_producer(p0)=0`,
        state: 'irq0 host; c0 - -',
      },
      // And at the same eventfd again: the whole way, too.
      {
        call: 'set_irqs(p0, e0)',
        sees: `unregister_producer(p0) ${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${DELETES} unregister_producer(p0) ${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
    ],
  },
  {
    title: 'clear_irqs of a vector that is not set does nothing, the first time or again',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'clear_irqs(p0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -' },
      { call: 'clear_irqs(p0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'irqfd_deassign returns 0 even if nothing matched',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_deassign(c0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_deassign(c0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'irqfd_assign again for the same eventfd and VM: -EBUSY, and the first one is not touched',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -',
      },
      { call: 'irqfd_assign(c1, e0)', returns: -16, state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -' },
      { call: 'irqfd_assign(c0, e0)', returns: -16, state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -' },
      { call: 'irqfd_deassign(c1)', state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0; c1 - -' },
    ],
  },
  {
    title: 'the same before 6.17: the list of the VM is walked for the same eventfd',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { irqfds: 2 },
    kernel: '6.12',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c1, e0)', returns: -16, state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c0, e0)', returns: -16, state: 'irq0 host; c0 - -; c1 - -' },
    ],
  },
  {
    title: 'irqfds of two VMs on one eventfd since 6.17: the second KVM_IRQFD is refused with -EBUSY',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { irqfds: 2, vms: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'set_gsi_routing(vm1, g1, vcpu2)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      // The manager is not even asked.
      { call: 'irqfd_assign(c1, e0)', returns: -16, state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c1, e0)', sees: 'register_consumer(c1)=0', state: 'irq0 host; c0 - -; c1 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c1.add_producer(p0)=0 register_producer(p0)=0',
        state: 'irq0 vcpu2; c0 - -; c1 p0 vcpu2',
      },
    ],
  },
  {
    // Bug B20: both are accepted; the second one only prints that its consumer was refused.
    title: 'irqfds of two VMs on one eventfd before 6.17: both succeed, the first one swallows every signal',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { irqfds: 2, vms: 2 },
    kernel: '6.12',
    lines: [
      // Routes that cannot be posted: every interrupt takes the eventfd.
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c1, e0)', sees: 'register_consumer(c1)=-16', state: 'irq0 host; c0 - -; c1 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 host; c0 p0 -; c1 - -',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; c1 - -' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; c1 - -' },
      // The waiter of the second one is still there.
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; c1 - -',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu2', state: 'irq0 host; c0 - -; c1 - -' },
      // A consumer that was refused is not registered: nothing to be unregistered.
      { call: 'irqfd_deassign(c1)', sees: 'unregister_consumer(c1)', state: 'irq0 host; c0 - -; c1 - -' },
    ],
  },
  {
    title: 'the same, the second one goes first: the first one keeps its waiter and its producer',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { irqfds: 2, vms: 2 },
    kernel: '6.12',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; c1 - -' },
      { call: 'irqfd_assign(c1, e0)', sees: 'register_consumer(c1)=-16', state: 'irq0 host; c0 - -; c1 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 host; c0 p0 -; c1 - -',
      },
      { call: 'irqfd_deassign(c1)', sees: 'unregister_consumer(c1)', state: 'irq0 host; c0 p0 -; c1 - -' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; c1 - -' },
    ],
  },
  {
    title: 'add_producer fails as KVM comes second: the irqfd is assigned, without bypass, and interrupts go on',
    source: 'see the head of this file',
    arch: 'vmx',
    faults: ['irq0'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${FAILS} register_consumer(c0)=-5`,
        state: 'irq0 host; c0 - -',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -' },
      // The guest's routes have no business with a producer that was never taken.
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -' },
      // It is not registered: unregister has nothing to do, and calls nobody back.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'add_producer fails as VFIO comes second: the vector is set, without bypass',
    source: 'see the head of this file',
    arch: 'vmx',
    faults: ['irq0'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: `${FAILS} register_producer(p0)=-5`, state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'a route to another vCPU: the IRTE posts there, the manager hears nothing of it',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1', state: 'irq0 vcpu1; c0 p0 vcpu1' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 vcpu0; c0 p0 vcpu0' },
    ],
  },
  {
    title: 'a route that cannot be posted: host mode, still connected, injected; and back',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'set_gsi_routing(vm0, g0, NULL)', state: 'irq0 host; c0 p0 -' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0 injected:vcpu1', state: 'irq0 host; c0 p0 -' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1' },
      { call: 'set_gsi_routing(vm0, g0, NULL)', state: 'irq0 host; c0 p0 -' },
      // A pair of which nothing is posted is disconnected like any other.
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -',
      },
    ],
  },
  {
    title: 'a route of another GSI, and one that is set before the irqfd is there',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      { call: 'set_gsi_routing(vm0, g1, vcpu0)', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 host; c0 p0 -',
      },
      { call: 'set_gsi_routing(vm0, g1, vcpu1)', state: 'irq0 host; c0 p0 -' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1' },
    ],
  },
  {
    // VFIO_IRQ_SET_DATA_NONE: both ways to the guest stay armed while the irq is posted.
    title: 'a signal of the eventfd by software is injected while the MSI is posted',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
    ],
  },
  {
    title: 'an MSI before there is an irqfd stays in the eventfd, and is injected when one is assigned',
    source: 'see the head of this file',
    arch: 'vmx',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'pending:e0', state: 'irq0 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${ADDS} register_consumer(c0)=0`,
        state: 'irq0 host; c0 p0 -',
      },
    ],
  },
  {
    title: 'two vectors on one eventfd: the second one is set, and the trace tells why it gets no bypass',
    source: 'see the head of this file',
    arch: 'vmx',
    shape: { vectors: 2 },
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; irq1 host; c0 - -' },
      { call: 'set_irqs(p1, e0)', sees: 'register_producer(p1)=-16', state: 'irq0 host; irq1 host; c0 - -' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 host; irq1 host; c0 p0 -',
      },
      { call: 'raise_msi(d1)', sees: 'injected:vcpu0', state: 'irq0 host; irq1 host; c0 p0 -' },
      { call: 'clear_irqs(p1)', sees: 'unregister_producer(p1)', state: 'irq0 host; irq1 host; c0 p0 -' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: 'irq0 host; irq1 host; c0 - -',
      },
    ],
  },
];
