// Worlds on real structures give them their keys in halves: the BigInt form of the xarray is for others.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runOnce } from '../../src/engine/traces/run-once.ts';
import { XArray } from '../../src/registry/structures/xarray.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { createScheduler } from '../../src/engine/world/schedulers.ts';

describe('a world on real structures', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each(['v2p8', 'likexu-v2', 'likexu-draft3'])('on %s asks its xarrays without BigInt', async (revision) => {
    const scenario = findScenario('pairing');
    if (scenario === undefined) throw new Error('no scenario');
    const whole = (['load', 'store', 'insert', 'erase'] as const).map((name) => vi.spyOn(XArray.prototype, name));
    const halves = [
      vi.spyOn(XArray.prototype, 'insertAt'),
      vi.spyOn(XArray.prototype, 'storeAt'),
      vi.spyOn(XArray.prototype, 'eraseAt'),
    ];
    const { world, properties } = assemble({ scenario, revision });
    const { verdict } = await runOnce(world, createScheduler('fifo', world, 1), properties, 200);
    expect(verdict).toBe('holds');
    expect(whole.flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(halves.flatMap(({ mock }) => mock.calls).length).toBeGreaterThan(0);
  });
});
