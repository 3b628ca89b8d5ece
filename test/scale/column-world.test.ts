// A world in columns and an ordinary world, step by step the same; and one that is larger than an ordinary world can be.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/engine/actors/effects.ts';
import { patched } from '../../src/engine/actors/machine.ts';
import { name } from '../../src/engine/actors/name.ts';
import type { Choice, Row } from '../../src/engine/world/world.ts';
import { World } from '../../src/engine/world/world.ts';
import type { Policy } from '../../src/machines/manager/policy.ts';
import { mNoDisconnect } from '../../src/mutations/m-no-disconnect.ts';
import { findRevision, revisions } from '../../src/registry/revisions.ts';
import type { StormStep } from '../../src/scale/scale-run.ts';
import { Storm } from '../../src/scale/scale-run.ts';
import { build } from '../../src/scenarios/build.ts';
import { machinesOf } from '../../src/scenarios/machines.ts';

const policyOf = (id: string): Policy => {
  const found = findRevision(id);
  if (found === undefined) throw new Error(id);
  return found.policy;
};
const numbered = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

function ordinary(revision: string, irqfds: number, threads: number): World {
  const policy = policyOf(revision);
  const names = (letter: string): string[] => numbered(letter, irqfds);
  const definition = build({ producers: names('p'), consumers: names('c'), eventfds: names('e') }, policy);
  const { thread: machine } = machinesOf(policy, 'clean');
  const callers = numbered('t', threads).map((thread) => ({ name: thread, machine }));
  return new World({ ...definition, actors: [...definition.actors, ...callers] });
}

/** The choice of an ordinary world that is a step of a storm. */
function choiceOf(world: World, row: Row, step: StormStep): Choice {
  if (step.kind === 'call') {
    const { op, thread, struct, eventfd } = step;
    const object = name(`${op.endsWith('producer') ? 'p' : 'c'}${struct}`);
    const key = op.startsWith('register') ? { eventfd: name(`e${eventfd}`) } : {};
    const call = { op, object, ...key };
    return world.call(name(`t${thread}`), { type: 'call', how: 'call', call, next: { ok: 0, error: 0 } });
  }
  const actor = step.kind === 'take' ? world.actor(name(`t${step.thread}`)) : world.actor('registry');
  const column = world.channel(actor).start;
  return { event: (row[column] ?? 0) - 1, column };
}

/** From 5.9 to 5.12 every connect runs del_consumer once more: that is a violation, where it is looked for. */
const delConsumerTwice = (revision: string): boolean => policyOf(revision).afterStart === 'del_consumer';

/** Runs both in lock step; answers the number of steps. */
function lockStep(revision: string, irqfds: number, threads: number, seed: number): number {
  const world = ordinary(revision, irqfds, threads);
  const checks = delConsumerTwice(revision) ? { checks: [] } : {};
  const storm = new Storm({ policy: policyOf(revision), irqfds, threads, seed, ...checks });
  let row = world.initial();
  const observed: Observation[] = [];
  storm.world.observed = observed;
  for (;;) {
    observed.length = 0;
    const step = storm.step();
    if (step === null) return storm.steps;
    const taken = world.step(row, choiceOf(world, row, step));
    expect(observed).toEqual(taken.observations);
    row = taken.row;
  }
}

describe('a world in columns', () => {
  it('does in every step what an ordinary world does', () => {
    fc.assert(
      fc.property(
        // The hash table patch corrupts its memory: the next test.
        fc.constantFrom(...revisions.map(({ id }) => id).filter((id) => id !== 'longpeng-hlist')),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (revision, irqfds, threads, seed) => {
          const steps = lockStep(revision, irqfds, Math.min(threads, irqfds), seed);
          // 4 calls, each taken by the registry, and twice 6 callbacks: a connect and a disconnect.
          expect(steps).toBe((delConsumerTwice(revision) ? 21 : 20) * irqfds);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sees the corruption that the hash table patch leads to', () => {
    const storm = new Storm({ policy: policyOf('longpeng-hlist'), irqfds: 4, threads: 2, seed: 1 });
    const observed: Observation[] = [];
    storm.world.observed = observed;
    storm.run(1000);
    expect(storm.isCorrupted).toBe(true);
    expect(observed.at(-1)).toMatchObject({ kind: 'corruption' });
    expect(storm.violation).toMatchObject({ property: 'i-nocorrupt' });
  });

  it.each(['linux-5.9', 'base'])('looks for a del_consumer that was not called for: %s', (revision) => {
    const storm = new Storm({ policy: policyOf(revision), irqfds: 4, threads: 2, seed: 1, checks: ['i-adddel'] });
    while (storm.run(1000));
    expect(storm.violation?.property).toBe(revision === 'base' ? undefined : 'i-adddel');
  });

  it('runs a registry with a bug', () => {
    const policy = policyOf('v2p8');
    const { registry } = machinesOf(policy, 'clean');
    const patch = mNoDisconnect.patches?.['registry'];
    if (patch === undefined) throw new Error('no bug of the registry');
    const registryMachine = patched(registry, patch(registry));
    const storm = new Storm({ policy, registryMachine, irqfds: 4, threads: 2, seed: 1 });
    while (storm.run(1000));
    expect(storm.violation?.property).toBe('i-adddel');
  });

  it('needs the machines no more often for more actors', () => {
    const calls = [10, 1000].map((irqfds) => {
      const storm = new Storm({ policy: policyOf('v2p8'), irqfds, threads: 4, seed: 1 });
      while (storm.run(1000));
      return storm.world.machineCalls;
    });
    expect(calls[1]).toBe(calls[0]);
  });

  it('is larger than an ordinary world can be, and leaves nothing behind', () => {
    const irqfds = 40_000;
    const storm = new Storm({ policy: policyOf('v2p8'), irqfds, threads: 144, seed: 1 });
    while (storm.run(100_000));
    expect([storm.steps, storm.world.messages]).toEqual([20 * irqfds, 40 * irqfds]);
    const [producers, consumers] = storm.world.memory.sets;
    expect([producers.size, consumers.size, producers.nodes, consumers.nodes]).toEqual([0, 0, 0, 0]);
    expect(storm.peakNodes).toBeGreaterThan(irqfds);
    expect([storm.violation, storm.world.moduleReferences]).toEqual([null, 0]);
  });

  it('connects every pair before it unregisters the first, and says where one is not', () => {
    const storm = new Storm({ policy: policyOf('v2p8'), irqfds: 10, threads: 3, seed: 1 });
    while (storm.calls <= 20) storm.step();
    expect(storm.world.registered()).toEqual([10, 10]);
    // What nobody heard of did not happen: the check in between is not about sets alone.
    const deaf = new Storm({ policy: policyOf('v2p8'), irqfds: 3, threads: 1, seed: 1 });
    deaf.world.onlooker = { connected: () => {}, disconnected: () => {}, noted: () => {} };
    while (deaf.run(100));
    expect(deaf.violation).toMatchObject({
      property: 'i-complete',
      message: expect.stringMatching(/^p0 and c0 .* not connected$/) as string,
    });
  });

  it('takes the same steps again with the same seed, and others with another', () => {
    const stepsOf = (seed: number): (StormStep | null)[] => {
      const storm = new Storm({ policy: policyOf('v2p8'), irqfds: 20, threads: 4, seed });
      return Array.from({ length: 100 }, () => storm.step());
    };
    expect(stepsOf(1)).toEqual(stepsOf(1));
    expect(stepsOf(1)).not.toEqual(stepsOf(2));
  });
});
