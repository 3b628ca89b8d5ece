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
import { expectKnobOf } from '../parameters.ts';
import { archOf, numbers, system, tornDown } from '../system.ts';

export const vcpuMigration: Scenario = defineScenario({
  id: 'vcpu-migration',
  title: 'vCPUs are preempted and moved to other CPUs with posting on',
  description:
    'The second vCPU changes CPUs while the pair connects, the route moves to it and the vector is cleared. On SVM each load and put tells the IRTEs of the list where the vCPU runs. With refuses=true there are two irqs, and the IRTE of the first one cannot be told. With both=true the first vCPU blocks while the route leaves it: between its list and the write of the IRTE nothing is told (docs/findings.md).',
  parameters: { arch: 'svm', both: false, refuses: false, msis: 1 },
  script({ arch: name, both, refuses, msis }) {
    const arch = archOf('vcpu-migration', name);
    expectKnobOf('vcpu-migration', arch, { refuses: [refuses, 'svm'] });
    const irqs = numbers(refuses ? 2 : 1);
    const follows = arch === 'vmx' || arch === 'svm';
    return {
      ...system({
        arch,
        vms: [2],
        vectors: irqs.length,
        irqfds: irqs.map((gsi) => ({ vm: 0, gsi })),
        eventfds: irqs.length,
        device: { msis },
        refusesGa: refuses,
      }),
      ...tornDown(
        { arch, sleepers: ['vcpu0', 'vcpu1'] },
        {
          s0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
            step(assignIrqfd('c0', 'e0')),
            // The second irq is on the list of the vCPU that moves, behind the first.
            ...(refuses
              ? [
                  step(setGsiRouting('vm0', 'g0', 'vcpu1')),
                  step(setIrqs('p0', 'e0')),
                  step(setGsiRouting('vm0', 'g1', 'vcpu1')),
                  step(assignIrqfd('c1', 'e1')),
                  step(setIrqs('p1', 'e1')),
                ]
              : []),
          ],
          v0: refuses ? [step(clearIrqs('p0'))] : [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          ...(follows && !refuses ? { r0: [step(setGsiRouting('vm0', 'g0', 'vcpu1'))] } : {}),
          ...(both ? { w0: [step(blockVcpu('vcpu0'))] } : {}),
          w1: [step(preemptVcpu('vcpu1')), step(loadVcpu('vcpu1', { moves: true }))],
        },
        { v0: ['s0'], ...(follows && !refuses ? { r0: ['s0'] } : {}) },
        ...irqs.map((i) => deassignIrqfd(`c${i}`)),
        ...(refuses ? [clearIrqs('p1')] : []),
      ),
    };
  },
});
