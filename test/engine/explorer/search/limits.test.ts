// What ends a search and what is said of it then: limits, the trend of the frontier, what kept growing.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../../../src/engine/actors/name.ts';
import { Packing } from '../../../../src/engine/explorer/store/packing.ts';
import { columnName, Growth } from '../../../../src/engine/explorer/search/growth.ts';
import { Trend } from '../../../../src/engine/explorer/search/trend.ts';
import { Watch } from '../../../../src/engine/explorer/search/watch.ts';
import { assembled } from '../../assembled.ts';

describe('the trend of the frontier', () => {
  /** Levels of so many states, a second each. */
  const after = (...levels: readonly number[]): Trend => {
    const trend = new Trend();
    for (const [second, states] of levels.entries()) trend.level(states, second);
    return trend;
  };

  it('says nothing before four levels, and while they do not shrink', () => {
    expect(after().secondsLeft(1, 0)).toBeUndefined();
    expect(after(80, 40, 20).secondsLeft(3, 0)).toBeUndefined();
    expect(after(10, 20, 40, 80).secondsLeft(4, 0)).toBeUndefined();
    expect(after(10, 10, 10, 10).secondsLeft(4, 0)).toBeUndefined();
    // Nothing is done yet.
    expect(after(80, 40, 20, 10).secondsLeft(3, 150)).toBeUndefined();
  });

  it('takes what is left for a geometric series, at the rate of the last levels', () => {
    // Halves: 150 states in 4 s, then 10 in all.
    expect(after(80, 40, 20, 10).secondsLeft(4, 0)).toBeCloseTo((10 * 4) / 150, 9);
    // Of the last level 5 are still to be done.
    expect(after(80, 40, 20, 10).secondsLeft(4, 5)).toBeCloseTo((15 * 4) / 145, 9);
    // Only the last four levels count, from when they began.
    expect(after(9, 9, 80, 40, 20, 10).secondsLeft(6, 0)).toBeCloseTo((10 * 4) / 150, 9);
    // By a third.
    expect(after(81, 27, 9, 3).secondsLeft(4, 0)).toBeCloseTo(((3 * (1 / 3)) / (2 / 3) / 120) * 4, 9);
  });
});

describe('a watch', () => {
  it('ends work at each limit, the last of several', async () => {
    const limitOf = async (limits: ConstructorParameters<typeof Watch>[0], bytesSoon?: number) => {
      const watch = new Watch(limits);
      return [await watch.look(bytesSoon), watch.limit];
    };
    const host = { memoryMiB: () => 99.6 };
    const aborted = AbortSignal.abort();
    expect(await limitOf({})).toEqual([true, undefined]);
    expect(await limitOf({ maxSeconds: 0 })).toEqual([false, 'seconds-limit']);
    expect(await limitOf({ maxSeconds: 60 })).toEqual([true, undefined]);
    expect(await limitOf({ maxMemoryMiB: 99, host })).toEqual([false, 'memory-limit']);
    expect(await limitOf({ maxMemoryMiB: 100, host })).toEqual([true, undefined]);
    expect(await limitOf({ maxMemoryMiB: 100, host }, 300_000)).toEqual([true, undefined]);
    expect(await limitOf({ maxMemoryMiB: 100, host }, 500_000)).toEqual([false, 'memory-limit']);
    expect(await limitOf({ maxMemoryMiB: 1 })).toEqual([true, undefined]);
    expect(await limitOf({ maxMemoryMiB: 1, host, signal: aborted })).toEqual([false, 'interrupted']);
  });

  it('counts the seconds before, and rounds memory', () => {
    const watch = new Watch({ host: { memoryMiB: () => 99.6 } });
    watch.secondsBefore = 100;
    expect(watch.seconds).toBeGreaterThanOrEqual(100);
    expect(watch.seconds).toBeLessThan(160);
    expect([watch.memoryMiB, new Watch({}).memoryMiB]).toEqual([100, undefined]);
  });

  it('stays at a limit', async () => {
    const watch = new Watch({ maxSeconds: 1000 });
    watch.limit = 'states-limit';
    expect([await watch.look(), watch.limit]).toEqual([false, 'states-limit']);
  });
});

describe('columns that grow', () => {
  /** Levels of rows, all packed alike. */
  function growthOf(levels: readonly (readonly (readonly number[])[])[]): Growth {
    const all = levels.flat().map((row) => Uint16Array.from(row));
    const packing = new Packing(all[0] as Uint16Array);
    for (const row of all) packing.learn(row);
    packing.widen();
    const rows = new Int32Array(all.length * packing.words);
    for (const [id, row] of all.entries()) packing.pack(row, rows, id * packing.words);
    const growth = new Growth(packing);
    let from = 0;
    for (const [depth, level] of levels.entries()) {
      growth.level(depth, rows, from, from + level.length);
      from += level.length;
    }
    return growth;
  }

  const { world } = assembled('manager', { revision: 'base' });
  const named = (growth: Growth, depth: number) =>
    growth.growing(world, depth).map(({ name, values }) => [name, values]);
  const [first, second] = [0, 1].map((column) => columnName(world, column)) as [string, string];

  it('are those with eight values, of which one is new in the last tenth of the levels, most values first', () => {
    // A new value a level; two a level; seven in all; nine, but none after level 8; none.
    const levels = Array.from({ length: 20 }, (_, depth) =>
      [0, 1].map((which) => [depth, 2 * depth + which, Math.max(0, depth - 13), Math.min(depth, 8), 0]),
    );
    const growth = growthOf(levels);
    expect(named(growth, 19)).toEqual([
      [second, 40],
      [first, 20],
    ]);
    // At level 8 it was still among them.
    expect(named(growth, 8)).toHaveLength(3);
    expect(named(growthOf(levels.slice(0, 7)), 6)).toEqual([[second, 14]]);
    expect(named(growthOf(levels.slice(0, 8)), 7).map(([name]) => name)).toContain(first);
    expect(named(growth, 22)).toEqual([]);
    expect(named(growth, 21)).toHaveLength(2);
  });

  it('are looked at in a sample of large levels', () => {
    const level = Array.from({ length: 1024 }, (_, i) => [i, i % 2, 0]);
    // Every fourth of them: 256 values, and never an odd one.
    expect(named(growthOf([level]), 0)).toEqual([[first, 256]]);
  });

  it('are the same where a search goes on', () => {
    const levels = Array.from({ length: 20 }, (_, depth) => [[depth, Math.min(depth, 9), 0]]);
    const [whole, resumed] = [growthOf(levels), growthOf([[[0, 0, 0]]])];
    resumed.adopt(whole.snapshot);
    expect(resumed.snapshot).toEqual(whole.snapshot);
    expect(whole.snapshot.lastGrown).toEqual([19, 9, 0]);
    expect([9, 10, 19, 22].map((depth) => named(resumed, depth))).toEqual(
      [9, 10, 19, 22].map((depth) => named(whole, depth)),
    );
    expect(named(resumed, 10)).toEqual([
      [first, 20],
      [second, 10],
    ]);
  });

  it('have names: local states, cells, families, messages', () => {
    const { layout, values, operations, actors } = world;
    const key = layout.cells.get(values.id('p0' as Name))?.[operations.cell('key')] ?? -1;
    const producers = layout.families[operations.families.findIndex(({ id }) => id === 'producers')];
    const [start, count] = [producers?.start ?? -1, producers?.family.columns.length ?? 0];
    const registry = world.channel(world.actor('registry'));
    expect([columnName(world, world.actor('registry')), columnName(world, key)]).toEqual([
      'local state of registry',
      'p0.key',
    ]);
    expect([start, start + count - 1].map((column) => columnName(world, column))).toEqual(['producers', 'producers']);
    expect(columnName(world, start + count)).not.toBe('producers');
    expect([registry.start, registry.start + registry.slots - 1].map((column) => columnName(world, column))).toEqual([
      'messages of registry',
      'messages of registry',
    ]);
    expect(columnName(world, actors.length - 1)).toBe(`local state of ${String(actors.at(-1)?.address)}`);
  });
});
