// Unregistering a by-value copy of a registered producer.
import type { Scenario } from '../define.ts';
import { copy, registerConsumer, registerProducer, step, unregisterProducer } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const unregisterCopy: Scenario = defineScenario({
  id: 'unregister-copy',
  title: 'Unregistering a by-value copy of a registered producer',
  description:
    'The copy carries the key, the binding and the list node of the original: lists are corrupted, xarrays lose the entry of the original with a WARN.',
  callers: 'None in Linux 6.17: each embeds the struct and passes its address.',
  parameters: {},
  script: () => ({
    producers: ['p0', 'p1'],
    consumers: ['c0'],
    eventfds: ['e0'],
    threads: {
      t0: [
        step(registerProducer('p0', 'e0')),
        step(registerConsumer('c0', 'e0')),
        step(copy('p0', 'p1')),
        step(unregisterProducer('p1')),
      ],
    },
  }),
});
