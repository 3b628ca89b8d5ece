// The VMM is updated under a running device: the old VM goes, the new one takes over.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, closeVm, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const liveUpdate: Scenario = defineScenario({
  id: 'live-update',
  title: 'The VMM is updated under a running device, with and without quiescing it',
  description:
    'arm64: the mapping of an event changes in two commands, and what is pending in hardware is not read back. With the device quiet nothing is lost; with quiesced=false an MSI between the commands is (gap G8a, bug B23): violates i-noloss.',
  parameters: { arch: 'arm64', quiesced: true, msis: 2 },
  script({ arch: name, quiesced, msis }) {
    const arch = archOf('live-update', name);
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
        { arch, quiesces: quiesced },
        {
          s0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
            step(setGsiRouting('vm1', 'g1', 'vcpu1')),
            step(setIrqs('p0', 'e0')),
            step(assignIrqfd('c0', 'e0')),
          ],
          m0: [step(deassignIrqfd('c0')), step(closeVm('vm0')), step(assignIrqfd('c1', 'e0'))],
        },
        { m0: ['s0'] },
        deassignIrqfd('c1'),
        clearIrqs('p0'),
      ),
    };
  },
});
