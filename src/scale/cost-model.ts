// What operations cost in virtual time: one record of constants, times the work that the structures counted.
//
// The work (nodes compared, levels read, nodes allocated) is counted by registry/numbered-sets.ts while the machines run.
// The constants are plausible for a two-socket server of 2019 to 2021, and calibrated in three places: `lockOwn` and
// `lockSocket` are the least waits that Like Xu published (20 and 124 ns); `listNode.pages` is fitted together with the span
// of the reading `open` (workloads.ts), and that pair is knife-edge: a few per cent off in either, and his average and his
// longest wait are not both met. Of the readings only `closed` tolerates 8 to 19 ns. docs/scale.md has the table, made by
// bench/contention.ts. One set for all workloads; none knows which one runs.
import type { Work } from './numbered-sets.ts';
import type { LayoutName } from './layouts.ts';

/** Constants of the simulated host. All times are nanoseconds. */
export interface HostCosts {
  /**
   * Next node of a list while the list fits into the last-level cache. *pages* is calibrated; *dense* (prefetched) and
   * *scattered* are what the C code takes for a node in the cache.
   */
  readonly listNode: Readonly<Record<LayoutName, number>>;
  /** Next node of a list that does not fit any more; *dense* and *scattered* are those of the C code again. */
  readonly listNodeInMemory: Readonly<Record<LayoutName, number>>;
  /** Lines of 64 bytes in the last-level cache of one socket: lists with fewer entries fit. */
  readonly cacheLines: number;
  /** One level of an xarray: the upper nodes are in the core's own cache. */
  readonly level: number;
  /** A line that another core wrote last: the lowest node that is there already, its count, the struct's fields. */
  readonly missedLine: number;
  /** kmem_cache_alloc() of an xarray node, and its way back through RCU (no published workload unregisters). */
  readonly allocate: number;
  readonly free: number;
  /** What a critical section does besides: the calls, the tests, the way in and out. */
  readonly section: number;
  /** One callback of a connect or disconnect (an IRTE update with its invalidation is far slower; no workload here has a producer). */
  readonly callback: number;
  /** Taking the mutex when its line is the core's own, another core's of this socket, or the other socket's. */
  readonly lockOwn: number;
  readonly lockSocket: number;
  readonly lockRemote: number;
  /** From the wake-up of a sleeping waiter until it runs and has looked at the mutex. */
  readonly wake: number;
  /** How long a spinner keeps its CPU while others wait for one: a tick at HZ=250. */
  readonly slice: number;
}

/** Intel Ice Lake and Cascade Lake servers, 2 sockets: what the published figures were taken on. */
export const hostCosts: HostCosts = {
  listNode: { dense: 2.7, pages: 13, scattered: 16 },
  listNodeInMemory: { dense: 13, pages: 95, scattered: 155 },
  cacheLines: (54 * 2 ** 20) / 64,
  level: 5,
  missedLine: 90,
  allocate: 80,
  free: 60,
  section: 60,
  callback: 200,
  lockOwn: 20,
  lockSocket: 124,
  lockRemote: 260,
  wake: 10_000,
  slice: 4_000_000,
};

/** The part of `Work` and what else happened between taking the mutex and giving it back. */
export interface SectionWork extends Work {
  readonly callbacks: number;
  /** Objects on both lists: how much a walk has to bring into the cache. */
  readonly listed: number;
  /** Where the keys lie, and the structs with them. */
  readonly layout: LayoutName;
}

/** How long the mutex is held for this work. */
export function sectionTime(costs: HostCosts, work: SectionWork): number {
  const fits = work.listed === 0 ? 1 : Math.min(1, costs.cacheLines / work.listed);
  const perNode = costs.listNode[work.layout] * fits + costs.listNodeInMemory[work.layout] * (1 - fits);
  const misses = missedLines(work);
  return (
    costs.section +
    work.visited * perNode +
    work.levels * costs.level +
    misses * costs.missedLine +
    work.allocated * costs.allocate +
    work.freed * costs.free +
    work.callbacks * costs.callback
  );
}

/**
 * Lines that another core wrote last: always the struct or list head that is written; for an xarray also the lowest node
 * that was there already (its slot and its count), and the same two lines of the parent of each node that comes or goes.
 */
export function missedLines({ levels, allocated, freed }: Pick<Work, 'levels' | 'allocated' | 'freed'>): number {
  const writes = levels === 0 && allocated === 0 ? 1 : 3;
  return writes + Math.max(0, allocated - 1) + Math.max(0, freed - 1);
}
