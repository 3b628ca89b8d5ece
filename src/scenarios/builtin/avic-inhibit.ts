// SVM: AVIC is inhibited and comes back while a pair connects.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, invoke, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectArch, system, tornDown } from '../system.ts';

export const avicInhibit: Scenario = defineScenario({
  id: 'avic-inhibit',
  title: 'AVIC is inhibited, a pair connects, AVIC comes back: the irq is posted in the end',
  description:
    'What becomes postable while AVIC is inhibited is remembered, and posted when the inhibition ends. With ends=false the pair stays.',
  parameters: { arch: 'svm', msis: 1, ends: true },
  script({ arch: name, msis, ends }) {
    const arch = expectArch('avic-inhibit', name, ['svm']);
    const calls = ends ? [deassignIrqfd('c0'), clearIrqs('p0')] : [];
    return {
      ...system({ arch, vms: [2], vectors: 1, irqfds: [{ vm: 0, gsi: 0 }], eventfds: 1, device: { msis } }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0'))],
          v0: [step(setIrqs('p0', 'e0'))],
          a0: [step(invoke('avic_inhibit', 'vm0')), step(invoke('avic_uninhibit', 'vm0'))],
          r0: [step(setGsiRouting('vm0', 'g0', 'vcpu1'))],
        },
        { v0: ['s0'], a0: ['s0'], r0: ['s0'] },
        ...calls,
      ),
    };
  },
});
