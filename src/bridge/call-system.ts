// What a comparison needs of a manager, whether it is machines of a revision or compiled C: states that it can be brought back
// to, calls that are made in them, and their text with names exchanged.
import type { ManagerCall, Scope } from './manager-calls.ts';
import { consumersOf, eventfdsOf, producersOf } from './manager-calls.ts';

/** What an onlooker sees of one call. */
export interface CallSeen {
  /** The return value; null for none. */
  readonly returns: number | null;
  /** Callbacks in order, as `p0.add_consumer(c0)=0`. */
  readonly callbacks: readonly string[];
  /** What each callback could see while it ran, where that is looked at: callback-sights.ts. */
  readonly sights?: readonly string[];
  readonly warn: boolean;
  /** Of the call that came while this one waited, or right after it where it did not wait; absent where there was none. */
  readonly race?: CallSeen;
}

/** The same, and what the manager holds afterwards. What cannot be seen of a manager is null. */
export interface CallObserved extends CallSeen {
  /** Has the kernel stopped? Then nothing more can be called. */
  readonly corruption: boolean;
  /** What no manager may do: a mutex that is not given back, a sanitizer's report. Null where there was nothing of the kind. */
  readonly trouble: string | null;
  /** Entries as `e0 p0`, sorted. */
  readonly producers: readonly string[] | null;
  readonly consumers: readonly string[] | null;
  /** Pairs as `p0 c0`, sorted. */
  readonly bindings: readonly string[];
  /** Keys in the structs as `p0 e0`, sorted; NULL is left out. */
  readonly keys: readonly string[];
  /** Irqs in producers as `p0 33`, sorted; those that were never given one are left out. */
  readonly irqs: readonly string[];
  /** References on the module, where it takes any. */
  readonly references: number | null;
}

/** A state and what was observed on the way to it. The state is of no use where the kernel stopped, or there was trouble. */
export interface Performed<State> {
  readonly state: State;
  readonly observed: CallObserved;
}

/** A manager that can be called in any state that it was in. */
export interface CallSystem<State> {
  /** An empty manager, zeroed objects. */
  readonly initial: State;
  /** Makes each of the calls in a state. */
  performAll(state: State, calls: readonly ManagerCall[]): Promise<readonly Performed<State>[]>;
  /**
   * Calls with a race: do the two do the same, and lead to the same state, as one after the other, the race first? Then nothing is
   * learnt from the race that the calls alone do not show.
   */
  commute(state: State, calls: readonly ManagerCall[]): Promise<readonly boolean[]>;
  /** Equal texts are equal states. */
  textOf(state: State): string;
  /** The text of a state with its names exchanged: member m of `namesOf` becomes member `permutation[m]`. */
  exchanged(state: State, permutation: Int32Array): string;
  /** More calls will be made in this state; `release` says that there will be none. */
  hold(state: State): void;
  release(state: State): void;
}

/** The members of a permutation, in their order. */
export function namesOf(scope: Scope): string[] {
  return [producersOf, consumersOf, eventfdsOf].flatMap((of) => of(scope));
}

/** All ways to exchange producers, consumers and eventfds with their like; the identity first. */
export function permutationsOf(scope: Scope): Int32Array[] {
  let all: readonly (readonly number[])[] = [[]];
  let first = 0;
  for (const size of [scope.producers, scope.consumers, scope.eventfds]) {
    const orders = ordersOf(Array.from({ length: size }, (_, i) => first + i));
    all = all.flatMap((begin) => orders.map((order) => [...begin, ...order]));
    first += size;
  }
  return all.map((image) => Int32Array.from(image));
}

function ordersOf(members: readonly number[]): number[][] {
  if (members.length === 0) return [[]];
  return members.flatMap((one, i) => ordersOf(members.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}
