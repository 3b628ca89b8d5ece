// What operations cost in virtual time: one record of constants, times the work that the structures counted.
//
// The work (nodes compared, levels read, nodes allocated) is counted by registry/numbered-sets.ts while the machines run.
// The constants are plausible for a two-socket server of 2019 to 2021. Three are calibrated: `lockOwn` and `lockSocket` are
// the least waits that Like Xu published (20 and 124 ns), `listNode` lies where the averages of two workloads agree (8 to
// 19 ns would do). One set for all workloads; none knows which one runs.
import type { Work } from '../registry/numbered-sets.ts';

/** Constants of the simulated host. All times are nanoseconds. */
export interface HostCosts {
  /** Next node of a list while the list fits into the last-level cache: its latency, less what is prefetched. */
  readonly listNode: number;
  /** Next node of a list that does not fit any more: memory latency. */
  readonly listNodeInMemory: number;
  /** Lines of 64 bytes in the last-level cache of one socket. */
  readonly cacheLines: number;
  /** One level of an xarray: the upper nodes are in the core's own cache. */
  readonly level: number;
  /** A line that another core wrote last: the lowest node that is there already, its count, the struct's fields. */
  readonly missedLine: number;
  /** kmem_cache_alloc() of an xarray node, and its way back through RCU. */
  readonly allocate: number;
  readonly free: number;
  /** What a critical section does besides: the calls, the tests, the way in and out. */
  readonly section: number;
  /** One callback of a connect or disconnect (an IRTE update with its invalidation is far slower: no workload here has one). */
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
  listNode: 13,
  listNodeInMemory: 95,
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
}

/** How long the mutex is held for this work. */
export function sectionTime(costs: HostCosts, work: SectionWork): number {
  const fits = work.listed === 0 ? 1 : Math.min(1, costs.cacheLines / work.listed);
  const perNode = costs.listNode * fits + costs.listNodeInMemory * (1 - fits);
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
