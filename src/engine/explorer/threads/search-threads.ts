// Other threads that expand states of a level, over one shared store.
//
// A round is a stretch of states of one level. Threads take a few dozen at a time from a common counter. What the tables of a
// worker do not know it leaves to the main thread, which computes it after the round and hands out new tables before
// the next. So the machines live in the main thread alone, and counts and verdicts are those of a single thread.
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { CompiledWorld } from '../expansion/compiled-world.ts';
import type { ImageTables } from '../expansion/few-images.ts';
import type { LearningImages } from '../expansion/learning-images.ts';
import type { SearchThreads, ThreadsStart } from '../search/host.ts';
import { CHUNK, CONTROL, CONTROL_WORDS, ENTER_CHUNK, TASK } from './control.ts';
import type { EnabledTables } from '../tables/enabled-table.ts';
import type { Expander } from '../expansion/expander.ts';
import type { Packing } from '../store/packing.ts';
import type { PartialOrderTables } from '../reductions/partial-order.ts';
import type { SharedBuffers, SharedStateTable } from '../store/shared-state-table.ts';
import type { Hashing } from '../store/state-table.ts';
import type { Source } from '../tables/sources.ts';
import type { StepTables } from '../tables/step-table.ts';

/** What the main thread knows, as tables. */
export interface Tables {
  readonly layout: Pick<Packing, 'words' | 'word' | 'shift' | 'mask'>;
  readonly decisions: Int32Array;
  readonly steps: StepTables;
  readonly enabled: EnabledTables;
  /** For each source: what it offers, by code. */
  readonly offered: readonly (readonly (Int32Array | undefined)[])[];
  /** For each actor: is it done, by code (1 yes, 0 no)? */
  readonly done: readonly Int8Array[];
  readonly claimRoots: Int32Array;
  /** Trees for all claims that a leaf may affect, by leaf. */
  readonly claimsTogether: Int32Array;
  /** Claims that a leaf may affect, by leaf. */
  readonly affected: readonly Int32Array[];
  readonly partialOrder: PartialOrderTables | null;
  readonly images: ImageTables | null;
}

/** To a worker: what is new for a round. */
export interface Orders {
  readonly tables?: Tables;
  readonly buffers?: SharedBuffers;
}

/** From a worker: what it did in a round. */
export interface Report {
  readonly transitions: number;
  /** States that it left. */
  readonly left: readonly number[];
  /** States and claims that are not known to hold there. */
  readonly claims: readonly (readonly [number, number])[];
  readonly stuck: readonly number[];
}

/** What a worker starts with. */
export interface WorkerStart {
  readonly port: MessagePort;
  readonly control: SharedArrayBuffer;
  readonly buffers: SharedBuffers;
  readonly hashing: Hashing;
  readonly width: number;
  readonly sources: readonly Omit<Source, 'offered'>[];
  /** With symmetry. */
  readonly images: ImageTables | null;
}

/** With so many questions of workers they are given new tables. */
const WORTH_TABLES = 256;

/** The worker threads of one search. */
export class WorkerThreads implements SearchThreads {
  transitions = 0;
  readonly #known: CompiledWorld;
  readonly #images: LearningImages | undefined;
  readonly #expander: Expander;
  readonly #store: SharedStateTable;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #workers: readonly { readonly worker: Worker; readonly port: MessagePort }[];
  #tablesVersion = '';
  #tablesEntries = 0;
  /** States and claims that workers did not know what to do with since they were given tables. */
  #asked = 0;
  /** What the workers have: rows and index. */
  #sent: SharedBuffers;
  #failed: Error | undefined;
  #left: number[] = [];
  #claims: (readonly [number, number])[] = [];
  #stuck: number[] = [];

  constructor({ count, known, images, expander, store, hashing }: ThreadsStart) {
    this.#known = known;
    this.#images = images;
    this.#expander = expander;
    this.#store = store;
    this.#sent = store.buffers;
    this.#control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT));
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`./search-worker.${ending}`, import.meta.url);
    this.#workers = Array.from({ length: count }, () => {
      const { port1, port2 } = new MessageChannel();
      const start: WorkerStart = {
        port: port2,
        control: this.#control.buffer,
        buffers: store.buffers,
        hashing,
        width: known.packing.width,
        sources: known.sources.map(({ column, slot, actor, after }) => ({ column, slot, actor, after })),
        images: images?.known ?? null,
      };
      const worker = new Worker(entry, { workerData: start, transferList: [port2] });
      worker.on('error', (error) => {
        this.#failed = error instanceof Error ? error : new Error(String(error));
        // Whoever waits for the worker shall notice.
        Atomics.add(this.#control, CONTROL.finished, 1);
        Atomics.notify(this.#control, CONTROL.finished);
      });
      return { worker, port: port1 };
    });
  }

  takeLeft(): readonly number[] {
    return this.#left.splice(0);
  }

  takeClaims(): readonly (readonly [number, number])[] {
    return this.#claims.splice(0);
  }

  takeStuck(): readonly number[] {
    return this.#stuck.splice(0);
  }

  async expand(from: number, end: number, milliseconds: number): Promise<number> {
    const control = this.#control;
    const expander = this.#expander;
    const { successors } = expander;
    const widest = this.#workers.length + 1;
    // Between two looks at the room a thread adds no more than a chunk and a batch can bring.
    const slack = widest * 64 * CHUNK * 8;
    await this.makeRoom(slack * 4);
    this.#begin(TASK.expand, from, end);
    const until = performance.now() + milliseconds;
    while (performance.now() < until && this.#store.room > slack && !successors.isStopped) {
      if (this.#store.size >= successors.maxStates) break;
      const first = Atomics.add(control, CONTROL.cursor, CHUNK);
      if (first >= end) break;
      const chunkEnd = Math.min(first + CHUNK, end);
      for (let id = first; id < chunkEnd; id++) if (!expander.expand(id, chunkEnd)) this.#left.push(id);
    }
    Atomics.store(control, CONTROL.stop, 1);
    successors.flush();
    await this.#finished();
    this.#collect();
    return Math.min(Atomics.load(control, CONTROL.cursor), end);
  }

  async makeRoom(states: number): Promise<void> {
    if (this.#store.reserve(states)) await this.#enterTogether();
  }

  /** Enters all states into a new index. */
  async #enterTogether(): Promise<void> {
    const { size } = this.#store;
    this.#begin(TASK.enter, 0, size);
    for (;;) {
      const first = Atomics.add(this.#control, CONTROL.cursor, ENTER_CHUNK);
      if (first >= size) break;
      this.#store.enter(first, Math.min(first + ENTER_CHUNK, size));
    }
    await this.#finished();
  }

  /** Wakes the workers for a round over some states. */
  #begin(task: number, from: number, end: number): void {
    const control = this.#control;
    this.#order();
    Atomics.store(control, CONTROL.task, task);
    Atomics.store(control, CONTROL.cursor, from);
    Atomics.store(control, CONTROL.end, end);
    Atomics.store(control, CONTROL.stop, 0);
    Atomics.store(control, CONTROL.finished, 0);
    Atomics.add(control, CONTROL.round, 1);
    Atomics.notify(control, CONTROL.round);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  async #finished(): Promise<void> {
    for (;;) {
      const finished = Atomics.load(this.#control, CONTROL.finished);
      if (this.#failed !== undefined) throw this.#failed;
      if (finished >= this.#workers.length) return;
      const waiting = Atomics.waitAsync(this.#control, CONTROL.finished, finished);
      if (waiting.async) await waiting.value;
    }
  }

  #collect(): void {
    for (const { port } of this.#workers) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const report = got.message as Report;
        this.transitions += report.transitions;
        // One by one: a call has room for so many arguments, and there may be many.
        for (const id of report.left) this.#left.push(id);
        for (const claim of report.claims) this.#claims.push(claim);
        for (const id of report.stuck) this.#stuck.push(id);
        this.#asked += report.left.length + report.claims.length;
      }
    }
  }

  /** Sends what is new since the last round. */
  #order(): void {
    const { decisions, packing, claims } = this.#known;
    const { buffers } = this.#store;
    const version = [packing.version, claims.version].join();
    const orders: { tables?: Tables; buffers?: SharedBuffers } = {};
    // What a worker needs for right answers it gets at once; what only saves questions when it is worth the copies.
    const isWorthIt = this.#asked > WORTH_TABLES || decisions.version > this.#tablesEntries * 1.1;
    if (version !== this.#tablesVersion || isWorthIt) {
      orders.tables = this.#tables();
      this.#tablesVersion = version;
      this.#tablesEntries = decisions.version;
      this.#asked = 0;
    }
    if (buffers.rows !== this.#sent.rows || buffers.index !== this.#sent.index) orders.buffers = buffers;
    this.#sent = buffers;
    if (orders.tables === undefined && orders.buffers === undefined) return;
    for (const { port } of this.#workers) port.postMessage(orders);
  }

  #tables(): Tables {
    const { packing, decisions, steps, enabled, claims, sources, partialOrder } = this.#known;
    const { words, word, shift, mask } = packing;
    const actors = new Set(sources.flatMap(({ after }) => after));
    const done = Array.from({ length: Math.max(-1, ...actors) + 1 }, (_, actor) =>
      Int8Array.from({ length: actors.has(actor) ? packing.cardinality(actor) : 0 }, (__, code) =>
        this.#known.isDone(actor, code) ? 1 : 0,
      ),
    );
    return {
      layout: { words, word, shift, mask },
      decisions: decisions.nodes,
      steps: steps.tables,
      enabled: enabled.tables,
      offered: sources.map(({ offered }) => [...offered]),
      done,
      claimRoots: claims.roots,
      claimsTogether: claims.together,
      affected: steps.writes.map((writes, leaf) => claims.affectedBy(leaf, writes)),
      partialOrder: partialOrder?.tables ?? null,
      images: this.#images?.known ?? null,
    };
  }
}
