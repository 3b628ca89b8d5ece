// Litmus sequences of vhost-vDPA: the producer is embedded in the virtqueue, and its key is the call eventfd.

import type { SystemLitmus } from './format.ts';

const ADDS = 'c0.add_producer(q0)=0';
const DELETES = 'c0.del_producer(q0)';

/** A vDPA device with an interrupt per virtqueue. */
export const VDPA: readonly SystemLitmus[] = [
  {
    title: 'the call eventfd is set first: nothing is registered before DRIVER_OK, release takes it apart',
    source:
      'vhost_vdpa_set_status(), vhost_vdpa_setup_vq_irq(), vhost_vdpa_release() 6.12; kernel-spec 3.2 (set_status: UNVERIFIED there)',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'set_vring_call(q0, e0)', state: 'irq0 host; c0 - -; e0 2' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 3' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: `${ADDS} register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; vm0 1; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      {
        call: 'vdpa_release(q0)',
        sees: `${DELETES} unregister_producer(q0)`,
        state: 'irq0 host; c0 - -; vm0 0; e0 2',
      },
      { call: 'irqfd_deassign(c0)', sees: 'unregister_consumer(c0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'the call eventfd is set after DRIVER_OK: registered by SET_VRING_CALL, nothing to unregister before',
    source: 'vhost_vdpa_vring_ioctl() 6.12 (02e9e9366fef); kernel-spec 3.2',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      // why: call_ctx.ctx is NULL, nothing to register under.
      { call: 'set_status(q0, driver_ok)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'set_vring_call(q0, e0)', sees: 'register_producer(q0)=0', state: 'irq0 host; c0 - -; e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      { call: 'irqfd_deassign(c0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 2' },
      // why: the virtqueue's callback signals the eventfd, on which nobody waits.
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
    ],
  },
  {
    title:
      'another call eventfd while DRIVER_OK: unregistered under the old one before it is put, registered under the new',
    source: 'vhost_vdpa_vring_ioctl() 6.12 (02e9e9366fef); kernel-spec 3.2, B6 (CVE-2024-47748), I-KEYREF',
    arch: 'vmx',
    shape: { queues: 1, irqfds: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_gsi_routing(vm0, g1, vcpu1)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'set_status(q0, driver_ok)', sees: 'register_producer(q0)=0' },
      { call: 'irqfd_assign(c1, e1)', sees: 'register_consumer(c1)=0', state: 'irq0 host; c0 - -; c1 - -; e0 2; e1 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: `${ADDS} register_consumer(c0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; c1 - -; vm0 1; e0 3; e1 2',
      },
      {
        call: 'set_vring_call(q0, e1)',
        sees: `${DELETES} unregister_producer(q0) c1.add_producer(q0)=0 register_producer(q0)=0`,
        state: 'irq0 vcpu1; c0 - -; c1 q0 vcpu1; vm0 1; e0 2; e1 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu1' },
      { call: 'eventfd_signal(e0)', sees: 'injected:vcpu0' },
    ],
  },
  {
    title: 'another call eventfd before DRIVER_OK: swapped, and the manager hears nothing of either',
    source: 'vhost_vdpa_vring_ioctl() 6.12; kernel-spec 3.2',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'vdpa_open(q0)', state: 'e0 1; e1 1' },
      { call: 'set_vring_call(q0, e0)', state: 'e0 2; e1 1' },
      { call: 'set_vring_call(q0, e1)', state: 'e0 1; e1 2' },
      { call: 'set_status(q0, driver_ok)', sees: 'register_producer(q0)=0', state: 'e0 1; e1 2' },
      // why: e0 is nobody's key, the irqfd on it waits for another producer.
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 2; e1 2' },
      { call: 'raise_msi(d0)', sees: 'pending:e1' },
    ],
  },
  {
    title: 'a reset unregisters and keeps the call eventfd, so that the next DRIVER_OK registers again',
    source: 'vhost_vdpa_set_status() 6.12; kernel-spec 3.2 (set_status: UNVERIFIED there)',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: `${ADDS} register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; e0 3',
      },
      // why: DRIVER_OK was set before, this is no change of it.
      { call: 'set_status(q0, driver_ok)', state: 'irq0 vcpu0; c0 q0 vcpu0; e0 3' },
      {
        call: 'set_status(q0, reset)',
        sees: `${DELETES} unregister_producer(q0)`,
        state: 'irq0 host; c0 - -; e0 3',
      },
      { call: 'set_status(q0, reset)', state: 'irq0 host; c0 - -; e0 3' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: `${ADDS} register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
    ],
  },
  {
    title: 'release unregisters whether or not there is anything, and the next open registers afresh',
    source: 'vhost_vdpa_clean_irq(), vhost_vring_call_reset() 6.12; kernel-spec 3.2, B5 (bugzilla 211711), I-DEADOBJ',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)', state: 'e0 2' },
      { call: 'vdpa_release(q0)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'vdpa_open(q0)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'set_vring_call(q0, e0)', state: 'e0 2' },
      { call: 'set_status(q0, driver_ok)', sees: 'register_producer(q0)=0' },
      { call: 'vdpa_release(q0)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'vdpa_open(q0)' },
      // why: open forgot the call eventfd.
      { call: 'set_status(q0, driver_ok)', state: 'irq0 host; c0 - -; e0 1' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0', state: 'irq0 host; c0 - -; e0 2' },
      {
        call: 'set_vring_call(q0, e0)',
        sees: `${ADDS} register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; e0 3',
      },
    ],
  },
  {
    title: 'the irq of the virtqueue is number 0: a number like any other, release unregisters it as well',
    source: 'vhost_vdpa_unsetup_vq_irq() 6.12; kernel-spec 3.2, B5',
    arch: 'vmx',
    shape: { queues: 1 },
    faults: ['vq-irq-zero'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'set_status(q0, driver_ok)', sees: 'register_producer(q0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'c0 q0 vcpu0; e0 3' },
      { call: 'vdpa_release(q0)', sees: `${DELETES} unregister_producer(q0)`, state: 'c0 - -; e0 2' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'set_status(q0, driver_ok)', sees: `${ADDS} register_producer(q0)=0`, state: 'c0 q0 vcpu0; e0 3' },
    ],
  },
  {
    title: 'the virtqueue shares its irq: never registered, interrupts come by the callback',
    source: 'vhost_vdpa_setup_vq_irq(), get_vq_irq() < 0 (cce0ab2b2a39); kernel-spec 3.2, B26, I-IRQEXCL',
    arch: 'vmx',
    shape: { queues: 1 },
    faults: ['vq-irq-shared'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'set_status(q0, driver_ok)', state: 'irq0 host; c0 - -; e0 3' },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      // why: the teardown halves do not ask for the irq.
      { call: 'set_vring_call(q0, e0)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 3' },
      { call: 'set_status(q0, reset)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 3' },
      { call: 'vdpa_release(q0)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 2' },
    ],
  },
  {
    title: 'the IOMMU refuses: the status is set all the same, and interrupts are injected',
    source: 'vhost_vdpa_setup_vq_irq() 6.12, dev_info only; kernel-spec 3.2, I-SOFT',
    arch: 'vmx',
    shape: { queues: 1 },
    faults: ['irq0'],
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: 'c0.add_producer(q0)=-5 register_producer(q0)=-5',
        state: 'irq0 host; c0 - -; vm0 0; e0 3',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      // why: the same eventfd again is a second registration, and the fault is over.
      {
        call: 'set_vring_call(q0, e0)',
        sees: `unregister_producer(q0) ${ADDS} register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 q0 vcpu0; vm0 1; e0 3',
      },
    ],
  },
  {
    title: 'another producer sits on the call eventfd: -EBUSY, and the release of the loser leaves the winner alone',
    source: 'vhost_vdpa_setup_vq_irq() 6.18, irq_bypass_unregister_producer() 6.17; kernel-spec 3.2, D3.3, I-OWNER',
    arch: 'vmx',
    shape: { queues: 1, vectors: 2 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'set_irqs(p1, e0)', sees: 'register_producer(p1)=0', state: 'e0 2' },
      {
        call: 'irqfd_assign(c0, e0)',
        sees: 'c0.add_producer(p1)=0 register_consumer(c0)=0',
        state: 'irq0 host; irq1 vcpu0; c0 p1 vcpu0; e0 3',
      },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)', state: 'e0 4' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: 'register_producer(q0)=-16',
        state: 'irq0 host; irq1 vcpu0; c0 p1 vcpu0; e0 4',
      },
      { call: 'raise_msi(d0)', sees: 'injected:vcpu0' },
      { call: 'raise_msi(d1)', sees: 'posted:vcpu0' },
      {
        call: 'vdpa_release(q0)',
        sees: 'unregister_producer(q0)',
        state: 'irq0 host; irq1 vcpu0; c0 p1 vcpu0; e0 3',
      },
    ],
  },
  {
    title:
      'the last descriptor of the call eventfd goes: the irqfd is shut down, the virtqueue keeps context and producer',
    source: 'irqfd_wakeup() EPOLLHUP 6.17; kernel-spec 3.2, 3.3, I-KEYREF',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'set_status(q0, driver_ok)', sees: 'register_producer(q0)=0' },
      { call: 'irqfd_assign(c0, e0)', sees: `${ADDS} register_consumer(c0)=0`, state: 'irq0 vcpu0; e0 3' },
      { call: 'close_eventfd(e0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 1' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      {
        call: 'set_vring_call(q0, e1)',
        sees: 'unregister_producer(q0) register_producer(q0)=0',
        state: 'irq0 host; c0 - -; e0 0; e1 2',
      },
    ],
  },
  {
    title: 'the VM goes while the virtqueue is connected: back to the callback',
    source: 'kvm_irqfd_release() 6.17; kernel-spec 3.2, 3.3',
    arch: 'vmx',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'set_status(q0, driver_ok)', sees: `${ADDS} register_producer(q0)=0`, state: 'irq0 vcpu0; e0 3' },
      { call: 'close_vm(vm0)', sees: `${DELETES} unregister_consumer(c0)`, state: 'irq0 host; c0 - -; e0 2' },
      { call: 'raise_msi(d0)', sees: 'pending:e0' },
      { call: 'vdpa_release(q0)', sees: 'unregister_producer(q0)', state: 'irq0 host; c0 - -; e0 1' },
    ],
  },
  {
    title: 'on arm64 a DRIVER_OK freezes the guest around the connect, and a reset around the disconnect',
    source: 'vhost_vdpa_set_status() 6.12, kvm_arch_irq_bypass_stop(); kernel-spec 3.2, 4.4',
    arch: 'arm64',
    shape: { queues: 1 },
    lines: [
      { call: 'set_gsi_routing(vm0, g0, vcpu0)' },
      { call: 'vdpa_open(q0)' },
      { call: 'set_vring_call(q0, e0)' },
      { call: 'irqfd_assign(c0, e0)', sees: 'register_consumer(c0)=0' },
      {
        call: 'set_status(q0, driver_ok)',
        sees: `c0.stop ${ADDS} c0.start register_producer(q0)=0`,
        state: 'irq0 vcpu0; c0 - vcpu0; vm0.halted false',
      },
      { call: 'raise_msi(d0)', sees: 'posted:vcpu0' },
      {
        call: 'set_status(q0, reset)',
        sees: `c0.stop ${DELETES} c0.start unregister_producer(q0)`,
        state: 'irq0 host; c0 - -; vm0.halted false',
      },
    ],
  },
];
