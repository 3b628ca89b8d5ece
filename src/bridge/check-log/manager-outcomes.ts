// What calls of one eventfd's producers and consumers can do, by the machines of a revision: remembered, each looked at once.
import type { Row } from '../../engine/world/world.ts';
import type { ManagerOperation } from '../../machines/manager/protocol.ts';
import type { Revision } from '../../registry/revisions.ts';
import { CallModel } from '../call-model.ts';
import type { CallFault, ManagerCall, Scope } from '../manager-calls.ts';

/** Callbacks that KVM's consumers have. In-tree producers have none. */
export type ConsumerCallback = 'stop' | 'add_producer' | 'del_producer' | 'start';

/** One callback of a call. */
export interface ExpectedCallback {
  readonly callback: ConsumerCallback;
  readonly consumer: string;
  /** Of add_producer and del_producer. */
  readonly producer: string | null;
  /** Does it fail? Of add_producer. */
  readonly fails: boolean;
}

/** One thing that a call can do in a state. */
export interface Outcome {
  readonly callbacks: readonly ExpectedCallback[];
  /** Of a registration; null of what returns nothing. */
  readonly returns: number | null;
  /** Does it return what add_producer returned? */
  readonly returnsFailure: boolean;
  readonly next: ManagerState;
}

/** A state of the manager: one object for each. */
export interface ManagerState {
  readonly id: number;
  readonly row: Row;
  /** What calls can do in it, as far as it was asked: by operation and struct. */
  readonly known: Map<string, readonly Outcome[]>;
  held: Held | null;
}

/** What the manager holds in a state. */
export interface Held {
  /** Structs in the sets. */
  readonly registered: ReadonlySet<string>;
  /** Whom each is connected with. */
  readonly peer: ReadonlyMap<string, string>;
}

/** Objects at one eventfd at a time that are told apart. */
export const SCOPE: Scope = { producers: 4, consumers: 4, eventfds: 1 };
const EVENTFD = 'e0';
const FAULT = -5;
const OF_PRODUCERS = ['stop', 'start', 'add_consumer', 'del_consumer'] as const;

const CALLBACK = /^(c\d+)\.(\w+)(?:\((p\d+)\))?(?:=(-?\d+))?$/;

/** A callback as an observation tells it: `c0.add_producer(p0)=0`. */
function callbackOf(text: string): ExpectedCallback {
  const [, consumer = '', callback = '', producer, answer = '0'] = CALLBACK.exec(text) ?? [];
  if (consumer === '') throw new Error(`not a callback of a consumer: ${text}`);
  return { callback: callback as ConsumerCallback, consumer, producer: producer ?? null, fails: answer !== '0' };
}

/** The machines of a revision as the manager of one eventfd. */
export class ManagerOutcomes {
  /** Nothing is registered. */
  readonly initial: ManagerState;
  readonly #model: CallModel;
  readonly #states = new Map<string, ManagerState>();

  constructor({ policy }: Revision) {
    const producers = Array.from({ length: SCOPE.producers }, (_, i) => [`p${i}`, OF_PRODUCERS] as const);
    this.#model = new CallModel(policy, SCOPE, 'clean', Object.fromEntries(producers));
    this.initial = this.#stateOf(this.#model.initial);
  }

  #stateOf(row: Row): ManagerState {
    const text = this.#model.textOf(row);
    let state = this.#states.get(text);
    if (state === undefined) {
      state = { id: this.#states.size, row, known: new Map(), held: null };
      this.#states.set(text, state);
    }
    return state;
  }

  /** What the manager holds in a state. */
  held(state: ManagerState): Held {
    if (state.held === null) {
      const { producers, consumers, bindings } = this.#model.held(state.row);
      const entries = [...(producers ?? []), ...(consumers ?? [])];
      state.held = {
        registered: new Set(entries.map((entry) => entry.split(' ')[1] ?? '')),
        peer: new Map(
          bindings.flatMap((pair) => {
            const [one = '', other = ''] = pair.split(' ');
            return [
              [one, other],
              [other, one],
            ] as const;
          }),
        ),
      };
    }
    return state.held;
  }

  /**
   * All that a call can do, failing callbacks and allocations included.
   *
   * @param state - before it
   * @param op - the call
   * @param object - of whom: `p0`
   */
  of(state: ManagerState, op: ManagerOperation, object: string): readonly Outcome[] {
    const key = `${op} ${object}`;
    let found = state.known.get(key);
    if (found === undefined) {
      found = this.#outcomes(state.row, op, object);
      state.known.set(key, found);
    }
    return found;
  }

  #outcomes(row: Row, op: ManagerOperation, object: string): readonly Outcome[] {
    const isRegistration = op.startsWith('register');
    const faults: readonly (CallFault | undefined)[] = isRegistration
      ? [undefined, 'add_producer', 'allocation']
      : [undefined];
    const found = new Map<string, Outcome>();
    for (const fault of faults) {
      const call: ManagerCall = {
        op,
        object,
        ...(isRegistration ? { eventfd: EVENTFD } : {}),
        ...(fault === undefined ? {} : { fault }),
      };
      const { state, observed } = this.#model.perform(row, call);
      if (observed.corruption) continue;
      const callbacks = observed.callbacks.map(callbackOf);
      const returnsFailure = callbacks.some(({ fails }) => fails) && observed.returns === FAULT;
      const outcome = { callbacks, returns: observed.returns, returnsFailure, next: this.#stateOf(state) };
      found.set(`${observed.callbacks.join()} ${observed.returns} ${outcome.next.id}`, outcome);
    }
    return [...found.values()];
  }
}
