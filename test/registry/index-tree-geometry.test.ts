// Where the pictures of the manager's sets put things: boxes by themselves, each below what leads to it, all of it in the picture.
import { describe, expect, it } from 'vitest';
import { indexTreesSvg, xarrayTreeSvg } from '../../src/registry/index-tree-svg.ts';
import type { IndexTree } from '../../src/registry/index-trees.ts';
import { XArray, xaMkValue } from '../../src/registry/structures/xarray.ts';
import { treeOf } from '../../src/registry/structures/xarray-tree.ts';

/** Attributes of the elements of a name, in the order of the document. */
const elements = (svg: string, name: string): readonly Readonly<Record<string, string>>[] =>
  [...svg.matchAll(new RegExp(`<${name} ([^>]*?)/?>`, 'g'))].map(([, text = '']) =>
    Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
  );
const numberOf = (of: Readonly<Record<string, string>>, key: string): number => Number(of[key]);

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const boxesOf = (svg: string): readonly Box[] =>
  elements(svg, 'rect')
    .filter((one) => one['class'] === 'box')
    .map((one) => ({
      left: numberOf(one, 'x'),
      right: numberOf(one, 'x') + numberOf(one, 'width'),
      top: numberOf(one, 'y'),
      bottom: numberOf(one, 'y') + numberOf(one, 'height'),
    }));
const middleOf = ({ left, right }: Box): number => (left + right) / 2;

const sizeOf = (svg: string): readonly [number, number] => {
  const [root = {}] = elements(svg, 'svg');
  return [numberOf(root, 'width'), numberOf(root, 'height')];
};

/** A set of producers with an xarray of these entries. */
function xarrayOf(entries: readonly (readonly [bigint, string])[]): IndexTree {
  const array = new XArray<{ readonly id: string }>();
  for (const [index, id] of entries) array.store(index, id === 'value' ? xaMkValue(7n) : { id });
  const tree = treeOf(array, (entry) => (typeof entry === 'bigint' ? 'value' : entry.id));
  return { side: 'producers', index: 'xarray', entries: [], nodes: 3, bytes: 1728, tree };
}

const listOf = (names: readonly string[], index: 'list' | 'hash' = 'list'): IndexTree => ({
  side: 'consumers',
  index,
  entries: names.map((object, i) => ({ object, key: `e${i}`, address: `0xffff88810000${i}040` })),
  nodes: 0,
  bytes: 0,
  tree: null,
});

const wide = xarrayOf([
  [0n, 'p0'],
  [1n, 'a producer with a name that is far longer than any other'],
  [64n, 'p2'],
  [65n, 'p3'],
  [130n, 'value'],
]);
const alone = xarrayOf([[0n, 'p0']]);
const deep = xarrayOf([[0xffff_8881_0000_0040n, 'p0']]);

describe('boxes of a tree', () => {
  it.each([
    ['with several leaves', wide, 5 + 4],
    ['of index 0 alone', alone, 1],
    ['with one entry far down', deep, 2],
  ])('%s do not meet, and are in the picture', (_, set, count) => {
    const svg = xarrayTreeSvg(set);
    const boxes = boxesOf(svg);
    const [width, height] = sizeOf(svg);
    expect(boxes).toHaveLength(count);
    for (const [i, one] of boxes.entries()) {
      expect(one.left).toBeGreaterThanOrEqual(16);
      expect(one.right).toBeLessThanOrEqual(width - 16);
      expect(one.top).toBeGreaterThanOrEqual(52);
      expect(one.bottom).toBeLessThanOrEqual(height - 16);
      for (const other of boxes.slice(i + 1)) {
        const apartX = Math.max(one.left - other.right, other.left - one.right);
        const apartY = Math.max(one.top - other.bottom, other.top - one.bottom);
        expect(Math.max(apartX, apartY)).toBeGreaterThanOrEqual(apartY >= 0 ? 34 : 19.9);
      }
    }
    // No more room than that.
    expect(Math.max(...boxes.map(({ bottom }) => bottom))).toBeCloseTo(height - 16, 0);
  });

  it('have their lines in them, one below the other', () => {
    const svg = xarrayTreeSvg(wide);
    const groups = [...svg.matchAll(/<g class="(entry|node)">(.*?)<\/g>/g)];
    expect(groups.map(([, kind]) => kind).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => 'entry'),
      ...Array.from({ length: 4 }, () => 'node'),
    ]);
    for (const [, kind, inner = ''] of groups) {
      const [box] = boxesOf(inner);
      if (box === undefined) throw new Error('a group without a box');
      const lines = elements(inner, 'text');
      const texts = [...inner.matchAll(/>([^<]+)<\/text>/g)].map(([, text = '']) => text);
      expect(lines.map((line) => numberOf(line, 'y') - box.top)).toEqual(lines.map((_, i) => 16 * (i + 1)));
      expect(box.bottom - box.top).toBe(lines.length * 16 + 8);
      expect(lines.map((line) => line['text-anchor'])).toEqual(lines.map(() => 'middle'));
      for (const line of lines) expect(numberOf(line, 'x')).toBeCloseTo(middleOf(box), 0);
      expect(box.right - box.left).toBeCloseTo(Math.max(90, ...texts.map((text) => text.length * 6.6)) + 16, 0);
      // The first line is what it is, the others are about it.
      expect(lines.map((line) => line['font-weight'] ?? line['class'])).toEqual(
        lines.map((_, i) => (i === 0 ? 'bold' : 'faint')),
      );
      const [rect = {}] = elements(inner, 'rect');
      expect(rect['stroke'] === '#0969da').toBe(kind === 'entry');
    }
  });

  it('hang in the middle below what leads to them, with the slot beside the line', () => {
    for (const set of [wide, deep]) {
      const svg = xarrayTreeSvg(set);
      const boxes = boxesOf(svg);
      const links = elements(svg, 'path').map(({ d = '' }) =>
        d
          .split(/[ ML]/)
          .filter((part) => part !== '')
          .map(Number),
      );
      expect(links).toHaveLength(boxes.length - 1);
      const slots = [...svg.matchAll(/<text class="faint" x="([\d.]+)"( text-anchor="end")? y="([\d.]+)"[^>]*>slot /g)];
      expect(slots).toHaveLength(links.length);
      for (const [i, [x1, y1, x2, y2]] of links.entries()) {
        const above = boxes.filter((box) => box.bottom === y1 && Math.abs(middleOf(box) - Number(x1)) < 0.2);
        const below = boxes.filter((box) => box.top === y2 && Math.abs(middleOf(box) - Number(x2)) < 0.2);
        expect([above.length, below.length]).toEqual([1, 1]);
        expect(Number(y2) - Number(y1)).toBe(34);
        const [, x = '', end, y = ''] = slots[i] ?? [];
        expect(Number(y)).toBe(Number(y2) - 6);
        // On the side away from the line.
        expect(end !== undefined).toBe(Number(x2) < Number(x1));
        expect(Number(x) - Number(x2)).toBeCloseTo(end === undefined ? 4 : -4, 0);
      }
    }
  });

  it('say what they are', () => {
    const texts = [...xarrayTreeSvg(wide).matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
    expect(texts).toEqual([
      'producers: xarray, 0 entries, 3 nodes of 576 bytes: 1728 bytes',
      'slot 0',
      'slot 0',
      'p0',
      '0x0',
      'slot 1',
      'a producer with a name that is far longer than any other',
      '0x1',
      'node, shift 0',
      'offset 0, count 2',
      'slot 1',
      'slot 0',
      'p2',
      '0x40',
      'slot 1',
      'p3',
      '0x41',
      'node, shift 0',
      'offset 1, count 2',
      'slot 2',
      'slot 2',
      'value',
      '0x82',
      'node, shift 0',
      'offset 2, count 1, values 1',
      'node, shift 6',
      'offset 0, count 3',
    ]);
  });
});

describe('boxes of a list', () => {
  it.each([
    ['list', 'list head', 'consumers: list, 2 entries'],
    ['hash', 'buckets, in order', 'consumers: hash table, 2 entries'],
  ] as const)('of a %s stand in a row, with an arrow to each but the first', (index, head, about) => {
    const svg = xarrayTreeSvg(listOf(['c0', 'c1'], index));
    const boxes = boxesOf(svg);
    const [width, height] = sizeOf(svg);
    expect(boxes.map(({ left }) => left)[0]).toBe(16);
    expect(boxes.map(({ top, bottom }) => [top, bottom])).toEqual(boxes.map(() => [52, 92]));
    const links = elements(svg, 'path').map(({ d }) => d);
    expect(links).toEqual(
      boxes
        .slice(1)
        .map(({ left }) => `M${String(Math.round(10 * left - 200) / 10)} 72H${String(left)}m-6 -4l6 4l-6 4`),
    );
    for (const [i, { left }] of boxes.slice(1).entries()) expect(left - (boxes[i]?.right ?? 0)).toBe(20);
    expect([width, height]).toEqual([Math.ceil((boxes.at(-1)?.right ?? 0) + 20), 108]);
    const texts = [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
    expect(texts).toEqual([about, head, 'c0', 'e0 at 0xffff888100000040', 'c1', 'e1 at 0xffff888100001040']);
  });

  it('are as wide as what is said above them where that is wider', () => {
    const title = 'after a step that has a very long name indeed, so long that it is wider than the list';
    const [width] = sizeOf(xarrayTreeSvg(listOf([]), { title }));
    const said = `consumers: list, 0 entries; ${title}`;
    expect(width).toBe(Math.ceil(said.length * 6.6 * 1.15 + 32));
  });
});

describe('both sets', () => {
  it('stand below each other in one picture that is as wide as the wider one', () => {
    const [upper, lower] = [wide, listOf(['c0'])].map((set) => sizeOf(xarrayTreeSvg(set)));
    const svg = indexTreesSvg([wide, listOf(['c0'])]);
    expect(elements(svg, 'svg').map(({ y }) => y)).toEqual([undefined, '0', String((upper?.[1] ?? 0) + 34)]);
    expect(sizeOf(svg)).toEqual([upper?.[0], (upper?.[1] ?? 0) + (lower?.[1] ?? 0) + 68]);
    expect(svg).toContain('producers: xarray, 0 entries, 3 nodes of 576 bytes: 1728 bytes; consumers: list, 1 entry');
    expect(sizeOf(indexTreesSvg([listOf(['c0']), wide]))[0]).toBe(upper?.[0]);
    expect(
      [indexTreesSvg([wide]), indexTreesSvg([wide], { standalone: true })].map((one) => one.includes('<style')),
    ).toEqual([false, true]);
    expect(indexTreesSvg([wide], { title: 'after step 2' })).toContain('1728 bytes; after step 2</text>');
  });

  it('are pictures of their kind, each with its heading', () => {
    const svg = indexTreesSvg([wide, listOf(['c0'])]);
    expect(elements(svg, 'svg').map((one) => one['class'])).toEqual(['index-trees', 'index-tree', 'index-tree']);
    expect(elements(svg, 'text').filter((one) => one['class'] === 'name')).toEqual(
      [1, 2].map(() => ({ class: 'name', x: '16', y: '24', 'font-weight': 'bold' })),
    );
    expect(new Set(elements(svg, 'path').map((one) => one['class']))).toEqual(new Set(['link']));
    expect([...xarrayTreeSvg(listOf(['c0'])).matchAll(/<g class="(\w+)">/g)].map(([, kind]) => kind)).toEqual([
      'node',
      'entry',
    ]);
    expect(elements(xarrayTreeSvg(listOf(['c0'])), 'path').map(({ fill }) => fill)).toEqual(['none']);
    expect(xarrayTreeSvg({ ...listOf([]), index: 'list+xarray' })).toContain(
      'list, with an xarray of hints, 0 entries',
    );
  });

  it('on their own have colours for the dark', () => {
    for (const svg of [xarrayTreeSvg(wide, { standalone: true }), indexTreesSvg([wide], { standalone: true })])
      expect(
        [...svg.matchAll(/(?<=[{}])([^{}]+)\{(fill|stroke):#\w+\}/g)].map(
          ([, what, how]) => `${what ?? ''} ${how ?? ''}`,
        ),
      ).toEqual([
        '.paper fill',
        'text fill',
        '.faint fill',
        'rect.box fill',
        'rect.box,.link stroke',
        '.entry>rect stroke',
      ]);
  });
});

describe('an xarray', () => {
  it('with nothing in it is said to be empty', () => {
    const svg = xarrayTreeSvg(xarrayOf([]));
    expect(svg).toContain('<text class="faint" x="16" y="68" fill="#59636e">empty</text>');
    expect(sizeOf(svg)[1]).toBe(100);
  });

  it('tells marks, a slot that is reserved and a single node', () => {
    const array = new XArray<{ readonly id: string }>();
    array.store(3n, { id: 'p0' });
    array.insert(5n, null);
    array.setMark(3n, 1);
    array.setMark(3n, 2);
    const tree = treeOf(array, (entry) => (typeof entry === 'bigint' ? '' : entry.id));
    const svg = xarrayTreeSvg({ ...alone, nodes: 1, bytes: 576, tree });
    expect([...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text)).toEqual([
      'producers: xarray, 0 entries, 1 node of 576 bytes: 576 bytes',
      'slot 3, mark 1, 2',
      'p0',
      '0x3',
      'slot 5',
      'reserved',
      '0x5',
      'node, shift 0',
      'offset 0, count 2',
    ]);
  });
});
