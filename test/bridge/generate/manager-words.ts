// Words of events: what well-behaved callers make a manager do, whether it is right or has a bug.
import { CallDriver, CallEvents } from '../../../src/bridge/call-driver.ts';
import { CallModel } from '../../../src/bridge/call-model.ts';
import type { CallObserved } from '../../../src/bridge/call-system.ts';
import { CallGraph } from '../../../src/bridge/generate/call-graph.ts';
import type { WalkStep } from '../../../src/bridge/generate/call-graph.ts';
import { coverPairs } from '../../../src/bridge/generate/covering-walks.ts';
import { eventsOf, isWellBehaved, registeredAfter } from '../../../src/bridge/generate/rv-events.ts';
import type { ManagerCall, Scope } from '../../../src/bridge/manager-calls.ts';
import { consumersOf, eventfdsOf, plainCalls, producersOf, withFaults } from '../../../src/bridge/manager-calls.ts';
import { callbackText } from '../../../src/bridge/recorded-run.ts';
import { name } from '../../../src/engine/actors/name.ts';
import { WorldView } from '../../../src/engine/world/view.ts';
import type { Row } from '../../../src/engine/world/world.ts';
import { World } from '../../../src/engine/world/world.ts';
import type { Call } from '../../../src/machines/manager/program.ts';
import type { Mutation } from '../../../src/mutations/mutation.ts';
import { mutated } from '../../../src/mutations/mutation.ts';
import { ManagerView } from '../../../src/registry/manager-view.ts';
import type { Revision } from '../../../src/registry/revisions.ts';
import { build } from '../../../src/scenarios/build.ts';
import { machinesOf } from '../../../src/scenarios/machines.ts';

/** The events of a walk. Calls that well-behaved callers do not make have none: they are unregistrations that do nothing. */
function wordOf(steps: readonly WalkStep[]): string[] {
  let registered: ReadonlySet<string> = new Set();
  return steps.flatMap(({ call, observed }) => {
    if (!isWellBehaved(call, registered)) {
      if (call.op.startsWith('register') || observed.callbacks.length > 0)
        throw new Error('a call that does something');
      return [];
    }
    registered = registeredAfter(call, observed, registered);
    return eventsOf(call, observed);
  });
}

/**
 * The words of walks that take every two calls that can follow each other in the graph of calls.
 *
 * @param revision - of the manager
 * @param scope - how many structs
 */
export function wordsOfWalks({ policy }: Revision, scope: Scope): string[][] {
  const isMisuse = (call: ManagerCall, { returns, producers, consumers }: CallObserved): boolean =>
    call.op.startsWith('register') &&
    (call.eventfd === null ||
      (returns !== 0 && [...(producers ?? []), ...(consumers ?? [])].some((entry) => entry.endsWith(call.object))));
  const graph = new CallGraph(new CallModel(policy, scope, 'clean'), {
    scope,
    onlyCallbackFaults: policy.moduleReference,
    leavesOut: isMisuse,
  });
  return coverPairs(graph).walks.map((walk) => wordOf(graph.stepsOf(walk)));
}

/** The machines of a manager with a bug, as a function of calls. */
class BuggyManager {
  readonly initial: Row;
  readonly #view: ManagerView;
  readonly #events: CallEvents;

  constructor(revision: Revision, mutation: Mutation, scope: Scope) {
    const policy = { ...revision.policy, ...mutation.policy };
    const script = { producers: producersOf(scope), consumers: consumersOf(scope), eventfds: eventfdsOf(scope) };
    const definition = build({ ...script, discipline: 'clean' }, policy);
    const { thread } = machinesOf(policy, 'clean');
    const threads = [{ name: CALLER, machine: thread }];
    const world = new World(
      mutated({ ...definition, actors: [...definition.actors, ...threads] }, mutation, 'the calls'),
    );
    this.initial = world.initial();
    this.#view = new ManagerView(new WorldView(world, this.initial));
    this.#events = new CallEvents(world);
  }

  /** Makes a call; undefined where it does not return, or corrupts memory. */
  perform(row: Row, { op, object, eventfd, fault }: ManagerCall): { row: Row; observed: CallObserved } | undefined {
    const driver = new CallDriver(this.#events, this.#view, row);
    const key = op.startsWith('register') ? { eventfd: eventfd == null ? null : name(eventfd) } : {};
    const call: Call = { op, object: name(object), ...key, ...(op === 'register_producer' ? { irq: null } : {}) };
    const environment = {
      ...(fault === 'allocation' ? { request: { allocation: 'fails' } } : {}),
      answer: (callback: string) => (callback === fault ? -5 : undefined),
    };
    try {
      const seen = driver.observed(() => {
        driver.begin(CALLER, call);
        driver.finish(CALLER, environment);
      });
      if (this.#view.isCorrupt) return undefined;
      const callbacks = seen.filter((one) => one.kind === 'callback').map(callbackText);
      const returns = seen.findLast((one) => one.kind === 'return')?.value ?? null;
      return { row: driver.row, observed: { returns, callbacks } as unknown as CallObserved };
    } catch (error) {
      if (error instanceof Error && error.message.endsWith('never returns')) return undefined;
      throw error;
    }
  }
}

const CALLER = name('t0');

/**
 * Every word of a few calls on a manager with a bug, shorter ones first.
 *
 * @param revision - that has the bug
 * @param mutation - the bug
 * @param calls - how many calls a word has at most
 * @param hasFaults - do callbacks and allocations fail, too?
 */
export function wordsWithBug(revision: Revision, mutation: Mutation, calls: number, hasFaults = true): string[][] {
  const { moduleReference } = revision.policy;
  const scope = { producers: 2, consumers: 2, eventfds: 1 };
  const manager = new BuggyManager(revision, mutation, scope);
  const faulty = (call: ManagerCall): ManagerCall[] => (hasFaults ? withFaults(call, moduleReference) : []);
  const all = plainCalls(scope).flatMap((call) => [call, ...faulty(call)]);
  let last = [{ row: manager.initial, registered: new Set<string>() as ReadonlySet<string>, word: [] as string[] }];
  const words: string[][] = [];
  for (let i = 0; i < calls; i++) {
    last = last.flatMap(({ row, registered, word }) =>
      all.flatMap((call) => {
        const made = isWellBehaved(call, registered) ? manager.perform(row, call) : undefined;
        if (made === undefined) return [];
        const { observed } = made;
        const longer = [...word, ...eventsOf(call, observed)];
        return [{ row: made.row, registered: registeredAfter(call, observed, registered), word: longer }];
      }),
    );
    words.push(...last.map(({ word }) => word));
  }
  return words;
}
