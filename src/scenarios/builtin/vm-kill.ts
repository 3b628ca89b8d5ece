// A VM is killed with bypass on, while its device goes on.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, closeEventfd, closeVm, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const vmKill: Scenario = defineScenario({
  id: 'vm-kill',
  title: 'A VM is killed with bypass on, while its device goes on',
  description:
    'The process dies: its files are released one after the other, the eventfd and the VM by one thread, the device by another. Before that the guest has moved its route to where it cannot be posted. Nothing is posted to the VM once its vCPUs are freed, nothing is left.',
  parameters: { arch: 'vmx', msis: 2 },
  script({ arch: name, msis }) {
    const arch = archOf('vm-kill', name);
    const follows = arch === 'vmx' || arch === 'svm';
    return {
      ...system({ arch, vms: [1], vectors: 1, irqfds: [{ vm: 0, gsi: 0 }], eventfds: 1, device: { msis } }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0')), step(setIrqs('p0', 'e0'))],
          ...(follows ? { r0: [step(setGsiRouting('vm0', 'g0', null))] } : {}),
          x0: [step(closeEventfd('e0')), step(closeVm('vm0'))],
          v0: [step(clearIrqs('p0'))],
        },
        { ...(follows ? { r0: ['s0'] } : {}), x0: ['s0'], v0: ['s0'] },
        clearIrqs('p0'),
      ),
    };
  },
});
