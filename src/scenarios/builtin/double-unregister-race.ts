// Two threads unregister one producer while a newcomer takes its eventfd.
import type { Scenario } from '../define.ts';
import {
  producerThread,
  registerConsumer,
  registerProducer,
  step,
  unregisterConsumer,
  unregisterProducer,
} from '../calls.ts';
import { defineScenario } from '../define.ts';

export const doubleUnregisterRace: Scenario = defineScenario({
  id: 'double-unregister-race',
  title: 'Two threads unregister one producer while a newcomer takes its eventfd',
  description:
    'Both pass the unlocked test. v1p5 and v1p6 delete the list node twice; v1p7 warns; from v2p7 on the second one erases at its stale index and evicts the newcomer.',
  callers:
    'None in Linux 6.17: VFIO unregisters with vdev->igate held, KVM in the one shutdown work of an irqfd (irqfd_deactivate()). A caller that relies on the lock of the manager alone can.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerProducer('p0', 'e0'))],
      t1: [step(registerConsumer('c0', 'e0'))],
      t2: [step(unregisterProducer('p0'))],
      t3: [step(unregisterProducer('p0'))],
      t4: producerThread('p1', 'e0'),
      t5: [step(unregisterConsumer('c0'))],
    },
    after: { t2: ['t0', 't1'], t3: ['t0', 't1'], t4: ['t0', 't1'], t5: ['t2', 't3', 't4'] },
  }),
});
