// A set of the manager as SVG: an xarray as a tree of its nodes, a list as a list.
//
// An address has 64 bits and a node takes six of them, so that a tree is eleven nodes deep; those with a single slot in use follow
// each other in one box, so that the picture shows where addresses part.
import { element, escapeXml, light, short, styleOf, svgDocument } from '../engine/diagrams/svg-text.ts';
import type { IndexTree } from './index-trees.ts';
import type { TreeEntry, TreeNode, TreeSlot } from './structures/xarray-tree.ts';

/** How a set is drawn. */
export interface TreeSvgOptions {
  /** What it shows, beside the name of the set: `after step 12`. */
  readonly title?: string | undefined;
  /** For a file of its own: with a background, and with colours for the dark. */
  readonly standalone?: boolean | undefined;
}

/** Sizes in pixels. */
const LINE = 16;
const PADDING = 8;
const GAP_X = 20;
const GAP_Y = 34;
const TOP = 52;
const LETTER = 6.6;

const STYLE = styleOf([
  ['.paper', 'fill', 'paper'],
  ['text', 'fill', 'ink'],
  ['.faint', 'fill', 'faint'],
  ['rect.box', 'fill', 'box'],
  ['rect.box,.link', 'stroke', 'line'],
  ['.entry>rect', 'stroke', 'active'],
]);

/** A box with what hangs below it. */
interface Drawn {
  readonly className: string;
  readonly lines: readonly string[];
  /** What stands at the line to it: the slot, and its marks. */
  readonly at: string;
  readonly below: readonly Drawn[];
}

const slotText = ({ slot, marks }: TreeSlot): string =>
  `slot ${String(slot)}${marks.length === 0 ? '' : `, mark ${marks.join(', ')}`}`;

function entryOf({ index, name }: TreeEntry, keys: ReadonlyMap<string, string>, at: string): Drawn {
  const key = keys.get(index);
  return {
    className: 'entry',
    lines: [name === '' ? 'reserved' : name, key === undefined ? index : `${key} at ${index}`],
    at,
    below: [],
  };
}

/** A node, with those below it that have a single slot in use in the same box. */
function nodeOf(node: TreeNode, keys: ReadonlyMap<string, string>, at: string): Drawn {
  const chain = [node];
  for (let last = node; ;) {
    const [only] = last.slots;
    if (last.slots.length !== 1 || only?.node == null) break;
    last = only.node;
    chain.push(last);
  }
  const [first, last] = [chain[0] ?? node, chain.at(-1) ?? node];
  const slots = chain.slice(0, -1).map(({ slots: [only] }) => only?.slot ?? 0);
  const head =
    chain.length === 1
      ? [`node, shift ${String(first.shift)}`]
      : [
          `${String(chain.length)} nodes, shift ${String(first.shift)} to ${String(last.shift)}`,
          `slots ${slots.join(', ')}`,
        ];
  const counts = `offset ${String(last.offset)}, count ${String(last.count)}${last.nrValues === 0 ? '' : `, values ${String(last.nrValues)}`}`;
  const below = last.slots.map((slot) => {
    if (slot.node !== null) return nodeOf(slot.node, keys, slotText(slot));
    return entryOf(slot.entry ?? { index: '', name: '' }, keys, slotText(slot));
  });
  return { className: 'node', lines: [...head, counts], at, below };
}

const boxWidth = ({ lines }: Drawn): number => Math.max(90, ...lines.map((line) => line.length * LETTER)) + 2 * PADDING;
const boxHeight = ({ lines }: Drawn): number => lines.length * LINE + PADDING;

/** How wide a box is with all that hangs below it. */
function fullWidth(drawn: Drawn): number {
  const below = drawn.below.map(fullWidth).reduce((sum, width) => sum + width + GAP_X, -GAP_X);
  return Math.max(boxWidth(drawn), below);
}

function fullHeight(drawn: Drawn): number {
  const below = Math.max(0, ...drawn.below.map((one) => fullHeight(one) + GAP_Y));
  return boxHeight(drawn) + below;
}

function boxElement({ className, lines }: Drawn, x: number, y: number, width: number, height: number): string {
  const stroke = light(className === 'entry' ? 'active' : 'line');
  return element(
    'g',
    { class: className },
    element('rect', { class: 'box', x, y, width, height, rx: 4, fill: light('box'), stroke }),
    ...lines.map((line, i) =>
      element(
        'text',
        i === 0
          ? { x: x + width / 2, y: y + LINE, 'text-anchor': 'middle', 'font-weight': 'bold' }
          : { class: 'faint', x: x + width / 2, y: y + LINE * (i + 1), 'text-anchor': 'middle', fill: light('faint') },
        escapeXml(line),
      ),
    ),
  );
}

/** A box in the middle above what hangs below it. */
function elementsOf(drawn: Drawn, left: number, top: number): readonly string[] {
  const [width, height, full] = [boxWidth(drawn), boxHeight(drawn), fullWidth(drawn)];
  const below = drawn.below.map(fullWidth).reduce((sum, one) => sum + one + GAP_X, -GAP_X);
  const middle = left + full / 2;
  let x = left + Math.max(0, full - below) / 2;
  const inner = drawn.below.flatMap((one) => {
    const [wide, y] = [fullWidth(one), top + height + GAP_Y];
    const target = x + wide / 2;
    const link = element('path', {
      class: 'link',
      d: `M${middle.toFixed(1)} ${String(top + height)}L${target.toFixed(1)} ${String(y)}`,
      stroke: light('line'),
    });
    const isLeft = target < middle;
    const place = isLeft ? { x: target - 4, 'text-anchor': 'end' } : { x: target + 4 };
    const slot = { class: 'faint', ...place, y: y - 6, fill: light('faint'), 'font-size': 11 };
    const at = element('text', slot, escapeXml(one.at));
    const found = [link, at, ...elementsOf(one, x, y)];
    x += wide + GAP_X;
    return found;
  });
  return [...inner, boxElement(drawn, middle - width / 2, top, width, height)];
}

/** A list: its head, and what it leads to, one after the other. */
function listElements({ index, entries }: IndexTree): {
  readonly content: readonly string[];
  readonly width: number;
  readonly height: number;
} {
  // Of a hash table the entries as a walk over all buckets meets them.
  const head = index === 'hash' ? 'buckets, in order' : 'list head';
  const boxes: Drawn[] = [
    { className: 'node', lines: [head], at: '', below: [] },
    ...entries.map(({ object, key, address }): Drawn => ({
      className: 'entry',
      lines: [object, `${key} at ${address}`],
      at: '',
      below: [],
    })),
  ];
  let x = PADDING * 2;
  const height = 2 * LINE + PADDING;
  const content = boxes.flatMap((box, i) => {
    const width = boxWidth(box);
    const link =
      i === 0
        ? []
        : [
            element('path', {
              class: 'link',
              d: `M${short(x - GAP_X)} ${String(TOP + height / 2)}H${short(x)}m-6 -4l6 4l-6 4`,
              fill: 'none',
              stroke: light('line'),
            }),
          ];
    const found = [...link, boxElement(box, x, TOP, width, height)];
    x += width + GAP_X;
    return found;
  });
  return { content, width: x, height: TOP + height };
}

/** What is said above the picture. */
function about({ side, index, entries, nodes, bytes, tree }: IndexTree): string {
  const count = `${String(entries.length)} ${entries.length === 1 ? 'entry' : 'entries'}`;
  const structure = {
    xarray: 'xarray',
    list: 'list',
    hash: 'hash table',
    'list+xarray': 'list, with an xarray of hints',
  }[index];
  const size =
    tree === null ? '' : `, ${String(nodes)} ${nodes === 1 ? 'node' : 'nodes'} of 576 bytes: ${String(bytes)} bytes`;
  return `${side}: ${structure}, ${count}${size}`;
}

/**
 * Draws one of the manager's two sets in a state.
 *
 * @param set - the set, as `indexTrees` finds it
 * @param options - what else is said above, and whether the picture is a file of its own
 * @returns the SVG document, ending with a newline; the same set and options give the same bytes
 * @example
 * for (const set of indexTrees(world, row)) writeFileSync(`${set.side}.svg`, xarrayTreeSvg(set));
 */
export function xarrayTreeSvg(set: IndexTree, options: TreeSvgOptions = {}): string {
  const { tree, entries } = set;
  const keys = new Map(entries.map(({ address, key }) => [address, key]));
  const root =
    tree === null
      ? null
      : tree.top !== null
        ? nodeOf(tree.top, keys, '')
        : tree.only === null
          ? null
          : entryOf(tree.only, keys, '');
  const empty = element('text', { class: 'faint', x: PADDING * 2, y: TOP + LINE, fill: light('faint') }, 'empty');
  const drawn =
    tree === null
      ? listElements(set)
      : root === null
        ? { content: [empty], width: 0, height: TOP + 2 * LINE }
        : {
            content: elementsOf(root, PADDING * 2, TOP),
            width: fullWidth(root) + PADDING * 4,
            height: TOP + fullHeight(root),
          };
  const label = about(set);
  const title = options.title === undefined ? label : `${label}; ${options.title}`;
  const heading = element('text', { class: 'name', x: PADDING * 2, y: 24, 'font-weight': 'bold' }, escapeXml(title));
  const width = Math.max(drawn.width, title.length * LETTER * 1.15 + PADDING * 4);
  const style = options.standalone === true ? STYLE : null;
  return svgDocument({ width, height: drawn.height + PADDING * 2, label: title, className: 'index-tree', style }, [
    heading,
    ...drawn.content,
  ]);
}

/**
 * Draws both sets of a state below each other.
 *
 * @param sets - as `indexTrees` finds them
 * @param options - what else is said above each, and whether the picture is a file of its own
 * @returns the SVG document, ending with a newline
 */
export function indexTreesSvg(sets: readonly IndexTree[], options: TreeSvgOptions = {}): string {
  let [top, wide] = [0, 0];
  const content = sets.map((set) => {
    const inner = xarrayTreeSvg(set, { title: options.title }).trimEnd();
    const sizeOf = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(inner)?.[1] ?? 0);
    const placed = inner.replace('<svg', `<svg y="${String(top)}"`);
    top += sizeOf('height') + GAP_Y;
    wide = Math.max(wide, sizeOf('width'));
    return placed;
  });
  const label = sets.map(about).join('; ');
  const style = options.standalone === true ? STYLE : null;
  return svgDocument({ width: wide, height: top, label, className: 'index-trees', style }, content);
}
