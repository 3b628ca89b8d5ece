// The host moves an irq that is posted to a guest, or is about to be.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, invoke, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectArch, system, tornDown } from '../system.ts';

export const affinity: Scenario = defineScenario({
  id: 'affinity',
  title: 'The host moves an irq while it is posted, or about to be',
  description:
    "Intel: an entry that posts to a vCPU is not the host's to change, and a host that has posted MSIs of its own (posted_msi=true) gets them back.",
  parameters: { arch: 'vmx', posted_msi: true, msis: 1 },
  script({ arch: name, posted_msi, msis }) {
    const arch = expectArch('affinity', name, ['vmx']);
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        ...(posted_msi ? { hostPostsMsis: true } : {}),
      }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0'))],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          a0: [step(invoke('irq_set_affinity', 'irq0')), step(invoke('irq_set_affinity', 'irq0'))],
        },
        { v0: ['s0'], a0: ['s0'] },
        deassignIrqfd('c0'),
      ),
    };
  },
});
