// Two managers under the same calls, in lock step: every class of observable difference, each with its shortest sequence.
//
// Breadth-first over pairs of states. Where the two differ the branch ends: what comes later is a consequence. Plain calls
// come before calls with faults and races, which are made only where the calls that they are made of do not differ alone; so
// a difference is shown by the least that shows it.
import { isSamePlain } from '../engine/actors/plain-data.ts';
import { Turns } from '../engine/turns.ts';
import type { Row } from '../engine/world/world.ts';
import { valueText } from '../machines/kernel/call.ts';
import type { CallModel, CallObserved, CallSeen } from './call-model.ts';
import type { ManagerCall, Scope } from './manager-calls.ts';
import { consumersOf, eventfdsOf, plainCalls, producersOf, withFaults } from './manager-calls.ts';

/** What can be seen to differ. */
export type DifferenceField = keyof CallObserved;

/** One class of difference. */
export interface ClassOfDifference {
  /** `D1`, in the order of their lengths. */
  readonly id: string;
  /** The first field that differs. */
  readonly field: DifferenceField;
  /** What differs, names left out: `register_producer, key NULL: returns -EINVAL, then 0`. */
  readonly summary: string;
  /** The calls, the last of which shows it. */
  readonly calls: readonly ManagerCall[];
  readonly from: CallObserved;
  readonly to: CallObserved;
}

/** What a search in lock step found. */
export interface LockStepReport {
  /** Pairs of states that were met. */
  readonly states: number;
  /** Calls that were made of both. */
  readonly transitions: number;
  /** All sequences of so many calls were looked at. */
  readonly calls: number;
  /** Was everything within the scope looked at? */
  readonly isComplete: boolean;
  readonly limit?: 'interrupted' | 'seconds-limit' | 'calls-limit';
  readonly seconds: number;
  readonly differences: readonly ClassOfDifference[];
}

/** How far a search in lock step goes. */
export interface LockStepOptions {
  readonly scope: Scope;
  /** Only calls that a caller may make: no NULL, no struct that is registered already or is not, no two at once on one struct. */
  readonly isWellBehaved?: boolean;
  /** Sequences have at most so many calls (one that races with another is counted with it). */
  readonly maxCalls?: number;
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (states: number, transitions: number, seconds: number) => void;
}

interface Pair {
  readonly a: Row;
  readonly b: Row;
  readonly parent: number;
  readonly call: ManagerCall | null;
  /** Structs that their callers hold for registered. */
  readonly registered: ReadonlySet<string>;
  /** Calls that lead here, at least. */
  readonly depth: number;
}

const fields: readonly DifferenceField[] = [
  'returns',
  'callbacks',
  'warn',
  'race',
  'corruption',
  'bindings',
  'producers',
  'consumers',
];

/**
 * Explores two managers together.
 *
 * @param a - the one
 * @param b - the other; both of the same scope
 * @param options - scope, limits
 * @returns every class of difference with a shortest witness
 */
export async function inLockStep(a: CallModel, b: CallModel, options: LockStepOptions): Promise<LockStepReport> {
  const search = new LockStep(a, b, options);
  return search.run();
}

class LockStep {
  readonly #a: CallModel;
  readonly #b: CallModel;
  readonly #options: LockStepOptions;
  readonly #plain: readonly ManagerCall[];
  /** In the order of the members of a permutation. */
  readonly #names: readonly string[];
  readonly #pairs: Pair[] = [];
  readonly #known = new Set<string>();
  /** The same without exchanging names: most steps lead to a pair that was met as it is. */
  readonly #exact = new Set<string>();
  readonly #found = new Map<string, ClassOfDifference>();
  readonly #turns: Turns;
  readonly #started = performance.now();
  #transitions = 0;
  #calls = 0;
  readonly #maxCalls: number;
  /** Was a pair left out because it takes too many calls to get there? */
  #isCut = false;
  #limit: LockStepReport['limit'];

  constructor(a: CallModel, b: CallModel, options: LockStepOptions) {
    this.#a = a;
    this.#b = b;
    this.#options = options;
    this.#plain = plainCalls(options.scope);
    this.#names = [producersOf, consumersOf, eventfdsOf].flatMap((of) => of(options.scope));
    this.#turns = new Turns(options.signal);
    this.#maxCalls = options.maxCalls ?? Infinity;
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  async run(): Promise<LockStepReport> {
    this.#enter(this.#a.initial(), this.#b.initial(), -1, null, new Set());
    for (let next = 0; next < this.#pairs.length && this.#limit === undefined; next++) {
      const { depth } = this.#pairs[next] as Pair;
      // Pairs come by their depth: those before it were looked at whole.
      this.#calls = depth;
      await this.#expand(next);
    }
    if (this.#limit === undefined) this.#calls += 1;
    if (this.#isCut) this.#limit ??= 'calls-limit';
    return {
      states: this.#pairs.length,
      transitions: this.#transitions,
      calls: this.#calls,
      isComplete: this.#limit === undefined,
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      seconds: this.#seconds,
      differences: [...this.#found.values()]
        .toSorted((one, other) => one.calls.length - other.calls.length)
        .map((one, i) => ({ ...one, id: `D${i + 1}` })),
    };
  }

  async #look(): Promise<void> {
    this.#options.progress?.(this.#pairs.length, this.#transitions, this.#seconds);
    if (!(await this.#turns.take())) this.#limit = 'interrupted';
    if (this.#seconds >= (this.#options.maxSeconds ?? Infinity)) this.#limit = 'seconds-limit';
  }

  async #expand(from: number): Promise<void> {
    const { registered } = this.#pairs[from] as Pair;
    const allowed = this.#plain.filter((call) => this.#options.isWellBehaved !== true || isAllowed(call, registered));
    const alike = allowed.filter((call) => this.#make(from, call));
    for (const call of alike) {
      if (this.#turns.isDue) await this.#look();
      if (this.#limit !== undefined) return;
      for (const faulty of withFaults(call, this.#options.isWellBehaved)) this.#make(from, faulty);
      for (const race of alike) {
        if (this.#options.isWellBehaved === true && race.object === call.object) continue;
        this.#make(from, { ...call, race });
      }
    }
  }

  /** Makes a call of both. Answers whether they did the same. */
  #make(from: number, call: ManagerCall): boolean {
    const { a, b, registered } = this.#pairs[from] as Pair;
    this.#transitions += 1;
    const one = this.#a.perform(a, call);
    const other = this.#b.perform(b, call);
    const field = fields.find((key) => !isSamePlain(one.observed[key], other.observed[key]));
    if (field !== undefined) {
      this.#note(from, call, field, one.observed, other.observed);
      return false;
    }
    if (!one.observed.corruption)
      this.#enter(one.row, other.row, from, call, afterwards(registered, call, one.observed));
    return true;
  }

  #enter(a: Row, b: Row, parent: number, call: ManagerCall | null, registered: ReadonlySet<string>): void {
    const exact = `${String.fromCharCode(...a)}|${String.fromCharCode(...b)}|${this.#heldText(registered)}`;
    if (this.#exact.has(exact)) return;
    this.#exact.add(exact);
    // States that differ in names only are one: the least of their images stands for them.
    let key = '';
    for (const permutation of this.#a.permutations) {
      const held = this.#heldText(registered, permutation);
      const image = `${this.#a.exchanged(a, permutation)}|${this.#b.exchanged(b, permutation)}|${held}`;
      if (key === '' || image < key) key = image;
    }
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const depth = parent < 0 ? 0 : (this.#pairs[parent] as Pair).depth + 1;
    if (depth >= this.#maxCalls) this.#isCut = true;
    else this.#pairs.push({ a, b, parent, call, registered, depth });
  }

  /** What callers that behave hold for registered, with names exchanged: it decides which calls they may make. */
  #heldText(registered: ReadonlySet<string>, permutation?: Int32Array): string {
    if (this.#options.isWellBehaved !== true) return '';
    const names = this.#names;
    return [...registered]
      .map((one) => (permutation === undefined ? one : (names[permutation[names.indexOf(one)] as number] as string)))
      .toSorted()
      .join();
  }

  #note(from: number, call: ManagerCall, field: DifferenceField, one: CallObserved, other: CallObserved): void {
    const texts = differing(one, other);
    const summary = `${shapeOf(call)}: ${texts.join('; ')}`;
    // Another return value is the cause: what else differs then comes of it.
    const key = field === 'returns' ? `${shapeOf(call)}: ${texts[0] ?? ''}` : summary;
    if (this.#found.has(key)) return;
    this.#found.set(key, { id: '', field, summary, calls: [...this.#path(from), call], from: one, to: other });
  }

  #path(to: number): ManagerCall[] {
    const calls: ManagerCall[] = [];
    for (let at = this.#pairs[to]; at !== undefined && at.call !== null; at = this.#pairs[at.parent])
      calls.push(at.call);
    return calls.toReversed();
  }
}

/** May a caller make this call, as far as it knows? */
function isAllowed({ op, object, eventfd }: ManagerCall, registered: ReadonlySet<string>): boolean {
  return op.startsWith('register') ? eventfd !== null && !registered.has(object) : registered.has(object);
}

/** Structs that are registered after a call, and the one that raced with it, by what they returned. */
function afterwards(before: ReadonlySet<string>, call: ManagerCall, seen: CallSeen): ReadonlySet<string> {
  const after = new Set(before);
  const note = ({ op, object }: ManagerCall, { returns }: CallSeen): void => {
    if (!op.startsWith('register')) after.delete(object);
    else if (returns === 0) after.add(object);
  };
  if (call.race !== undefined && seen.race !== undefined) note(call.race, seen.race);
  note(call, seen);
  return after;
}

/** A call without its names. */
function shapeOf({ op, eventfd, fault, race }: ManagerCall): string {
  const key = op.startsWith('register') && eventfd === null ? ', key NULL' : '';
  const environment = fault === undefined ? '' : `, ${fault} fails`;
  return `${op}${key}${environment}${race === undefined ? '' : `, meanwhile ${shapeOf(race)}`}`;
}

const kinds = (callbacks: readonly string[]): string =>
  callbacks.map((one) => one.replace(/^[pc]\d+\./, '').replace(/\([pc]\d+\)/, '')).join(' ') || 'no callback';

/** How many entries each has that the other has not; one that stands twice counts twice. */
function setText(what: string, one: readonly string[], other: readonly string[]): string {
  const without = (some: readonly string[], others: readonly string[]): number => {
    const left = [...others];
    return some.filter((entry) => {
      const at = left.indexOf(entry);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    }).length;
  };
  return `${what}: ${without(one, other)} more, ${without(other, one)} fewer`;
}

/** What differs, in words without names; entries of sets are compared from the one to the other. */
function differing(one: CallObserved, other: CallObserved): string[] {
  const texts: string[] = seenDiffering(one, other);
  if (one.race !== undefined && other.race !== undefined && !isSamePlain(one.race, other.race))
    texts.push(...seenDiffering(one.race, other.race).map((text) => `meanwhile ${text}`));
  if (one.corruption !== other.corruption) texts.push(one.corruption ? 'corrupts memory no more' : 'corrupts memory');
  for (const what of ['bindings', 'producers', 'consumers'] as const)
    if (!isSamePlain(one[what], other[what])) texts.push(setText(what, other[what], one[what]));
  return texts;
}

const returnText = ({ returns }: CallSeen): string => (returns === null ? 'nothing' : valueText(returns));

function seenDiffering(one: CallSeen, other: CallSeen): string[] {
  const texts: string[] = [];
  if (one.returns !== other.returns) texts.push(`returns ${returnText(one)}, then ${returnText(other)}`);
  if (!isSamePlain(one.callbacks, other.callbacks))
    texts.push(
      kinds(one.callbacks) === kinds(other.callbacks)
        ? `callbacks of other structs (${kinds(one.callbacks)})`
        : `callbacks ${kinds(one.callbacks)}, then ${kinds(other.callbacks)}`,
    );
  if (one.warn !== other.warn) texts.push(other.warn ? 'warns' : 'warns no more');
  return texts;
}
