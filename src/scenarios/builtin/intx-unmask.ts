// INTx is unmasked by an eventfd, on each EOI, and that eventfd goes.
import type { Scenario } from '../define.ts';
import { assignIrqfd, closeEventfd, deassignIrqfd, invoke, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectArch, system, tornDown } from '../system.ts';

export const intxUnmask: Scenario = defineScenario({
  id: 'intx-unmask',
  title: 'INTx is unmasked on each EOI by an eventfd, which is closed while the ioctl takes it away',
  description:
    'A resampling irqfd: KVM signals e1 on an EOI, VFIO unmasks the line by its virqfd on e1. EPOLLHUP of e1 and VFIO_DEVICE_SET_IRQS both shut the virqfd down: one job between them.',
  parameters: { arch: 'vmx', raises: 2 },
  script({ arch: name, raises }) {
    const arch = expectArch('intx-unmask', name, ['vmx', 'svm']);
    const shape = system({ arch, vms: [1], vectors: 0, intx: true, irqfds: [{ vm: 0, gsi: 0 }], eventfds: 2 });
    return {
      ...shape,
      actors: [...shape.actors, { name: 'u0', machine: 'virqfd', wiring: { intx: 'i0' } }],
      ...tornDown(
        { arch },
        {
          s0: [
            step(invoke('set_gsi_routing', 'vm0', { gsi: 'g0', vcpu: 'vcpu0', irqchip: true })),
            step(assignIrqfd('c0', 'e0', { resamplefd: 'e1' })),
            step(invoke('intx_enable', 'i0', { eventfd: 'e0' })),
            step(invoke('virqfd_enable', 'u0', { eventfd: 'e1' })),
          ],
          d0: Array.from({ length: raises }, () => step(invoke('raise_intx', 'i0'))),
          g0: [step(invoke('guest_eoi', 'vm0', { gsi: 'g0' })), step(invoke('guest_eoi', 'vm0', { gsi: 'g0' }))],
          v0: [step(invoke('virqfd_disable', 'u0'))],
          h0: [step(closeEventfd('e1'))],
        },
        { d0: ['s0'], g0: ['s0'], v0: ['d0', 'g0'], h0: ['d0', 'g0'] },
        deassignIrqfd('c0'),
        invoke('intx_disable', 'i0'),
        closeEventfd('e0'),
      ),
    };
  },
});
