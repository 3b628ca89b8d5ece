// Knob: the proposed report of a failed connect to user space, and what that can do.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, END, go, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectChoice } from '../parameters.ts';
import { archOf, irteFailures, system, tornDown } from '../system.ts';

export const reportedFailure: Scenario = defineScenario({
  id: 'reported-failure',
  title: 'A failed connect is reported to user space (proposed), which drops the device, tries again, or goes on',
  description:
    'The IRTE may refuse to be posted. With reports=true VFIO_DEVICE_SET_IRQS returns the error although the vector is set, and the VMM does as reaction=drop|retry|go-on says; with reports=false, as today, it never learns of it.',
  parameters: { arch: 'vmx', reports: true, reaction: 'retry', msis: 1 },
  script({ arch: name, reports, reaction, msis }) {
    const arch = archOf('reported-failure', name);
    expectChoice('reported-failure', 'reaction', reaction, ['drop', 'retry', 'go-on']);
    const first = step(setIrqs('p0', 'e0'));
    const programs = {
      drop: [go(first, { ok: END }), step(clearIrqs('p0'))],
      retry: [go(first, { ok: END, error: 0 })],
      'go-on': [first],
    };
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        failures: irteFailures,
        knobs: { reports },
      }),
      ...tornDown(
        { arch },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), step(assignIrqfd('c0', 'e0'))],
          v0: programs[reaction as keyof typeof programs],
        },
        { v0: ['s0'] },
        deassignIrqfd('c0'),
        clearIrqs('p0'),
      ),
    };
  },
});
