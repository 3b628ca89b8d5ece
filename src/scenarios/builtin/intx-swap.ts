// The trigger of a level interrupt is swapped and taken away while it fires.
import type { Scenario } from '../define.ts';
import { assignIrqfd, closeEventfd, deassignIrqfd, invoke, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectArch, system, tornDown } from '../system.ts';

export const intxSwap: Scenario = defineScenario({
  id: 'intx-swap',
  title: 'The trigger of INTx is swapped and taken away while it fires, is unmasked and is signalled by hand',
  description:
    'VFIO: whoever changes the trigger waits for the handler before the old eventfd is put. The VMM closes the old one at once; with hangs_up=true its irqfd is still assigned then.',
  parameters: { arch: 'vmx', hangs_up: false },
  script({ arch: name, hangs_up }) {
    const arch = expectArch('intx-swap', name, ['vmx', 'svm']);
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 0,
        intx: true,
        irqfds: [
          { vm: 0, gsi: 0 },
          { vm: 0, gsi: 1 },
        ],
        eventfds: 2,
      }),
      ...tornDown(
        { arch },
        {
          s0: [
            step(assignIrqfd('c0', 'e0')),
            step(assignIrqfd('c1', 'e1')),
            step(invoke('intx_enable', 'i0', { eventfd: 'e0' })),
          ],
          d0: [step(invoke('raise_intx', 'i0')), step(invoke('raise_intx', 'i0'))],
          v0: [
            step(invoke('intx_set_signal', 'i0', { eventfd: 'e1' })),
            ...(hangs_up ? [] : [step(deassignIrqfd('c0'))]),
            step(closeEventfd('e0')),
            step(invoke('intx_disable', 'i0')),
          ],
          u0: [
            step(invoke('intx_unmask', 'i0')),
            step(invoke('intx_loopback', 'i0')),
            step(invoke('intx_mask', 'i0')),
            step(invoke('intx_unmask', 'i0')),
          ],
        },
        { d0: ['s0'], v0: ['s0'], u0: ['s0'] },
        deassignIrqfd('c1'),
        closeEventfd('e1'),
      ),
    };
  },
});
