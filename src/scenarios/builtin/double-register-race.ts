// Two threads register one producer under two eventfds.
import type { Scenario } from '../define.ts';
import { registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const doubleRegisterRace: Scenario = defineScenario({
  id: 'double-register-race',
  title: 'Two threads register one producer under two eventfds',
  description:
    'Both pass the unlocked test. The list revisions from v1p3 on add one node twice; the xarray revisions put the struct under two keys, and only one of them is ever erased.',
  callers:
    'None in Linux 6.17: VFIO registers with vdev->igate held, KVM in the ioctl that made the irqfd. A caller that relies on the lock of the manager alone can.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    eventfds: ['e0', 'e1'],
    threads: {
      t0: [step(registerProducer('p0', 'e0'))],
      t1: [step(registerProducer('p0', 'e1'))],
      t2: [step(unregisterProducer('p0'))],
    },
    after: { t2: ['t0', 't1'] },
  }),
});
