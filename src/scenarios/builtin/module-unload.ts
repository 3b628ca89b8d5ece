// irqbypass.ko is being unloaded: try_module_get() may fail.
import type { Scenario } from '../define.ts';
import { consumerThread, free, go, oneOf, registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const moduleUnload: Scenario = defineScenario({
  id: 'module-unload',
  title: 'irqbypass.ko is being unloaded: try_module_get() may fail',
  description:
    'Before v1p1 an unregister that cannot get a module reference returns silently and leaves the object registered; its owner frees it all the same. The series dropped the references: they could not help.',
  callers: 'Every caller of Linux 4.4 to 6.16, while irqbypass.ko is being unloaded.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [
        go(oneOf(registerProducer('p0', 'e0'), registerProducer('p0', 'e0', { moduleGet: 'fails' })), { error: 2 }),
        oneOf(unregisterProducer('p0'), unregisterProducer('p0', { moduleGet: 'fails' })),
        step(free('p0')),
      ],
      t1: consumerThread('c0', 'e0'),
    },
  }),
});
