// Marks, value entries, nodes that are got ready and the ends of the index space, by hand: what lib/test_xarray.c looks at.
import { describe, expect, it } from 'vitest';
import { errno } from '../../../src/machines/kernel/call.ts';
import type { Mark } from '../../../src/registry/structures/xarray.ts';
import { XArray, xaMkValue, xaToValue } from '../../../src/registry/structures/xarray.ts';
import { NODE_BYTES, XA_CHUNK_SIZE, XArrayNodes } from '../../../src/registry/structures/xarray-nodes.ts';

interface Token {
  readonly name: string;
}
const [A, B, C]: readonly [Token, Token, Token] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
const LAST = (1n << 64n) - 1n;
const marks: readonly Mark[] = [0, 1, 2];

/** Marks of an index, and which marks anything has. */
const marksAt = (array: XArray<Token>, index: bigint): readonly Mark[] =>
  marks.filter((mark) => array.getMark(index, mark));
const marksOf = (array: XArray<Token>): readonly Mark[] => marks.filter((mark) => array.marked(mark));
const filled = (...entries: readonly (readonly [bigint, Token | bigint])[]): XArray<Token> => {
  const array = new XArray<Token>();
  for (const [index, entry] of entries) array.store(index, entry);
  return array;
};

describe('marks', () => {
  it('are of entries only', () => {
    const array = filled([5n, A]);
    for (const index of [0n, 4n, 6n, 63n, 64n, LAST]) {
      array.setMark(index, 0);
      expect([index, marksAt(array, index), marksOf(array)]).toEqual([index, [], []]);
    }
    const empty = new XArray<Token>();
    empty.setMark(0n, 1);
    expect([marksAt(empty, 0n), marksOf(empty)]).toEqual([[], []]);
    // A reservation is one to xa_set_mark(), which loads it.
    const reserved = new XArray<Token>();
    reserved.insert(5n, null);
    reserved.setMark(5n, 1);
    expect([marksAt(reserved, 5n), marksOf(reserved)]).toEqual([[1], [1]]);
  });

  it('of index 0 alone are those of the array, and go with it into a node and out of it', () => {
    const array = filled([0n, A]);
    array.setMark(0n, 2);
    expect([marksAt(array, 0n), marksOf(array), marksAt(array, 1n)]).toEqual([[2], [2], []]);
    array.store(70n, B);
    expect([marksAt(array, 0n), marksAt(array, 70n), marksOf(array)]).toEqual([[2], [], [2]]);
    array.setMark(70n, 0);
    expect([marksAt(array, 0n), marksAt(array, 70n), marksOf(array)]).toEqual([[2], [0], [0, 2]]);
    array.erase(70n);
    expect([array.top, marksAt(array, 0n), marksOf(array)]).toEqual([0, [2], [2]]);
    array.clearMark(0n, 1);
    expect(marksAt(array, 0n)).toEqual([2]);
    array.clearMark(0n, 2);
    expect([marksAt(array, 0n), marksOf(array)]).toEqual([[], []]);
    array.setMark(0n, 1);
    array.erase(0n);
    array.store(0n, B);
    expect(marksOf(array)).toEqual([]);
  });

  it('go up to the top and are taken back as far as nobody else has them', () => {
    const indexes = [1n, 33n, 63n, 64n, 4096n, 1n << 40n, LAST];
    const array = filled(...indexes.map((index) => [index, A] as const));
    for (const index of indexes) array.setMark(index, 1);
    array.setMark(33n, 0);
    array.setMark(33n, 0);
    for (const index of indexes) expect(marksAt(array, index)).toEqual(index === 33n ? [0, 1] : [1]);
    expect(marksOf(array)).toEqual([0, 1]);
    for (const [i, index] of indexes.entries()) {
      array.clearMark(index, 1);
      array.clearMark(index, 2);
      expect(indexes.map((one) => array.getMark(one, 1))).toEqual(indexes.map((_, other) => other > i));
      expect(marksOf(array)).toEqual(i < indexes.length - 1 ? [0, 1] : [0]);
    }
    array.clearMark(33n, 0);
    expect(marksOf(array)).toEqual([]);
  });

  it('of an entry that is replaced stay, of one that is erased go', () => {
    const array = filled([1n, A], [40n, B], [200n, C]);
    for (const index of [1n, 40n, 200n]) for (const mark of marks) array.setMark(index, mark);
    array.store(40n, C);
    expect(marksAt(array, 40n)).toEqual([0, 1, 2]);
    array.erase(40n);
    array.store(40n, B);
    expect([marksAt(array, 40n), marksAt(array, 1n), marksAt(array, 200n)]).toEqual([[], [0, 1, 2], [0, 1, 2]]);
    array.erase(200n);
    array.erase(1n);
    expect(marksOf(array)).toEqual([]);
  });

  it('are what is looked for', () => {
    const array = filled([0n, A], [7n, B], [40n, C], [500n, A], [LAST, B]);
    for (const index of [7n, 500n, LAST]) array.setMark(index, 2);
    const found: bigint[] = [];
    for (
      let one = array.find(0n, LAST, 2);
      one !== null;
      one = one.index === LAST ? null : array.find(one.index + 1n, LAST, 2)
    )
      found.push(one.index);
    expect(found).toEqual([7n, 500n, LAST]);
    expect([array.find(8n, 499n, 2), array.find(501n, LAST - 1n, 2), array.find(0n, LAST, 0)]).toEqual([
      null,
      null,
      null,
    ]);
    const alone = filled([0n, A]);
    expect([alone.find(0n, LAST, 1), alone.find(0n)?.entry, alone.find(1n)]).toEqual([null, A, null]);
    alone.setMark(0n, 1);
    expect(alone.find(0n, LAST, 1)).toEqual({ index: 0n, entry: A });
  });

  it('are forgotten with everything else', () => {
    const array = filled([0n, A], [7n, B], [LAST, C]);
    for (const mark of marks) array.setMark(7n, mark);
    array.destroy();
    expect([marksOf(array), array.isEmpty(), array.nodes.live, array.load(7n), array.holds(A)]).toEqual([
      [],
      true,
      0,
      null,
      false,
    ]);
    const alone = filled([0n, A]);
    alone.setMark(0n, 1);
    alone.destroy();
    expect([alone.isEmpty(), marksOf(alone), alone.holds(A)]).toEqual([true, [], false]);
  });
});

describe('value entries', () => {
  it('are counted in their node, whatever they replace', () => {
    const array = filled([1n, A], [2n, xaMkValue(7n)]);
    const values = (): number => array.nodes.nrValues[array.top] ?? -1;
    expect(values()).toBe(1);
    array.store(1n, xaMkValue(8n));
    expect(values()).toBe(2);
    array.store(1n, xaMkValue(9n));
    expect(values()).toBe(2);
    array.store(2n, B);
    expect(values()).toBe(1);
    array.erase(1n);
    expect([values(), array.load(2n), array.load(1n)]).toEqual([0, B, null]);
    array.store(2n, null);
    expect(array.isEmpty()).toBe(true);
    // One that stood alone at index 0 is counted in the node that comes above it; what is no value is not.
    const lone = filled([0n, xaMkValue(1n)], [5n, A]);
    expect(lone.nodes.nrValues[lone.top]).toBe(1);
    const other = filled([0n, A], [5n, B]);
    expect(other.nodes.nrValues[other.top]).toBe(0);
  });

  it('hold integers from 0 on, and are told from pointers', () => {
    expect([xaMkValue(0n), xaMkValue(1n), xaToValue(xaMkValue(12n))]).toEqual([1n, 3n, 12n]);
    expect(() => xaMkValue(-1n)).toThrow(RangeError);
    const array = filled([3n, 8n], [4n, xaMkValue(4n)]);
    expect(array.nodes.nrValues[array.top]).toBe(1);
    const slot = (offset: number): number => array.nodes.slots[array.top * XA_CHUNK_SIZE + offset] ?? 0;
    expect([array.holdsValue(slot(3)), array.holdsValue(slot(4)), array.holdsValue(0), array.holdsValue(99)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([array.store(5n, 2n), array.store(5n, 6n)]).toEqual([-errno.EINVAL, -errno.EINVAL]);
  });
});

describe('nodes', () => {
  it('fail when they are told to, and one that was got ready is given back where it is not needed', () => {
    const array = new XArray<Token>();
    const { nodes } = array;
    const attempts = (faults: XArrayNodes['faults'], index: bigint): readonly unknown[] => {
      nodes.faults = faults;
      const before = nodes.live;
      return [array.store(index, A), nodes.attempts, nodes.live - before];
    };
    expect(attempts('all', 1n)).toEqual([-errno.ENOMEM, 2, 0]);
    // The first try fails, its retry does not.
    expect(attempts('first', 1n)).toEqual([null, 2, 1]);
    expect(attempts('none', 2n)).toEqual([null, 0, 0]);
    // One that fails, one that is got ready and becomes the top, one below it.
    expect(attempts([1], 64n)).toEqual([null, 3, 2]);
    expect([array.load(1n), array.load(64n)]).toEqual([A, A]);
    expect(attempts([1, 2], 1n << 30n)).toEqual([-errno.ENOMEM, 2, 0]);
    nodes.faults = 'none';
    for (const index of [1n, 2n, 64n, 1n << 30n]) array.erase(index);
    expect([array.isEmpty(), nodes.live]).toEqual([true, 0]);
  });

  it('are counted, the most there were too, and used again', () => {
    const nodes = new XArrayNodes(2);
    const taken = [1, 2, 3, 4].map(() => nodes.allocate(false));
    expect([taken, nodes.live, nodes.peak, nodes.bytes]).toEqual([[1, 2, 3, 4], 4, 4, 4 * NODE_BYTES]);
    nodes.free(2);
    nodes.free(4);
    expect([nodes.live, nodes.peak]).toEqual([2, 4]);
    expect([nodes.allocate(false), nodes.allocate(false), nodes.allocate(false)]).toEqual([4, 2, 5]);
    expect([nodes.live, nodes.peak]).toEqual([5, 5]);
    // Seven columns, of which slots take 256 bytes a node and marks 24.
    expect(nodes.processBytes % 8).toBe(0);
    expect(nodes.processBytes).toBeGreaterThanOrEqual(5 * (256 + 24 + 8));
    expect(new XArrayNodes(10).processBytes).toBe(10 * (4 * XA_CHUNK_SIZE + 4 + 4 + 24));
  });

  it('that are given back are zero but for the others’', () => {
    const nodes = new XArrayNodes(4);
    const [one, two] = [nodes.allocate(false), nodes.allocate(false)];
    for (const node of [one, two])
      for (const column of [nodes.shift, nodes.offset, nodes.count, nodes.nrValues, nodes.parent]) column[node] = 7;
    nodes.marks.fill(0xffff_ffff);
    nodes.slots[one * XA_CHUNK_SIZE] = -3;
    nodes.free(one);
    const of = (node: number): readonly unknown[] => [
      nodes.shift[node],
      nodes.offset[node],
      nodes.count[node],
      nodes.nrValues[node],
      nodes.parent[node],
      nodes.slots[node * XA_CHUNK_SIZE],
      [...nodes.marks.subarray(6 * node, 6 * node + 6)].every((word) => word === 0),
    ];
    expect(of(one)).toEqual([0, 0, 0, 0, 0, 0, true]);
    expect(of(two)).toEqual([7, 7, 7, 7, 7, 0, false]);
    expect([...nodes.marks.subarray(6 * two, 6 * two + 6)].every((word) => word === 0xffff_ffff)).toBe(true);
  });

  it('are taken off the top as long as it has its first slot alone', () => {
    const array = filled([0n, A], [1n, B], [1n << 40n, C]);
    expect(array.nodes.live).toBe(13);
    array.erase(1n << 40n);
    expect([array.nodes.live, array.load(0n), array.load(1n)]).toEqual([1, A, B]);
    expect([array.load(64n), array.load(1n << 40n), array.find(2n)]).toEqual([null, null, null]);
    array.erase(1n);
    expect([array.top, array.load(0n)]).toEqual([0, A]);
    // Another slot than the first stays where it is.
    const wide = filled([64n, A], [128n, B]);
    const { live } = wide.nodes;
    wide.erase(128n);
    expect([live, wide.nodes.live, wide.load(64n)]).toEqual([3, 2, A]);
  });
});

describe('the ends of the index space', () => {
  it('are indexes like others', () => {
    const array = filled([0n, A], [LAST, B]);
    expect([array.load(0n), array.load(LAST), array.load(LAST - 1n)]).toEqual([A, B, null]);
    expect([...array.forEach()].map(([index]) => index)).toEqual([0n, LAST]);
    expect([...array.forEach(1n)].map(([index]) => index)).toEqual([LAST]);
    expect([array.find(1n, LAST - 1n), array.find(LAST)]).toEqual([null, { index: LAST, entry: B }]);
    expect([array.erase(LAST), array.nodes.live, array.load(0n)]).toEqual([B, 0, A]);
  });

  it('reach what the tree reaches, and nothing beyond', () => {
    const array = filled([1n << 32n, A]);
    for (const index of [0n, 1n, 1n << 31n, (1n << 32n) + 1n, 1n << 33n, 1n << 38n, 1n << 63n, LAST])
      expect([index, array.load(index), array.erase(index), array.cmpxchg(index, null, null)]).toEqual([
        index,
        null,
        null,
        null,
      ]);
    expect(array.load(1n << 32n)).toBe(A);
    const low = filled([1n, A]);
    for (const index of [64n, 65n, 1n << 32n, (1n << 32n) + 1n])
      expect([index, low.load(index)]).toEqual([index, null]);
    const head = filled([0n, A]);
    for (const index of [1n, 1n << 32n, LAST])
      expect([index, head.load(index), head.getMark(index, 0)]).toEqual([index, null, false]);
  });
});
