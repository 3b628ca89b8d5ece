// The machines of one revision as a function of calls: a state and a call give the next state and what was observed.
//
// Unlike a recorded run it keeps the sets in the row alone, so that a search can go on from any state, as often as it likes.
import type { Name } from '../engine/actors/name.ts';
import { name } from '../engine/actors/name.ts';
import { RowRenaming } from '../engine/explorer/reductions/row-renaming.ts';
import { WorldView } from '../engine/world/view.ts';
import type { Row } from '../engine/world/world.ts';
import { World } from '../engine/world/world.ts';
import { errno } from '../machines/kernel/call.ts';
import type { Callback } from '../machines/manager/protocol.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Call } from '../machines/manager/program.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import { ManagerView } from '../registry/manager-view.ts';
import { build } from '../scenarios/build.ts';
import type { StructDefinition } from '../scenarios/define.ts';
import { machinesOf } from '../scenarios/machines.ts';
import { CallDriver, CallEvents } from './call-driver.ts';
import type { Sight, SightOptions } from './callback-sights.ts';
import { sightText } from './callback-sights.ts';
import type { CallObserved, CallSeen, CallSystem, Performed } from './call-system.ts';
import { namesOf } from './call-system.ts';
import type { ManagerCall, Scope } from './manager-calls.ts';
import { consumersOf, eventfdsOf, producersOf } from './manager-calls.ts';
import { callbackText } from './recorded-run.ts';

/** The irq of a producer that is registered under a key; harness.c has the same. */
const irqOf = (eventfd: string | null): number => 33 + (eventfd === null ? -1 : Number(eventfd.slice(1)));

const OUTER = name('t0');
const INNER = name('t1');

/** Optional callbacks that structs do without: `{ p0: ['stop', 'start'] }`. */
export type Lacks = Readonly<Record<string, readonly Callback[]>>;

/** What a call of the machines did. */
export interface PerformedCall extends Performed<Row> {
  /** Did it wait for the mutex? */
  readonly waits: boolean;
  /** Did it write what others can read before it waited, or returned without? */
  readonly writes: boolean;
}

/** The machines of a revision as a manager that can be called. */
export class CallModel implements CallSystem<Row> {
  /** An empty manager, zeroed objects. */
  readonly initial: Row;
  readonly #world: World;
  readonly #policy: Policy;
  readonly #discipline: Discipline;
  readonly #view: ManagerView;
  readonly #renaming: RowRenaming;
  readonly #events: CallEvents;
  readonly #hasIrqs: boolean;
  readonly #sights: SightOptions | undefined;
  /** Of the last call: PerformedCall. */
  #waits = false;
  #writes = false;
  /** Columns of the outer thread, and of messages. */
  readonly #own: ReadonlySet<number>;

  /**
   * @param policy - of the revision
   * @param scope - how many objects there are
   * @param discipline - what callers do with the token, where it is theirs
   * @param lacks - callbacks that structs do not have; then nothing is exchanged, but where there is one of each
   * @param hasIrqs - are producers given irqs, another for each key? Only with one eventfd: they tell eventfds apart
   * @param sights - is it noted what callbacks could see while they ran?
   */
  constructor(
    policy: Policy,
    scope: Scope,
    discipline: Discipline,
    lacks: Lacks = {},
    hasIrqs = false,
    sights?: SightOptions,
  ) {
    this.#hasIrqs = hasIrqs;
    this.#sights = sights;
    this.#policy = policy;
    this.#discipline = discipline;
    const struct = (one: string): StructDefinition => ({ name: one, lacks: lacks[one] ?? [] });
    const structs = [producersOf(scope), consumersOf(scope)];
    const isAlike = structs.every((names) => names.length === 1 || names.every((one) => lacks[one] === undefined));
    const groups = isAlike ? [...structs, eventfdsOf(scope)] : [];
    const script = {
      producers: producersOf(scope).map(struct),
      consumers: consumersOf(scope).map(struct),
      eventfds: eventfdsOf(scope),
      discipline,
      interchangeable: groups.map((names) => names.map((one) => [one])),
    };
    const definition = build(script, policy);
    const { thread } = machinesOf(policy, discipline);
    const threads = [OUTER, INNER].map((one) => ({ name: one, machine: thread }));
    this.#world = new World({ ...definition, actors: [...definition.actors, ...threads] });
    this.#view = new ManagerView(new WorldView(this.#world, this.#world.initial()));
    this.#renaming = new RowRenaming(this.#world);
    this.#events = new CallEvents(this.#world);
    this.#own = new Set([this.#world.actor(OUTER), ...this.#world.channelColumns]);
    this.initial = this.#world.initial();
    // Members of groups are numbered in the order of namesOf.
    if (isAlike && this.#renaming.members !== namesOf(scope).length)
      throw new Error('the world has other members than the scope');
  }

  textOf(row: Row): string {
    return String.fromCharCode(...row);
  }

  exchanged(row: Row, permutation: Int32Array): string {
    const into = new Uint16Array(row.length);
    this.#renaming.apply(permutation, row, into);
    return String.fromCharCode(...into);
  }

  performAll(row: Row, calls: readonly ManagerCall[]): Promise<readonly Performed<Row>[]> {
    return Promise.resolve(calls.map((call) => this.perform(row, call)));
  }

  /**
   * Unlocked halves read and write their own struct only, in every revision, and of other calls' structs nobody reads more than the key
   * of one that is in its set: that is written there by callers alone that leave their key. (A test looks at the states of small scopes.)
   */
  commute(row: Row, calls: readonly ManagerCall[]): Promise<readonly boolean[]> {
    const isKeyRewritten = this.#policy.keyOwner === 'caller' && this.#discipline === 'raw';
    const inSets = isKeyRewritten ? this.#inSets(row) : new Set<string>();
    return Promise.resolve(
      calls.map(
        ({ op, object, race }) =>
          race !== undefined && race.object !== object && !(op.startsWith('register') && inSets.has(object)),
      ),
    );
  }

  /** Structs whose key others read. */
  #inSets(row: Row): ReadonlySet<string> {
    this.#view.state.row = row;
    return new Set(
      (['producers', 'consumers'] as const).flatMap((side) => this.#view.entries(side)).map(({ object }) => object),
    );
  }

  hold(): void {
    // A row stays as long as somebody has it.
  }

  release(): void {
    // So does this one.
  }

  /** Makes a call in a state. */
  perform(row: Row, call: ManagerCall): PerformedCall {
    const driver = new CallDriver(this.#events, this.#view, row);
    const seen = this.#seen(driver, OUTER, call);
    return { state: driver.row, observed: { ...seen, ...this.#held() }, waits: this.#waits, writes: this.#writes };
  }

  /** What the manager holds in a state. */
  held(row: Row): Omit<CallObserved, keyof CallSeen> {
    this.#view.state.row = row;
    return this.#held();
  }

  #seen(driver: CallDriver, caller: Name, { op, object, eventfd = null, fault, race }: ManagerCall): CallSeen {
    const isRegistration = op.startsWith('register');
    const call: Call = {
      op,
      object: name(object),
      ...(isRegistration ? { eventfd: eventfd === null ? null : name(eventfd) } : {}),
      ...(op === 'register_producer' ? { irq: this.#hasIrqs ? irqOf(eventfd) : null } : {}),
      ...(fault === 'module_get' ? { moduleGet: 'fails' as const } : {}),
    };
    const sights: string[] = [];
    const environment = {
      ...(isRegistration && fault === 'allocation' ? { request: { allocation: 'fails' } } : {}),
      answer: (callback: string) => {
        if (this.#sights !== undefined) sights.push(this.#sight(this.#sights));
        return callback === fault ? -errno.EIO : undefined;
      },
    };
    let other: CallSeen | undefined;
    const before = driver.row;
    const mine = driver.observed(() => {
      const waits = driver.begin(caller, call);
      if (caller === OUTER) {
        this.#waits = waits;
        this.#writes = driver.row.some((value, column) => value !== before[column] && !this.#own.has(column));
      }
      if (race !== undefined && waits) other = this.#seen(driver, INNER, race);
      driver.finish(caller, environment);
      // Where the call does not wait, the other one comes after it.
      if (race !== undefined && !waits && !this.#view.isCorrupt) other = this.#seen(driver, INNER, race);
    });
    return {
      returns: mine.findLast((one) => one.kind === 'return')?.value ?? null,
      callbacks: mine.filter((one) => one.kind === 'callback').map(callbackText),
      ...(this.#sights === undefined ? {} : { sights }),
      warn: mine.some((one) => one.kind === 'warn'),
      ...(other === undefined ? {} : { race: other }),
    };
  }

  /** What the callback under way can see. */
  #sight(options: SightOptions): string {
    const view = this.#view;
    const [called] = view.callbacksUnderWay();
    if (called === undefined) throw new Error('no callback is under way');
    const { consumer, producer } = called.message as { readonly consumer?: Name; readonly producer?: Name };
    const structs = [called.to as Name, consumer ?? producer].filter((one) => one !== undefined);
    return sightText(
      structs.map((one): Sight => ({
        of: one,
        key: view.field(one, 'key') as string | null,
        peer: view.field(one, 'peer') as string | null,
        irq: view.producers.includes(one) ? (view.field(one, 'irq') as number | null) : null,
        isIn: options.sets ? view.entries(view.sideOf(one)).some(({ object }) => object === one) : null,
      })),
      options,
    );
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
    const keys = [...view.producers, ...view.consumers].flatMap((struct) => {
      const key = view.field(struct, 'key');
      return key === null ? [] : [`${struct} ${String(key)}`];
    });
    const irqs = view.producers.flatMap((producer) => {
      const irq = view.field(producer, 'irq');
      return irq === null ? [] : [`${producer} ${String(irq)}`];
    });
    return {
      irqs: irqs.toSorted(),
      corruption: view.isCorrupt,
      trouble: null,
      keys: keys.toSorted(),
      references: this.#policy.moduleReference ? view.moduleReferences : null,
      producers: entries('producers'),
      consumers: entries('consumers'),
      bindings: bindings.toSorted(),
    };
  }
}
