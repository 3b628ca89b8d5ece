// Schedulers: the same seed gives the same run; different seeds reach different orders.
import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import { createScheduler, schedulerNames } from '../../../src/engine/world/schedulers.ts';
import type { SchedulerName } from '../../../src/engine/world/schedulers.ts';

async function choices(id: string, scheduler: SchedulerName, seed: number): Promise<{ path: string; verdict: string }> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  const { world, properties } = assemble({ scenario });
  const { trace, verdict } = await runOnce(world, createScheduler(scheduler, world, seed), properties, 100);
  return { path: trace.map(({ choice }) => choice).join(), verdict };
}

describe('schedulers', () => {
  for (const scheduler of schedulerNames) {
    it(`${scheduler}: the same seed gives the same run`, async () => {
      for (const seed of [0, 1, 7, 0xffff_ffff])
        expect(await choices('manager', scheduler, seed)).toEqual(await choices('manager', scheduler, seed));
    });
  }

  it.each(['random', 'pct'] as const)('%s: seeds differ', async (scheduler) => {
    const runs = await Promise.all(Array.from({ length: 20 }, (_, seed) => choices('manager', scheduler, seed)));
    expect(new Set(runs.map(({ path }) => path)).size).toBeGreaterThan(10);
  });

  it('fifo lets threads take turns, so that a pair is connected', async () => {
    expect((await choices('pairing', 'fifo', 1)).path.split(',').length).toBeGreaterThan(8);
  });

  it.each(['random', 'pct'] as const)('%s finds the double unregister race within 50 seeds', async (scheduler) => {
    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, seed) => choices('double-unregister-race', scheduler, seed)),
    );
    expect(runs.map(({ verdict }) => verdict)).toContain('violated');
  });
});
