// Layouts of keys: aligned, distinct, where they should be, the same again with the same seed.
import { describe, expect, it } from 'vitest';
import { addressesOf, KeyLayout, layoutNames } from '../../src/scale/layouts.ts';

const COUNT = 20_000;
const addresses = (name: (typeof layoutNames)[number], seed: number): bigint[] => {
  const layout = new KeyLayout(name, seed);
  return Array.from({ length: COUNT }, (_, i) => KeyLayout.address(layout.slot(i)));
};
const BASE = 0xffff_8881_0000_0000n;

describe.each(layoutNames)('%s', (name) => {
  it('has distinct addresses, 64-byte aligned, within 64 GiB', () => {
    const found = addresses(name, 7);
    expect(new Set(found).size).toBe(COUNT);
    expect(found.every((address) => address % 64n === 0n && address >= BASE && address < BASE + (1n << 36n))).toBe(
      true,
    );
  });

  it('is the same for the same seed', () => {
    expect(addresses(name, 7)).toEqual(addresses(name, 7));
    if (name !== 'dense') expect(addresses(name, 7)).not.toEqual(addresses(name, 8));
  });

  it('has halves that make up the address', () => {
    const { high, low } = addressesOf(name, 7, 100);
    const joined = Array.from(
      { length: 100 },
      (_, i) => (BigInt((high[i + 1] ?? 0) >>> 0) << 32n) | BigInt((low[i + 1] ?? 0) >>> 0),
    );
    expect(joined).toEqual(addresses(name, 7).slice(0, 100));
    expect([high[0], low[0]]).toEqual([0, 0]);
  });

  it('has contexts beyond that share nothing with those before', () => {
    const layout = new KeyLayout(name, 7);
    const pages = new Set(Array.from({ length: 100 }, (_, i) => Math.floor(layout.slot(i) / 64)));
    const slots = new Set(Array.from({ length: 100 }, (_, i) => layout.slot(i)));
    const beyond = Array.from({ length: 10 }, (_, i) => layout.slot(layout.beyond(100, i)));
    expect(beyond.some((slot) => slots.has(slot))).toBe(false);
    if (name === 'pages') expect(beyond.some((slot) => pages.has(Math.floor(slot / 64)))).toBe(false);
  });
});

describe('pages', () => {
  it('are whole: 64 contexts in each', () => {
    const counts = new Map<bigint, number>();
    for (const address of addresses('pages', 7)) counts.set(address >> 12n, (counts.get(address >> 12n) ?? 0) + 1);
    expect([...counts.values()].filter((count) => count !== 64)).toEqual([COUNT % 64]);
  });
});
