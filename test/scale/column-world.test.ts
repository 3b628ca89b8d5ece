// A world in columns and an ordinary world, step by step the same; and one that is larger than an ordinary world can be.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/machines/manager/protocol.ts';
import { name } from '../../src/machines/manager/protocol.ts';
import { findRevision, revisions } from '../../src/registry/revisions.ts';
import type { StormStep } from '../../src/scale/scale-run.ts';
import { Storm } from '../../src/scale/scale-run.ts';
import type { Choice, Row } from '../../src/engine/world/world.ts';
import { World } from '../../src/engine/world/world.ts';

const policyOf = (id: string): World['definition']['policy'] => {
  const found = findRevision(id);
  if (found === undefined) throw new Error(id);
  return found.policy;
};
const numbered = (letter: string, count: number): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${letter}${i}` }));

function ordinary(revision: string, irqfds: number, threads: number): World {
  return new World({
    policy: policyOf(revision),
    discipline: 'clean',
    producers: numbered('p', irqfds),
    consumers: numbered('c', irqfds),
    eventfds: numbered('e', irqfds).map((eventfd) => eventfd.name),
    callers: numbered('t', threads).map((thread) => ({ ...thread, program: 'open' as const })),
    allocationFaults: false,
  });
}

/** The choice of an ordinary world that is a step of a storm. */
function choiceOf(world: World, row: Row, step: StormStep): Choice {
  if (step.kind === 'call') {
    const { op, thread, struct, eventfd } = step;
    const object = name(`${op.endsWith('producer') ? 'p' : 'c'}${struct}`);
    const key = op.startsWith('register') ? { eventfd: name(`e${eventfd}`) } : {};
    return world.call(name(`t${thread}`), { type: 'call', call: { op, object, ...key }, next: { ok: 0, error: 0 } });
  }
  const actor = step.kind === 'take' ? world.actor(name(`t${step.thread}`)) : world.actor('registry');
  const column = world.channel(actor).start;
  return { event: (row[column] ?? 0) - 1, column };
}

/** Runs both in lock step; answers the number of steps. */
function lockStep(revision: string, irqfds: number, threads: number, seed: number): number {
  const world = ordinary(revision, irqfds, threads);
  const storm = new Storm({ policy: policyOf(revision), irqfds, threads, seed });
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
          expect(steps).toBe(20 * irqfds);
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
