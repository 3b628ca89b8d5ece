// The three published workloads, with what was published and what had to be assumed.
//
// Sources: kernel-spec part 2 (lore 20230801115646.33990-1, bugzilla 217379, the CubeSandbox bisection of August 2026).
import type { ContestantId } from './structures.ts';

export const workloadIds = ['like-xu', 'bug-217379', 'cubesandbox'] as const;
export type WorkloadId = (typeof workloadIds)[number];

/** One figure that somebody published: nanoseconds. */
export interface PublishedFigure {
  readonly index: ContestantId;
  readonly what: 'wait' | 'operation' | 'creation';
  readonly statistic: 'avg' | 'min' | 'p50' | 'p95' | 'p99' | 'max';
  readonly value: number;
}

/** Who creates irqfds, how many, when. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly cpus: number;
  readonly sockets: number;
  /** Threads that create irqfds, one after the other. */
  readonly threads: number;
  readonly irqfds: number;
  /** Consumers that are registered before and stay. */
  readonly background: number;
  /** Nanoseconds: threads begin one after the other within this span, each at a random moment of its share. */
  readonly span: number;
  /** Nanoseconds, average of an exponential distribution: what a thread does between two irqfds. */
  readonly think: number;
  /** Nanoseconds: what a creation takes besides its irqfds; 0 where nobody said. */
  readonly besides: number;
  /** Share of the irqfds whose VM has an assigned device; matters to the opt-out. Producers are not simulated. */
  readonly withDevice: number;
  readonly published: readonly PublishedFigure[];
  /** What is not published and was assumed. */
  readonly assumed: string;
}

const US = 1e3;
const MS = 1e6;
const S = 1e9;

const likeXuFigures: readonly PublishedFigure[] = [
  { index: 'list', what: 'wait', statistic: 'avg', value: 117.855_314 * MS },
  { index: 'list', what: 'wait', statistic: 'min', value: 20 },
  { index: 'list', what: 'wait', statistic: 'max', value: 11_428.340_858 * MS },
  { index: 'xarray', what: 'wait', statistic: 'avg', value: 314 },
  { index: 'xarray', what: 'wait', statistic: 'min', value: 124 },
  { index: 'xarray', what: 'wait', statistic: 'max', value: 47_637 },
];

const likeXu = {
  cpus: 144,
  sockets: 2,
  irqfds: 174_000,
  background: 0,
  besides: 0,
  withDevice: 0,
  published: likeXuFigures,
} as const;

/**
 * Three readings of "174 000 irqfds created concurrently on 144 cores". Nobody published how many threads there were, nor
 * how fast they were started.
 */
export const likeXuReadings: readonly Workload[] = [
  {
    ...likeXu,
    id: 'closed',
    title: 'one creator a CPU, as fast as it can',
    threads: 144,
    span: 10 * MS,
    think: 300 * US,
    assumed: '144 threads, 300 us besides between two irqfds',
  },
  {
    ...likeXu,
    id: 'launcher',
    title: 'VMs of 15 irqfds, started at a steady rate',
    threads: 11_600,
    span: 300 * S,
    think: 300 * US,
    assumed: '11 600 VMs of 15 irqfds, started within 300 s, 300 us besides between two irqfds',
  },
  {
    ...likeXu,
    id: 'open',
    title: 'irqfds requested at a steady rate, each by a thread of its own',
    threads: 174_000,
    span: 336 * S,
    think: 0,
    assumed: 'a thread for each irqfd, all requested evenly within 336 s: the list falls behind only near the end',
  },
];

const [, , open] = likeXuReadings;
if (open === undefined) throw new Error('no reading');

/**
 * The workloads by id; Like Xu's in the reading that gives the list's average and maximum. In it nobody waits for the
 * xarray: `closed` is the reading to compare the xarray's average with.
 */
export const workloads: Readonly<Record<WorkloadId, Workload>> = {
  'like-xu': { ...open, id: 'like-xu', title: `174 000 irqfds on 144 CPUs (${open.title})` },
  'bug-217379': {
    id: 'bug-217379',
    title: '20 VMs of 15 irqfds beside 800 VMs (bugzilla 217379)',
    cpus: 96,
    sockets: 2,
    threads: 20,
    irqfds: 300,
    background: 12_000,
    span: 1 * MS,
    think: 20 * US,
    besides: 0,
    withDevice: 0,
    published: [{ index: 'list', what: 'operation', statistic: 'avg', value: 4 * MS }],
    assumed: 'the 20 VMs start within 1 ms, 20 us besides between two irqfds',
  },
  cubesandbox: {
    id: 'cubesandbox',
    title: '200 concurrent creations of sandboxes (bisection of 2026)',
    cpus: 192,
    sockets: 2,
    threads: 200,
    irqfds: 200 * 16,
    background: 0,
    span: 20 * MS,
    think: 20 * US,
    besides: 127.412 * MS,
    withDevice: 0,
    published: [
      { index: 'list', what: 'creation', statistic: 'avg', value: 249.52 * MS },
      { index: 'list', what: 'creation', statistic: 'p50', value: 241.247 * MS },
      { index: 'list', what: 'creation', statistic: 'p95', value: 465.899 * MS },
      { index: 'list', what: 'creation', statistic: 'p99', value: 557.448 * MS },
      { index: 'xarray', what: 'creation', statistic: 'avg', value: 127.412 * MS },
    ],
    assumed:
      '16 irqfds a sandbox, 192 CPUs, all start within 20 ms; the rest of a creation takes what it took with the xarray (127 ms, an input)',
  },
};

/** Is a published figure what the workload was made of? Then that it comes out again is no evidence. */
export function isInput({ besides }: Pick<Workload, 'besides'>, figure: PublishedFigure): boolean {
  return figure.what === 'creation' && figure.value === besides;
}

/**
 * As many creators as CPUs, as fast as they can.
 *
 * @param irqfds - in all
 * @param cpus - CPUs, a creator on each
 * @param withDevice - share of irqfds whose VM has an assigned device, 0 to 1
 */
export function freeWorkload(irqfds: number, cpus: number, withDevice: number): Workload {
  return {
    id: 'free',
    title: `${irqfds.toLocaleString('en')} irqfds on ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`,
    cpus,
    sockets: cpus > 1 ? 2 : 1,
    threads: Math.min(cpus, irqfds),
    irqfds,
    background: 0,
    span: 10 * MS,
    think: 300 * US,
    besides: 0,
    withDevice,
    published: [],
    assumed: 'a creator on each CPU, all start within 10 ms, 300 us besides between two irqfds',
  };
}
