// A scenario script: the owner gets the irq wrong at first and registers again with the right one.
import { defineScenario, registerConsumer, registerProducer, step, unregisterProducer } from 'irqbypass-lab';

export default defineScenario({
  id: 'late-irq',
  title: 'A producer is registered again with another irq',
  description: 'The irq is an argument from v2p8 on, a field before.',
  parameters: { irq: 40 },
  script: ({ irq }) => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [
        step(registerProducer('p0', 'e0', { irq: 0 })),
        step(unregisterProducer('p0')),
        step(registerProducer('p0', 'e0', { irq })),
        step(unregisterProducer('p0')),
      ],
      t1: [step(registerConsumer('c0', 'e0'))],
    },
  }),
  properties: ['i-keysync', 'i-pairsym', 'i-complete', 'i-nowarn', 'l-term'],
});
