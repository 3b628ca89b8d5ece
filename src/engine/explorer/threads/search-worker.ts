// One worker thread of a search: expands states by the tables it is given, and leaves what they do not know.
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Orders, Report, Tables, WorkerStart } from './search-threads.ts';
import { CHUNK, CONTROL, ENTER_CHUNK, MOST_LEFT, TASK } from './control.ts';
import { DecisionTable } from '../tables/decision-table.ts';
import type { EnabledIndex } from '../tables/enabled-table.ts';
import type { ClaimIndex, PartialOrderIndex, Oracle, StepIndex } from '../expansion/lookups.ts';
import { KnownImages } from '../expansion/few-images.ts';
import { Expander } from '../expansion/expander.ts';
import { Layout } from '../store/layout.ts';
import { isNamedBy } from '../reductions/thread-names.ts';
import type { PartialOrderTables } from '../reductions/partial-order.ts';
import { SharedStateTable } from '../store/shared-state-table.ts';
import type { Source } from '../tables/sources.ts';
import { HOLDS } from '../tables/step-table.ts';

/** States that a chunk and a batch may add. */
const ROOM = CHUNK * 256;
const start = workerData as WorkerStart;
const control = new Int32Array(start.control);
const layout = new Layout(start.width);
const decisions = new DecisionTable(layout);
const store = new SharedStateTable(layout, start.hashing, start.buffers);
const sources: readonly Source[] = start.sources.map((source) => ({ ...source, offered: [] }));
let done: readonly Int8Array[] = [];
let report: { transitions: number; left: number[]; claims: [number, number][]; stuck: number[] };

/** Steps as far as the main thread has handed them out. */
class KnownSteps implements StepIndex {
  writes: readonly Int32Array[] = [];
  #stride = 1;
  #roots = new Int32Array(0);
  #checkRoots = new Int32Array(0);

  take({ stride, roots, checkRoots, writes }: Tables['steps']): void {
    this.#stride = stride;
    this.#roots = Int32Array.from(roots);
    this.#checkRoots = Int32Array.from(checkRoots);
    this.writes = writes;
  }

  find(choice: number, words: Int32Array, base: number): number {
    const root = choice < this.#roots.length ? (this.#roots[choice] as number) : 0;
    return root === 0 ? -1 : decisions.find(root, words, base);
  }

  verdict(leaf: number, words: Int32Array, base: number): number {
    const root = this.#checkRoots[leaf] as number;
    if (root === -1 - HOLDS) return HOLDS;
    return root === 0 ? -1 : decisions.find(root, words, base);
  }

  eventOf(choice: number): number {
    return Math.floor(choice / this.#stride);
  }
}

/** What is enabled likewise. */
class KnownEnabled implements EnabledIndex {
  sets = new Int32Array(1);
  #roots = new Int32Array(sources.length);

  take({ roots, sets }: Tables['enabled']): void {
    this.#roots = Int32Array.from(roots);
    this.sets = Int32Array.from(sets);
  }

  findEach(among: Int32Array, words: Int32Array, base: number, count: number, places: Int32Array): void {
    decisions.findEach(this.#roots, among, words, base, count, places);
  }
}

/** Claims likewise. */
class KnownClaims implements ClaimIndex {
  #affected: readonly Int32Array[] = [];
  #together = new Int32Array(0);
  #roots = new Int32Array(0);

  take({ affected, claimRoots, claimsTogether }: Tables): void {
    this.#affected = affected;
    this.#together = Int32Array.from(claimsTogether);
    this.#roots = Int32Array.from(claimRoots);
  }

  affectedBy(leaf: number): Int32Array {
    return this.#affected[leaf] as Int32Array;
  }

  holdsAll(leaf: number, words: Int32Array, base: number): boolean {
    const root = leaf < this.#together.length ? (this.#together[leaf] as number) : 0;
    return root !== 0 && decisions.find(root, words, base) === HOLDS;
  }

  holds(claim: number, words: Int32Array, base: number): boolean {
    const root = this.#roots[claim] as number;
    return root !== 0 && decisions.find(root, words, base) === HOLDS;
  }
}

/** Calls likewise. Where it is not known whether a message waits, its leaf is not known either, and the state is left. */
class KnownPartialOrder implements PartialOrderIndex {
  isMover = new Uint8Array(0);
  isCaller = new Uint8Array(0);
  #movers: PartialOrderTables['movers'] | null = null;
  #early: PartialOrderTables['early'] | null = null;
  #chained: ReadonlySet<number> = new Set();

  take(tables: PartialOrderTables | null): void {
    this.#movers = tables?.movers ?? null;
    this.#early = tables?.early ?? null;
    this.isMover = Uint8Array.from(this.#movers?.isMover ?? []);
    this.isCaller = Uint8Array.from(this.#early?.isCaller ?? []);
    this.#chained = new Set(this.#movers?.chained);
  }

  isEarly(event: number): number {
    return this.#early?.isEarly[event] ?? -1;
  }

  isNamed(thread: number, words: Int32Array, base: number): number {
    return this.#early === null ? 1 : isNamedBy(this.#early.names, layout, thread, words, base);
  }

  isChained(event: number): boolean {
    return this.#chained.has(event);
  }

  waits(leaf: number, words: Int32Array, base: number): boolean {
    const waiting = this.#movers?.waiting[leaf];
    if (waiting === undefined || waiting.event < 0) return false;
    return this.#movers?.accepts[waiting.event]?.[layout.read(words, base, waiting.recipient)] === 0;
  }
}

const steps = new KnownSteps();
const enabled = new KnownEnabled();
const claims = new KnownClaims();
const partialOrder = new KnownPartialOrder();

const oracle: Oracle = {
  leaf: () => -1,
  offers: () => undefined,
  areDone(actors, id) {
    for (const actor of actors) {
      const isDone = done[actor]?.[layout.read(store.rows, id * layout.words, actor)];
      if (isDone === undefined) return undefined;
      if (isDone === 0) return false;
    }
    return true;
  },
  check: () => false,
  claim: (id, claim) => void report.claims.push([id, claim]),
  stuck: (id) => void report.stuck.push(id),
};

const images = start.images === null ? undefined : new KnownImages(layout, start.images);
const expander = new Expander({
  layout,
  store,
  sources,
  steps,
  enabled,
  claims,
  partialOrder,
  oracle,
  canonical: images,
});
const { successors } = expander;

function takeOrders(): void {
  for (let got = receiveMessageOnPort(start.port); got !== undefined; got = receiveMessageOnPort(start.port)) {
    const orders = got.message as Orders;
    if (orders.buffers !== undefined) store.take(orders.buffers);
    if (orders.tables === undefined) continue;
    const fresh = orders.tables;
    ({ done } = fresh);
    steps.take(fresh.steps);
    enabled.take(fresh.enabled);
    claims.take(fresh);
    partialOrder.take(fresh.partialOrder);
    if (fresh.images !== null) images?.take(fresh.images);
    layout.take(fresh.layout);
    decisions.take(fresh.decisions);
    for (const [i, source] of sources.entries()) source.offered.splice(0, Infinity, ...(fresh.offered[i] ?? []));
    expander.arrange();
  }
}

function work(): void {
  report = { transitions: 0, left: [], claims: [], stuck: [] };
  const before = successors.transitions;
  const end = Atomics.load(control, CONTROL.end);
  // The main thread looks after the room; a worker that it cannot stop in time stops by itself.
  while (Atomics.load(control, CONTROL.stop) === 0 && store.room > ROOM && report.left.length < MOST_LEFT) {
    const first = Atomics.add(control, CONTROL.cursor, CHUNK);
    if (first >= end) break;
    const chunkEnd = Math.min(first + CHUNK, end);
    for (let id = first; id < chunkEnd; id++) {
      if (!expander.expand(id, chunkEnd)) report.left.push(id);
    }
  }
  successors.flush();
  report.transitions = successors.transitions - before;
  start.port.postMessage(report satisfies Report);
}

function enter(): void {
  const end = Atomics.load(control, CONTROL.end);
  for (;;) {
    const first = Atomics.add(control, CONTROL.cursor, ENTER_CHUNK);
    if (first >= end) return;
    store.enter(first, Math.min(first + ENTER_CHUNK, end));
  }
}

for (let round = 0; ;) {
  Atomics.wait(control, CONTROL.round, round);
  round = Atomics.load(control, CONTROL.round);
  takeOrders();
  if (Atomics.load(control, CONTROL.task) === TASK.enter) enter();
  else work();
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}
