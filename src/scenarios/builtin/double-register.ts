// Registering one struct twice, one call after the other.
import type { Scenario } from '../define.ts';
import { consumerThread, registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const doubleRegister: Scenario = defineScenario({
  id: 'double-register',
  title: 'Registering one struct twice, one call after the other',
  description: '-EBUSY before v1p3; a WARN and -EINVAL from then on. The first registration is not disturbed.',
  callers:
    'None in Linux 6.17: VFIO allocates a producer for each registration, KVM a consumer for each irqfd, and vhost-vDPA unregisters before it registers again.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [step(registerProducer('p0', 'e0')), step(registerProducer('p0', 'e0')), step(unregisterProducer('p0'))],
      t1: consumerThread('c0', 'e0'),
    },
  }),
});
