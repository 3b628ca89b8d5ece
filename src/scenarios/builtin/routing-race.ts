// The guest changes its route while the pair connects, disconnects, and its irqfd goes.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectKnobOf } from '../parameters.ts';
import { archOf, system, threadsOn } from '../system.ts';
import { invoke } from '../calls.ts';

export const routingRace: Scenario = defineScenario({
  id: 'routing-race',
  title: 'Routing updates race connect, disconnect and deassign',
  description:
    'The route goes to the other vCPU, to a pin of the irqchip with the same bytes left over, and back, while VFIO sets and clears the vector and KVM assigns and deassigns the irqfd. With reached=true arm64 is as it was meant: a routing update reaches the architecture; as it is, none does, and i-irte is violated (b30).',
  parameters: { arch: 'vmx', msis: 1, reached: false },
  script({ arch: name, msis, reached }) {
    const arch = archOf('routing-race', name);
    expectKnobOf('routing-race', arch, { reached: [reached, 'arm64'] });
    return {
      ...system({
        arch,
        vms: [2],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        ...(reached ? { updatesReachArm64: true } : {}),
      }),
      threads: threadsOn(
        { arch, updatesUnmap: reached },
        {
          s0: [step(setGsiRouting('vm0', 'g0', 'vcpu0'))],
          v0: [step(setIrqs('p0', 'e0')), step(clearIrqs('p0'))],
          k0: [step(assignIrqfd('c0', 'e0')), step(deassignIrqfd('c0'))],
          r0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu1')),
            step(invoke('set_gsi_routing', 'vm0', { gsi: 'g0', vcpu: 'vcpu1', irqchip: true })),
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
          ],
        },
      ),
      after: { v0: ['s0'], k0: ['s0'], r0: ['s0'] },
    };
  },
});
