// Measures the real structures: one more irqfd registered and unregistered while N are present, a random one of them, and N
// from nothing and back; and the memory that N of them take.
//
// Wall-clock times of this process, so a benchmark. The list is quadratic: for the first two patterns it is built directly,
// and the third is left out where N walks would take too long. The layouts and patterns are those of the figures taken from
// the C code (bench/c-figures.ts).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seeded } from '../engine/world/schedulers.ts';
import type { LayoutName } from './layouts.ts';
import { inOrder, KeyLayout } from './layouts.ts';
import { Pauses } from './pauses.ts';
import type { ProducerShare } from './producer-share.ts';
import type { Registered } from './registered.ts';
import { createRegistered, Registrant } from './registered.ts';
import type { Contestant, ContestantId } from './structures.ts';
import { contestantOf } from './structures.ts';

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
  /** Asked every 50 ms, once the event loop had its turn; true ends the work with what there is. */
  readonly shouldStop?: () => boolean;
}

/** Figures of one structure with N irqfds in it. */
export interface Measured {
  readonly index: ContestantId;
  readonly irqfds: number;
  /** Nanoseconds: one more consumer registered and unregistered; medians. */
  readonly oneMore: number;
  /** Nanoseconds: a random consumer unregistered and registered again; medians. */
  readonly random: number;
  /**
   * Nanoseconds a consumer: N registered into sets without consumers, then all unregistered in the same order; median.
   * Absent where it would take too long.
   */
  readonly fromEmpty?: number;
  /** Registered objects: producers and consumers. */
  readonly objects: number;
  /** For each registered object. */
  readonly kernelBytes: number;
  readonly nodes: number;
  /** What this process takes for each registered object, exact; absent where V8's heap holds the structure. */
  readonly processBytes?: number;
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
/** Operations between two looks at the clock. */
const BATCH = 1024;
/** So many times the seconds for a figure is what a pass from nothing and back may take. */
const PASS_SHARE = 20;
/** The irqfds of a VM: bugzilla 217379. */
const IRQFDS_EACH = 15;
const WARM_UP_IRQFDS = 500;
const WARM_UP_SECONDS = 0.05;
const isStopped = Symbol('stopped');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Does the VM of an irqfd have an assigned device? */
function hasDevice(share: ProducerShare, context: number): boolean {
  return share === 'all' || (share === 'half' && Math.floor(context / IRQFDS_EACH) % 2 === 0);
}

/**
 * Structs with their keys, by number. They and their list nodes are made in the order of their addresses, and moved out of
 * V8's nursery in that order, so that a walk in the order of registration meets the caches as its layout says. What V8
 * cannot have is the distances: no layout misses the TLB as scattered structs of the kernel do.
 */
async function registrants(
  {
    layout,
    share,
    from,
    count,
    isLinked,
  }: {
    readonly layout: KeyLayout;
    readonly share: ProducerShare;
    readonly from: number;
    readonly count: number;
    readonly isLinked: boolean;
  },
  pauses: Pauses,
): Promise<Registrant[]> {
  const slots = new Int32Array(count);
  for (let i = 0; i < count; i++) slots[i] = layout.slot(from + i);
  const order = inOrder(slots);
  const byAddress: Registrant[] = [];
  for (const i of order) {
    const one = make(slots[i] ?? 0, from + i, hasDevice(share, from + i));
    if (isLinked) void one.node;
    byAddress.push(one);
    if (byAddress.length % BATCH === 0) await rest(pauses);
  }
  if (isLinked) collectGarbage();
  const made = Array.from<Registrant>({ length: count });
  for (const [place, i] of order.entries()) made[i] = byAddress[place] as Registrant;
  return made;
}

const make = (slot: number, context: number, device: boolean): Registrant =>
  new Registrant(KeyLayout.high(slot), KeyLayout.low(slot), (2 * context * 128) | 0, device);

/** Lets the event loop run when it is time to. Throws when the work is to end. */
async function rest(pauses: Pauses): Promise<void> {
  if (pauses.isDue && (await pauses.take())) throw isStopped;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Nanoseconds that something takes. */
function clocked(run: () => void): number {
  const begin = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - begin);
}

/** Median of a few rounds; each repeats for its share of the time. Nanoseconds a call. */
async function timed(run: (times: number) => void, seconds: number, pauses: Pauses): Promise<number> {
  run(1);
  let times = 1;
  let took = clocked(() => run(times));
  while (took < (seconds * 1e9) / (4 * ROUNDS) && times < 2 ** 22) {
    await rest(pauses);
    times *= 2;
    took = clocked(() => run(times));
  }
  const rounds: number[] = [];
  while (rounds.length < (took > seconds * 1e9 ? 1 : ROUNDS)) {
    await rest(pauses);
    rounds.push(clocked(() => run(times)));
  }
  return median(rounds) / times;
}

class Filling {
  readonly #id: ContestantId;
  readonly #isLinked: boolean;
  readonly #registered: Registered;
  readonly #layout: KeyLayout;
  readonly #share: ProducerShare;
  readonly #seconds: number;
  readonly #random: (from: number, to: number) => number;
  readonly #pauses: Pauses;
  readonly #consumers: Registrant[] = [];

  constructor({ id, policy }: Contestant, options: MeasureOptions, pauses: Pauses) {
    this.#id = id;
    this.#isLinked = policy.index !== 'xarray';
    this.#registered = createRegistered(id);
    this.#layout = new KeyLayout(options.layout, options.seed);
    this.#share = options.producers;
    this.#seconds = options.secondsEach ?? DEFAULT_SECONDS;
    this.#random = seeded(options.seed);
    this.#pauses = pauses;
  }

  #make(from: number, count: number): Promise<Registrant[]> {
    const [layout, share, isLinked] = [this.#layout, this.#share, this.#isLinked];
    return registrants({ layout, share, from, count, isLinked }, this.#pauses);
  }

  async #enterPartners(registered: Registered, consumers: readonly Registrant[]): Promise<void> {
    for (const [i, { high, low, own, hasDevice: device }] of consumers.entries()) {
      if (device) registered.enter('producers', new Registrant(high, low, own + 128, device));
      if (i % BATCH === 0) await rest(this.#pauses);
    }
  }

  /** Fills up to so many irqfds, without look-ups. */
  async fill(irqfds: number): Promise<void> {
    const from = this.#consumers.length;
    if (irqfds <= from) return;
    const fresh = await this.#make(from, irqfds - from);
    for (const [i, one] of fresh.entries()) {
      this.#consumers.push(one);
      this.#registered.enter('consumers', one);
      if (i % BATCH === 0) await rest(this.#pauses);
    }
    await this.#enterPartners(this.#registered, fresh);
  }

  /** One that comes has no producer yet; whether its VM has a device is for the opt-out to ask. */
  #oneMore(): Promise<number> {
    const registered = this.#registered;
    const irqfds = this.#consumers.length;
    const extras = Array.from({ length: EXTRAS }, (_, i) => {
      const context = this.#layout.beyond(irqfds, i);
      return make(this.#layout.slot(context), context, hasDevice(this.#share, i));
    });
    let next = 0;
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) {
        const one = extras[next];
        next = (next + 1) % EXTRAS;
        if (one === undefined || registered.register('consumers', one) !== 0) throw new Error('the key is taken');
        registered.unregister('consumers', one);
      }
    };
    return timed(run, this.#seconds, this.#pauses);
  }

  #randomOne(): Promise<number> {
    const registered = this.#registered;
    const irqfds = this.#consumers.length;
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) {
        const one = this.#consumers[this.#random(0, irqfds - 1)];
        if (one === undefined) throw new Error('no such irqfd');
        registered.unregister('consumers', one);
        if (registered.register('consumers', one) !== 0) throw new Error('the key is taken');
      }
    };
    return timed(run, this.#seconds, this.#pauses);
  }

  /** Nanoseconds a consumer; undefined where a pass would take too long. `each` is what one is expected to take. */
  async #fromEmpty(each: number): Promise<number | undefined> {
    const irqfds = this.#consumers.length;
    const most = this.#seconds * 1e9;
    if (irqfds * each > most * PASS_SHARE) return undefined;
    const registered = createRegistered(this.#id);
    const consumers = await this.#make(0, irqfds);
    await this.#enterPartners(registered, consumers);
    const act = (what: 'register' | 'unregister', from: number): void => {
      const end = Math.min(irqfds, from + BATCH);
      for (let i = from; i < end; i++) registered[what]('consumers', consumers[i] as Registrant);
    };
    const passes: number[] = [];
    let spent = 0;
    while (passes.length < ROUNDS && (passes.length === 0 || spent < most)) {
      const took = irqfds <= BATCH ? await this.#shortPass(act) : await this.#longPass(act);
      passes.push(took);
      spent += took * irqfds;
    }
    return median(passes);
  }

  /** All in one batch, again and again, since the clock is not that fine. */
  #shortPass(act: (what: 'register' | 'unregister', from: number) => void): Promise<number> {
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) {
        act('register', 0);
        act('unregister', 0);
      }
    };
    return timed(run, this.#seconds / ROUNDS, this.#pauses).then((took) => took / this.#consumers.length);
  }

  async #longPass(act: (what: 'register' | 'unregister', from: number) => void): Promise<number> {
    const irqfds = this.#consumers.length;
    let took = 0;
    for (const what of ['register', 'unregister'] as const) {
      for (let from = 0; from < irqfds; from += BATCH) {
        took += clocked(() => act(what, from));
        await rest(this.#pauses);
      }
    }
    return took / irqfds;
  }

  async measure(): Promise<Measured> {
    const oneMore = await this.#oneMore();
    const random = await this.#randomOne();
    const { kernelBytes, nodes, processBytes, size } = this.#registered;
    const fromEmpty = await this.#fromEmpty(Math.max(oneMore, random) / 2);
    const each = Math.max(1, size);
    return {
      index: this.#id,
      irqfds: this.#consumers.length,
      oneMore,
      random,
      ...(fromEmpty === undefined ? {} : { fromEmpty }),
      objects: size,
      kernelBytes: kernelBytes / each,
      nodes: nodes / each,
      ...(processBytes === null ? {} : { processBytes: size === 0 ? 0 : processBytes / each }),
    };
  }
}

/** Lets the compiler see the structure before anything counts. */
async function warmUp(id: ContestantId, options: MeasureOptions, pauses: Pauses): Promise<void> {
  const filling = new Filling(contestantOf(id), { ...options, secondsEach: WARM_UP_SECONDS }, pauses);
  await filling.fill(WARM_UP_IRQFDS);
  await filling.measure();
}

/** Measures the contestants. Ends early, with what it has, when it is asked to stop. */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const series: Measured[] = [];
  const pauses = new Pauses(options.shouldStop);
  let isComplete = true;
  try {
    for (const id of options.contestants) {
      await warmUp(id, options, pauses);
      const filling = new Filling(contestantOf(id), options, pauses);
      for (const irqfds of options.irqfds) {
        options.progress?.(id, irqfds);
        if (await pauses.take()) throw isStopped;
        await filling.fill(irqfds);
        series.push(await filling.measure());
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
