// A pool takes a worker that sleeps for one that runs.
import type { Machine } from '../engine/actors/machine.ts';
import type { WorkqueueContext } from '../machines/kernel/workqueue.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** Preempted between marking itself asleep and decrementing the count, as it may be where others wait to be run. */
const losesDecrement = (machine: Machine) =>
  changed(machine, 'sleep', (effects, { context }) =>
    (context as WorkqueueContext).pending.length > 0 ? [] : effects,
  );

export const n1: Mutation = {
  id: 'n1',
  title: 'A worker that sleeps in a shutdown job is counted as running: the job of its grace period never starts',
  source: 'report N1 (2026-03, Linux 6.18); final fix not known',
  patches: { workqueue: (machine) => ({ handlers: { sleep: losesDecrement(machine) } }) },
  shown: [
    { scenario: 'resampler', revision: 'v2p8', set: { unbound: false }, breaks: ['l-term', 'l-shut'], steps: 22 },
  ],
};
