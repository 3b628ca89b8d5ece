// An xarray as a tree of plain data: its nodes with shift, offset and counts, the slots that hold something, the marks.
//
// Kernel source: struct xa_node of include/linux/xarray.h, Linux 6.17.
import type { Entry, XArray } from './xarray.ts';
import { XA_CHUNK_SIZE, XA_MAX_MARKS } from './xarray-nodes.ts';

/** An entry of a tree. */
export interface TreeEntry {
  /** The index, in hexadecimal digits: an address, as a rule. */
  readonly index: string;
  /** What it is called by who made the tree. */
  readonly name: string;
}

/** A slot that holds something: another node, or an entry. */
export interface TreeSlot {
  readonly slot: number;
  /** The marks that are set, of 0 to 2. */
  readonly marks: readonly number[];
  readonly node: TreeNode | null;
  readonly entry: TreeEntry | null;
}

/** `struct xa_node` */
export interface TreeNode {
  /** Bits of the index below those that its slots are numbered by. */
  readonly shift: number;
  /** Its slot in its parent. */
  readonly offset: number;
  /** Slots that hold something, and those of them that hold value entries. */
  readonly count: number;
  readonly nrValues: number;
  readonly slots: readonly TreeSlot[];
}

/** A whole tree: nothing, one entry at index 0 without a node, or nodes. */
export interface Tree {
  readonly top: TreeNode | null;
  readonly only: TreeEntry | null;
}

/** An index as it is printed. */
export const hexadecimal = (index: bigint): string => `0x${index.toString(16)}`;

/**
 * Reads the tree of an xarray.
 *
 * @param array - the xarray
 * @param nameOf - what an entry is called
 * @returns the tree as plain data; a reserved slot has an entry without a name
 */
export function treeOf<T extends object>(array: XArray<T>, nameOf: (entry: Entry<T>) => string): Tree {
  const { nodes, top } = array;
  const entryAt = (index: bigint): TreeEntry => {
    const entry = array.load(index);
    return { index: hexadecimal(index), name: entry === null ? '' : nameOf(entry) };
  };
  const read = (node: number, above: bigint): TreeNode => {
    const shift = nodes.shift[node] ?? 0;
    const slots = Array.from({ length: XA_CHUNK_SIZE }, (_, slot) => slot).flatMap((slot): TreeSlot[] => {
      const held = nodes.slots[node * XA_CHUNK_SIZE + slot] ?? 0;
      if (held === 0) return [];
      const index = above | (BigInt(slot) << BigInt(shift));
      const marks = Array.from({ length: XA_MAX_MARKS }, (__, mark) => mark).filter((mark) =>
        array.nodeMark(node, slot, mark as 0 | 1 | 2),
      );
      return [{ slot, marks, node: held < 0 ? read(-held, index) : null, entry: held > 0 ? entryAt(index) : null }];
    });
    return {
      shift,
      offset: nodes.offset[node] ?? 0,
      count: nodes.count[node] ?? 0,
      nrValues: nodes.nrValues[node] ?? 0,
      slots,
    };
  };
  if (top !== 0) return { top: read(top, 0n), only: null };
  return { top: null, only: array.isEmpty() ? null : entryAt(0n) };
}
