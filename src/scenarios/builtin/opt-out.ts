// Knob: the proposed KVM_IRQFD_FLAG_NO_IRQBYPASS.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step, invoke } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const optOut: Scenario = defineScenario({
  id: 'opt-out',
  title: 'KVM_IRQFD_FLAG_NO_IRQBYPASS (proposed): one irqfd opts out, another one does not',
  description:
    'Two vectors, two irqfds; the first one opts out: nothing is registered for it, and its interrupts still arrive. The other one, posted as it is, is signalled by hand as well (VFIO_IRQ_SET_DATA_NONE): the software path stays armed. With opts_out=false both are posted.',
  parameters: { arch: 'vmx', opts_out: true, msis: 1 },
  script({ arch: name, opts_out, msis }) {
    const arch = archOf('opt-out', name);
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
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(setGsiRouting('vm0', 'g1', 'vcpu1'))],
          v0: [
            step(setIrqs('p0', 'e0')),
            step(setIrqs('p1', 'e1')),
            step(invoke('loopback', 'p1')),
            step(clearIrqs('p0')),
          ],
          k0: [
            step(assignIrqfd('c0', 'e0', opts_out ? { no_bypass: true } : {})),
            step(assignIrqfd('c1', 'e1')),
            step(deassignIrqfd('c0')),
          ],
        },
        { v0: ['s0'], k0: ['s0'] },
        deassignIrqfd('c1'),
        clearIrqs('p1'),
      ),
    };
  },
});
