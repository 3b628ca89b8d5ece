// Partial order reduction: a call that would only wait for the mutex is made when the mutex can be had.
//
// Lipton, "Reduction", CACM 1975; Flanagan and Qadeer, "Transactions for Software Model Checking", 2003. The half of a call
// that runs without the lock is a right mover where it commutes with whatever other threads do until the thread gets
// the lock: every run then has an equivalent one, no longer, in which the call comes right before its critical section
// (or not at all). So the ample set of a state leaves out calls whose message would have to wait, and holds nothing but
// the thread's own message once such a call was made.
//
// Whether calls commute is not declared. It is computed from what every remembered step has read and written
// (`Footprint`), optimistically: the search assumes it and is started again without the threads for which a step that was
// met says otherwise. Order matters for an argument by the first step that does not commute: up to there the reduced
// search has met the same steps. docs/decisions/007-right-movers.md has it in full.
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';
import type { Footprint, StepTable } from '../tables/step-table.ts';
import { REJECTED } from '../tables/step-table.ts';
import type { Commutation } from './commutation.ts';

/** The message that a call leaves, and the column of its recipient; -1 for none. */
interface Waiting {
  readonly event: number;
  readonly recipient: number;
}

/** What worker threads know of movers. */
export interface MoverTables {
  readonly isMover: Uint8Array;
  /** By leaf. */
  readonly waiting: readonly Waiting[];
  /** Does the recipient take the event: by event, then code of its column; 1 yes, 0 no? */
  readonly accepts: readonly (Int8Array | undefined)[];
  readonly chained: readonly number[];
}

/** Threads whose calls can wait, as far as is known. */
export class RightMovers {
  readonly #world: World;
  readonly #packing: Packing;
  readonly #steps: StepTable;
  readonly #commutation: Commutation;
  /** By actor: 1 where calls of this thread are movers. */
  readonly isMover: Uint8Array;
  /** Messages that something else than its own call has put into a thread's channel, by event. */
  readonly #chained = new Set<number>();
  /** Footprints that were looked at for such messages. */
  #seen = 0;
  readonly #classes: readonly number[];
  /** By leaf. */
  readonly #waiting: Waiting[] = [];
  /** Does the recipient take the event: by event, then code of its column? */
  readonly #accepts: (boolean | undefined)[][] = [];

  /**
   * @param isMover - by actor: 1 where calls of this thread are taken for movers at first
   * @param classes - by actor: threads of one class stand and fall together
   */
  constructor(
    world: World,
    packing: Packing,
    steps: StepTable,
    commutation: Commutation,
    isMover: Uint8Array,
    classes: readonly number[],
  ) {
    this.#world = world;
    this.#packing = packing;
    this.#steps = steps;
    this.#commutation = commutation;
    this.isMover = isMover;
    this.#classes = classes;
  }

  /** Is there any mover left? */
  get any(): boolean {
    return this.isMover.includes(1);
  }

  /** Would a call, made now, leave a message that its recipient does not take now? */
  waits(leaf: number, words: Int32Array, base: number): boolean {
    const { event, recipient } = (this.#waiting[leaf] ??= this.#waitingOf(leaf));
    if (event < 0) return false;
    const code = this.#packing.read(words, base, recipient);
    const known = (this.#accepts[event] ??= [])[code];
    return !(known ?? this.#accept(event, recipient, code));
  }

  /** Does a message in a mover's channel come of a delivery, or of somebody else, not of its call? */
  isChained(event: number): boolean {
    return this.#chained.has(event);
  }

  /** All such messages that are known, for a snapshot. */
  get chained(): number[] {
    return [...this.#chained];
  }

  /** What an earlier part of a search knew; what it had met besides is looked at when it is revised. */
  adopt(chained: readonly number[]): void {
    for (const event of chained) this.#chained.add(event);
  }

  /** Looks at the steps met since the last time. Answers whether one has left a message that was taken for that of a thread's call. */
  #noteChains(): boolean {
    const before = this.#chained.size;
    const { footprints } = this.#steps;
    for (; this.#seen < footprints.length; this.#seen++) {
      const { isCall, source, writes, row } = footprints[this.#seen] as Footprint;
      for (const [column, code] of writes) {
        if (column < (this.#world.channelColumns[0] ?? Infinity)) continue;
        const actor = this.#world.channelAt(column);
        if (isCall && actor === source) continue;
        const raw = this.#packing.raw(column, code);
        const { start, slots } = this.#world.channel(actor);
        // What moves up to another slot was there before.
        if (raw !== 0 && !row.subarray(start, start + slots).includes(raw)) this.#chained.add(raw - 1);
      }
    }
    return this.#chained.size > before;
  }

  #accept(event: number, recipient: number, code: number): boolean {
    const accepts = this.#world.transitions.takes(this.#packing.raw(recipient, code), event);
    (this.#accepts[event] as boolean[])[code] = accepts;
    return accepts;
  }

  /** What another thread needs to know. */
  get tables(): MoverTables {
    const waiting =
      this.#steps.footprints.length === 0 ? [] : this.#steps.writes.map((_, leaf) => this.#waitingIf(leaf));
    const accepts: (Int8Array | undefined)[] = [];
    for (const { event, recipient } of waiting) {
      if (event < 0) continue;
      accepts[event] ??= Int8Array.from({ length: this.#packing.cardinality(recipient) }, (_, code) =>
        this.#world.transitions.takes(this.#packing.raw(recipient, code), event) ? 1 : 0,
      );
    }
    return { isMover: this.isMover, waiting, accepts, chained: this.chained };
  }

  #waitingIf(leaf: number): Waiting {
    if (leaf === REJECTED || !this.#steps.footprintOf(leaf).isCall) return { event: -1, recipient: -1 };
    return (this.#waiting[leaf] ??= this.#waitingOf(leaf));
  }

  #waitingOf(leaf: number): Waiting {
    const { source, writes } = this.#steps.footprintOf(leaf);
    const { start } = this.#world.channel(source);
    const code = writes.get(start);
    const event = code === undefined ? -1 : this.#packing.raw(start, code) - 1;
    // A call that changes its recipient's state is no mere request.
    if (event < 0 || writes.has(this.#world.recipient(event))) return { event: -1, recipient: -1 };
    return { event, recipient: this.#world.recipient(event) };
  }

  #commutes(call: Footprint): boolean {
    if (this.#commutation.isOrdered(call)) return false;
    return this.#commutation.commutes(call, (step) => this.#commutation.comesBetween(call, step));
  }

  /**
   * Looks at all steps met so far and drops threads whose calls do not commute with them. Answers whether it dropped any, or
   * has found messages that were wrongly taken for those of calls: then what was searched on that assumption has to be
   * searched again.
   */
  revise(): boolean {
    let dropped = this.any && this.#noteChains();
    for (const call of this.#commutation.footprints()) {
      if (!call.isCall || this.isMover[call.source] === 0) continue;
      // A call that shared memory can forbid is no mover: what others do may allow it. One that leaves nothing in flight is
      // never put off.
      const { leaf } = call;
      if (leaf !== REJECTED && (!this.#commutation.leavesMessage(call) || this.#commutes(call))) continue;
      const lost = this.#classes[call.source];
      for (const [actor, one] of this.#classes.entries()) if (one === lost) this.isMover[actor] = 0;
      dropped = true;
    }
    return dropped;
  }
}
