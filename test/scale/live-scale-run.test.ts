// A storm of real XState actors takes the steps of a storm in columns, and its host does not grow with its actors.
import { isLong } from '../sample.ts';
import { createActor } from 'xstate';
import { describe, expect, it, vi } from 'vitest';
import type { Observation } from '../../src/engine/actors/effects.ts';
import { LiveHost } from '../../src/engine/world/live-host.ts';
import { LocalTransitions } from '../../src/engine/world/local-transitions.ts';
import { World } from '../../src/engine/world/world.ts';
import type { Policy } from '../../src/machines/manager/policy.ts';
import { findRevision, revisions } from '../../src/registry/revisions.ts';
import { LiveStorm } from '../../src/scale/live-scale-run.ts';
import { Storm } from '../../src/scale/scale-run.ts';
import { machinesOf } from '../../src/scenarios/machines.ts';

vi.mock('xstate', { spy: true });

const policyOf = (id: string): Policy => {
  const found = findRevision(id);
  if (found === undefined) throw new Error(id);
  return found.policy;
};

describe('a storm of live actors', () => {
  it.each(revisions.map(({ id }) => id))('does on %s in every step what a storm in columns does', (revision) => {
    const size = { policy: policyOf(revision), irqfds: 7, threads: 3, seed: 5 };
    const columns = new Storm(size);
    const live = new LiveStorm(size);
    for (let step = columns.step(); step !== null; step = columns.step()) {
      const seen: [Observation[], Observation[]] = [[], []];
      [columns.world.observed, live.world.observed] = seen;
      expect(live.step()).toEqual(step);
    }
    expect(live.step()).toBe(null);
    expect([live.violation, live.steps, live.world.messages]).toEqual([
      columns.violation,
      columns.steps,
      columns.world.messages,
    ]);
    live.stop();
  });

  it('observes what a storm in columns observes', () => {
    const size = { policy: policyOf('v2p8'), irqfds: 5, threads: 2, seed: 2 };
    const columns = new Storm(size);
    const live = new LiveStorm(size);
    [columns.world.observed, live.world.observed] = [[], []];
    while (columns.run(100));
    while (live.run(100));
    expect(live.world.observed).toEqual(columns.world.observed);
    live.stop();
  });

  it('finds what a revision breaks', () => {
    const checks = ['i-adddel'] as const;
    const live = new LiveStorm({ policy: policyOf('linux-5.9'), irqfds: 5, threads: 2, seed: 1, checks });
    while (live.run(100));
    expect(live.violation).toMatchObject({ property: 'i-adddel' });
    live.stop();
  });

  it.runIf(isLong)('has more names than a row holds, and every actor is one of createActor()', () => {
    const created = vi.mocked(createActor);
    created.mockClear();
    const irqfds = 22_000;
    const live = new LiveStorm({ policy: policyOf('v2p8'), irqfds, threads: 4, seed: 1 });
    expect(live.run(200)).toBe(true);
    expect(created).toHaveBeenCalledTimes(live.actors);
    // Machines are provided with their actions once, not for each actor: that was most of an actor's memory.
    // Registry, producer, consumer, eventfd, thread.
    expect(new Set(created.mock.calls.map(([logic]) => logic)).size).toBe(5);
    expect(() => live.world.host.row()).toThrow(/has no rows/);
    live.stop();
  });

  it('enters nothing in the tables of its world', () => {
    const live = new LiveStorm({ policy: policyOf('v2p8'), irqfds: 5, threads: 2, seed: 1 });
    const interned = (['internEvent', 'internLocal'] as const).map((intern) =>
      vi.spyOn(LocalTransitions.prototype, intern),
    );
    while (live.run(100));
    expect([live.violation, ...interned.map(({ mock }) => mock.calls.length)]).toEqual([null, 0, 0]);
    live.stop();
  });
});

describe('a world without rows', () => {
  it('has no initial row', () => {
    const { thread, registry } = machinesOf(policyOf('v2p8'), 'clean');
    const world = new World({
      actors: [
        { name: 'registry', machine: registry },
        { name: 't0', machine: thread },
      ],
      holdsRows: false,
    });
    expect(() => world.initial()).toThrow(/only hosted live/);
    expect(new LiveHost(world).choices()).toEqual([]);
  });
});
