// The call eventfd of a live virtqueue is swapped, and the old one goes.
import type { Scenario } from '../define.ts';
import {
  allocateEventfd,
  assignIrqfd,
  closeEventfd,
  deassignIrqfd,
  openVdpa,
  releaseVdpa,
  setDriverOk,
  setGsiRouting,
  setVringCall,
  step,
} from '../calls.ts';
import { defineScenario } from '../define.ts';
import { archOf, system, tornDown } from '../system.ts';

export const vdpaSwap: Scenario = defineScenario({
  id: 'vdpa-swap',
  title: 'The call eventfd of a live vDPA virtqueue is swapped; the old one is closed, its memory handed out again',
  description:
    'The queue is ready and posted when VHOST_SET_VRING_CALL brings another eventfd. The VMM closes the first one and gets a new one at the same address, for the irqfd that it had on it. Then the device is released, opened again, and set up once more.',
  parameters: { arch: 'vmx', msis: 1, shared: false, zero: false },
  script({ arch: name, msis, shared, zero }) {
    const arch = archOf('vdpa-swap', name);
    return {
      ...system({
        arch,
        vms: [2],
        vectors: 1,
        queue: { sharesIrq: shared, irqIsZero: zero },
        irqfds: [
          { vm: 0, gsi: 0 },
          { vm: 0, gsi: 1 },
        ],
        eventfds: 2,
        device: { msis },
      }),
      ...tornDown(
        { arch },
        {
          s0: [
            step(setGsiRouting('vm0', 'g0', 'vcpu0')),
            step(setGsiRouting('vm0', 'g1', 'vcpu1')),
            step(openVdpa('q0')),
            step(setVringCall('q0', 'e0')),
            step(setDriverOk('q0')),
          ],
          k0: [step(assignIrqfd('c0', 'e0'))],
          k1: [step(assignIrqfd('c1', 'e1'))],
          v0: [
            step(setVringCall('q0', 'e1')),
            step(closeEventfd('e0')),
            step(allocateEventfd('e0')),
            step(assignIrqfd('c0', 'e0')),
            step(releaseVdpa('q0')),
            step(openVdpa('q0')),
            step(setVringCall('q0', 'e0')),
            step(setDriverOk('q0')),
            step(releaseVdpa('q0')),
          ],
        },
        { k0: ['s0'], k1: ['s0'], v0: ['k0'] },
        deassignIrqfd('c0'),
        deassignIrqfd('c1'),
      ),
    };
  },
});
