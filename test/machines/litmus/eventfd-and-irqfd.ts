// Litmus sequences of eventfds and irqfds: references, counters, EPOLLHUP, resampling, signals that wait for an irqfd.

import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(p0)=0';
const DELETES = 'c0.del_producer(p0)';

/** What is the same on every architecture, written down for x86. */
export const EVENTFD_AND_IRQFD: readonly SystemLitmus[] = [
  {
    title: 'EPOLLHUP while connected: KVM lets go, VFIO keeps the context until the vector is cleared',
    source:
      'eventfd_release(), irqfd_wakeup(), irqfd_shutdown() 6.17; kernel-spec 3.3, I-EVREF; log s06-612-function-hup-close',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; vm0 0; e0 1' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
      // why: two references go, the one of the file and the one of the irqfd.
      {
        call: 'close_eventfd(e0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0 0; e0 1',
      },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      { call: 'loopback(p0)', sees: 'pending:e0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; vm0 0; e0 0' },
    ],
  },
  {
    title: 'EPOLLHUP of an irqfd without a producer: the context goes with it',
    source: 'irqfd_wakeup(), irqfd_shutdown() 6.17; kernel-spec 3.3',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'close_eventfd(e0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 0' },
      // why: KVM_IRQFD names the irqfd by a descriptor, and there is none: -EBADF. So does VFIO.
      { call: 'irqfd_deassign(c0)', returns: -9, state: 'irq0 host; c0 - -; e0 0' },
      { call: 'irqfd_assign(c0, e0)', returns: -9, state: 'irq0 host; c0 - -; e0 0' },
      { call: 'set_irqs(p0, e0)', returns: -9, state: 'irq0 host; c0 - -; e0 0' },
    ],
  },
  {
    title: 'closing an eventfd that only VFIO uses is seen by nobody; the next eventfd of the vector puts it',
    source: 'vfio_msi_set_vector_signal() 6.17; kernel-spec 3.1, part 5 G4',
    arch: 'vmx',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; e0 2; e1 1' },
      { call: 'close_eventfd(e0)', state: 'irq0 host; e0 1; e1 1' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'set_irqs(p0, e1)',
        sees: 'unregister_producer(p0) register_producer(p0)=0',
        state: 'irq0 host; e0 0; e1 2',
      },
      { call: 'raise_msi(d0)', sees: 'pending:e1' },
    ],
  },
  {
    title:
      'a bad descriptor for a vector that is set: -EBADF after the old one has been torn down, and not set up again',
    source: 'vfio_msi_set_vector_signal(), vfio_msi_set_block() 6.17; kernel-spec 3.1 (teardown before setup half)',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
      { call: 'close_eventfd(e1)', state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3; e1 0' },
      {
        call: 'set_irqs(p0, e1)',
        returns: -9,
        sees: `${DELETES} unregister_producer(p0)`,
        state: 'irq0 host; c0 - -; e0 2; e1 0',
      },
      { call: 'raise_msi(d0)', sees: 'lost:no-handler' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
    ],
  },
  {
    title: 'a vector is set to the eventfd that it has: taken apart and put together again, no reference more or less',
    source: 'vfio_msi_set_vector_signal() 6.17; kernel-spec 3.1, part 5 G4, I-ADDDEL',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${DELETES} unregister_producer(p0) ${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'pending at assign: several signals are one injection, which comes although nothing is signalled any more',
    source: 'kvm_irqfd_assign() 6.17, EPOLLIN at vfs_poll(); kernel-spec 3.3 step 6, part 5 G5, G7',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu1)' },
      { call: 'eventfd_signal(e0)', sees: 'pending:e0' },
      { call: 'eventfd_signal(e0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'injected:vcpu1 register_consumer(c0)=0',
        state: 'irq0 host; c0 - -; e0 2',
      },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu1' },
    ],
  },
  {
    title: 'pending at assign with VFIO there first: injected by software, and connected by the same call',
    source: 'kvm_irqfd_assign() 6.17; kernel-spec 3.3, part 5 G5',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'the shutdown empties the counter: what an assign has injected is not injected by the next one again',
    source: 'eventfd_ctx_remove_wait_queue() in irqfd_shutdown() 6.17; kernel-spec 3.3 step 2; reports N8',
    arch: 'vmx',
    lines: [
      { call: 'eventfd_signal(e0)', sees: 'pending:e0' },
      // why: the inject job does not read the eventfd, the count is still there.
      { call: 'irqfd_assign(c0, e0)', sees: 'injected:vcpu0 register_consumer(c0)=0' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 2' },
    ],
  },
  {
    title: 'what comes between a deassign and the next assign stays in the counter and is not lost',
    source: 'irqfd_shutdown(), kvm_irqfd_assign() 6.17; kernel-spec part 5 G5, 3.3',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'masking by taking the route away loses, masking by deassigning keeps',
    source: 'irqfd_wakeup(), eventfd_ctx_do_read() 6.17; reports N14; kernel-spec 3.3',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'clear_gsi_routing(vm0, g0)' },
      // why: the wakeup reads the counter before it knows that there is no route.
      { call: 'eventfd_signal(e0)', sees: 'lost:no-route' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)' },
      { call: 'clear_gsi_routing(vm0, g0)' },
      { call: 'eventfd_signal(e0)', sees: 'pending:e0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'injected:vcpu0 register_consumer(c0)=0' },
    ],
  },
  {
    title: 'pending at assign and no route yet: the inject job loses it, but the count is read by nobody',
    source: 'kvm_irqfd_assign(), irqfd_inject() 6.17; kernel-spec 3.3, reports N14. DERIVED',
    arch: 'vmx',
    lines: [
      { call: 'clear_gsi_routing(vm0, g0)' },
      { call: 'eventfd_signal(e0)', sees: 'pending:e0' },
      { call: 'irqfd_assign(c0, e0)', sees: 'lost:no-route register_consumer(c0)=0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      // why: the shutdown of the irqfd empties the counter, so that it is gone for good.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
    ],
  },
  {
    title: 'a loopback signals the trigger of a vector that is set, connected or not, and nothing else',
    source: 'vfio_pci_set_msi_trigger() 6.17, VFIO_IRQ_SET_DATA_NONE; kernel-spec 3.1, part 5 G1',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'loopback(p0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'loopback(p0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0',
      },
      { call: 'loopback(p0)', sees: 'injected:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'clear_irqs(p0)', sees: `${DELETES} unregister_producer(p0)`, state: 'irq0 host; c0 - -' },
      { call: 'loopback(p0)' },
    ],
  },
  {
    title: 'a resampling irqfd holds two eventfds, and gives both back',
    source: 'kvm_irqfd_assign(), irqfd_resampler_shutdown() 6.17; kernel-spec 3.3',
    arch: 'vmx',
    lines: [
      {
        call: 'irqfd_assign(c0, e0, resample)',
        sees: 'register_consumer(c0)=0',
        state: 'irq0 host; c0 - -; e0 2; e1 2',
      },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1; e1 1' },
      { call: 'guest_eoi(vm0, g0)' },
    ],
  },
  {
    title: 'an irqfd that does not resample hears no EOI; the one that does hears it without having been signalled',
    source: 'irqfd_resampler_ack() 6.17, an ack notifier of the GSI; kernel-spec 3.3. Without a signal: DERIVED',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 1' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)' },
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 2' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
    ],
  },
  {
    title: 'EPOLLHUP of a resampling irqfd puts the resamplefd too; EPOLLHUP of the resamplefd is heard by nobody',
    source: 'irqfd_shutdown() steps 4 and 6, 6.17 (KVM polls the eventfd only); kernel-spec 3.3',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 2' },
      { call: 'close_eventfd(e1)', state: 'c0 - -; e0 2; e1 1' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'close_eventfd(e0)', sees: 'unregister_consumer(c0)', state: 'c0 - -; e0 0; e1 0' },
    ],
  },
  {
    title: 'a resampling irqfd that is refused with -EBUSY leaves no reference and no resampler',
    source: 'kvm_irqfd_assign() 6.17, failure path; kernel-spec 3.3 step 8',
    arch: 'vmx',
    shape: { irqfds: 2 },
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 1' },
      { call: 'irqfd_assign(c1, e0, resample)', returns: -16, state: 'c0 - -; c1 - -; e0 2; e1 1' },
      { call: 'guest_eoi(vm0, g1)' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
    ],
  },
  {
    title: 'the same before 6.17: the walk over the irqfds of the VM refuses it, and gives everything back',
    source: 'kvm_irqfd_assign() 6.12 step 4; kernel-spec 3.3',
    arch: 'vmx',
    kernel: '6.12',
    shape: { irqfds: 2 },
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 1' },
      { call: 'irqfd_assign(c1, e0, resample)', returns: -16, state: 'c0 - -; c1 - -; e0 2; e1 1' },
      { call: 'guest_eoi(vm0, g1)' },
      { call: 'irqfd_deassign(c1)', state: 'c0 - -; c1 - -; e0 2; e1 1' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'c0 - -; c1 - -; e0 1; e1 1' },
    ],
  },
  {
    title: 'a resampling irqfd and a vector on one eventfd: a consumer like any other, connected, nothing posted',
    source:
      'kvm_irqfd_assign() step 7 does not ask for RESAMPLE, kvm_arch_irq_bypass_add_producer() 6.17; kernel-spec 3.3, 4.1',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0', state: 'irq0 host; e0 2; e1 2' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 host; c0 p0 -; vm0 1; e0 3; e1 2',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0 0; e0 2; e1 1',
      },
    ],
  },
  {
    title: 'the VM goes with a resampling irqfd and a pending signal: all references but those of the files are back',
    source: 'kvm_irqfd_release(), irqfd_shutdown() 6.17; kernel-spec 3.3, I-LEAK',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 2' },
      { call: 'close_vm(vm0)', sees: 'unregister_consumer(c0)', state: 'c0 - -; e0 1; e1 1' },
      { call: 'eventfd_signal(e0)', sees: 'pending:e0', state: 'e0 1; e1 1' },
      { call: 'close_eventfd(e0)', state: 'e0 0; e1 1' },
    ],
  },
];
