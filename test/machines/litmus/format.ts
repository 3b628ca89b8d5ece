// What a litmus sequence of the whole system looks like. The sequences beside this file were written by hand from facts
// about the kernel before the models existed: no line of them was taken from what a model does.

/** Whose consumer callbacks: the architecture of the host. */
export type Arch = 'vmx' | 'svm' | 'arm64' | 'powerpc';

/**
 * One call, what is seen of it, and what is there when it has returned.
 *
 * Everything that a call triggers is over before the next one: shutdown and inject jobs have run, and a vCPU that was
 * woken has been loaded again and has merged what was posted to it (or has gone back to sleep if there was nothing).
 */
export interface SystemLine {
  /** As scenario files write calls. */
  readonly call: string;
  /** What the call returns: 0 where absent (void is 0); a negative errno. */
  readonly returns?: number;
  /**
   * In order, separated by blanks; nothing where absent.
   *
   * - callbacks, written when they return: `c0.add_producer(p0)=0`, `c0.del_producer(p0)`, and on arm64 only `c0.stop`
   *   and `c0.start` (on the other architectures they are no-ops, and left out);
   * - returns of the manager's functions: `register_producer(p0)=0`, `unregister_consumer(c0)`. The manager is called
   *   whenever its caller calls it, also if there is nothing to unregister. On arm64 6.12 they can be positive;
   * - interrupts: `posted:vcpu0` (written straight to the guest by hardware), `injected:vcpu0` (by KVM's software path),
   *   `pending:e0` (it stays in the counter of the eventfd), `lost:REASON` with REASON one of `no-handler` (no irq is
   *   requested), `no-route` (KVM took the signal, and the GSI has no route), `unmapped` (the ITS knew no translation
   *   at that moment), `masked`;
   * - `wake:vcpu0`: a blocked vCPU is woken;
   * - `warn`: a WARN of the kernel (not pr_warn and not dev_info), before the callback in which it strikes.
   */
  readonly sees?: string;
  /**
   * State after the call, `; ` between actors, only of actors that the sequence is about.
   *
   * - `irq0 host` or `irq0 vcpu0`: where the hardware delivers. An irq that nobody requested is in host mode;
   * - `c0 P V`: irqfd->producer (a name or -) and where KVM believes that it posts (a vCPU or -): irq_bypass_vcpu on
   *   x86, the target of a vLPI with hw set on arm64, the server of a mapped source on powerpc. `c0 - -` also if there
   *   is no such irqfd. arm64 never fills irqfd->producer (kernel-spec 4.4);
   * - `vm0 N`: kvm->arch.nr_possible_bypass_irqs (x86);
   * - `e0 N`: references on the eventfd context, the one of its file included;
   * - `vcpu0 running`, `vcpu0 blocked` or `vcpu0 preempted`; `vcpu0.nv notification` or `vcpu0.nv wakeup`, and
   *   `vcpu0.on 0|1` (vmx); `vcpu0.ir_list c0,c1` in order of name, - if empty (svm);
   * - `vm0.halted true|false` (arm64).
   */
  readonly state?: string;
}

/** A sequence of calls by one thread. */
export interface SystemLitmus {
  /** The fact. */
  readonly title: string;
  /** Kernel function and version, section of kernel-spec, commit or log. DERIVED and UNVERIFIED as there. */
  readonly source: string;
  readonly arch: Arch;
  /**
   * 6.12: manager of before the series, irqfd assign of before 6.17. 6.18, where absent: v2p8, and one irqfd an eventfd
   * host wide. Both as in the latest stable releases, and without the bugs B1 and B4 unless a knob brings them back.
   */
  readonly kernel?: '6.12' | '6.18';
  /**
   * Actors beside the defaults, of which there is one each: p0 (vector of a VFIO device, host irq irq0, raised by d0),
   * c0 (irqfd of vm0 for GSI g0), eventfds e0 and e1 that the VMM has open, vm0 with running vcpu0 and vcpu1.
   *
   * - `vectors: 2`: p1, another vector of the same PCI function (one device of the ITS), host irq irq1, raised by d1;
   * - `irqfds: 2`: c1, for GSI g1 of vm0, or of vm1 with `vms: 2`;
   * - `vms: 2`: vm1 with vcpu2;
   * - `queues: 1`: q0, a vDPA virtqueue that embeds the producer q0, host irq irq0, raised by d0 (p0 is not used);
   * - `intx: 1`: i0, the INTx line of a VFIO device that can mask it (PCI 2.3). The device holds the line up from
   *   raise_intx until the guest has been told, that is until an `injected`;
   * - `knobs`: `posted: false` (enable_device_posted_irqs off), `ipiv: true` (IPI virtualisation active, off where
   *   absent), `gicv4: false` (no direct injection of MSIs), and fixes that are taken out: `danglingProducer: true`
   *   (B1), `clobbersType: true` (B4), `noKick: true` (B13).
   */
  readonly shape?: {
    readonly vectors?: 1 | 2;
    readonly irqfds?: 1 | 2;
    readonly vms?: 1 | 2;
    readonly queues?: 1;
    readonly intx?: 1;
    readonly knobs?: Readonly<Record<string, boolean>>;
  };
  /**
   * Faults that strike in this sequence, each once, as soon as it can.
   *
   * - `irq0`: the first request to change where irq0 is delivered answers -5 (-EIO) and changes nothing. On powerpc:
   *   no irq_desc. `irq0#2`: the second such request, to post or back to host mode. `irq0=-22`: the first, with -EINVAL;
   * - `irq0-metadata`: the AMD IOMMU posts, and hands no metadata out;
   * - `lpi-unresolved`: the guest has not mapped DeviceID and EventID when they are first looked up; it does right after;
   * - `vlpi-maps`: no memory for the array of vLPI maps of the ITS device. `msi-in-gap`: d0 raises its MSI between the
   *   first DISCARD and the VMAPTI after it;
   * - `pimap-full`: no free entry in the VM's map of passed through irqs. `pimap-taken`: the entry of g0 is in use;
   * - `vq-irq-shared`: get_vq_irq() is negative, each time. `vq-irq-zero`: it is 0, each time.
   */
  readonly faults?: readonly string[];
  readonly lines: readonly SystemLine[];
}

// Conventions where the facts leave something open:
// - a multicast MSI, `set_gsi_routing(vm0, g0, NULL)`, goes to all vCPUs of the VM, in order of number;
// - a route to a pin, which every GSI has at first, goes to vcpu0 (vcpu2 in vm1), and the guest has the pin unmasked;
// - each pair of a GSI and a vCPU has a DeviceID, EventID and LPI of its own. On powerpc every source's server is vcpu0;
// - MSI-X is enabled all the time;
// - irqfd_deassign(c0) names the eventfd of c0's latest irqfd_assign, by its descriptor;
// - an inject job that KVM_IRQFD schedules is seen before the consumer is registered.
