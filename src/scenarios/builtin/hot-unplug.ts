// Devices come and go while their interrupts fly.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const hotUnplug: Scenario = defineScenario({
  id: 'hot-unplug',
  title: 'Two devices come and go while their interrupts fly, to two vCPUs',
  description:
    'The first device is plugged in and out again by VFIO, the second one loses its irqfd; meanwhile each raises an MSI, and (x86) the first route moves to the other vCPU. No interrupt is lost but where no handler is requested, none is seen twice.',
  parameters: { arch: 'vmx', msis: 1 },
  script({ arch: name, msis }) {
    const arch = archOf('hot-unplug', name);
    const moves = arch === 'vmx' || arch === 'svm';
    return {
      ...system({
        arch,
        vms: [2],
        vectors: 2,
        irqfds: [
          { vm: 0, gsi: 0 },
          { vm: 0, gsi: 1 },
        ],
        eventfds: 2,
        device: { msis },
      }),
      ...tornDown(
        { arch, devices: ['d0', 'd1'] },
        {
          s0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
            step(setGsiRouting('vm0', 'g1', 'vcpu1')),
            step(assignIrqfd('c0', 'e0')),
            step(assignIrqfd('c1', 'e1')),
            step(setIrqs('p1', 'e1')),
          ],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          k1: [step(deassignIrqfd('c1'))],
          ...(moves ? { r0: [step(setGsiRouting('vm0', 'g0', 'vcpu1'))] } : {}),
        },
        { v0: ['s0'], k1: ['s0'], ...(moves ? { r0: ['s0'] } : {}) },
        deassignIrqfd('c0'),
        clearIrqs('p1'),
      ),
    };
  },
});
