// The interleaving of a counterexample, as a test can stage it in a kernel.
//
// The manager's mutex is handed over in the order of waiting. Somebody holds it, threads are started one after the other, and each runs
// its unlocked half at once and then waits; then the mutex is given back, and they get it in that order. So in a stage all unlocked
// halves come before all locked ones. An unlocked half reads its own struct only: it may come earlier or later, as long as
// nobody changes that struct in between. One that writes the key of a struct that is in its set stays where it is.
import { InputError } from '../../engine/input-error.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import type { Observation } from '../../machines/manager/protocol.ts';
import { asObservation, isManagerOperation, REGISTRY } from '../../machines/manager/protocol.ts';
import type { ManagerOperation } from '../../machines/manager/protocol.ts';

/** A call that the test makes; `copy` is an assignment of one struct to another. */
export interface StagedCall {
  readonly op: ManagerOperation | 'copy';
  /** The producer or consumer. */
  readonly object: string;
  /** Of a registration: its key; of a copy: to which struct. */
  readonly argument?: string | null;
  /** The thread that made it in the trace. */
  readonly thread: string;
}

/** Calls that are made at once: one by itself, or several whose unlocked halves all come before the locked ones. */
export interface Stage {
  /** In the order in which they get the mutex. */
  readonly calls: readonly StagedCall[];
}

/** What a test does, in order. */
export interface Staging {
  readonly stages: readonly Stage[];
  /** What the add callbacks of a struct return, one call after the other; 0 after the last. */
  readonly answers: Readonly<Record<string, readonly number[]>>;
}

/** What a trace does not say. */
export interface StagingOptions {
  /** Producers and consumers that are embedded in nothing. */
  readonly structs: ReadonlySet<string>;
  /**
   * Does the unlocked half of a registration write the key of a struct that may be in its set? So do callers that leave their key, as
   * vDPA did before 6.16: every section reads the keys of its set.
   */
  readonly writesKeys?: boolean;
}

/** A trace that no test of the manager can bring about. */
export class StagingError extends InputError {
  override readonly name = 'StagingError';

  constructor(message: string) {
    super('IRQB504', `cannot be staged: ${message}`, {
      hint: 'a counterexample of plain threads that register and unregister',
    });
  }
}

/** A call of a trace. Sections are numbered from 1, in the order of the mutex. */
interface Taken {
  readonly call: StagedCall;
  /** Sections that were over before its unlocked half. */
  readonly unlockedAfter: number;
  /** Does its unlocked half write what every section reads: the key of a struct that is in its set? */
  readonly isPinned: boolean;
  /** Its own; null where it returned without the mutex. */
  section: number | null;
  hasReturned: boolean;
}

/** Arguments of calls in scenarios that are no arguments in C. */
const CIRCUMSTANCES: Readonly<Record<string, string>> = {
  moduleGet: 'that try_module_get() fails',
  atomic: 'that the caller holds a spinlock',
};

const text = ({ op, object, argument, thread }: StagedCall): string =>
  `${op}(${object}${argument === undefined ? '' : `, ${argument ?? 'NULL'}`}) of ${thread}`;

/**
 * How a test brings about what a trace shows.
 *
 * @param trace - a counterexample, step by step
 * @param options - which structs are a test's own, and whether a registration writes the key before it waits
 * @returns stages as small as they can be
 * @throws StagingError that names the step that no test can bring about
 */
export function stagingOf(trace: readonly TraceStep[], { structs, writesKeys = false }: StagingOptions): Staging {
  const reading = new TraceReading(structs, writesKeys);
  for (const step of trace) reading.take(step);
  const calls = reading.finished();
  if (calls.length === 0) throw new StagingError('the trace makes no call of the manager');
  return { stages: stagesOf(calls), answers: reading.answers };
}

/** Reads calls, their halves and what callbacks answered. */
class TraceReading {
  readonly answers: Record<string, number[]> = {};
  readonly #structs: ReadonlySet<string>;
  readonly #writesKeys: boolean;
  readonly #taken: Taken[] = [];
  /** Structs in their sets, and the one whose section is not over. */
  readonly #registered = new Set<string>();
  #inSection: string | null = null;
  #begun = 0;
  #over = 0;

  constructor(structs: ReadonlySet<string>, writesKeys: boolean) {
    this.#structs = structs;
    this.#writesKeys = writesKeys;
  }

  take(step: TraceStep): void {
    const { to, message, observations } = step;
    const shown = observations.map(asObservation);
    if (message.type === 'call') this.#call(step);
    else if (to === REGISTRY && isManagerOperation(message.type)) this.#lock(step);
    for (const one of shown) this.#observe(one);
  }

  #call({ to, message }: TraceStep): void {
    const { op, object, eventfd, to: target, ...others } = message['call'] as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(others).find((key) => key !== 'irq' && others[key] !== undefined);
    const isCopy = op === 'copy';
    if (typeof op !== 'string' || typeof object !== 'string' || !(isCopy || isManagerOperation(op)))
      throw new StagingError(`${String(op)}(${String(object ?? 'NULL')}) of ${to} is no call of the manager`);
    if (!this.#structs.has(object)) throw new StagingError(`${op}(${object}) of ${to}: the struct is a driver's`);
    if (unknown !== undefined)
      throw new StagingError(
        `${op}(${object}) of ${to}: ${CIRCUMSTANCES[unknown] ?? unknown} is not a test's to decide`,
      );
    const argument = isCopy
      ? (target as string)
      : op.startsWith('register')
        ? ((eventfd ?? null) as string | null)
        : undefined;
    const call: StagedCall = {
      op,
      object,
      thread: to,
      ...(argument === undefined ? {} : { argument }),
    };
    const isPinned =
      this.#writesKeys && op.startsWith('register') && (this.#registered.has(object) || this.#inSection === object);
    const taken: Taken = { call, unlockedAfter: this.#over, isPinned, section: null, hasReturned: false };
    if (isPinned && this.#begun > this.#over)
      throw new StagingError(`${text(call)} writes its key while somebody has the mutex`);
    // A copy is there at once: a section of its own, that nobody may be in the midst of.
    if (isCopy) {
      if (this.#begun > this.#over) throw new StagingError(`${text(call)} comes while somebody has the mutex`);
      this.#begun += 1;
      this.#over += 1;
      Object.assign(taken, { section: this.#begun, hasReturned: true });
    }
    this.#taken.push(taken);
  }

  #lock({ message }: TraceStep): void {
    if (message['allocation'] === 'fails')
      throw new StagingError(`${message.type}(${String(message['object'])}): a node allocation fails (failslab can)`);
    this.#begun += 1;
    const taken = this.#openOf(String(message['caller']));
    if (taken === undefined) return;
    taken.section = this.#begun;
    this.#inSection = taken.call.object;
  }

  #observe(shown: Observation): void {
    if (shown.kind === 'return') {
      const taken = this.#openOf(shown.caller);
      if (taken === undefined) return;
      taken.hasReturned = true;
      if (taken.section === null) return;
      this.#over += 1;
      this.#inSection = null;
      const { op, object } = taken.call;
      if (op.startsWith('unregister')) this.#registered.delete(object);
      else if (shown.value === 0) this.#registered.add(object);
    } else if (shown.kind === 'callback') {
      if (shown.callback.startsWith('add_')) (this.answers[shown.object] ??= []).push(shown.value ?? 0);
    } else if (shown.kind === 'reentry') {
      throw new StagingError(
        `${shown.object}.${shown.callback} calls the manager again: the thread would wait for itself`,
      );
    }
  }

  #openOf(thread: string): Taken | undefined {
    return this.#taken.findLast(({ call, hasReturned }) => call.thread === thread && !hasReturned);
  }

  /** All calls; those that were not over when the trace ended get the mutex in the order of their unlocked halves. */
  finished(): readonly Taken[] {
    for (const taken of this.#taken) if (!taken.hasReturned && taken.section === null) taken.section = this.#begun += 1;
    return this.#taken;
  }
}

/** After how many sections the unlocked half of a call may come. */
interface Span {
  readonly taken: Taken;
  readonly from: number;
  readonly to: number;
}

/** Does a section of one call change what the unlocked half of another one reads? */
const changes = (one: StagedCall, { object }: StagedCall): boolean =>
  one.object === object || (one.op === 'copy' && one.argument === object);

function spanOf(taken: Taken, index: number, all: readonly Taken[]): Span {
  const { call, unlockedAfter, isPinned, section } = taken;
  if (isPinned) return { taken, from: unlockedAfter, to: unlockedAfter };
  const inOrder = all.filter((one) => one.section !== null).toSorted((a, b) => (a.section ?? 0) - (b.section ?? 0));
  const isFree = (number: number): boolean => {
    const one = inOrder[number - 1];
    return one === undefined || one === taken || (!changes(one.call, call) && !changes(call, one.call));
  };
  // A thread makes one call after the other.
  const previous = all.slice(0, index).findLast((one) => one.call.thread === call.thread && one.section !== null);
  const next = all.slice(index + 1).find((one) => one.call.thread === call.thread && one.section !== null);
  const least = previous?.section ?? 0;
  const most = section === null ? (next === undefined ? inOrder.length : next.unlockedAfter) : section - 1;
  let [from, to] = [unlockedAfter, unlockedAfter];
  while (from > least && isFree(from)) from -= 1;
  while (to < most && isFree(to + 1)) to += 1;
  return { taken, from, to };
}

/** Cuts the sections into stages, as many as there can be. Throws StagingError. */
function stagesOf(all: readonly Taken[]): Stage[] {
  const spans = all.map(spanOf);
  const ordered = spans
    .filter(({ taken }) => taken.section !== null)
    .toSorted((a, b) => (a.taken.section ?? 0) - (b.taken.section ?? 0));
  const fits = (first: number, last: number): boolean =>
    ordered
      .slice(first - 1, last)
      .every(
        ({ from, to, taken: { call } }) =>
          from <= first - 1 && first - 1 <= to && (call.op !== 'copy' || first === last),
      );
  /** For each number of sections the most stages that they can be cut into, and where the last one begins. */
  const best: ({ readonly stages: number; readonly first: number } | undefined)[] = [{ stages: 0, first: 0 }];
  for (let last = 1; last <= ordered.length; last++) {
    for (let first = last; first >= 1; first--) {
      const before = best[first - 1];
      if (before === undefined || !fits(first, last)) continue;
      if (before.stages + 1 > (best[last]?.stages ?? 0)) best[last] = { stages: before.stages + 1, first };
    }
  }
  if (best[ordered.length] === undefined)
    throw unstageable(
      ordered,
      best.findLastIndex((one) => one !== undefined),
    );
  const cuts: number[] = [];
  for (let last = ordered.length; last > 0; last = (best[last]?.first ?? 1) - 1) cuts.unshift(last);
  return withoutMutex(spans, [0, ...cuts], (first, last) => ordered.slice(first, last).map(({ taken }) => taken.call));
}

function unstageable(ordered: readonly Span[], reached: number): StagingError {
  const stuck = ordered.slice(reached).find(({ taken }) => taken.unlockedAfter > reached) ?? ordered[reached];
  if (stuck === undefined) return new StagingError('the trace makes no call');
  const between = ordered[stuck.taken.unlockedAfter - 1]?.taken.call;
  const queued = ordered[stuck.taken.unlockedAfter]?.taken.call;
  return new StagingError(
    `the unlocked half of ${text(stuck.taken.call)} comes after ${between === undefined ? 'the beginning' : text(between)} and before ${queued === undefined ? 'the end' : `${text(queued)}, which waits for the mutex already`}`,
  );
}

/** Puts the calls that return without the mutex in between two stages. */
function withoutMutex(
  spans: readonly Span[],
  cuts: readonly number[],
  callsOf: (first: number, last: number) => readonly StagedCall[],
): Stage[] {
  const alone = spans.filter(({ taken }) => taken.section === null);
  const places = alone.map(({ taken, from, to }) => {
    const cut = cuts.find((one) => from <= one && one <= to);
    if (cut === undefined) throw new StagingError(`${text(taken.call)} returns while others wait for the mutex`);
    return { cut, call: taken.call };
  });
  return cuts.flatMap((cut, i) => [
    ...(i === 0 ? [] : [{ calls: callsOf(cuts[i - 1] ?? 0, cut) }]),
    ...places.filter((one) => one.cut === cut).map(({ call }) => ({ calls: [call] })),
  ]);
}
