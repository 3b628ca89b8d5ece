// The manager's calls in a log, against the machines of a revision: which callbacks, in which order, with which results, for whom.
import type { ManagerOperation } from '../../machines/manager/protocol.ts';
import type { Revision } from '../../registry/revisions.ts';
import type { StructSeen } from './eventfd-history.ts';
import { EventfdHistory, TooMuchPossible } from './eventfd-history.ts';
import type { ConsumerCallback, ManagerState } from './manager-outcomes.ts';
import { ManagerOutcomes } from './manager-outcomes.ts';
import type { LoggedCall } from './nested-calls.ts';
import { argumentOf, pointerOf } from './probe-names.ts';
import type { Reject } from './rejection.ts';

const OPERATIONS: Readonly<Record<string, ManagerOperation>> = {
  irq_bypass_register_producer: 'register_producer',
  irq_bypass_unregister_producer: 'unregister_producer',
  irq_bypass_register_consumer: 'register_consumer',
  irq_bypass_unregister_consumer: 'unregister_consumer',
};

const CALLBACKS: Readonly<Record<string, ConsumerCallback>> = {
  kvm_arch_irq_bypass_stop: 'stop',
  kvm_arch_irq_bypass_start: 'start',
  kvm_arch_irq_bypass_add_producer: 'add_producer',
  kvm_arch_irq_bypass_del_producer: 'del_producer',
};

/** Is this one of the manager's four? */
export const isManagerCall = (name: string): boolean => name in OPERATIONS;
/** Is this a callback of a consumer? */
export const isCallback = (name: string): boolean => name in CALLBACKS;

/** A call of the manager that is open. */
interface Open {
  readonly id: number;
  readonly op: ManagerOperation;
  readonly call: LoggedCall;
  readonly object: string | undefined;
  readonly history: EventfdHistory | null;
  readonly eventfd: string | undefined;
  /** Why it cannot succeed, whatever its eventfd's history says; null where it can. */
  readonly obstacle: string | null;
  /** Callbacks so far. */
  readonly callbacks: ConsumerCallback[];
  failure: number | undefined;
}

/** Sequences of traced callbacks of each operation, whatever the state. */
type Shapes = Readonly<Record<ManagerOperation, readonly (readonly ConsumerCallback[])[]>>;

/** Checks the manager's calls. */
export class ManagerCheck {
  readonly #outcomes: ManagerOutcomes;
  readonly #isTraced: (callback: ConsumerCallback) => boolean;
  readonly #reject: Reject;
  /** Are all four calls traced? Otherwise anybody may have been registered or unregistered at any time. */
  readonly #isWhole: boolean;
  /** Does only the manager write keys? Then a struct has one while it is registered. */
  readonly #ownsKey: boolean;
  readonly #refusesNull: boolean;
  readonly #inconclusive: (why: string) => void;
  readonly #shapes: Shapes;
  readonly #unknown: readonly ManagerState[];
  readonly #histories = new Map<string, EventfdHistory>();
  /** Eventfds at which nothing is registered, for certain. */
  readonly #empty = new Set<string>();
  /** Where each object was registered last. */
  readonly #eventfdOf = new Map<string, string>();
  readonly #open = new Map<LoggedCall, Open>();
  readonly #objects = new Set<string>();
  /** Addresses that were registered in this log: none of what was registered before it. */
  readonly #known = new Set<string>();
  /** The call whose callback began last. */
  #running: Open | null = null;
  #ids = 0;

  /**
   * @param revision - of the manager
   * @param traced - functions that the log has anywhere
   * @param reject - is told of lines that cannot be
   * @param inconclusive - is told why something cannot be said
   */
  constructor(revision: Revision, traced: ReadonlySet<string>, reject: Reject, inconclusive: (why: string) => void) {
    this.#outcomes = new ManagerOutcomes(revision);
    const names = Object.entries(CALLBACKS).filter(([name]) => traced.has(name));
    const callbacks = new Set(names.map(([, callback]) => callback));
    this.#isTraced = (callback) => callbacks.has(callback);
    this.#isWhole = Object.keys(OPERATIONS).every((name) => traced.has(name));
    this.#ownsKey = revision.policy.keyOwner === 'manager';
    this.#refusesNull = revision.policy.nullKey === 'refused';
    this.#reject = reject;
    this.#inconclusive = inconclusive;
    const { rows, shapes } = reachable(this.#outcomes, this.#isTraced);
    this.#unknown = rows;
    this.#shapes = shapes;
  }

  /** Objects that were seen. */
  get objects(): number {
    return this.#objects.size;
  }

  /** Does the log show whom calls are about? */
  get hasAddresses(): boolean {
    return this.#objects.size > 0;
  }

  /** A call of the manager begins. */
  begin(call: LoggedCall): void {
    const op = OPERATIONS[call.function] as ManagerOperation;
    const object =
      pointerOf(argumentOf(call.arguments, op.endsWith('producer') ? 'producer' : 'consumer')) ?? undefined;
    const shown = pointerOf(argumentOf(call.arguments, 'eventfd'));
    const isRegistration = op.startsWith('register');
    // What is unregistered may have been given another key meanwhile, or none: it counts where it is registered.
    const eventfd =
      object === undefined ? undefined : (shown ?? (isRegistration ? undefined : this.#eventfdOf.get(object)));
    if (object !== undefined) this.#objects.add(object);
    const obstacle = isRegistration ? this.#obstacle(object, shown) : null;
    if (isRegistration && object !== undefined && eventfd !== undefined) this.#eventfdOf.set(object, eventfd);
    const history = eventfd === undefined || !this.#isWhole ? null : this.#historyOf(eventfd);
    this.#ids += 1;
    const open: Open = {
      id: this.#ids,
      op,
      call,
      object,
      history,
      eventfd,
      obstacle,
      callbacks: [],
      failure: undefined,
    };
    this.#open.set(call, open);
    if (history === null || object === undefined) return;
    if (isRegistration) this.#known.add(object);
    this.#attempt(open, () => {
      const seen = isRegistration ? {} : structSeen(call, shown, this.#ownsKey);
      if (history.begin({ id: open.id, op, object }, seen)) return;
      const key = seen.isRegistered === undefined ? '' : ` key ${shown ?? 'NULL'}`;
      const partner = seen.isConnected === undefined ? '' : ` partner ${seen.isConnected ? 'set' : 'NULL'}`;
      this.#refuse(open, `${object} cannot have${key}${partner} here`, ['what it has after the calls before']);
    });
  }

  /** Why a registration cannot succeed: it stands with another eventfd, or has none where NULL is refused. */
  #obstacle(object: string | undefined, shown: string | null | undefined): string | null {
    if (shown === null && this.#refusesNull) return 'its key is NULL';
    const before = object === undefined ? undefined : this.#eventfdOf.get(object);
    if (object === undefined || before === undefined || before === shown) return null;
    const isThere = this.#histories.get(before)?.isRegistered(object) ?? false;
    return isThere ? `it is registered with ${before} and was not unregistered` : null;
  }

  /** A callback begins. */
  callback(callback: LoggedCall): void {
    const kind = CALLBACKS[callback.function] as ConsumerCallback;
    const open = this.#open.get(callback.parent as LoggedCall);
    if (open === undefined) return;
    this.#expectAlone(open, callback);
    const shapes = this.#shapes[open.op];
    const begun = shapes.filter((shape) => open.callbacks.every((one, i) => shape[i] === one));
    if (!begun.some((shape) => shape[open.callbacks.length] === kind)) {
      const expected = begun.map((shape) => shape[open.callbacks.length] ?? 'no more callbacks');
      this.#refuse(open, `${kind} cannot come here in ${open.op}`, [...new Set(expected)]);
      return;
    }
    open.callbacks.push(kind);
    const { history } = open;
    if (history === null || !this.#open.has(open.call)) return;
    this.#attempt(open, () => {
      const seen = {
        callback: kind,
        consumer: pointerOf(argumentOf(callback.arguments, 'consumer')) ?? undefined,
        producer: pointerOf(argumentOf(callback.arguments, 'producer')) ?? undefined,
      };
      if (!history.callback(open.id, seen)) {
        const given = [seen.consumer, seen.producer].filter((one) => one !== undefined).join(', ');
        this.#refuse(open, `${kind}(${given}) cannot come here in ${this.#text(open)}`, history.expectations(open.id));
      }
    });
  }

  /** A callback is over. */
  answered(callback: LoggedCall): void {
    const open = this.#open.get(callback.parent as LoggedCall);
    if (open === undefined || CALLBACKS[callback.function] !== 'add_producer' || callback.result === undefined) return;
    const { result } = callback;
    if (result !== 0) open.failure = result;
    const { history } = open;
    if (history === null) return;
    this.#attempt(open, () => {
      if (!history.answered(open.id, result !== 0))
        this.#refuse(open, `add_producer cannot return ${result} here`, ['0']);
    });
  }

  /** A call is over. */
  end(call: LoggedCall): void {
    const open = this.#open.get(call);
    if (open === undefined) return;
    this.#open.delete(call);
    const shapes = this.#shapes[open.op].filter((shape) => open.callbacks.every((one, i) => shape[i] === one));
    if (!shapes.some((shape) => shape.length === open.callbacks.length)) {
      const missing = shapes.map((shape) => shape[open.callbacks.length] ?? '');
      this.#refuse(open, `${open.op} is over without ${[...new Set(missing)].join(' or ')}`, [...new Set(missing)]);
      return;
    }
    this.#expectResult(open);
    if (open.obstacle !== null && call.result === 0) {
      this.#refuse(open, `${this.#text(open)} returns 0, and ${open.obstacle}`, ['an error']);
      return;
    }
    const { history } = open;
    if (history === null) return;
    this.#attempt(open, () => {
      if (!history.end(open.id, call.result, open.failure)) {
        const returned = call.result === undefined ? 'returns' : `returns ${call.result}`;
        this.#refuse(
          open,
          `${this.#text(open)} ${returned}, which it cannot after what came before`,
          history.expectations(open.id),
        );
      } else if (!history.isBusy && history.isEmpty && open.eventfd !== undefined) {
        this.#histories.delete(open.eventfd);
        this.#empty.add(open.eventfd);
      }
    });
  }

  /** Events were lost: all is possible again. */
  forget(): void {
    this.#open.clear();
    this.#histories.clear();
    this.#empty.clear();
    this.#eventfdOf.clear();
    this.#known.clear();
    this.#running = null;
  }

  /** What a registration returns after its own add_producer. */
  #expectResult({ op, call, callbacks, failure }: Open): void {
    const { result } = call;
    if (result === undefined || !op.startsWith('register') || !callbacks.includes('add_producer')) return;
    if (failure !== undefined && result !== failure)
      this.#reject(`${op} returns ${result} after add_producer returned ${failure}`, String(failure));
  }

  /** The mutex is one's own while one's callbacks run. */
  #expectAlone(open: Open, callback: LoggedCall): void {
    const other = this.#running;
    this.#running = open;
    if (other === null || other === open || !this.#open.has(other.call)) return;
    const shapes = this.#shapes[other.op].filter((shape) => other.callbacks.every((one, i) => shape[i] === one));
    if (shapes.some((shape) => shape.length === other.callbacks.length)) return;
    this.#reject(
      `${callback.function} runs while callbacks of another call run (line ${other.call.line}): both under the manager's mutex`,
      [...new Set(shapes.map((shape) => shape[other.callbacks.length] ?? ''))].join(' or ') +
        ` of ${this.#text(other)}`,
    );
    this.#open.delete(other.call);
  }

  #historyOf(eventfd: string): EventfdHistory {
    let history = this.#histories.get(eventfd);
    if (history === undefined) {
      const begin = this.#empty.has(eventfd) ? [this.#outcomes.initial] : this.#unknown;
      history = new EventfdHistory(this.#outcomes, this.#isTraced, begin, (address) => this.#known.has(address));
      this.#histories.set(eventfd, history);
    }
    return history;
  }

  #text({ op, object, eventfd }: Open): string {
    const key = op.startsWith('register') && eventfd !== undefined ? `, ${eventfd}` : '';
    return object === undefined ? op : `${op}(${object}${key})`;
  }

  #attempt(open: Open, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof TooMuchPossible)) throw error;
      this.#inconclusive(
        `line ${open.call.line}: ${error.message}: from there on nothing is said of eventfd ${open.eventfd}`,
      );
      this.#drop(open);
    }
  }

  #refuse(open: Open, why: string, expected: readonly string[]): void {
    this.#reject(why, expected.length === 0 ? 'nothing of the kind' : expected.join(' or '));
    this.#drop(open);
  }

  /** From here on everything is possible at this eventfd. */
  #drop({ call, eventfd, history }: Open): void {
    this.#open.delete(call);
    this.#known.clear();
    if (eventfd !== undefined) {
      this.#histories.delete(eventfd);
      this.#empty.delete(eventfd);
    }
    for (const [other, open] of this.#open) if (history !== null && open.history === history) this.#open.delete(other);
  }
}

/** What an unregistration's struct is shown to have in it. A key that callers write may be another's by now: only NULL says something. */
function structSeen(call: LoggedCall, key: string | null | undefined, ownsKey: boolean): StructSeen {
  const other = call.function === 'irq_bypass_unregister_producer' ? 'consumer' : 'producer';
  const partner = pointerOf(argumentOf(call.arguments, 'partner') ?? argumentOf(call.arguments, other));
  return {
    isRegistered: key === null ? false : key !== undefined && ownsKey ? true : undefined,
    isConnected: partner === undefined ? undefined : partner !== null,
    partner: partner ?? undefined,
  };
}

/** States of one pair that callers who behave can reach, and the sequences of callbacks on the way. */
function reachable(
  outcomes: ManagerOutcomes,
  isTraced: (callback: ConsumerCallback) => boolean,
): { readonly rows: readonly ManagerState[]; readonly shapes: Shapes } {
  const rows = new Set([outcomes.initial]);
  const shapes: Record<ManagerOperation, Map<string, readonly ConsumerCallback[]>> = {
    register_producer: new Map(),
    unregister_producer: new Map(),
    register_consumer: new Map(),
    unregister_consumer: new Map(),
  };
  for (const row of rows) {
    const registered = outcomes.held(row).registered;
    for (const object of ['p0', 'c0']) {
      const side = object === 'p0' ? 'producer' : 'consumer';
      const op: ManagerOperation = registered.has(object) ? `unregister_${side}` : `register_${side}`;
      for (const { callbacks, next } of outcomes.of(row, op, object)) {
        const shape = callbacks.map(({ callback }) => callback).filter(isTraced);
        shapes[op].set(shape.join(), shape);
        rows.add(next);
      }
    }
  }
  // An object that is in no set is unregistered in silence.
  for (const op of ['unregister_producer', 'unregister_consumer'] as const) shapes[op].set('', []);
  return {
    rows: [...rows],
    shapes: {
      register_producer: [...shapes.register_producer.values()],
      unregister_producer: [...shapes.unregister_producer.values()],
      register_consumer: [...shapes.register_consumer.values()],
      unregister_consumer: [...shapes.unregister_consumer.values()],
    },
  };
}
