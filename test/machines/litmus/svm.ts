// Litmus sequences of x86 with AMD's AVIC: lists of irqfds per vCPU, GA log, inhibition.

import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(p0)=0';
const DELETES = 'c0.del_producer(p0)';
const NO_LISTS = 'vcpu0.ir_list -; vcpu1.ir_list -';

/** A host with AVIC and an IOMMU in vAPIC mode. */
export const SVM: readonly SystemLitmus[] = [
  {
    title: 'VFIO first: the irqfd is on the list of the vCPU that it posts to as long as it posts',
    source: 'avic_pi_update_irte() 6.17; kernel-spec 4.1, 4.3, I-IRLIST',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'register_producer(p0)=0',
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}` },
    ],
  },
  {
    title: 'KVM first: clearing the vector takes the irqfd off the list, and it stays assigned',
    source: 'avic_pi_update_irte() 6.17; kernel-spec 4.1, 4.3, I-IRLIST',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu1)' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'register_consumer(c0)=0',
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu1; c0 p0 vcpu1; vm0 1; vcpu0.ir_list -; vcpu1.ir_list c0',
      },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu1' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)' },
    ],
  },
  {
    title: 'the irq moves from one vCPU to another: on one list only, the new one',
    source: 'avic_pi_update_irte() 6.17, svm_ir_list_del() first; kernel-spec 4.3, B18 (a0ca34bb1aad, 0a917e9d4b70)',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
      {
        call: 'set_gsi_routing(vm0, g0, vcpu1)',
        state: 'irq0 vcpu1; c0 p0 vcpu1; vcpu0.ir_list -; vcpu1.ir_list c0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1' },
      { call: 'set_gsi_routing(vm0, g0, NULL)', state: `irq0 host; c0 p0 -; ${NO_LISTS}` },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0 injected:vcpu1' },
      {
        call: 'set_gsi_routing(vm0, g0, vcpu0)',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
      { call: 'set_gsi_routing(vm0, g0, vcpu0, irqchip)', state: `irq0 host; c0 p0 -; ${NO_LISTS}` },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: `irq0 host; c0 - -; ${NO_LISTS}`,
      },
    ],
  },
  {
    title: 'two irqfds post to one vCPU: both are on its list, and one of them leaves alone',
    source: 'avic_pi_update_irte() 6.17; kernel-spec 4.3, I-IRLIST, I-COUNT',
    arch: 'svm',
    shape: { vectors: 2, irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm0, g1, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'vm0 1; vcpu0.ir_list c0' },
      {
        call: 'set_irqs(p1, e1)',
        sees: 'c1.add_producer(p1)=0 register_producer(p1)=0',
        state: 'irq0 vcpu0; irq1 vcpu0; c0 p0 vcpu0; c1 p1 vcpu0; vm0 2; vcpu0.ir_list c0,c1; vcpu1.ir_list -',
      },
      {
        call: 'set_gsi_routing(vm0, g0, vcpu1)',
        state: 'irq0 vcpu1; irq1 vcpu0; c0 p0 vcpu1; c1 p1 vcpu0; vm0 2; vcpu0.ir_list c1; vcpu1.ir_list c0',
      },
      {
        call: 'irqfd_deassign(c1)',
        sees: 'c1.del_producer(p1) unregister_consumer(c1)',
        state: 'irq0 vcpu1; irq1 host; c0 p0 vcpu1; c1 - -; vm0 1; vcpu0.ir_list -; vcpu1.ir_list c0',
      },
    ],
  },
  {
    title: 'an IOMMU that is not in vAPIC mode says so: the connect fails with -EINVAL, nothing is on a list',
    source: 'amd_ir_set_vcpu_affinity() since 07172206a26d; kernel-spec 4.3, B16',
    arch: 'svm',
    faults: ['irq0=-22'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: 'c0.add_producer(p0)=-22 register_producer(p0)=-22',
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'clear_irqs(p0)', sees: 'unregister_producer(p0)', state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}` },
    ],
  },
  {
    title: 'the IOMMU posts and hands no metadata out: KVM goes back to host mode itself, and the connect fails',
    source: 'avic_pi_update_irte() 6.17, WARN_ON_ONCE(!ir_data), -EIO; kernel-spec 4.3',
    arch: 'svm',
    faults: ['irq0-metadata'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'warn c0.add_producer(p0)=-5 register_consumer(c0)=-5',
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
    ],
  },
  {
    title:
      'moving the irq to another vCPU fails: on no list any more, while the hardware posts to the old one for ever',
    source: 'avic_pi_update_irte(), kvm_pi_update_irte() 6.17; kernel-spec 4.1 "DERIVED hazard", 4.3',
    arch: 'svm',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
      // why: taken off the old list before the IOMMU is asked, put on the new one only if it agrees.
      { call: 'set_gsi_routing(vm0, g0, vcpu1)', state: `irq0 vcpu0; c0 p0 -; vm0 1; ${NO_LISTS}` },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: `irq0 vcpu0; c0 - -; vm0 0; ${NO_LISTS}`,
      },
    ],
  },
  {
    title: 'going back to host mode fails: a WARN, and on no list all the same',
    source: 'avic_pi_update_irte(), kvm_pi_update_irte() 6.17; kernel-spec 4.1, 4.3. That hardware stays: DERIVED',
    arch: 'svm',
    faults: ['irq0#2'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; vcpu0.ir_list c0' },
      {
        call: 'irqfd_deassign(c0)',
        sees: `warn ${DELETES} unregister_consumer(c0)`,
        state: `irq0 vcpu0; c0 - -; vm0 0; ${NO_LISTS}`,
      },
    ],
  },
  {
    title:
      'before b4d37cdb77a0 deassign forgets the route type first: the irq stays posted, the freed irqfd stays on the list',
    source: 'kvm_irqfd_deassign() before b4d37cdb77a0; kernel-spec 4.3, B4 (CVE-2026-23198)',
    arch: 'svm',
    shape: { knobs: { clobbersType: true } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0',
      },
      {
        call: 'irqfd_deassign(c0)',
        sees: `${DELETES} unregister_consumer(c0)`,
        state: 'irq0 vcpu0; c0 - -; vm0 0; vcpu0.ir_list c0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'the same kernel when the VM goes instead: the type is still there, so everything is undone',
    source: 'kvm_irqfd_release() before b4d37cdb77a0 clears no type; kernel-spec 3.3, B4. DERIVED',
    arch: 'svm',
    shape: { knobs: { clobbersType: true } },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      { call: 'close_vm(vm0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
    ],
  },
  {
    title: 'a blocked vCPU is woken through the GA log',
    source: 'avic_vcpu_blocking(), avic_ga_log_notifier() 6.17; kernel-spec 4.3 (b03500f03ea0)',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      { call: 'vcpu_block(vcpu0)', state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 blocked; vcpu0.ir_list c0' },
      {
        call: 'raise_msi(d0)',
        sees: 'posted:vcpu0 wake:vcpu0',
        state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0 running; vcpu0.ir_list c0',
      },
    ],
  },
  {
    title: 'the first bypass irq comes while a vCPU is blocked: no kick, its entry asks for GA log interrupts already',
    source:
      'avic_pi_update_irte() 6.17 copies GA_LOG_INTR; kernel-spec 4.1 (no pi_start_bypass on SVM: UNVERIFIED), 4.3',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'vcpu_block(vcpu0)', state: 'vm0 0; vcpu0 blocked' },
      {
        call: 'set_irqs(p0, e0)',
        sees: `${ADDS} register_producer(p0)=0`,
        state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0 blocked; vcpu0.ir_list c0',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0 wake:vcpu0', state: 'vcpu0 running' },
    ],
  },
  {
    title: 'a preempted vCPU needs no GA log: the vAPIC page has the interrupt when it is loaded',
    source: 'avic_vcpu_put(), AVIC_STOP_RUNNING, 6.17; kernel-spec 4.3, part 5',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0` },
      { call: 'vcpu_preempt(vcpu0)', state: 'irq0 vcpu0; vcpu0 preempted; vcpu0.ir_list c0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0', state: 'irq0 vcpu0; vcpu0 preempted; vcpu0.ir_list c0' },
      { call: 'vcpu_load(vcpu0)', state: 'irq0 vcpu0; vcpu0 running; vcpu0.ir_list c0' },
      { call: 'vcpu_migrate(vcpu0)', state: 'irq0 vcpu0; vcpu0 running; vcpu0.ir_list c0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'AVIC is inhibited while an irq is posted: host mode, but it stays on the list, and comes back',
    source:
      'avic_refresh_apicv_exec_ctrl(), amd_iommu_deactivate_guest_mode() 6.17; kernel-spec 4.3, B19 (6df262f915ab)',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0`, state: 'irq0 vcpu0; c0 p0 vcpu0' },
      // why: irq_bypass_vcpu says where it is to be posted, the inhibition is not KVM's common code's business.
      { call: 'avic_inhibit(vm0)', state: 'irq0 host; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'avic_uninhibit(vm0)', state: 'irq0 vcpu0; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'an irq becomes postable while AVIC is inhibited: remembered, and posted when the inhibition ends',
    source: 'avic_pi_update_irte() 6.17, is_guest_mode = kvm_vcpu_apicv_active(); kernel-spec 4.3, B19 (6df262f915ab)',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p0, e0)', sees: 'register_producer(p0)=0' },
      { call: 'avic_inhibit(vm0)', state: `irq0 host; c0 - -; ${NO_LISTS}` },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 host; c0 p0 vcpu0; vm0 1; vcpu0.ir_list c0; vcpu1.ir_list -',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      {
        call: 'set_gsi_routing(vm0, g0, vcpu1)',
        state: 'irq0 host; c0 p0 vcpu1; vcpu0.ir_list -; vcpu1.ir_list c0',
      },
      { call: 'avic_uninhibit(vm0)', state: 'irq0 vcpu1; c0 p0 vcpu1; vcpu0.ir_list -; vcpu1.ir_list c0' },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1' },
    ],
  },
  {
    title: 'what stops to be postable, or goes, while AVIC is inhibited does not come back when the inhibition ends',
    source: 'svm_ir_list_del() 6.17; kernel-spec 4.3',
    arch: 'svm',
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_irqs(p0, e0)', sees: `${ADDS} register_producer(p0)=0` },
      { call: 'avic_inhibit(vm0)', state: 'irq0 host; c0 p0 vcpu0; vcpu0.ir_list c0' },
      { call: 'set_gsi_routing(vm0, g0, NULL)', state: `irq0 host; c0 p0 -; ${NO_LISTS}` },
      { call: 'avic_uninhibit(vm0)', state: `irq0 host; c0 p0 -; ${NO_LISTS}` },
      { call: 'set_gsi_routing(vm0, g0, vcpu0)', state: 'irq0 vcpu0; c0 p0 vcpu0; vcpu0.ir_list c0' },
      { call: 'avic_inhibit(vm0)', state: 'irq0 host; c0 p0 vcpu0; vcpu0.ir_list c0' },
      {
        call: 'clear_irqs(p0)',
        sees: `${DELETES} unregister_producer(p0)`,
        state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}`,
      },
      { call: 'avic_uninhibit(vm0)', state: `irq0 host; c0 - -; vm0 0; ${NO_LISTS}` },
    ],
  },
];
