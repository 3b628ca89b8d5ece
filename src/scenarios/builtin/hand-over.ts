// An eventfd is handed over from an old VM to a new one, as in an update of the VMM on the same host.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, closeVm, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectChoice } from '../parameters.ts';
import { archOf, system, tornDown } from '../system.ts';

export const handOver: Scenario = defineScenario({
  id: 'hand-over',
  title: 'An eventfd is handed over from an old VM to a new one',
  description:
    'The device goes on. order=deassign-first is the right one; with assign-first the new irqfd is refused with -EBUSY since Linux 6.17, and before it gets nothing until the old one goes. What comes in between stays in the eventfd.',
  parameters: { arch: 'vmx', order: 'deassign-first', msis: 2 },
  script({ arch: name, order, msis }) {
    const arch = archOf('hand-over', name);
    expectChoice('hand-over', 'order', order, ['deassign-first', 'assign-first']);
    const calls = [deassignIrqfd('c0'), assignIrqfd('c1', 'e0')];
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
          s0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
            step(setGsiRouting('vm1', 'g1', 'vcpu1')),
            step(assignIrqfd('c0', 'e0')),
            step(setIrqs('p0', 'e0')),
          ],
          m0: [...(order === 'assign-first' ? calls.toReversed() : calls), closeVm('vm0')].map((call) => step(call)),
        },
        { m0: ['s0'] },
        deassignIrqfd('c1'),
        clearIrqs('p0'),
      ),
    };
  },
});
