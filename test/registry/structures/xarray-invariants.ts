// What must hold in every xarray: invariants of its tree, and a reference for its contents and its nodes.
//
// inspect() reads the tree through what XArray and XArrayNodes show in public; kernel-spec 9.1, 9.4 and 9.5 say what it
// must be. Reference knows what lib/xarray.c of Linux 6.17 answers and which nodes it needs; it shares no code with the
// array under test.
import { errno } from '../../../src/machines/kernel/call.ts';
import type { Entry, Mark, XArray } from '../../../src/registry/structures/xarray.ts';
import type { AllocationFaults, NodeId } from '../../../src/registry/structures/xarray-nodes.ts';
import { NODE_BYTES, XA_CHUNK_SHIFT, XA_CHUNK_SIZE } from '../../../src/registry/structures/xarray-nodes.ts';

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
  demand(
    slotsOf(0).every((slot) => slot === 0),
    0,
    'something is stored in node 0, which is no node',
  );
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

/** Objects that tests store. */
export interface Token {
  readonly name: string;
}
export type Held = Entry<Token>;

const isRefused = (entry: Held | null): boolean => typeof entry === 'bigint' && (entry & 3n) === 2n;
const digitOf = (shift: number, index: bigint): number => Number((index >> BigInt(shift)) & 63n);

/** What an xarray should hold, and which nodes the kernel would have for it. */
export class Reference {
  /** Indexes that the commands of this run name by number. */
  readonly pool: readonly bigint[];
  /** An entry, or null for an index that is only reserved. */
  readonly slots = new Map<bigint, { entry: Held | null; readonly marks: Set<Mark> }>();
  /** Occupied slots of each node. */
  readonly nodes = new Map<string, Set<number>>();
  /** Shift of the top node; -6 while there is none. */
  top = -6;
  failed = false;
  peak = 0;

  constructor(pool: readonly bigint[]) {
    this.pool = pool;
  }

  at(place: number): bigint {
    return this.pool[place % this.pool.length] ?? 0n;
  }

  load(index: bigint): Held | null {
    return this.slots.get(index)?.entry ?? null;
  }

  /** Indexes that hold more than a reservation, ascending. */
  present(mark?: Mark): bigint[] {
    const held = [...this.slots].filter(
      ([, slot]) => slot.entry !== null && (mark === undefined || slot.marks.has(mark)),
    );
    return held.map(([index]) => index).sort((a, b) => (a < b ? -1 : 1));
  }

  store(index: bigint, entry: Held | null, faults: AllocationFaults): Held | null | number {
    if (isRefused(entry)) return -errno.EINVAL;
    if (entry === null) return this.erase(index);
    const old = this.load(index);
    return this.put(index, entry, faults) ? old : -errno.ENOMEM;
  }

  insert(index: bigint, entry: Held | null, faults: AllocationFaults): number {
    if (isRefused(entry)) return -errno.EINVAL;
    if (this.slots.has(index)) return -errno.EBUSY;
    return this.put(index, entry, faults) ? 0 : -errno.ENOMEM;
  }

  /** lib/test_xarray.c, check_reserve(): "cmpxchg sees a reserved entry as ZERO", so NULL is not what is there. */
  cmpxchg(index: bigint, old: Held | null, entry: Held | null, faults: AllocationFaults): Held | null | number {
    if (isRefused(entry)) return -errno.EINVAL;
    const slot = this.slots.get(index);
    if (slot === undefined ? old !== null : slot.entry === null || slot.entry !== old) return slot?.entry ?? null;
    return this.store(index, entry, faults);
  }

  erase(index: bigint): Held | null {
    const slot = this.slots.get(index);
    this.slots.delete(index);
    if (slot !== undefined && this.nodes.size > 0) this.unlink(index);
    return slot?.entry ?? null;
  }

  destroy(): void {
    this.slots.clear();
    this.nodes.clear();
    this.top = -6;
    this.failed = false;
  }

  /** Nodes that a store needs, in the order in which they are allocated: new tops upward, then the path downward. */
  missing(index: bigint, isZero: boolean): readonly (readonly [shift: number, prefix: bigint])[] {
    const nodes: [number, bigint][] = [];
    let { top } = this;
    if (this.slots.size === 0 && this.nodes.size === 0) {
      // The zero entry is never put into the head: xas_store() passes allow_root = !xa_is_zero(entry).
      if (index !== 0n || isZero) top = 0;
      while (index >> BigInt(top + 6) !== 0n) top += 6;
    } else {
      while (index >> BigInt(top + 6) !== 0n) nodes.push([(top += 6), 0n]);
    }
    for (let shift = top; shift >= 0; shift -= 6) {
      const isNewTop = shift === top && nodes.length > 0;
      if (!isNewTop && !this.nodes.has(nodeName(shift, index))) nodes.push([shift, index]);
    }
    return nodes;
  }

  /** Allocates what is missing, each with one retry, and enters the entry; false where a retry failed too. */
  private put(index: bigint, entry: Held | null, faults: AllocationFaults): boolean {
    let attempt = 0;
    const fails = (isRetry: boolean): boolean => {
      attempt += 1;
      if (typeof faults !== 'string') return faults.includes(attempt);
      return faults === 'all' || (faults === 'first' && !isRetry);
    };
    for (const [shift, prefix] of this.missing(index, entry === null)) {
      if (fails(false) && fails(true)) {
        this.failed = true;
        return false;
      }
      this.link(shift, prefix);
    }
    this.nodes.get(nodeName(0, index))?.add(digitOf(0, index));
    const slot = this.slots.get(index);
    if (slot === undefined) this.slots.set(index, { entry, marks: new Set() });
    else slot.entry = entry;
    return true;
  }

  private link(shift: number, prefix: bigint): void {
    const isAbove = shift > this.top && (this.nodes.size > 0 || this.slots.size > 0);
    this.nodes.set(nodeName(shift, prefix), new Set(isAbove ? [0] : []));
    this.nodes.get(nodeName(shift + 6, prefix))?.add(digitOf(shift + 6, prefix));
    this.top = Math.max(this.top, shift);
    this.peak = Math.max(this.peak, this.nodes.size);
  }

  /** xas_delete_node() and xas_shrink() of kernel-spec 9.4. */
  private unlink(index: bigint): void {
    let shift = 0;
    for (; shift <= this.top; shift += 6) {
      const digits = this.nodes.get(nodeName(shift, index));
      digits?.delete(digitOf(shift, index));
      if (digits !== undefined && digits.size > 0) break;
      this.nodes.delete(nodeName(shift, index));
    }
    if (shift > this.top) this.top = -6;
    if (shift !== this.top) return;
    for (; this.top >= 0; this.top -= 6) {
      const digits = this.nodes.get(nodeName(this.top, 0n));
      if (digits === undefined || digits.size !== 1 || !digits.has(0)) return;
      this.nodes.delete(nodeName(this.top, 0n));
    }
  }
}
