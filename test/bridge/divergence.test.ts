// Where two observations differ: paths, not whole states.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differencesOf } from '../../src/bridge/divergence.ts';

it('names each value that differs by its path', () => {
  const expected = { c0: { value: 'free', context: { irq: 1, peers: ['p0'] } }, gone: 1 };
  const actual = { c0: { value: 'free', context: { irq: 2, peers: ['p1', 'p0'] } }, more: null };
  expect(differencesOf(expected, actual)).toEqual([
    { path: 'c0.context.irq', expected: 1, actual: 2 },
    { path: 'c0.context.peers.0', expected: 'p0', actual: 'p1' },
    { path: 'c0.context.peers.1', expected: undefined, actual: 'p0' },
    { path: 'gone', expected: 1, actual: undefined },
    { path: 'more', expected: undefined, actual: null },
  ]);
});

it('a value of another kind is one difference', () => {
  expect(differencesOf('lock', { lock: 1 })).toEqual([{ path: '', expected: 'lock', actual: { lock: 1 } }]);
  expect(differencesOf([], {})).toHaveLength(1);
});

it('there is none exactly where JSON is the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const copy: unknown = JSON.parse(JSON.stringify(one));
      const again: unknown = JSON.parse(JSON.stringify(other));
      expect(differencesOf(copy, JSON.parse(JSON.stringify(one)))).toEqual([]);
      const isSame = JSON.stringify(sorted(copy)) === JSON.stringify(sorted(again));
      expect(differencesOf(copy, again).length === 0).toBe(isSame);
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { map: entries.map(([key, item]) => [key, sorted(item)]) };
}
