// What is measured: that every figure is there where it can be, and absent, not 0, where it cannot.
import { describe, expect, it } from 'vitest';
import { inOrder, KeyLayout, layoutNames } from '../../src/scale/layouts.ts';
import type { Measurement, MeasureOptions } from '../../src/scale/measure.ts';
import { measure } from '../../src/scale/measure.ts';
import type { ContestantId } from '../../src/scale/structures.ts';

const small = (contestants: readonly ContestantId[], more: Partial<MeasureOptions> = {}): Promise<Measurement> =>
  measure({ contestants, irqfds: [40, 900], layout: 'pages', producers: 'none', seed: 1, secondsEach: 0.005, ...more });

describe('a measurement', () => {
  it('has all three patterns: one more, a random one, from nothing and back', async () => {
    const { series, isComplete } = await small(['list', 'xarray', 'lean']);
    expect([isComplete, series.length]).toEqual([true, 6]);
    for (const { oneMore, random, fromEmpty } of series) {
      expect([oneMore > 0, random > 0, (fromEmpty ?? 0) > 0]).toEqual([true, true, true]);
    }
  });

  it('leaves out N walks of a list where they would take too long', async () => {
    const { series } = await small(['list', 'xarray'], { irqfds: [30_000] });
    expect(series.map(({ index, fromEmpty }) => [index, fromEmpty !== undefined])).toEqual([
      ['list', false],
      ['xarray', true],
    ]);
  });

  it('knows the bytes here of typed arrays, the same each time, and of nothing else', async () => {
    const bytes = async (): Promise<readonly (number | undefined)[]> =>
      (await small(['list', 'hashtable', 'xarray', 'lean'])).series.map(({ processBytes }) => processBytes);
    const found = await bytes();
    expect(await bytes()).toEqual(found);
    // Two sizes each: lists and hash tables are objects of the heap.
    const isKnown = [false, false, false, false, true, true, true, true];
    expect(found.map((value) => value !== undefined && value > 0)).toEqual(isKnown);
  });

  it.each([
    ['none', 900, 0, 0],
    ['half', 1350, 900, 450],
    ['all', 1800, 1800, 900],
  ] as const)('with producers for %s: all consumers, those of VMs with a device, none', async (producers, ...sizes) => {
    const { series } = await small(['xarray', 'opt-out', 'posted-irqs-off'], { irqfds: [900], producers });
    expect(series.map(({ objects }) => objects)).toEqual(sizes);
  });

  it('ends with what it has when it is asked to stop', async () => {
    let asked = 0;
    const { isComplete, series } = await small(['list', 'xarray'], { shouldStop: () => ++asked > 2 });
    expect([isComplete, series.length < 4]).toEqual([false, true]);
  });

  it('lets the event loop run while a million structs are made', async () => {
    let isHeard = false;
    const timer = setTimeout(() => (isHeard = true), 50);
    const { isComplete, series } = await small(['xarray'], { irqfds: [2_000_000], shouldStop: () => isHeard });
    clearTimeout(timer);
    expect([isComplete, series]).toEqual([false, []]);
  });
});

describe.each(layoutNames)('the order of addresses, %s', (name) => {
  it('is ascending and has every number once', () => {
    const layout = new KeyLayout(name, 3);
    const slots = Int32Array.from({ length: 5000 }, (_, i) => layout.slot(i));
    const order = [...inOrder(slots)];
    expect(order.map((i) => slots[i])).toEqual([...slots].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(5000);
  });
});
