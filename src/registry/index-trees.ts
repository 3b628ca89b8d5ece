// The two sets of the manager in a state, as the structures that the kernel has: trees of nodes, or lists of entries.
//
// The shape of an xarray follows from its entries: nodes are made when they are needed and freed when they are empty, and the top is
// taken off as long as it leads nowhere else (xas_shrink()). So it is built anew from what a state holds.
import type { Name } from '../engine/actors/name.ts';
import { WorldView } from '../engine/world/view.ts';
import type { Row, World } from '../engine/world/world.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Side } from '../machines/manager/protocol.ts';
import { hasManager, managerIn } from './manager-view.ts';
import { addressesOf } from './structure-memory.ts';
import type { Tree } from './structures/xarray-tree.ts';
import { hexadecimal, treeOf } from './structures/xarray-tree.ts';
import { XArray } from './structures/xarray.ts';

/** A registered object with its key, as a list has it. */
export interface IndexEntry {
  readonly object: string;
  /** The eventfd, or NULL. */
  readonly key: string;
  /** Its address. */
  readonly address: string;
}

/** One of the two sets in a state. */
export interface IndexTree {
  readonly side: Side;
  readonly index: Policy['index'];
  /** The entries in the order in which a walk meets them. */
  readonly entries: readonly IndexEntry[];
  /** The xarray; null where the revision has a list or a hash table. Of a list with an xarray of hints, the list is the truth. */
  readonly tree: Tree | null;
  /** Nodes of the xarray, and what they take in the kernel. */
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * The two sets of the manager in a state.
 *
 * @param world - the world
 * @param row - the state
 * @returns producers, then consumers; nothing where the world has no manager
 * @example
 * indexTrees(world, run.row).map(xarrayTreeSvg);
 */
export function indexTrees(world: World, row: Row): readonly IndexTree[] {
  if (!hasManager(world)) return [];
  const manager = managerIn(new WorldView(world, row));
  const addresses = addressesOf(world);
  const { index } = manager.policy;
  return (['producers', 'consumers'] as const).map((side): IndexTree => {
    const entries = manager
      .entries(side)
      .map(({ key, object }) => ({ object, key, address: addressOf(addresses, key) }));
    const array = new XArray<{ readonly object: Name; readonly key: Name | null }>();
    if (index === 'xarray') for (const { object, key, address } of entries) array.store(address, { object, key });
    const named = (entry: bigint | { readonly object: Name; readonly key: Name | null }): string =>
      typeof entry === 'bigint' ? String(entry) : entry.object;
    return {
      side,
      index,
      entries: entries.map(({ object, key, address }) => ({
        object,
        key: key ?? 'NULL',
        address: hexadecimal(address),
      })),
      tree: index === 'xarray' ? treeOf(array, named) : null,
      nodes: array.nodes.live,
      bytes: array.nodes.bytes,
    };
  });
}

/** NULL is the index 0. */
function addressOf(addresses: ReadonlyMap<Name, bigint>, key: Name | null): bigint {
  return key === null ? 0n : (addresses.get(key) ?? 0n);
}
