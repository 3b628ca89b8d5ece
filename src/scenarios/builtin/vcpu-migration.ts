// vCPUs are preempted and moved to other CPUs with posting on.
import type { Scenario } from '../define.ts';
import {
  assignIrqfd,
  blockVcpu,
  clearIrqs,
  deassignIrqfd,
  loadVcpu,
  preemptVcpu,
  setGsiRouting,
  setIrqs,
  step,
} from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const vcpuMigration: Scenario = defineScenario({
  id: 'vcpu-migration',
  title: 'vCPUs are preempted and moved to other CPUs with posting on',
  description:
    'The second vCPU changes CPUs while the pair connects, the route moves to it and the vector is cleared. On SVM each load and put tells the IRTEs of the list where the vCPU runs. With both=true the first vCPU blocks while the route leaves it: between its list and the write of the IRTE nothing is told (docs/findings.md).',
  parameters: { arch: 'svm', both: false, msis: 1 },
  script({ arch: name, both, msis }) {
    const arch = archOf('vcpu-migration', name);
    const follows = arch === 'vmx' || arch === 'svm';
    return {
      ...system({ arch, vms: [2], vectors: 1, irqfds: [{ vm: 0, gsi: 0 }], eventfds: 1, device: { msis } }),
      ...tornDown(
        { arch, sleepers: ['vcpu0', 'vcpu1'] },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0'))],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          ...(follows ? { r0: [step(setGsiRouting('vm0', 'g0', 'vcpu1'))] } : {}),
          ...(both ? { w0: [step(blockVcpu('vcpu0'))] } : {}),
          w1: [step(preemptVcpu('vcpu1')), step(loadVcpu('vcpu1', { moves: true }))],
        },
        { v0: ['s0'], ...(follows ? { r0: ['s0'] } : {}) },
        deassignIrqfd('c0'),
      ),
    };
  },
});
