// The producers and consumers of one eventfd, as far as a log shows them: every state of the manager that fits what was seen.
//
// A call takes effect under the manager's mutex, somewhere between its first line and its last; calls with callbacks while these run.
// So a history is a set of possibilities. Each line takes away those that it contradicts; where none is left, the line cannot be.
// (This is how linearizability is checked: Wing and Gong 1993, Lowe 2017.)
import type { ManagerOperation } from '../../machines/manager/protocol.ts';
import type { ConsumerCallback, ExpectedCallback, ManagerOutcomes, ManagerState, Outcome } from './manager-outcomes.ts';
import { SCOPE } from './manager-outcomes.ts';

/** A call of the manager that has begun. */
export interface ManagerCallSeen {
  readonly id: number;
  readonly op: ManagerOperation;
  /** The address of the producer or consumer. */
  readonly object: string;
}

/** What the struct of an unregistration is shown to have in it; undefined where that is not shown. */
export interface StructSeen {
  readonly isRegistered?: boolean | undefined;
  readonly isConnected?: boolean | undefined;
  /** Of the struct that it is connected with. */
  readonly partner?: string | undefined;
}

/** A callback of a call. Addresses that the log does not show are undefined. */
export interface CallbackSeen {
  readonly callback: ConsumerCallback;
  readonly consumer: string | undefined;
  readonly producer: string | undefined;
}

/** An address; `null` for a slot without one, ANY for a struct whose address has not been seen. */
type Address = string | null;
const ANY = '?';

/** What a call has done in a possibility. */
interface Done {
  readonly id: number;
  readonly outcome: Outcome;
}

/** One way in which everything can have come about. */
interface Possibility {
  readonly state: ManagerState;
  /** By slot: producers, then consumers. */
  readonly addresses: readonly Address[];
  /** Calls that took effect and have not returned. */
  readonly done: readonly Done[];
  /** The call whose callbacks run. */
  readonly running: { readonly id: number; readonly outcome: Outcome; readonly at: number } | null;
}

/** Too much is possible, or more is going on than is told apart: nothing is said of what comes. */
export class TooMuchPossible extends Error {}

/** Can a struct be at this address? */
const isAddress = (addresses: readonly Address[], struct: string | undefined, seen: string): boolean => {
  const address = addresses[slotOf.get(struct ?? '') ?? -1];
  return address === seen || address === ANY;
};

const MOST = 4000;
const slotNames = [
  ...Array.from({ length: SCOPE.producers }, (_, i) => `p${i}`),
  ...Array.from({ length: SCOPE.consumers }, (_, i) => `c${i}`),
];
const slotOf = new Map(slotNames.map((one, slot) => [one, slot]));

/** The possibilities at one eventfd. */
export class EventfdHistory {
  readonly #outcomes: ManagerOutcomes;
  readonly #isTraced: (callback: ConsumerCallback) => boolean;
  readonly #isKnown: (address: string) => boolean;
  #possible: readonly Possibility[];
  readonly #open = new Map<number, ManagerCallSeen>();

  /**
   * @param outcomes - what calls can do
   * @param isTraced - would this callback be in the log?
   * @param begin - states that it may begin in, with structs whose addresses are not known
   * @param isKnown - was this address registered in the log, at any eventfd? Then it is none of those
   */
  constructor(
    outcomes: ManagerOutcomes,
    isTraced: (callback: ConsumerCallback) => boolean,
    begin: readonly ManagerState[],
    isKnown: (address: string) => boolean,
  ) {
    this.#outcomes = outcomes;
    this.#isTraced = isTraced;
    this.#isKnown = isKnown;
    this.#possible = begin.map((state) => {
      const registered = outcomes.held(state).registered;
      return { state, addresses: slotNames.map((one) => (registered.has(one) ? ANY : null)), done: [], running: null };
    });
  }

  /** Are there calls that have not returned? */
  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** Is certainly nothing registered? */
  get isEmpty(): boolean {
    return this.#possible.every(({ state }) => this.#outcomes.held(state).registered.size === 0);
  }

  /** Is an object certainly registered, with no call of it open? */
  isRegistered(object: string): boolean {
    if ([...this.#open.values()].some((call) => call.object === object)) return false;
    return this.#possible.every(({ state, addresses }) =>
      this.#outcomes.held(state).registered.has(slotNames[addresses.indexOf(object)] ?? ''),
    );
  }

  /** A call begins. Answers whether that is possible, with what its struct is shown to have in it. */
  begin(call: ManagerCallSeen, { isRegistered, isConnected, partner }: StructSeen = {}): boolean {
    this.#open.set(call.id, call);
    const found = this.#possible.flatMap((one) => this.#placed(one, call));
    if (isRegistered === undefined && isConnected === undefined) return this.#keep(found);
    // The struct is read before the mutex is had: others may have changed it a moment ago, without having returned.
    this.#possible = found;
    const fitting = this.#withSilent().filter(({ state, addresses, running }) => {
      if (running !== null) return true;
      const struct = slotNames[addresses.indexOf(call.object)] ?? '';
      const held = this.#outcomes.held(state);
      return (
        (isRegistered === undefined || held.registered.has(struct) === isRegistered) &&
        (isConnected === undefined || held.peer.has(struct) === isConnected) &&
        (partner === undefined || isAddress(addresses, held.peer.get(struct), partner))
      );
    });
    return this.#keep(fitting.filter(({ done }) => !done.some(({ id }) => id === call.id)));
  }

  /** A callback begins. */
  callback(id: number, seen: CallbackSeen): boolean {
    const next: Possibility[] = [];
    for (const one of this.#withSilent()) {
      if (one.running !== null) {
        if (one.running.id === id) next.push(...this.#went(one, one.running.outcome, one.running.at, id, seen));
      } else if (!one.done.some((other) => other.id === id)) {
        for (const outcome of this.#outcomesOf(one, id)) next.push(...this.#went(one, outcome, 0, id, seen));
      }
    }
    return this.#keep(next);
  }

  /** add_producer answers. */
  answered(id: number, fails: boolean): boolean {
    return this.#keep(
      this.#possible.filter(({ running, done }) => {
        const outcome = running?.id === id ? running.outcome : done.find((other) => other.id === id)?.outcome;
        return (
          outcome === undefined ||
          outcome.callbacks.some((one) => one.callback === 'add_producer' && one.fails === fails)
        );
      }),
    );
  }

  /**
   * A call returns.
   *
   * @param result - what it returned; undefined where the log does not show it
   * @param failure - what its add_producer returned, where that is shown
   */
  end(id: number, result: number | undefined, failure: number | undefined): boolean {
    const next: Possibility[] = [];
    for (const one of this.#withSilent()) {
      const done = one.done.find((other) => other.id === id);
      if (done === undefined || !this.#returns(done.outcome, result, failure)) continue;
      next.push({ ...one, done: one.done.filter((other) => other.id !== id) });
    }
    if (next.length === 0) return false;
    this.#open.delete(id);
    return this.#keep(next.map((one) => this.#recycled(one)));
  }

  /** What could have come instead of what did: in words, for callbacks and for results. */
  expectations(id: number): readonly string[] {
    const found = new Set<string>();
    for (const one of this.#withSilent()) {
      const running = one.running;
      if (running !== null && running.id !== id) continue;
      if (running !== null) {
        const next = this.#visible(running.outcome)[running.at];
        found.add(next === undefined ? 'no more callbacks' : this.#callbackText(one, next));
        continue;
      }
      const done = one.done.find((other) => other.id === id);
      if (done !== undefined) found.add(`return ${this.#returnText(done.outcome)}`);
      else
        for (const outcome of this.#outcomesOf(one, id)) {
          const [first] = this.#visible(outcome);
          if (first !== undefined) found.add(this.#callbackText(one, first));
        }
    }
    return [...found].sort();
  }

  #returnText({ returns, returnsFailure }: Outcome): string {
    return returnsFailure ? 'what add_producer returned' : String(returns ?? 'nothing');
  }

  #callbackText({ addresses }: Possibility, { callback, consumer, producer }: ExpectedCallback): string {
    const address = (one: string): string => {
      const found = addresses[slotOf.get(one) ?? -1] ?? one;
      return found === ANY ? 'one that is registered' : found;
    };
    const given = producer === null ? address(consumer) : `${address(consumer)}, ${address(producer)}`;
    return `${callback}(${given})`;
  }

  #returns({ returns, returnsFailure }: Outcome, result: number | undefined, failure: number | undefined): boolean {
    if (result === undefined || returns === null) return true;
    if (!returnsFailure) return result === returns;
    return result !== 0 && (failure === undefined || failure === result);
  }

  #outcomesOf({ state, addresses }: Possibility, id: number): readonly Outcome[] {
    const call = this.#open.get(id);
    const slot = call === undefined ? -1 : addresses.indexOf(call.object);
    const object = slotNames[slot];
    return call === undefined || object === undefined ? [] : this.#outcomes.of(state, call.op, object);
  }

  #visible({ callbacks }: Outcome): readonly ExpectedCallback[] {
    return callbacks.filter(({ callback }) => this.#isTraced(callback));
  }

  /** Possibilities after a callback, where it fits. */
  #went(one: Possibility, outcome: Outcome, at: number, id: number, seen: CallbackSeen): readonly Possibility[] {
    const visible = this.#visible(outcome);
    const expected = visible[at];
    if (expected === undefined || expected.callback !== seen.callback) return [];
    const withConsumer = this.#named(one.addresses, expected.consumer, seen.consumer);
    const addresses =
      expected.producer === null ? withConsumer : this.#named(withConsumer, expected.producer, seen.producer);
    if (addresses === null) return [];
    // With its last callback the mutex is all but given back: what comes then may come after it.
    return at + 1 === visible.length
      ? [{ ...one, addresses, state: outcome.next, running: null, done: [...one.done, { id, outcome }] }]
      : [{ ...one, addresses, running: { id, outcome, at: at + 1 } }];
  }

  /** Addresses where a struct is the one that was seen; null where it is another. */
  #named(addresses: readonly Address[] | null, struct: string, seen: string | undefined): readonly Address[] | null {
    if (addresses === null || seen === undefined) return addresses;
    const slot = slotOf.get(struct) ?? -1;
    if (addresses[slot] === seen) return addresses;
    const isOther = addresses.includes(seen) || this.#isKnown(seen);
    return addresses[slot] === ANY && !isOther ? addresses.with(slot, seen) : null;
  }

  /** A call's object in a slot: its own, one whose address was not known, a free one. */
  #placed(one: Possibility, { op, object }: ManagerCallSeen): readonly Possibility[] {
    if (one.addresses.includes(object)) return [one];
    const [from, to] = op.endsWith('producer') ? [0, SCOPE.producers] : [SCOPE.producers, slotNames.length];
    const registered = this.#outcomes.held(one.state).registered;
    const found: Possibility[] = [];
    let isFreeFound = false;
    for (let slot = from; slot < to; slot++) {
      const isUnknown = one.addresses[slot] === ANY && registered.has(slotNames[slot] ?? '');
      const isFree = one.addresses[slot] === null && !isFreeFound;
      if (!isUnknown && !isFree) continue;
      if (isFree) isFreeFound = true;
      found.push({ ...one, addresses: one.addresses.with(slot, object) });
    }
    if (found.length === 0) throw new TooMuchPossible('more objects at one eventfd than are told apart');
    return found;
  }

  /** Every possibility, with calls that may have taken effect without a callback that is traced. */
  #withSilent(): readonly Possibility[] {
    const found = new Map<string, Possibility>(this.#possible.map((one) => [this.#textOf(one), one]));
    for (const one of found.values()) {
      if (one.running !== null) continue;
      for (const id of this.#open.keys()) {
        if (one.done.some((other) => other.id === id)) continue;
        for (const outcome of this.#outcomesOf(one, id)) {
          if (this.#visible(outcome).length > 0) continue;
          const next = { ...one, state: outcome.next, done: [...one.done, { id, outcome }] };
          const key = this.#textOf(next);
          if (!found.has(key)) found.set(key, next);
        }
      }
      if (found.size > MOST) throw new TooMuchPossible('too many orders of calls are possible');
    }
    return [...found.values()];
  }

  /** Slots of structs that are in no set, and of no open call, are free again. */
  #recycled(one: Possibility): Possibility {
    const registered = this.#outcomes.held(one.state).registered;
    const used = new Set([...this.#open.values()].map(({ object }) => object));
    return {
      ...one,
      addresses: one.addresses.map((address, slot) =>
        address === null || registered.has(slotNames[slot] ?? '') || used.has(address) ? address : null,
      ),
    };
  }

  #textOf({ state, addresses, done, running }: Possibility): string {
    const calls = done.map(({ id, outcome }) => `${id}:${outcome.returns}:${outcome.returnsFailure}`).toSorted();
    const now = running === null ? '' : `${running.id}@${running.at}:${running.outcome.next.id}`;
    return `${state.id} ${addresses.join()} ${calls.join()} ${now}`;
  }

  #keep(next: readonly Possibility[]): boolean {
    if (next.length === 0) return false;
    this.#possible = [...new Map(next.map((one) => [this.#textOf(one), one])).values()];
    return true;
  }
}
