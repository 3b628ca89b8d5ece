// Litmus sequences of powerpc HV: a map of passed through irqs per VM, keyed by GSI; routes play no part in it.

import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(p0)=0';
const DELETES = 'c0.del_producer(p0)';

/** A PowerNV host. */
export const POWERPC: readonly SystemLitmus[] = [
  {
    title: 'KVM first: mapped by GSI whatever the route is, and unmapped with the vector',
    source: 'kvmppc_irq_bypass_add_producer_hv(), kvmppc_set_passthru_irq() 6.17; kernel-spec 4.5',
    arch: 'powerpc',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 2' },
      // why: the route is the first one, of a pin; on x86 nothing would be posted.
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'loopback(p0)', sees: 'injected:vcpu0' },
      { call: 'clear_irqs(p0)', sees: `${DELETES} unregister_producer(p0)`, state: 'irq0 host; c0 - -; e0 2' },
      { call: 'raise_msi(d0)', sees: 'lost:no-handler' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'VFIO first: mapped by the ioctl of KVM, back to the host with the irqfd, and mapped again',
    source: 'kvmppc_set_passthru_irq() 6.17 uses an entry of the same GSI again; kernel-spec 4.5',
    arch: 'powerpc',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `injected:vcpu0 ${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3',
      },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'no irq_desc: -EIO, a failed connect, the vector works and irqfd->producer is empty',
    source: 'kvmppc_set_passthru_irq() 6.17 with the fix of B1; kernel-spec 4.5, I-SOFT, I-ARCHPTR',
    arch: 'powerpc',
    faults: ['irq0'],
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.add_producer(p0)=-5 register_producer(p0)=-5',
        state: 'irq0 host; c0 - -; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
    ],
  },
  {
    title: 'the map is full: -EAGAIN, and nobody tries again although it reads like an invitation',
    source: 'kvmppc_set_passthru_irq() 6.17, KVMPPC_PIRQ_MAPPED; kernel-spec 4.5 (partly UNVERIFIED), 1.3(i)',
    arch: 'powerpc',
    faults: ['pimap-full'],
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'c0.add_producer(p0)=-11 register_consumer(c0)=-11',
        state: 'irq0 host; c0 - -; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -; e0 3' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
    ],
  },
  {
    title: 'the GSI is mapped already: -EINVAL',
    source: 'kvmppc_set_passthru_irq() 6.17, r_hwirq of the entry is set; kernel-spec 4.5 (partly UNVERIFIED)',
    arch: 'powerpc',
    faults: ['pimap-taken'],
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.add_producer(p0)=-22 register_producer(p0)=-22',
        state: 'irq0 host; c0 - -',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)' },
    ],
  },
  {
    title: 'before July 2026 a failed connect leaves irqfd->producer behind; the next successful one overwrites it',
    source: 'kvmppc_irq_bypass_add_producer_hv() 6.17; kernel-spec 4.5, B1 (c57875f5f9be)',
    arch: 'powerpc',
    shape: { knobs: { danglingProducer: true } },
    faults: ['irq0'],
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.add_producer(p0)=-5 register_producer(p0)=-5',
        state: 'irq0 host; c0 p0 -',
      },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 p0 -' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'clear_irqs(p0)', sees: `${DELETES} unregister_producer(p0)`, state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'the irq_desc is gone at disconnect: no WARN, irqfd->producer is cleared first, and the entry stays',
    source: 'kvmppc_clr_passthru_irq() 6.17 returns -EIO before r_hwirq = 0; kernel-spec 4.5. What stays: DERIVED',
    arch: 'powerpc',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 vcpu0; c0 - -' },
    ],
  },
  {
    title: 'a change of routes does not reach a mapped irq: powerpc has no hook for it',
    source: 'kvm_arch_update_irqfd_routing() is weak and empty there (6.17); kernel-spec 3.3, 4.5. DERIVED',
    arch: 'powerpc',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0, irqchip)', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'the VM goes, or the eventfd: unmapped by the shutdown job either way',
    source: 'kvm_irqfd_release(), irqfd_wakeup() EPOLLHUP 6.17; kernel-spec 3.3, 4.5',
    arch: 'powerpc',
    lines: [
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3' },
      { call: 'close_eventfd(e0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 1' },
      {
        call: 'set_irqs(p0, e1)',
        sees: 'unregister_producer(p0) register_producer(p0)=0',
        state: 'irq0 host; c0 - -; e0 0; e1 2',
      },
      { call: 'irqfd_assign(c0, e1)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0; e1 3' },
      { call: 'close_vm(vm0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e1 2' },
    ],
  },
];
