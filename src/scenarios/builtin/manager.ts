// Every producer and consumer registers and unregisters for ever.
import type { StructDefinition } from '../define.ts';
import type { Scenario } from '../define.ts';
import {
  go,
  oneOf,
  registerConsumer,
  registerProducer,
  step,
  unregisterConsumer,
  unregisterProducer,
} from '../calls.ts';
import { defineScenario, fallible } from '../define.ts';

function members(letter: string, count: number, faults: boolean): StructDefinition[] {
  return Array.from({ length: count }, (_, i) => (faults ? fallible(`${letter}${i}`) : { name: `${letter}${i}` }));
}

export const manager: Scenario = defineScenario({
  id: 'manager',
  title: 'Every producer and consumer registers and unregisters for ever',
  description:
    'Each chooses an eventfd, registers, unregisters if that worked, and starts again; with faults every add_consumer and add_producer may fail. The system that Spin and Rumur are measured on.',
  parameters: { producers: 2, consumers: 2, eventfds: 2, faults: true },
  script: ({ producers, consumers, eventfds, faults }) => ({
    producers: members('p', producers, faults),
    consumers: members('c', consumers, faults),
    eventfds: members('e', eventfds, false).map((eventfd) => eventfd.name),
    interchangeable: [
      members('p', producers, false).map((p, i) => [p.name, `t${i}`]),
      members('c', consumers, false).map((c, i) => [c.name, `t${producers + i}`]),
      members('e', eventfds, false).map((e) => [e.name]),
    ],
    threads: Object.fromEntries([
      ...members('p', producers, false).map((p, i) => [
        `t${i}`,
        [
          go(oneOf(...members('e', eventfds, false).map((e) => registerProducer(p.name, e.name))), { error: 0 }),
          go(step(unregisterProducer(p.name)), { ok: 0 }),
        ],
      ]),
      ...members('c', consumers, false).map((c, i) => [
        `t${producers + i}`,
        [
          go(oneOf(...members('e', eventfds, false).map((e) => registerConsumer(c.name, e.name))), { error: 0 }),
          go(step(unregisterConsumer(c.name)), { ok: 0 }),
        ],
      ]),
    ]),
  }),
});
