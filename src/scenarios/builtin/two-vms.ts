// Two VMs want the same eventfd.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, END, go, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const twoVms: Scenario = defineScenario({
  id: 'two-vms',
  title: 'Two VMs want the same eventfd',
  description:
    'Since Linux 6.17 the second KVM_IRQFD is refused with -EBUSY; before, both succeed, the first one swallows every signal, and the consumer of the second is refused by the manager.',
  parameters: { arch: 'vmx', msis: 1 },
  script({ arch: name, msis }) {
    const arch = archOf('two-vms', name);
    return {
      ...system({
        arch,
        vms: [1, 1],
        vectors: 1,
        irqfds: [
          { vm: 0, gsi: 0 },
          { vm: 1, gsi: 1 },
        ],
        eventfds: 1,
        device: { msis },
      }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(setGsiRouting('vm1', 'g1', 'vcpu1'))],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          k0: [go(step(assignIrqfd('c0', 'e0')), { error: END }), step(deassignIrqfd('c0'))],
          k1: [go(step(assignIrqfd('c1', 'e0')), { error: END }), step(deassignIrqfd('c1'))],
        },
        { v0: ['s0'], k0: ['s0'], k1: ['s0'] },
        clearIrqs('p0'),
      ),
    };
  },
});
