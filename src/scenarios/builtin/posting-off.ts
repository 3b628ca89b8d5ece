// Knob: enable_device_posted_irqs is off.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectArch, system, threadsOn } from '../system.ts';

export const postingOff: Scenario = defineScenario({
  id: 'posting-off',
  title: 'enable_device_posted_irqs is off: no irqfd registers a consumer, interrupts still arrive',
  description: 'A pair on a host whose kvm_arch_has_irq_bypass() says no. With posted=true the same calls connect.',
  parameters: { arch: 'vmx', posted: false, msis: 2 },
  script({ arch: name, posted, msis }) {
    // On arm64 kvm_arch_has_irq_bypass() always says yes.
    const arch = expectArch('posting-off', name, ['vmx', 'svm', 'powerpc']);
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        knobs: { posted },
      }),
      threads: threadsOn(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0'))],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          k0: [step(assignIrqfd('c0', 'e0')), step(deassignIrqfd('c0'))],
        },
      ),
      after: { v0: ['s0'], k0: ['s0'] },
    };
  },
});
