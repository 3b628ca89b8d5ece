// What must hold in every xarray, whatever was done to it: shape of the tree, links, counts, marks, accounting.
//
// Reads the tree through what XArray and XArrayNodes show in public; kernel-spec 9.1, 9.4 and 9.5 say what it must be.
import type { Mark, XArray } from '../../src/registry/xarray.ts';
import type { NodeId } from '../../src/registry/xarray-nodes.ts';
import { NODE_BYTES, XA_CHUNK_SHIFT, XA_CHUNK_SIZE } from '../../src/registry/xarray-nodes.ts';

export const MARKS: readonly Mark[] = [0, 1, 2];

/** What a walk over the whole tree found. */
export interface Inspection {
  /** Every node as `nodeName()` names it, sorted. */
  readonly nodes: readonly string[];
  /** Nodes without a non-empty slot. */
  readonly empty: number;
  /** Invariants that do not hold, in words. */
  readonly problems: readonly string[];
}

/** A node's name: its shift, and the bits of an index that lead to it. */
export function nodeName(shift: number, index: bigint): string {
  return `${shift}:${(index >> BigInt(shift + XA_CHUNK_SHIFT)).toString(16)}`;
}

/** Names of the nodes that kernel-spec 9.6 counts: distinct prefixes of the keys, one for each of the eleven levels. */
export function namesOnAllLevels(keys: Iterable<bigint>): string[] {
  const names = new Set<string>();
  for (const key of keys) {
    for (let shift = 0; shift <= 60; shift += XA_CHUNK_SHIFT) names.add(nodeName(shift, key));
  }
  return [...names].sort();
}

/**
 * Walks an xarray and tests its invariants. `alone` says that no other array takes nodes from the same storage;
 * `emptyNodes` that an allocation failed before, so that nodes with count 0 may have stayed (kernel-spec 9.5).
 */
export function inspect<T extends object>(
  array: XArray<T>,
  { emptyNodes = false, alone = true }: { emptyNodes?: boolean; alone?: boolean } = {},
): Inspection {
  const { nodes } = array;
  const names: string[] = [];
  const problems: string[] = [];
  const reached = new Set<NodeId>();
  let empty = 0;
  const demand = (holds: boolean, node: NodeId, text: string): void => {
    if (!holds) problems.push(`node ${node}: ${text}`);
  };
  const slotsOf = (node: NodeId): Int32Array => nodes.slots.subarray(node * XA_CHUNK_SIZE, (node + 1) * XA_CHUNK_SIZE);

  /** Walks one subtree; answers which marks are set somewhere in the node. */
  const walk = (node: NodeId, shift: number, parent: NodeId, offset: number, prefix: bigint): readonly boolean[] => {
    if (reached.has(node)) {
      problems.push(`node ${node}: linked twice`);
      return [false, false, false];
    }
    reached.add(node);
    names.push(nodeName(shift, prefix));
    demand(nodes.shift[node] === shift, node, `shift ${nodes.shift[node]}, not ${shift}`);
    demand(nodes.parent[node] === parent, node, `parent ${nodes.parent[node]}, not ${parent}`);
    demand(nodes.offset[node] === offset, node, `offset ${nodes.offset[node]}, not ${offset}`);
    let count = 0;
    let values = 0;
    const below = new Map<number, readonly boolean[]>();
    slotsOf(node).forEach((slot, place) => {
      if (slot === 0) return;
      count += 1;
      if (shift === 60) demand(place < 16, node, `slot ${place} is beyond 64 bits`);
      if (slot < 0) {
        demand(shift > 0, node, `a leaf has a child in slot ${place}`);
        if (shift > 0) {
          const index = prefix | (BigInt(place) << BigInt(shift));
          below.set(place, walk(-slot, shift - XA_CHUNK_SHIFT, node, place, index));
        }
      } else {
        demand(shift === 0, node, `an inner node has an entry in slot ${place}`);
        if (array.holdsValue(slot)) values += 1;
      }
    });
    demand(nodes.count[node] === count, node, `count ${nodes.count[node]}, not ${count}`);
    demand(nodes.nrValues[node] === values, node, `nrValues ${nodes.nrValues[node]}, not ${values}`);
    if (count === 0) empty += 1;
    demand(count > 0 || emptyNodes, node, 'empty although no allocation failed');
    return MARKS.map((mark) => {
      let any = false;
      slotsOf(node).forEach((slot, place) => {
        const marked = array.nodeMark(node, place, mark);
        any ||= marked;
        if (slot === 0) demand(!marked, node, `mark ${mark} on the empty slot ${place}`);
        if (slot < 0) demand(marked === below.get(place)?.[mark], node, `mark ${mark} of slot ${place} is wrong`);
      });
      return any;
    });
  };

  const { top } = array;
  if (top !== 0) {
    const shift = nodes.shift[top] ?? 0;
    demand(shift % XA_CHUNK_SHIFT === 0 && shift <= 60, top, `the top node has shift ${shift}`);
    const marks = walk(top, shift, 0, 0, 0n);
    for (const mark of MARKS) demand(array.marked(mark) === marks[mark], top, `mark ${mark} of the array is wrong`);
    demand(!array.isEmpty(), top, 'the array says that it is empty');
  } else {
    for (const mark of MARKS) {
      demand(array.marked(mark) === array.getMark(0n, mark), 0, `mark ${mark} of the array is wrong`);
    }
  }

  demand(nodes.bytes === nodes.live * NODE_BYTES, 0, `${nodes.bytes} bytes in ${nodes.live} nodes`);
  demand(nodes.peak >= nodes.live, 0, `peak ${nodes.peak} below ${nodes.live}`);
  demand(slotsOf(0).every((slot) => slot === 0), 0, 'something is stored in node 0, which is no node');
  if (alone) {
    demand(nodes.live === reached.size, 0, `${nodes.live} live nodes, ${reached.size} reachable`);
    for (let node = 1; node < nodes.shift.length; node++) {
      if (reached.has(node)) continue;
      const marks = nodes.marks.subarray(node * 6, node * 6 + 6);
      const columns = [nodes.shift, nodes.offset, nodes.count, nodes.nrValues, nodes.parent];
      const clean = columns.every((column) => column[node] === 0) && marks.every((word) => word === 0);
      demand(clean && slotsOf(node).every((slot) => slot === 0), node, 'not in the tree, and not clean');
    }
  }
  return { nodes: names.sort(), empty, problems };
}
