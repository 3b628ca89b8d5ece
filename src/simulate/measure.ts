// Measures the real structures: one more irqfd registered and unregistered while N are present, and what N of them take.
//
// Wall-clock times of this process, so a benchmark. The list is quadratic: it is built directly, never by N walks, and how
// often something is repeated is bounded by time. The layouts and patterns are those of the figures taken from the C code.
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seeded } from '../world/schedulers.ts';
import type { LayoutName } from './layouts.ts';
import { KeyLayout } from './layouts.ts';
import type { Registered } from './registered.ts';
import { createRegistered, Registrant } from './registered.ts';
import type { Contestant, ContestantId } from './structures.ts';
import { contestantOf } from './structures.ts';

export const producerShares = ['none', 'half', 'all'] as const;
/** For which of the irqfds a producer is registered too. */
export type ProducerShare = (typeof producerShares)[number];

export interface MeasureOptions {
  readonly contestants: readonly ContestantId[];
  /** Numbers of registered irqfds, ascending. */
  readonly irqfds: readonly number[];
  readonly layout: LayoutName;
  readonly producers: ProducerShare;
  readonly seed: number;
  /** Seconds for each figure. */
  readonly secondsEach?: number;
  readonly progress?: (contestant: ContestantId, irqfds: number) => void;
  /** Asked before each figure and now and then while sets are filled; true ends the work with what there is. */
  readonly shouldStop?: () => boolean;
}

/** Figures of one structure with N irqfds in it. */
export interface Measured {
  readonly index: ContestantId;
  readonly irqfds: number;
  /** Nanoseconds: one more consumer registered and unregistered; medians. */
  readonly oneMore: number;
  /** Nanoseconds: a random consumer unregistered and registered again. */
  readonly random: number;
  /** For each registered object (producers and consumers). */
  readonly kernelBytes: number;
  readonly nodes: number;
  /** What this process took for filling the sets, for each registered object; a rough figure. */
  readonly processBytes: number;
}

export interface Measurement {
  readonly isComplete: boolean;
  readonly series: readonly Measured[];
  /** From how many irqfds on the xarray is faster than the list; null where the figures do not cross. */
  readonly crossover: number | null;
}

/** Extra irqfds that come and go. */
const EXTRAS = 64;
const ROUNDS = 5;
const DEFAULT_SECONDS = 0.1;
const FILL_CHECK = 0x1_0000;
const WARM_UP_IRQFDS = 500;
const WARM_UP_SECONDS = 0.05;
const isStopped = Symbol('stopped');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Keys and structs; structs lie in memory as their keys do, so that a walk meets the caches as in the kernel. */
function registrants(layout: KeyLayout, from: number, count: number): Registrant[] {
  const contexts = Array.from({ length: count }, (_, i) => from + i);
  const slots = Float64Array.from(contexts, (context) => layout.slot(context));
  const byAddress = contexts.map((_, i) => i).sort((a, b) => (slots[a] ?? 0) - (slots[b] ?? 0));
  const made: Registrant[] = [];
  for (const i of byAddress) made[i] = make(slots[i] ?? 0, 2 * (from + i));
  return made;
}

function make(slot: number, number: number): Registrant {
  return new Registrant(KeyLayout.high(slot), KeyLayout.low(slot), (number * 128) | 0);
}

/** Median of a few rounds; each repeats for its share of the time. Nanoseconds a call. */
function timed(run: (times: number) => void, seconds: number): number {
  run(1);
  let times = 1;
  const clock = (): number => {
    const begin = process.hrtime.bigint();
    run(times);
    return Number(process.hrtime.bigint() - begin);
  };
  let took = clock();
  while (took < (seconds * 1e9) / (4 * ROUNDS) && times < 2 ** 22) {
    times *= 2;
    took = clock();
  }
  const rounds = took > seconds * 1e9 ? [took] : Array.from({ length: ROUNDS }, clock);
  return (rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0) / times;
}

class Filling {
  readonly #registered: Registered;
  readonly #layout: KeyLayout;
  readonly #share: ProducerShare;
  readonly #seconds: number;
  readonly #random: (from: number, to: number) => number;
  readonly #consumers: Registrant[] = [];
  #processBytes = 0;

  constructor(contestant: Contestant, options: MeasureOptions) {
    this.#registered = createRegistered(contestant.id);
    this.#layout = new KeyLayout(options.layout, options.seed);
    this.#share = options.producers;
    this.#seconds = options.secondsEach ?? DEFAULT_SECONDS;
    this.#random = seeded(options.seed);
  }

  /** Fills up to so many irqfds. */
  fill(irqfds: number, shouldStop: () => boolean): void {
    const from = this.#consumers.length;
    if (irqfds <= from) return;
    const fresh = registrants(this.#layout, from, irqfds - from);
    const producers = fresh.filter((_, i) => this.#share === 'all' || (this.#share === 'half' && (from + i) % 2 === 0));
    const partners = producers.map(({ high, low, own }) => new Registrant(high, low, own + 128));
    for (const one of fresh) this.#consumers.push(one);
    const before = used();
    for (const [i, one] of fresh.entries()) {
      this.#registered.enter('consumers', one);
      if (i % FILL_CHECK === 0 && shouldStop()) throw isStopped;
    }
    for (const one of partners) this.#registered.enter('producers', one);
    this.#processBytes += used() - before;
  }

  measure(index: ContestantId): Measured {
    const registered = this.#registered;
    const irqfds = this.#consumers.length;
    const extras = Array.from({ length: EXTRAS }, (_, i) => {
      const context = this.#layout.beyond(irqfds, i);
      return make(this.#layout.slot(context), 2 * context);
    });
    let next = 0;
    const oneMore = timed((times) => {
      for (let i = 0; i < times; i++) {
        const one = extras[next];
        next = (next + 1) % EXTRAS;
        if (one === undefined || registered.register('consumers', one) !== 0) throw new Error('the key is taken');
        registered.unregister('consumers', one);
      }
    }, this.#seconds);
    const random = timed((times) => {
      for (let i = 0; i < times; i++) {
        const one = this.#consumers[this.#random(0, irqfds - 1)];
        if (one === undefined) throw new Error('no such irqfd');
        registered.unregister('consumers', one);
        registered.register('consumers', one);
      }
    }, this.#seconds);
    const size = Math.max(1, registered.size);
    const { kernelBytes, nodes } = registered;
    return {
      index,
      irqfds,
      oneMore,
      random,
      kernelBytes: kernelBytes / size,
      nodes: nodes / size,
      processBytes: registered.size === 0 ? 0 : Math.max(0, this.#processBytes) / size,
    };
  }
}

/** Bytes of this process, once garbage is gone. */
function used(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Lets the compiler see the structure before anything counts. */
function warmUp(id: ContestantId, options: MeasureOptions): void {
  const filling = new Filling(contestantOf(id), { ...options, secondsEach: WARM_UP_SECONDS });
  filling.fill(WARM_UP_IRQFDS, () => false);
  filling.measure(id);
}

/** Measures the contestants. Ends early, with what it has, when it is asked to stop. */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const series: Measured[] = [];
  const shouldStop = options.shouldStop ?? (() => false);
  let isComplete = true;
  try {
    for (const id of options.contestants) {
      warmUp(id, options);
      const filling = new Filling(contestantOf(id), options);
      for (const irqfds of options.irqfds) {
        options.progress?.(id, irqfds);
        // Signals are heard between figures.
        await setImmediate();
        filling.fill(irqfds, shouldStop);
        if (shouldStop()) throw isStopped;
        series.push(filling.measure(id));
      }
    }
  } catch (error) {
    if (error !== isStopped) throw error;
    isComplete = false;
  }
  return { isComplete, series, crossover: crossoverOf(series) };
}

/** Where the lines of list and xarray cross, by interpolation between figures on logarithmic scales. */
export function crossoverOf(series: readonly Pick<Measured, 'index' | 'irqfds' | 'oneMore'>[]): number | null {
  const of = (index: ContestantId): ReadonlyMap<number, number> =>
    new Map(series.filter((one) => one.index === index).map((one) => [one.irqfds, one.oneMore]));
  const lists = of('list');
  const xarrays = of('xarray');
  const points = [...lists].flatMap(([irqfds, list]) => {
    const xarray = xarrays.get(irqfds);
    return xarray === undefined ? [] : [{ at: Math.log(irqfds), ratio: Math.log(list / xarray) }];
  });
  for (const [i, point] of points.entries()) {
    const before = points[i - 1];
    if (before === undefined || before.ratio > 0 || point.ratio <= 0) continue;
    const share = -before.ratio / (point.ratio - before.ratio);
    return Math.round(Math.exp(before.at + share * (point.at - before.at)));
  }
  return null;
}
