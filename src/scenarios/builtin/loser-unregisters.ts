// A caller that never clears its token unregisters after -EBUSY.
import type { Scenario } from '../define.ts';
import { registerConsumer, registerProducer, step, unregisterConsumer, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const loserUnregisters: Scenario = defineScenario({
  id: 'loser-unregisters',
  title: 'A caller that never clears its token unregisters after -EBUSY',
  description:
    "As vDPA did before v1p3: the loser's token is that of the winner, so its unregister finds the winner, disconnects its consumer and deletes a node that was never linked.",
  callers: 'vhost-vDPA until 6.16: vhost_vdpa_setup_vq_irq() left its token where the registration had failed.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0'],
    eventfds: ['e0'],
    discipline: 'raw',
    threads: {
      t0: [step(registerConsumer('c0', 'e0')), step(registerProducer('p0', 'e0'))],
      t1: [step(registerProducer('p1', 'e0')), step(unregisterProducer('p1'))],
      t2: [step(unregisterProducer('p0')), step(unregisterConsumer('c0'))],
    },
    after: { t1: ['t0'], t2: ['t1'] },
  }),
});
