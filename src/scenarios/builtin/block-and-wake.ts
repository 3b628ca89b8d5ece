// A vCPU blocks while the first device of its VM arrives.
import type { Scenario } from '../define.ts';
import { assignIrqfd, blockVcpu, clearIrqs, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectKnobOf } from '../parameters.ts';
import { archOf, system, threadsOn } from '../system.ts';

export const blockAndWake: Scenario = defineScenario({
  id: 'block-and-wake',
  title: 'A vCPU blocks, and the first device of its VM arrives: who wakes it?',
  description:
    'The guest halts, twice, while VFIO and KVM connect the first pair of the VM and the device raises MSIs. VMX has to change the notification vector of a vCPU that sleeps already: pi_start_bypass(). With unplug=true the device goes meanwhile: violated, an open question (docs/findings.md), unless IPIs are virtualised, with ipiv=true.',
  parameters: { arch: 'vmx', unplug: false, ipiv: false, msis: 2 },
  script({ arch: name, unplug, ipiv, msis }) {
    const arch = archOf('block-and-wake', name);
    expectKnobOf('block-and-wake', arch, { ipiv: [ipiv, 'vmx'] });
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        knobs: { ipiv },
      }),
      threads: threadsOn(
        { arch, sleepers: ['vcpu0'] },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0'))],
          v0: [step(setIrqs('p0', 'e0')), ...(unplug ? [step(clearIrqs('p0'))] : [])],
          w0: [step(blockVcpu('vcpu0')), step(blockVcpu('vcpu0'))],
        },
      ),
      after: { v0: ['s0'] },
    };
  },
});
