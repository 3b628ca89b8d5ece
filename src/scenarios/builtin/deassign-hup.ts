// An irqfd is assigned and deassigned while its eventfd is closed.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, closeEventfd, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const deassignHup: Scenario = defineScenario({
  id: 'deassign-hup',
  title: 'KVM_IRQFD, its deassign and EPOLLHUP race',
  description:
    'One thread assigns the irqfd and deassigns it, another one closes the last descriptor of its eventfd whenever it likes. Whoever finds the irqfd active deactivates it: one shutdown job, which waits until KVM_IRQFD is over.',
  parameters: { arch: 'vmx', msis: 1 },
  script({ arch: name, msis }) {
    const arch = archOf('deassign-hup', name);
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
      }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(setIrqs('p0', 'e0'))],
          k0: [step(assignIrqfd('c0', 'e0')), step(deassignIrqfd('c0'))],
          h0: [step(closeEventfd('e0'))],
        },
        { k0: ['s0'], h0: ['s0'] },
        clearIrqs('p0'),
      ),
    };
  },
});
