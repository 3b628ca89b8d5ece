// The sets of the manager as trees and lists: the same nodes as the real structure beside the cells has, at every step of a run.
import { describe, expect, it } from 'vitest';
import { seeded } from '../../src/engine/world/schedulers.ts';
import { TracedRun } from '../../src/engine/world/trace.ts';
import type { WorldView } from '../../src/engine/world/view.ts';
import type { World } from '../../src/engine/world/world.ts';
import { PlainRow } from '../../src/engine/world/memory.ts';
import { xarrayTreeSvg } from '../../src/registry/index-tree-svg.ts';
import type { IndexTree } from '../../src/registry/index-trees.ts';
import { indexTrees } from '../../src/registry/index-trees.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { StructureMemory } from '../../src/registry/structure-memory.ts';
import { XArray, xaMkValue } from '../../src/registry/structures/xarray.ts';
import { treeOf } from '../../src/registry/structures/xarray-tree.ts';
import type { Tree, TreeNode } from '../../src/registry/structures/xarray-tree.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { stateWith, worldOf as managerWorld } from '../properties/manager-state.ts';
import { assembled } from '../engine/assembled.ts';
import { parsedXml } from '../engine/diagrams/read-xml.ts';

function worldOf(revision: string) {
  const scenario = findScenario('manager');
  if (scenario === undefined) throw new Error('no scenario manager');
  return assemble({ scenario, revision, set: { producers: 3, consumers: 3, eventfds: 3 } }).world;
}

const rowOf = ({ row }: WorldView): Uint16Array => (row as PlainRow).row;

const nodesIn = (node: TreeNode | null): readonly TreeNode[] =>
  node === null ? [] : [node, ...node.slots.flatMap((slot) => nodesIn(slot.node))];

/** Entries with their indexes, in order. */
const entriesIn = ({ top, only }: Tree): readonly (readonly [string, string])[] =>
  only !== null
    ? [[only.index, only.name]]
    : nodesIn(top).flatMap(({ slots }) =>
        slots.flatMap(({ entry }) => (entry === null ? [] : [[entry.index, entry.name] as const])),
      );

describe('the tree of an xarray', () => {
  it('of two addresses in one cache line pair parts at the last node', () => {
    const array = new XArray<{ id: string }>();
    array.store(0xffff_8881_0000_0040n, { id: 'a' });
    array.store(0xffff_8881_0000_0041n, { id: 'b' });
    const tree = treeOf(array, (entry) => (typeof entry === 'bigint' ? '' : entry.id));
    const nodes = nodesIn(tree.top);
    // 64 bits, six a level.
    expect(nodes.map(({ shift }) => shift)).toEqual([60, 54, 48, 42, 36, 30, 24, 18, 12, 6, 0]);
    expect(nodes.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    expect(nodes[0]?.slots.map(({ slot }) => slot)).toEqual([15]);
    expect(entriesIn(tree)).toEqual([
      ['0xffff888100000040', 'a'],
      ['0xffff888100000041', 'b'],
    ]);
  });

  it('of index 0 alone has no node; marks, values and reserved slots are told', () => {
    const array = new XArray<{ id: string }>();
    expect(treeOf(array, String)).toEqual({ top: null, only: null });
    array.store(0n, { id: 'a' });
    expect(treeOf(array, () => 'a')).toEqual({ top: null, only: { index: '0x0', name: 'a' } });
    array.store(3n, xaMkValue(7n));
    array.insert(5n, null);
    array.setMark(3n, 1);
    const { top } = treeOf(array, (entry) => (typeof entry === 'bigint' ? 'seven' : entry.id));
    expect(top).toMatchObject({ shift: 0, count: 3, nrValues: 1 });
    expect(top?.slots.map(({ slot, marks, entry }) => [slot, marks, entry?.name])).toEqual([
      [0, [], 'a'],
      [3, [1], 'seven'],
      [5, [], ''],
    ]);
  });
});

describe('the sets of a state', () => {
  it.each(revisions.map(({ id }) => id))(
    '%s: are those of the real structures, entries and nodes, at every step',
    (id) => {
      const world = worldOf(id);
      const pick = seeded(3);
      let row = world.initial();
      const memory = world.memoryFor(new PlainRow(row));
      if (!(memory instanceof StructureMemory)) throw new Error('no real structures');
      let most = 0;
      for (let step = 0; step < 150; step++) {
        const choices = world.choices(row);
        const choice = choices[pick(0, Math.max(0, choices.length - 1))];
        if (choice === undefined) break;
        ({ row } = world.step(row, choice, memory));
        const sets = indexTrees(world, row);
        const name = (value: number): string => String(world.values.value(value));
        for (const { side, entries, tree } of sets) {
          most = Math.max(most, entries.length);
          const real = memory
            .realEntries(side)
            .map(([key, object]) => `${key === 0 ? 'NULL' : name(key)} ${name(object)}`);
          const shown = entries.map(({ key, object }) => `${key} ${object}`);
          // A hash table is walked in the order of its buckets.
          expect(shown.toSorted()).toEqual(real.toSorted());
          if (tree !== null)
            expect(
              entriesIn(tree)
                .map(([, object]) => object)
                .toSorted(),
            ).toEqual(entries.map(({ object }) => object).toSorted());
        }
        if (sets[0]?.index === 'xarray') expect(sets.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(memory.nodes);
      }
      expect(most).toBeGreaterThan(1);
    },
  );

  it('of a world without a manager are none', () => {
    const { world } = assembled('block-and-wake');
    const actors = world.definition.actors.filter(({ name }) => name !== 'registry');
    const without = { definition: { ...world.definition, actors } } as unknown as World;
    expect(indexTrees(without, world.initial())).toEqual([]);
  });

  it.each<readonly [string, Partial<IndexTree>]>([
    // Index 0 and an address in the upper half have the top node in common.
    ['v2p8', { index: 'xarray', nodes: 21, bytes: 21 * 576 }],
    ['base', { index: 'list', nodes: 0, bytes: 0, tree: null }],
    ['likexu-draft3', { index: 'list+xarray', nodes: 0, bytes: 0, tree: null }],
  ])('%s: have NULL at index 0', (revision, expected) => {
    const sets = [['p0', null] as const, ['p1', 'e0'] as const];
    const world = managerWorld(revision);
    const [producers, consumers] = indexTrees(world, rowOf(stateWith(world, { sets })));
    expect(producers).toMatchObject({ side: 'producers', ...expected });
    expect(producers?.entries.toSorted((a, b) => (a.address < b.address ? -1 : 1))).toEqual([
      { object: 'p0', key: 'NULL', address: '0x0' },
      { object: 'p1', key: 'e0', address: '0xffff888100000040' },
    ]);
    expect(consumers).toMatchObject({ side: 'consumers', entries: [], nodes: 0, bytes: 0 });
  });
});

describe('their SVG', () => {
  const sets = (revision: string, choices: readonly string[]): readonly IndexTree[] => {
    const scenario = findScenario('pairing');
    if (scenario === undefined) throw new Error('no such scenario');
    const run = new TracedRun(assemble({ scenario, revision }).world);
    for (const choice of choices) run.take(choice);
    return indexTrees(run.world, run.row);
  };
  const registered = ['t0 register_producer(p0, e0)', 'registry.register_producer(p0, e0, t0)'];
  const textsOf = (svg: string): string[] => [...parsedXml(svg).querySelectorAll('text')].map((one) => one.textContent);

  it('draws nodes with one slot in use in one box, down to the entry', () => {
    const [producers, consumers] = sets('v2p8', registered).map((set) => xarrayTreeSvg(set, { title: 'after step 2' }));
    expect(textsOf(producers ?? '')).toEqual([
      'producers: xarray, 1 entry, 11 nodes of 576 bytes: 6336 bytes; after step 2',
      'slot 0',
      'p0',
      'e0 at 0xffff888100000040',
      '11 nodes, shift 60 to 0',
      'slots 15, 63, 63, 34, 8, 4, 0, 0, 0, 1',
      'offset 1, count 1',
    ]);
    expect(textsOf(consumers ?? '')).toEqual([
      'consumers: xarray, 0 entries, 0 nodes of 576 bytes: 0 bytes; after step 2',
      'empty',
    ]);
  });

  it('draws a list as a list', () => {
    const [producers] = sets('base', registered).map((set) => xarrayTreeSvg(set));
    expect(textsOf(producers ?? '')).toEqual([
      'producers: list, 1 entry',
      'list head',
      'p0',
      'e0 at 0xffff888100000040',
    ]);
  });

  it('brings no style unless it is a file of its own', () => {
    for (const set of sets('v2p8', registered)) {
      expect(xarrayTreeSvg(set)).not.toMatch(/<style|style=|\bid=/);
      expect(xarrayTreeSvg(set, { standalone: true })).toContain('prefers-color-scheme');
    }
  });
});
