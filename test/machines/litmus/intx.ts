// Litmus sequences of VFIO's INTx: never a producer, a level that is masked with each interrupt, a trigger that is swapped.

import type { SystemLitmus } from './format.ts';

/** A device whose INTx line can be masked. */
export const INTX: readonly SystemLitmus[] = [
  {
    title: 'INTx never registers a producer, and an irqfd on its trigger is a consumer without a partner',
    source: 'vfio_intx_enable(), vfio_intx_handler() 6.17; kernel-spec 3.1',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'intx_enable(i0, e0)', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'intx_unmask(i0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'intx_disable(i0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'nobody waits on the trigger: the interrupt stays in the counter, and the line is masked',
    source: 'vfio_intx_handler() 6.17 masks, then signals; kernel-spec 3.1',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'intx_enable(i0, e0)', state: 'e0 2' },
      { call: 'raise_intx(i0)', sees: 'pending:e0' },
      // why: found by KVM_IRQFD at its poll, like an MSI.
      {
        call: 'irqfd_assign(c0, e0, resample)',
        sees: 'injected:vcpu0 register_consumer(c0)=0',
        state: 'irq0 host; c0 - -; e0 3; e1 2',
      },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'intx_unmask(i0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
    ],
  },
  {
    title: 'the whole round of a level interrupt: masked, injected, acknowledged, resampled, unmasked',
    source: 'vfio_intx_handler(), irqfd_resampler_ack(), vfio_pci_intx_unmask_handler() 6.17; kernel-spec 3.1, 3.3',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      {
        call: 'irqfd_assign(c0, e0, resample)',
        sees: 'register_consumer(c0)=0',
        state: 'irq0 host; c0 - -; e0 2; e1 2',
      },
      { call: 'intx_enable(i0, e0)', state: 'irq0 host; c0 - -; e0 3; e1 2' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      // why: the device has taken the line down, nothing is sent again.
      { call: 'intx_unmask(i0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'intx_unmask(i0)' },
      { call: 'intx_disable(i0)', state: 'irq0 host; c0 - -; e0 2; e1 2' },
      { call: 'raise_intx(i0)', sees: 'lost:no-handler' },
    ],
  },
  {
    title: 'the line goes up again while masked: not lost, the unmask sends the interrupt again and stays masked',
    source:
      'vfio_pci_intx_unmask_handler() 6.17, pci_check_and_unmask_intx() fails: signal, masked stays true; kernel-spec 3.1',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0' },
      { call: 'intx_enable(i0, e0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'raise_intx(i0)' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'intx_unmask(i0)', sees: 'injected:vcpu0' },
      { call: 'raise_intx(i0)' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'intx_unmask(i0)', sees: 'injected:vcpu0' },
      { call: 'guest_eoi(vm0, g0)', sees: 'pending:e1' },
      { call: 'intx_unmask(i0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
    ],
  },
  {
    title: 'the trigger is swapped: the new one is signalled, the old one is put, no irq is freed between',
    source: 'vfio_intx_set_signal() 6.9; kernel-spec 3.1, B12 (CVE-2024-26812), I-EVREF',
    arch: 'vmx',
    shape: { intx: 1, irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g1, vcpu1)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0', state: 'c0 - -; c1 - -; e0 2; e1 2' },
      { call: 'intx_enable(i0, e0)', state: 'e0 3; e1 2' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'intx_set_signal(i0, e1)', state: 'c0 - -; c1 - -; e0 2; e1 3' },
      { call: 'intx_unmask(i0)' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu1' },
      { call: 'intx_disable(i0)', state: 'e0 2; e1 2' },
    ],
  },
  {
    title: 'the trigger is removed: the handler masks and tells nobody; a new trigger and an unmask bring it back',
    source:
      'vfio_send_intx_eventfd(), READ_ONCE(trigger) is NULL, vfio_pci_intx_unmask_handler() 6.9; kernel-spec 3.1, B12. Level kept: DERIVED',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'intx_enable(i0, e0)', state: 'e0 2; e1 1' },
      { call: 'intx_set_signal(i0, NULL)', state: 'e0 1; e1 1' },
      { call: 'raise_intx(i0)', state: 'e0 1; e1 1' },
      { call: 'intx_set_signal(i0, e1)', state: 'e0 1; e1 2' },
      { call: 'intx_unmask(i0)', sees: 'pending:e1' },
      { call: 'intx_disable(i0)', state: 'e0 1; e1 1' },
    ],
  },
  {
    title: 'the trigger is removed and the eventfd closed: no reference is left that an interrupt could use',
    source: 'vfio_intx_set_signal() 6.9; kernel-spec 3.1, B12, I-EVREF',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'intx_enable(i0, e0)', state: 'e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'e0 3' },
      { call: 'intx_set_signal(i0, NULL)', state: 'c0 - -; e0 2' },
      { call: 'close_eventfd(e0)', sees: 'unregister_consumer(c0)', state: 'c0 - -; e0 0' },
      { call: 'raise_intx(i0)', state: 'irq0 host; c0 - -; e0 0' },
      { call: 'intx_disable(i0)', state: 'irq0 host; c0 - -; e0 0' },
    ],
  },
  {
    title: 'the eventfd is closed while it is the trigger: the irqfd goes, VFIO signals a context of its own',
    source: 'irqfd_wakeup() EPOLLHUP, vfio_intx_disable() 6.17; kernel-spec 3.1, 3.3',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'irqfd_assign(c0, e0, resample)', sees: 'register_consumer(c0)=0', state: 'e0 2; e1 2' },
      { call: 'intx_enable(i0, e0)', state: 'e0 3; e1 2' },
      { call: 'close_eventfd(e0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1; e1 1' },
      { call: 'raise_intx(i0)', sees: 'pending:e0' },
      // why: the resampler went with its last irqfd.
      { call: 'guest_eoi(vm0, g0)' },
      { call: 'intx_disable(i0)', state: 'irq0 host; c0 - -; e0 0; e1 1' },
    ],
  },
  {
    title: 'INTx and a vector of another device share an eventfd: the vector is posted, INTx goes on being injected',
    source: 'vfio_intx_handler(), kvm_arch_irq_bypass_add_producer() 6.17; kernel-spec 3.1, part 5 G1. DERIVED',
    arch: 'vmx',
    shape: { intx: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'intx_enable(i0, e0)', state: 'e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 3' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.add_producer(p0)=0 register_producer(p0)=0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 4',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'raise_intx(i0)', sees: 'injected:vcpu0' },
      { call: 'intx_disable(i0)', state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
    ],
  },
];
