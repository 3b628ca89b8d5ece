// The machines of one revision as a function of calls: a state and a call give the next state and what was observed.
//
// Unlike a recorded run it keeps the sets in the row alone, so that a search can go on from any state, as often as it likes.
import type { Name } from '../engine/actors/name.ts';
import { name } from '../engine/actors/name.ts';
import { Symmetry } from '../engine/explorer/reductions/symmetry.ts';
import { WorldView } from '../engine/world/view.ts';
import type { Row } from '../engine/world/world.ts';
import { World } from '../engine/world/world.ts';
import { errno } from '../machines/kernel/call.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Call } from '../machines/manager/program.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import { ManagerView } from '../registry/manager-view.ts';
import { build } from '../scenarios/build.ts';
import { machinesOf } from '../scenarios/machines.ts';
import { CallDriver, CallEvents } from './call-driver.ts';
import type { ManagerCall, Scope } from './manager-calls.ts';
import { consumersOf, eventfdsOf, producersOf } from './manager-calls.ts';
import { callbackText } from './recorded-run.ts';

const OUTER = name('t0');
const INNER = name('t1');

/** What an onlooker sees of one call. */
export interface CallSeen {
  /** The return value; null for none. */
  readonly returns: number | null;
  /** Callbacks in order, as `p0.add_consumer(c0)=0`. */
  readonly callbacks: readonly string[];
  readonly warn: boolean;
  /** Of the call that came while this one waited, or right after it where it did not wait; absent where there was none. */
  readonly race?: CallSeen;
}

/** The same, and what the manager holds afterwards. */
export interface CallObserved extends CallSeen {
  /** Has the kernel stopped? Then nothing more can be called. */
  readonly corruption: boolean;
  /** Entries as `e0 p0`, sorted. */
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  /** Pairs as `p0 c0`, sorted. */
  readonly bindings: readonly string[];
}

/** A manager that can be called. */
export class CallModel {
  readonly #world: World;
  readonly #policy: Policy;
  readonly #view: ManagerView;
  readonly #symmetry: Symmetry;
  readonly #events: CallEvents;
  /** All ways to exchange producers, consumers and eventfds; the same for every model of a scope. */
  readonly permutations: readonly Int32Array[];

  /**
   * @param policy - of the revision
   * @param scope - how many objects there are
   * @param discipline - what callers do with the token, where it is theirs
   */
  constructor(policy: Policy, scope: Scope, discipline: Discipline) {
    this.#policy = policy;
    const script = {
      producers: producersOf(scope),
      consumers: consumersOf(scope),
      eventfds: eventfdsOf(scope),
      discipline,
      interchangeable: [producersOf(scope), consumersOf(scope), eventfdsOf(scope)].map((names) =>
        names.map((one) => [one]),
      ),
    };
    const definition = build(script, policy);
    const { thread } = machinesOf(policy, discipline);
    const threads = [OUTER, INNER].map((one) => ({ name: one, machine: thread }));
    this.#world = new World({ ...definition, actors: [...definition.actors, ...threads] });
    this.#view = new ManagerView(new WorldView(this.#world, this.#world.initial()));
    this.#symmetry = new Symmetry(this.#world);
    this.#events = new CallEvents(this.#world);
    this.permutations = generated(this.#symmetry.image, this.#symmetry.exchanges());
  }

  /** An empty manager, zeroed objects. */
  initial(): Row {
    return this.#world.initial();
  }

  /** A state with its names exchanged, as text. */
  exchanged(row: Row, permutation: Int32Array): string {
    const into = new Uint16Array(row.length);
    this.#symmetry.apply(permutation, row, into);
    return String.fromCharCode(...into);
  }

  /** Makes a call in a state. */
  perform(row: Row, call: ManagerCall): { readonly row: Row; readonly observed: CallObserved } {
    const driver = new CallDriver(this.#events, this.#view, row);
    const seen = this.#seen(driver, OUTER, call);
    return { row: driver.row, observed: { ...seen, ...this.#held() } };
  }

  #seen(driver: CallDriver, caller: Name, { op, object, eventfd = null, fault, race }: ManagerCall): CallSeen {
    const isRegistration = op.startsWith('register');
    const call: Call = {
      op,
      object: name(object),
      ...(isRegistration ? { eventfd: eventfd === null ? null : name(eventfd) } : {}),
      ...(op === 'register_producer' ? { irq: null } : {}),
      ...(fault === 'module_get' ? { moduleGet: 'fails' as const } : {}),
    };
    const environment = {
      ...(isRegistration && fault === 'allocation' ? { request: { allocation: 'fails' } } : {}),
      answer: (callback: string) => (callback === fault ? -errno.EIO : undefined),
    };
    let other: CallSeen | undefined;
    const mine = driver.observed(() => {
      const waits = driver.begin(caller, call);
      if (race !== undefined && waits) other = this.#seen(driver, INNER, race);
      driver.finish(caller, environment);
      // Where the call does not wait, the other one comes after it.
      if (race !== undefined && !waits && !this.#view.isCorrupt) other = this.#seen(driver, INNER, race);
    });
    return {
      returns: mine.findLast((one) => one.kind === 'return')?.value ?? null,
      callbacks: mine.filter((one) => one.kind === 'callback').map(callbackText),
      warn: mine.some((one) => one.kind === 'warn'),
      ...(other === undefined ? {} : { race: other }),
    };
  }

  #held(): Omit<CallObserved, keyof CallSeen> {
    const view = this.#view;
    const entries = (side: 'producers' | 'consumers'): string[] =>
      view
        .entries(side)
        .map(({ key, object }) => `${key ?? 'NULL'} ${object}`)
        .toSorted();
    const bindings =
      this.#policy.binding === 'implied'
        ? view.consumers.flatMap((consumer) => view.added(consumer).map((producer) => `${producer} ${consumer}`))
        : view.producers.flatMap((producer) => {
            const peer = view.field(producer, 'peer');
            return peer === null ? [] : [`${producer} ${String(peer)}`];
          });
    return {
      corruption: view.isCorrupt,
      producers: entries('producers'),
      consumers: entries('consumers'),
      bindings: bindings.toSorted(),
    };
  }
}

/** All permutations that some exchanges generate, the identity first. */
function generated(members: Int32Array, exchanges: readonly Int32Array[]): Int32Array[] {
  const identity = Int32Array.from(members, (_, member) => member);
  const all = new Map([[identity.join(), identity]]);
  for (const one of all.values())
    for (const exchange of exchanges) {
      const both = one.map((member) => exchange[member] ?? member);
      if (!all.has(both.join())) all.set(both.join(), both);
    }
  return [...all.values()];
}
