// The guest masks its MSI-X vector, changes it, unmasks it: what a VMM makes of that.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearGsiRouting, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectChoice } from '../parameters.ts';
import { archOf, numbers, system, tornDown } from '../system.ts';

export const msixMask: Scenario = defineScenario({
  id: 'msix-mask',
  title: 'The guest masks its MSI-X vector, changes it, unmasks it: two orders of the VMM',
  description:
    'order=deassign-first: mask is deassign, then drop the route; unmask is the route, then assign. What comes meanwhile stays in the eventfd. order=route-first drops the route while the irqfd is armed: its wakeup consumes the signal, and nothing is injected (report N14): violates i-noloss.',
  parameters: { arch: 'vmx', order: 'deassign-first', masks: 1, msis: 2 },
  script({ arch: name, order, masks, msis }) {
    const arch = archOf('msix-mask', name);
    expectChoice('msix-mask', 'order', order, ['deassign-first', 'route-first']);
    const safe = [
      deassignIrqfd('c0'),
      clearGsiRouting('vm0', 'g0'),
      setGsiRouting('vm0', 'g0', 'vcpu1'),
      assignIrqfd('c0', 'e0'),
    ];
    const careless = [clearGsiRouting('vm0', 'g0'), setGsiRouting('vm0', 'g0', 'vcpu1')];
    return {
      ...system({ arch, vms: [2], vectors: 1, irqfds: [{ vm: 0, gsi: 0 }], eventfds: 1, device: { msis } }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0')), step(setIrqs('p0', 'e0'))],
          m0: numbers(masks).flatMap(() => (order === 'route-first' ? careless : safe).map((call) => step(call))),
        },
        { m0: ['s0'] },
        deassignIrqfd('c0'),
        clearIrqs('p0'),
      ),
    };
  },
});
