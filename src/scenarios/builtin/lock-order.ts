// Two mutexes that are always taken in one order, under a third one.
import type { Scenario } from '../define.ts';
import { invoke, step } from '../calls.ts';
import { defineScenario } from '../define.ts';

const nested = (...names: string[]) => [
  ...names.map((name) => step(invoke('mutex_lock', name))),
  ...names.toReversed().map((name) => step(invoke('mutex_unlock', name))),
];

export const lockOrder: Scenario = defineScenario({
  id: 'lock-order',
  title: 'Two mutexes that are always taken in one order, under a third one',
  description: 'The third one keeps threads from meeting: a wrong order hangs nobody, and is reported all the same.',
  parameters: { threads: 2 },
  script: ({ threads }) => ({
    actors: ['m0', 'm1', 'm2'].map((name) => ({ name, machine: 'mutex' })),
    threads: Object.fromEntries(Array.from({ length: threads }, (_, i) => [`t${i}`, nested('m0', 'm1', 'm2')])),
  }),
});
