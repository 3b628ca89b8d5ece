// Litmus sequences of x86 with Intel's posted interrupts: the IRTE, the posted interrupt descriptor, the wakeup list.
//
// test/machines/litmus-table.ts has the plain ones of device assignment.

import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(p0)=0';
const FAILS = 'c0.add_producer(p0)=-5';
const DELETES = 'c0.del_producer(p0)';

/** A host with VT-d posted interrupts. */
export const VMX: readonly SystemLitmus[] = [
  {
    title: 'VFIO first: one possible bypass irq while connected, and each owner holds the eventfd',
    source:
      'vfio_msi_set_vector_signal(), kvm_irqfd_assign(), irqfd_shutdown() 6.17; kernel-spec 3.1, 3.3, 4.1, part 5 G5',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; vm0 0; e0 1' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0 0; e0 2',
      },
      // why: the irq is still requested, and its handler signals an eventfd on which nobody waits.
      { call: 'raise_msi(d0)', sees: 'pending:e0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; vm0 0; e0 1' },
    ],
  },
  {
    title: 'KVM first: unposted before the irq is freed, freed before the eventfd is put',
    source: 'vfio_msi_set_vector_signal() 6.17, teardown half; kernel-spec 3.1, part 5 G4, G8(c)',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; vm0 0; e0 1' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: 'irq0 host; c0 - -; vm0 0; e0 2',
      },
      { call: 'raise_msi(d0)', sees: 'lost:no-handler', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      // why: nothing was counted on the way, the irqfd finds nothing later either.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; vm0 0; e0 1' },
    ],
  },
  {
    title: 'a route of another type with the same payload bytes is a change: back to host mode, and posted again',
    source: 'kvm_arch_update_irqfd_routing() 6.17; kernel-spec 4.1, B11 (bcda70c56f3e)',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1',
      },
      { call: 'set_gsi_routing(vm0, g0, vcpu0, irqchip)', state: 'irq0 host; c0 p0 -; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; vm0 1' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1' },
    ],
  },
  {
    title: 'connecting on a route that is no MSI asks the IOMMU for nothing; a failing route update is not reported',
    source: 'kvm_arch_irq_bypass_add_producer(), kvm_arch_update_irqfd_routing() 6.17; kernel-spec 4.1',
    arch: 'vmx',
    faults: ['irq0'],
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; vm0 0' },
      // why: the fault cannot strike, there is no request. The pair counts although nothing is posted.
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 host; c0 p0 -; vm0 1',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; vm0 1' },
      // why: here it strikes; the result is ignored, and no WARN since nothing was posted before.
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 p0 -; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 p0 -; vm0 1' },
      // why: the same route again is no change, nobody tries again.
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 p0 -; vm0 1' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1; vm0 1' },
    ],
  },
  {
    title: 'the route of a connected irqfd is taken away: host mode, and KVM swallows the signal',
    source: 'irqfd_update(), kvm_arch_update_irqfd_routing() 6.17; kernel-spec 3.3, 4.1; reports N14',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1',
      },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 host; c0 p0 -; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'lost:no-route', state: 'irq0 host; c0 p0 -; vm0 1' },
      // why: the wakeup consumed the count, so nothing is made up for.
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1', state: 'irq0 vcpu1; c0 p0 vcpu1; vm0 1' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 host; c0 - -; vm0 0',
      },
    ],
  },
  {
    title: 'routes of an irqfd without a producer are cached only; the latest one is what the connect posts',
    source: 'kvm_irq_routing_update(), irqfd_wakeup() 6.17; kernel-spec 3.3, part 5 G6',
    arch: 'vmx',
    lines: [
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu1' },
      { call: 'set_gsi_routing(vm0, g0, NULL)', state: 'irq0 host; c0 - -' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0 injected:vcpu1' },
      { call: 'clear_gsi_routing(vm0, g0)', state: 'irq0 host; c0 - -' },
      { call: 'eventfd_signal(e0)', sees: 'lost:no-route' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu1; c0 p0 vcpu1',
      },
    ],
  },
  {
    title: 'the IOMMU refuses as KVM comes second: not counted, nobody tries again until the irqfd is assigned again',
    source: 'kvm_arch_irq_bypass_add_producer() with the fix of B1; kernel-spec 1.0, 1.3(i), 4.1, I-SOFT',
    arch: 'vmx',
    faults: ['irq0'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${FAILS} register_consumer(c0)=-5`,
        state: 'irq0 host; c0 - -; vm0 0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu1', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu1; c0 p0 vcpu1; vm0 1; e0 3',
      },
    ],
  },
  {
    title: 'before July 2026 a failed connect leaves irqfd->producer behind, and it outlives the vector',
    source: 'kvm_arch_irq_bypass_add_producer() 6.17; kernel-spec 4.1, B1 (20260622075103.35164-1)',
    arch: 'vmx',
    shape: { knobs: { danglingProducer: true } },
    faults: ['irq0'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${FAILS} register_producer(p0)=-5`,
        state: 'irq0 host; c0 p0 -; vm0 0; e0 3',
      },
      // why: the producer was never registered, so there is nothing to disconnect; its memory is freed all the same.
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 p0 -; vm0 0; e0 2' },
    ],
  },
  {
    title: 'going back to host mode fails at disconnect: a WARN, and the irq goes on being posted',
    source: 'kvm_pi_update_irte() 6.17, WARN_ON_ONCE(old and not new); kernel-spec 4.1. That hardware stays: DERIVED',
    arch: 'vmx',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1',
      },
      {
        call: 'irqfd_deassign(c0)',
        sees: `warn ${DELETES} unregister_consumer(c0)`,
        state: 'irq0 vcpu0; c0 - -; vm0 0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 - -; vm0 0' },
    ],
  },
  {
    title: 'moving the irq to another vCPU fails: KVM forgets where it posts, and the disconnect leaves it posted',
    source: 'kvm_pi_update_irte() 6.17; kernel-spec 4.1 "DERIVED hazard", B29(c)',
    arch: 'vmx',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1',
      },
      // why: no WARN, since there is a new target.
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu0; c0 p0 -; vm0 1' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 -; vm0 1' },
      { call: 'loopback(p0)', sees: 'injected:vcpu1', state: 'irq0 vcpu0; c0 p0 -; vm0 1' },
      // why: nothing posted before and nothing after, as KVM sees it: no request to the IOMMU.
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 vcpu0; c0 - -; vm0 0',
      },
    ],
  },
  {
    title:
      'a route that cannot be posted and an IOMMU that refuses: a WARN, software follows the route, hardware does not',
    source: 'kvm_pi_update_irte() 6.17; kernel-spec 4.1, B10. That hardware stays: DERIVED',
    arch: 'vmx',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'set_gsi_routing(vm0, g0, NULL)', sees: 'warn', state: 'irq0 vcpu0; c0 p0 -' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 -' },
      { call: 'loopback(p0)', sees: 'injected:vcpu0 injected:vcpu1', state: 'irq0 vcpu0; c0 p0 -' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 vcpu1; c0 p0 vcpu1' },
    ],
  },
  {
    title: 'the host moves an irq that is posted: the IRTE is not overwritten',
    source: 'intel_ir_set_affinity() 6.15; kernel-spec 4.2, B15 (688124cc541f, 2454823e97a6)',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irq_set_affinity(irq0)', state: 'irq0 host; c0 - -' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'irq_set_affinity(irq0)', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'irq_set_affinity(irq0)', state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'pending:e0', state: 'irq0 host; c0 - -' },
    ],
  },
  {
    title: 'a vCPU that blocks in a VM without bypass irqs keeps the notification vector; software wakes it',
    source: 'vmx_vcpu_pi_put(), vmx_needs_pi_wakeup() 6.17; kernel-spec 4.2',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'vcpu_block(vcpu0)',
        state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv notification; vcpu0.on 0',
      },
      {
        call: 'eventfd_signal(e0)',
        sees: 'injected:vcpu0 wake:vcpu0',
        state: 'irq0 host; c0 - -; vm0 0; vcpu0 running; vcpu0.nv notification; vcpu0.on 0',
      },
    ],
  },
  {
    title: 'with IPI virtualisation a vCPU that blocks takes the wakeup vector without any bypass irq',
    source: 'vmx_needs_pi_wakeup() 6.17; kernel-spec 4.2 "wakeup is needed"',
    arch: 'vmx',
    shape: { knobs: { ipiv: true } },
    lines: [
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv wakeup' },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv wakeup' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'eventfd_signal(e0)',
        sees: 'injected:vcpu0 wake:vcpu0',
        state: 'irq0 host; c0 - -; vm0 0; vcpu0 running; vcpu0.nv notification',
      },
    ],
  },
  {
    title: 'a vCPU that blocks in a VM with a bypass irq takes the wakeup vector; a posted interrupt wakes it',
    source: 'vmx_vcpu_pi_put(), pi_wakeup_handler(), vmx_vcpu_pi_load() 6.17; kernel-spec 4.2, part 5, I-WAKELIST',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      {
        call: 'vcpu_block(vcpu0)',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv wakeup; vcpu0.on 0',
      },
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu0 wake:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 running; vcpu0.nv notification; vcpu0.on 0',
      },
      {
        call: 'vcpu_block(vcpu0)',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv wakeup; vcpu0.on 0',
      },
      // why: the software path is armed as well, and wakes without the wakeup vector.
      {
        call: 'loopback(p0)',
        sees: 'injected:vcpu0 wake:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 running; vcpu0.nv notification; vcpu0.on 0',
      },
    ],
  },
  {
    title: 'the first bypass irq comes while a vCPU is blocked: it is woken, and blocks again on the wakeup vector',
    source: 'vmx_pi_start_bypass() 6.17, KVM_REQ_UNBLOCK; kernel-spec 4.1, 4.2, B13 (a2486020a82e)',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv notification' },
      // why: the count is 1 before the request is sent, so the vCPU sees it as it blocks again.
      {
        call: 'set_irqs(p0, e0)',
        sees: `wake:vcpu0 ${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv wakeup; vcpu0.on 0',
      },
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu0 wake:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 running; vcpu0.nv notification; vcpu0.on 0',
      },
    ],
  },
  {
    title: 'without that kick the interrupt sets ON, goes to the wrong vector, and nobody is woken',
    source: 'before a2486020a82e (2021); kernel-spec B13, part 5 G8(d)',
    arch: 'vmx',
    shape: { knobs: { noKick: true } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv notification' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv notification; vcpu0.on 0',
      },
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv notification; vcpu0.on 1',
      },
    ],
  },
  {
    title: 'the second bypass irq kicks nobody: a blocked vCPU has the wakeup vector already',
    source: 'kvm_arch_irq_bypass_add_producer() 6.17, nr_possible_bypass_irqs++ was not 0; kernel-spec 4.1',
    arch: 'vmx',
    shape: { vectors: 2, irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm0, g1, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; irq1 host; c0 p0 vcpu0; c1 - -; vm0 1',
      },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 vcpu0; irq1 host; vm0 1; vcpu0 blocked; vcpu0.nv wakeup' },
      {
        call: 'set_irqs(p1, e1)',
        sees: 'c1.add_producer(p1)=0 register_producer(p1)=0',
        state: 'irq0 vcpu0; irq1 vcpu0; c0 p0 vcpu0; c1 p1 vcpu0; vm0 2; vcpu0 blocked; vcpu0.nv wakeup',
      },
      {
        call: 'raise_msi(d1)',
        sees: 'posted:vcpu0 wake:vcpu0',
        state: 'irq0 vcpu0; irq1 vcpu0; vm0 2; vcpu0 running; vcpu0.nv notification',
      },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: 'irq0 host; irq1 vcpu0; c0 - -; c1 p1 vcpu0; vm0 1',
      },
      // why: one is left, the wakeup vector is still needed.
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; irq1 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv wakeup' },
    ],
  },
  {
    title: 'the last bypass irq goes while a vCPU is blocked: it leaves the wakeup list at its next load, not before',
    source: 'vmx_vcpu_pi_load() 6.17, NV decides and not the count; kernel-spec 4.2, B14 (8b306e2f3c41), I-WAKELIST',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0` },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.nv wakeup' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv wakeup',
      },
      {
        call: 'eventfd_signal(e0)',
        sees: 'injected:vcpu0 wake:vcpu0',
        state: 'irq0 host; c0 - -; vm0 0; vcpu0 running; vcpu0.nv notification',
      },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; c0 - -; vm0 0; vcpu0 blocked; vcpu0.nv notification' },
    ],
  },
  {
    title: 'a route to a blocked vCPU: it has the wakeup vector although nothing was posted to it when it blocked',
    source: 'vmx_vcpu_pi_put() 6.17, the count of the VM decides; kernel-spec 4.2',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      {
        call: 'vcpu_block(vcpu1)',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 running; vcpu1 blocked; vcpu1.nv wakeup',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'vcpu0 running; vcpu1 blocked; vcpu1.nv wakeup' },
      {
        call: 'set_gsi_routing(vm0, g0, vcpu1)',
        state: 'irq0 vcpu1; c0 p0 vcpu1; vcpu0 running; vcpu1 blocked; vcpu1.nv wakeup',
      },
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu1 wake:vcpu1',
        state: 'irq0 vcpu1; c0 p0 vcpu1; vcpu1 running; vcpu1.nv notification; vcpu1.on 0',
      },
    ],
  },
  {
    title: 'a preempted vCPU suppresses notifications: ON stays clear, the load finds the PIR',
    source: 'vmx_vcpu_pi_put(), vmx_vcpu_pi_load() 6.17, SN; kernel-spec 4.2, part 5',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      { call: 'vcpu_preempt(vcpu0)', state: 'vm0 1; vcpu0 preempted; vcpu0.nv notification; vcpu0.on 0' },
      // why: SN is set, hardware writes the PIR and neither sets ON nor sends anything. A preempted vCPU needs no wake.
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 preempted; vcpu0.nv notification; vcpu0.on 0',
      },
      { call: 'vcpu_load(vcpu0)', state: 'vcpu0 running; vcpu0.nv notification; vcpu0.on 0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'vcpu0 running; vcpu0.on 0' },
    ],
  },
  {
    title: 'a vCPU that was preempted before the first bypass irq does not suppress notifications: ON is set',
    source: 'vmx_vcpu_pi_put() 6.17 does nothing at all without possible bypass irqs; kernel-spec 4.2. DERIVED',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'vcpu_preempt(vcpu0)', state: 'vm0 0; vcpu0 preempted; vcpu0.nv notification; vcpu0.on 0' },
      // why: KVM_REQ_UNBLOCK wakes blocked vCPUs only, a preempted one is runnable anyway.
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 preempted; vcpu0.nv notification; vcpu0.on 0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'vcpu0 preempted; vcpu0.nv notification; vcpu0.on 1' },
      { call: 'vcpu_load(vcpu0)', state: 'vcpu0 running; vcpu0.nv notification; vcpu0.on 0' },
    ],
  },
  {
    title: 'a running vCPU moves to another CPU: the IRTE points to its descriptor and stays as it is',
    source: 'vmx_vcpu_pi_load() 6.17, NDST; kernel-spec 4.2',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      {
        call: 'vcpu_migrate(vcpu0)',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 running; vcpu0.nv notification; vcpu0.on 0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 running' },
    ],
  },
  {
    title: 'enable_device_posted_irqs is off: no irqfd registers a consumer, and interrupts are injected',
    source: 'kvm_arch_has_irq_bypass(), kvm_irqfd_assign() 6.16; kernel-spec 3.3 step 7, 3.4',
    arch: 'vmx',
    shape: { knobs: { posted: false } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      { call: 'irqfd_assign(c0, e0)', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu1', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      // why: irqfd_shutdown() unregisters in any case; there is nothing.
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
    ],
  },
  {
    title: 'enable_device_posted_irqs is off: a vCPU never needs the wakeup vector',
    source: 'vmx_can_use_vtd_pi() 6.17; kernel-spec 3.4, 4.2',
    arch: 'vmx',
    shape: { knobs: { posted: false } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 host; vm0 0; vcpu0 blocked; vcpu0.nv notification' },
      {
        call: 'raise_msi(d0)',
        sees: 'injected:vcpu0 wake:vcpu0',
        state: 'irq0 host; vm0 0; vcpu0 running; vcpu0.nv notification',
      },
    ],
  },
  {
    title: "an irqfd that opts out is never connected, whoever comes first, and is in nobody else's way",
    source: 'KVM_IRQFD_FLAG_NO_IRQBYPASS, proposed only; kernel-spec 3.4. Behaviour DERIVED',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0, no_bypass)', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      { call: 'irqfd_assign(c0, e0, no_bypass)', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0', state: 'irq0 host; c0 - -; vm0 0; e0 3' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; vm0 0; e0 2' },
      // why: the same irqfd without the flag is the consumer that the producer waits for.
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; e0 3',
      },
    ],
  },
  {
    title: 'the VM goes while connected: back to host mode, VFIO and its producer stay',
    source: 'kvm_vm_release(), kvm_irqfd_release() 6.17; kernel-spec 3.3 "release"',
    arch: 'vmx',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; e0 3',
      },
      { call: 'close_vm(vm0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 2' },
      { call: 'raise_msi(d0)', sees: 'pending:e0', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
];
