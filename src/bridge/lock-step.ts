// Two managers under the same calls, in lock step: every class of observable difference, each with its shortest sequence.
//
// Breadth-first over pairs of states. Where the two differ the branch ends: what comes later is a consequence. Plain calls
// come before calls with faults and races, which are made only where the calls that they are made of do not differ alone; so
// a difference is shown by the least that shows it.
import { InputError } from '../engine/input-error.ts';
import { Turns } from '../engine/turns.ts';
import type { CallObserved, CallSeen, CallSystem, Performed } from './call-system.ts';
import type { DifferenceField } from './difference-text.ts';
import { differing, isSame, shapeOf } from './difference-text.ts';
import { namesOf, permutationsOf } from './call-system.ts';
import type { ManagerCall, Scope } from './manager-calls.ts';
import { callText, plainCalls, withFaults } from './manager-calls.ts';

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
  readonly limit?: 'interrupted' | 'seconds-limit' | 'calls-limit' | 'first-difference';
  readonly seconds: number;
  readonly differences: readonly ClassOfDifference[];
}

/** How far a search in lock step goes. */
export interface LockStepOptions {
  readonly scope: Scope;
  /** Only calls that a caller may make: no NULL, no struct that is registered already or is not, no two at once on one struct. */
  readonly isWellBehaved?: boolean;
  /** Is the key in each struct compared, too? Between a caller's own and the manager's there is always a difference. */
  readonly comparesKeys?: boolean;
  /** Sequences have at most so many calls (one that races with another is counted with it). */
  readonly maxCalls?: number;
  readonly maxSeconds?: number;
  /** Does it end at the first difference? Then it says only whether there is one. */
  readonly stopsAtFirst?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (states: number, transitions: number, seconds: number) => void;
}

interface Pair<A, B> {
  readonly a: A;
  readonly b: B;
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
  'sights',
  'warn',
  'race',
  'corruption',
  'trouble',
  'bindings',
  'producers',
  'consumers',
  'references',
  'irqs',
  'keys',
];

/**
 * Explores two managers together.
 *
 * @param a - the one
 * @param b - the other; both of the same scope
 * @param options - scope, limits
 * @returns every class of difference with a shortest witness
 */
export async function inLockStep<A, B>(
  a: CallSystem<A>,
  b: CallSystem<B>,
  options: LockStepOptions,
): Promise<LockStepReport> {
  const search = new LockStep(a, b, options);
  return search.run();
}

/** So many calls are made in one state before limits and signals are looked at again. */
const BATCH = 256;

class LockStep<A, B> {
  readonly #a: CallSystem<A>;
  readonly #b: CallSystem<B>;
  readonly #options: LockStepOptions;
  readonly #plain: readonly ManagerCall[];
  /** In the order of the members of a permutation. */
  readonly #names: readonly string[];
  readonly #pairs: Pair<A, B>[] = [];
  readonly #fields: readonly DifferenceField[];
  readonly #permutations: readonly Int32Array[];
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

  constructor(a: CallSystem<A>, b: CallSystem<B>, options: LockStepOptions) {
    this.#a = a;
    this.#b = b;
    this.#options = options;
    this.#plain = plainCalls(options.scope);
    this.#names = namesOf(options.scope);
    this.#permutations = permutationsOf(options.scope);
    this.#fields = fields.filter((field) => field !== 'keys' || options.comparesKeys === true);
    this.#turns = new Turns(options.signal);
    this.#maxCalls = options.maxCalls ?? Infinity;
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  async run(): Promise<LockStepReport> {
    this.#enter(this.#a.initial, this.#b.initial, -1, null, new Set());
    for (let next = 0; next < this.#pairs.length && this.#limit === undefined; next++) {
      const { depth } = this.#pairs[next] as Pair<A, B>;
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
    const { a, b, registered } = this.#pairs[from] as Pair<A, B>;
    const { isWellBehaved = false } = this.#options;
    const allowed = this.#plain.filter((call) => !isWellBehaved || isAllowed(call, registered));
    const { alike, otherwise } = await this.#makeAll(from, allowed);
    const races = alike.flatMap((call) =>
      alike
        .filter((race) => !isWellBehaved || race.object !== call.object)
        .map((race): ManagerCall => ({ ...call, race })),
    );
    const compound = [
      ...alike.flatMap((call) => withFaults(call, isWellBehaved)),
      // What differs where callbacks succeed says nothing of what does where they fail.
      ...otherwise.flatMap((call) => withFaults(call, true)),
      ...(await this.#notCommuting(from, races)),
    ];
    for (let first = 0; first < compound.length && this.#limit === undefined; first += BATCH)
      await this.#makeAll(from, compound.slice(first, first + BATCH));
    this.#a.release(a);
    this.#b.release(b);
  }

  /** Races that are more than one call after the other, for one of the two at least. */
  async #notCommuting(from: number, races: readonly ManagerCall[]): Promise<readonly ManagerCall[]> {
    const { a, b } = this.#pairs[from] as Pair<A, B>;
    const ones = await this.#told(from, () => this.#a.commute(a, races));
    const likely = races.filter((_, i) => ones[i]);
    const others = await this.#told(from, () => this.#b.commute(b, likely));
    const commuting = new Set(likely.filter((_, i) => others[i]));
    this.#transitions += commuting.size;
    return races.filter((race) => !commuting.has(race));
  }

  /** Makes calls of both. Answers those by which they did the same, and those by which they only returned the same. */
  async #makeAll(
    from: number,
    calls: readonly ManagerCall[],
  ): Promise<Record<'alike' | 'otherwise', readonly ManagerCall[]>> {
    if (this.#turns.isDue) await this.#look();
    if (this.#limit !== undefined) return { alike: [], otherwise: [] };
    const { a, b } = this.#pairs[from] as Pair<A, B>;
    // The second is asked first: where it is a process it works meanwhile.
    const [others, ones] = await this.#told(from, () =>
      Promise.all([this.#b.performAll(b, calls), this.#a.performAll(a, calls)]),
    );
    const found = calls.map((call, i) => this.#compare(from, call, ones[i] as Performed<A>, others[i] as Performed<B>));
    return {
      alike: calls.filter((_, i) => found[i] === undefined),
      otherwise: calls.filter((_, i) => found[i] !== undefined && found[i] !== 'returns'),
    };
  }

  /** Does something with both in a pair of states; of an error it is told by which calls they came there. */
  async #told<T>(from: number, something: () => Promise<T>): Promise<T> {
    try {
      return await something();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const calls = this.#path(from).map(callText);
      throw error.at(calls.length === 0 ? 'in the first state' : `after ${calls.join('; ')}`);
    }
  }

  /** Compares what was seen of a call; goes on from there where it is the same. Answers what differs first. */
  #compare(from: number, call: ManagerCall, one: Performed<A>, other: Performed<B>): DifferenceField | undefined {
    this.#transitions += 1;
    const field = this.#fields.find((key) => !isSame(key, one.observed, other.observed));
    if (field !== undefined) {
      this.#note(from, call, field, one.observed, other.observed);
      return field;
    }
    const { registered } = this.#pairs[from] as Pair<A, B>;
    if (!one.observed.corruption && one.observed.trouble === null)
      this.#enter(one.state, other.state, from, call, afterwards(registered, call, one.observed));
    return undefined;
  }

  #enter(a: A, b: B, parent: number, call: ManagerCall | null, registered: ReadonlySet<string>): void {
    const exact = `${this.#a.textOf(a)}|${this.#b.textOf(b)}|${this.#heldText(registered)}`;
    if (this.#exact.has(exact)) return;
    this.#exact.add(exact);
    // States that differ in names only are one: all images of one that is met are known then.
    const image = (permutation: Int32Array): string =>
      `${this.#a.exchanged(a, permutation)}|${this.#b.exchanged(b, permutation)}|${this.#heldText(registered, permutation)}`;
    const [identity, ...others] = this.#permutations;
    const key = image(identity as Int32Array);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    for (const permutation of others) this.#known.add(image(permutation));
    const depth = parent < 0 ? 0 : (this.#pairs[parent] as Pair<A, B>).depth + 1;
    if (depth >= this.#maxCalls) this.#isCut = true;
    else {
      this.#a.hold(a);
      this.#b.hold(b);
      this.#pairs.push({ a, b, parent, call, registered, depth });
    }
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
    if (isUnmet(call, one) && isUnmet(call, other)) return;
    const texts = differing(one, other, this.#options.comparesKeys === true);
    // Another return value is the cause: what else differs then comes of it. But for what no error should leave behind.
    const cause = [texts[0] ?? '', ...(isLeftConnected(other) && !isLeftConnected(one) ? ['stays connected'] : [])];
    const all = field === 'returns' ? [...cause, ...texts.slice(1)] : texts;
    const summary = `${shapeOf(call)}: ${all.join('; ')}`;
    const key = field === 'returns' ? `${shapeOf(call)}: ${cause.join('; ')}` : summary;
    if (this.#found.has(key)) return;
    if (this.#options.stopsAtFirst === true) this.#limit ??= 'first-difference';
    this.#found.set(key, { id: '', field, summary, calls: [...this.#path(from), call], from: one, to: other });
  }

  #path(to: number): ManagerCall[] {
    const calls: ManagerCall[] = [];
    for (let at = this.#pairs[to]; at !== undefined && at.call !== null; at = this.#pairs[at.parent])
      calls.push(at.call);
    return calls.toReversed();
  }
}

/** Is a callback to fail, and none did? Then it is the same call without the fault. */
const isUnmet = ({ fault }: ManagerCall, { callbacks }: CallSeen): boolean =>
  (fault === 'add_consumer' || fault === 'add_producer') && !callbacks.some((one) => one.includes('=-'));

/** Did a call connect, and return an error after all? */
const isLeftConnected = ({ returns, callbacks }: CallSeen): boolean =>
  returns !== null && returns < 0 && callbacks.some((one) => /add_producer.*=0$/.test(one));

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
