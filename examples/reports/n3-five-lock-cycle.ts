// Report N3 (2020, POWER): the manager's mutex in a cycle of five locks, found by lockdep before it hung anybody.
//
// Kernel source: drivers/vfio/pci/vfio_pci_intrs.c, virt/lib/irqbypass.c, arch/powerpc/kvm/, drivers/vfio/pci/vfio_pci_core.c.
// Four threads: VFIO_DEVICE_SET_IRQS takes memory_lock, the manager's mutex for the registration, and kvm->lock in the consumer's
// callback; a VM that exits takes kvm->lock and then vcpu->mutex; a vCPU's ioctl takes vcpu->mutex and copies to user space, which
// faults: mmap_lock; and the fault handler of the device's memory takes memory_lock under mmap_lock. The fix gives
// memory_lock back before the manager is called: nothing that a page fault can want may be held there.
// Abstracted away: that mmap_lock and memory_lock are semaphores with readers; here all five are mutexes.
import { defineScenario, invoke, step } from 'irqbypass-lab';

const lock = (name: string) => step(invoke('mutex_lock', name));
const unlock = (name: string) => step(invoke('mutex_unlock', name));
const mutex = (name: string, lockClass: string) => ({ name, machine: 'mutex', constants: { class: lockClass } });

export default defineScenario({
  id: 'n3-five-lock-cycle',
  title: 'memory_lock, the mutex of the manager, kvm->lock, vcpu->mutex, mmap_lock: a cycle',
  description: 'Four threads and five locks; with fixed=true memory_lock is given back before the manager is called.',
  parameters: { fixed: false },
  properties: ['i-lockorder', 'i-ctx', 'l-term'],
  script: ({ fixed }) => ({
    actors: [
      mutex('memory0', 'memory_lock'),
      mutex('manager0', 'irq_bypass_lock'),
      mutex('kvm0', 'kvm->lock'),
      mutex('vcpu0', 'vcpu->mutex'),
      mutex('mmap0', 'mmap_lock'),
    ],
    threads: {
      // VFIO_DEVICE_SET_IRQS: register the producer; add_producer maps the interrupt.
      t0: [
        lock('memory0'),
        ...(fixed ? [unlock('memory0')] : []),
        lock('manager0'),
        lock('kvm0'),
        unlock('kvm0'),
        unlock('manager0'),
        ...(fixed ? [] : [unlock('memory0')]),
      ],
      // The VM exits: every vCPU is stopped under kvm->lock.
      t1: [lock('kvm0'), lock('vcpu0'), unlock('vcpu0'), unlock('kvm0')],
      // An ioctl of the vCPU copies to user space.
      t2: [lock('vcpu0'), lock('mmap0'), unlock('mmap0'), unlock('vcpu0')],
      // A page fault in the mapped BAR.
      t3: [lock('mmap0'), lock('memory0'), unlock('memory0'), unlock('mmap0')],
    },
  }),
});
