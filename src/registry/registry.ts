// The registry: the actor that owns the mutex, both sets of registered objects, and connect and disconnect.
//
// Kernel source: virt/lib/irqbypass.c (irq_bypass_register_producer() and its three sisters, __connect(),
// __disconnect()), Linux 4.4 to 6.17. The statechart reads like the C; what differs between revisions (revisions.ts) is
// decided here, when the chart is built, so that it shows in the drawing. Abstracted away: the module's init, the time that
// anything takes. The mutex is a lock class where tasks are known: in worlds with locks of machines/kernel/.
//
// A message to a locked registry stays in flight: that is a thread waiting for the mutex. Each callback is one message
// to a producer or consumer and one reply, so that every other actor can move in between.
import type { State, Transition } from '../engine/actors/chart.ts';
import { post, set, show } from '../engine/actors/effects.ts';
import type { Cells } from '../engine/actors/cells.ts';
import type { Handled, Handler } from '../engine/actors/handlers.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { Machine, Variants } from '../engine/actors/machine.ts';
import { machine } from '../engine/actors/machine.ts';
import type { Name, Value } from '../engine/actors/name.ts';
import type { Finding, Policy } from '../machines/manager/policy.ts';
import type { Callback, Half, ManagerOperation, Observation, RegistryMessage } from '../machines/manager/protocol.ts';
import { callbacksOf, functionOf, REGISTRY, sideOf } from '../machines/manager/protocol.ts';
import { acquire } from '../machines/kernel/lockdep.ts';
import { give, tasks } from '../machines/kernel/task.ts';
import { errno, returnTo } from '../machines/kernel/call.ts';
import { addModuleReference } from '../machines/manager/struct.ts';
import type { Change, RegistryContext, Section } from './critical-section.ts';
import {
  bind,
  bound,
  callbackMessage,
  clearKey,
  commit,
  erase,
  findEntry,
  findPartner,
  insert,
  isLinked,
  isTaken,
  lock,
  operation,
  readKey,
  unlocked,
} from './critical-section.ts';
import { moduleReferences } from './structures/module-references.ts';
import { packedIndex } from './structures/packed-index.ts';

const { on, act, when, whenever } = handlers<RegistryContext, RegistryMessage>();
/** A handler of the registry, for whatever message it is in its critical section. */
export const inCriticalSection: typeof act = act;
export type Handling = Handled<RegistryContext, RegistryMessage>;
type Chart = State<string, string, RegistryMessage['type']>;
type Branch = Transition<string>;

const registrations = ['register_producer', 'register_consumer'] as const;
const unregistrations = ['unregister_producer', 'unregister_consumer'] as const;
const requests: readonly ManagerOperation[] = [...registrations, ...unregistrations];

/** A handler that changes the context by what a step of the critical section says. */
export const changes = (compute: (section: Section) => Change): Handler<RegistryContext> =>
  act((handled) => set<RegistryContext>(compute(handled)));

/** What WARN_ON_ONCE() prints. */
export const warn = ({ context }: Handling, condition: string) =>
  show<Observation>({ kind: 'warn', in: functionOf(operation(context).op), condition });

/** Calls one callback of one half. */
const callBack = (whom: Half, callback: Callback): Handler<RegistryContext> =>
  act(({ context, cells }) => {
    const object = bound(context, whom);
    return cells.constant(object, `has ${callback}`) === true ? post(object, callbackMessage(context, callback)) : [];
  });

const registersObject = ({ op }: RegistryContext): boolean => op?.startsWith('register') ?? false;

/** module_put() of the reference that register or unregister took for itself: register keeps it where it succeeds. */
const putModule: Handler<RegistryContext> = act(({ context, cells }) => {
  if (!registersObject(context) || context.value !== 0) addModuleReference(cells, -1);
  return [];
});

/** Lockdep's class of the mutex. */
const mutexClass = (cells: Cells): Value => cells.constant(REGISTRY, 'class');

/** The end of the call: the return value. */
const finish: Handler<RegistryContext> = act(({ context }) => {
  const { op, object, caller } = operation(context);
  const value = registersObject(context) ? context.value : null;
  return [show<Observation>({ kind: 'return', caller, op, object, value }), returnTo(caller, value, context.as)];
});

/** Node allocations may fail where the scenario says so and the revision allocates. */
const allocationFaults =
  (policy: Policy): Variants =>
  (_, { constants }) =>
    constants['allocation_faults'] === true && policy.insertion !== 'list_add' ? [{ allocation: 'fails' }] : [];

/** Callbacks of both halves. */
const callbacks = (['producer', 'consumer'] as const).flatMap((whom) =>
  callbacksOf[whom].map((callback) => [whom, callback] as const),
);

const guards = {
  ...Object.fromEntries(
    callbacks.map(([whom, callback]) => [
      `no ${whom}.${callback}`,
      whenever(({ context, cells }) => cells.constant(bound(context, whom), `has ${callback}`) !== true),
    ]),
  ),
  isTaken: whenever(isTaken),
  producerIsLinked: whenever((handled) => isLinked(handled, 'producers')),
  consumerIsLinked: whenever((handled) => isLinked(handled, 'consumers')),
  isCorrupt: whenever(({ context }) => context.corruption !== null),
  hasFailed: whenever(({ context }) => context.value !== 0),
  isPaired: whenever(({ context }) => context.paired),
  isFound: whenever(({ context }) => context.found),
  answersError: when('callback_return', ({ event }) => event.value !== 0),
};

/** What the states of one revision do, by name. */
function handlersOf(policy: Policy) {
  return {
    ...Object.fromEntries(callbacks.map(([whom, callback]) => [`${whom}.${callback}()`, callBack(whom, callback)])),
    lock: on(requests, ({ event, cells }) => {
      if (event.task !== undefined) acquire(cells, event.task, mutexClass(cells));
      return set<RegistryContext>(lock(event));
    }),
    readKey: changes(readKey),
    fail: changes(() => ({ value: -errno.EBUSY })),
    [insertionOf(policy)]: changes((section) => insert(policy, section)),
    [partnerOf(policy)]: changes((section) => findPartner(policy, section)),
    ...Object.fromEntries(
      [policy.unregisterProducer, policy.unregisterConsumer].map((how) => [
        findings[how],
        changes((section) => findEntry(policy, how, section)),
      ]),
    ),
    [erasureOf(policy)]: changes((section) => erase(policy, section)),
    clearKey: act((handled) => (clearKey(handled), [])),
    takeValue: on('callback_return', ({ context, event }) => (context.value === 0 ? set({ value: event.value }) : [])),
    bind: act((handled) => (bind(handled, true), [])),
    unbind: act((handled) => (bind(handled, false), [])),
    commit: act((handled) => (commit(handled), [])),
    dropModuleReference: act(({ cells }) => (addModuleReference(cells, -1), [])),
    /** WARN_ON_ONCE(xa_erase(...) != object): whatever was at the index is gone. */
    warnOnOtherEntry: act((handled) => {
      const { found, corruption } = handled.context;
      return found || corruption !== null ? [] : warn(handled, 'xa_erase() found another entry');
    }),
    /** add57f493e08 looks the partner up and warns when it is not the bound one. */
    warnOnOtherPeer: act((handled) => {
      const { op, object } = operation(handled.context);
      const partner = bound(handled.context, sideOf(op) === 'producers' ? 'consumer' : 'producer');
      const isBound = handled.cells.load(object, 'peer') === partner;
      return isBound ? [] : warn(handled, 'the partner found by key is not the bound one');
    }),
    /** 2b521d86ee80 and add57f493e08 warn when the walk did not find the object. */
    warnOnKey: act((handled) => {
      const { object } = operation(handled.context);
      const isCleared = handled.cells.load(object, 'key') === null;
      return isCleared ? [] : warn(handled, 'the key is still set after the walk');
    }),
    reportCorruption: act(({ context }) => {
      const { op, object } = operation(context);
      return show<Observation>({ kind: 'corruption', in: functionOf(op), object, what: String(context.corruption) });
    }),
    putModule,
    finish,
    giveBack: act(({ context: { task }, cells }) => {
      if (task !== null) give(cells, task, mutexClass(cells));
      return set(unlocked);
    }),
  };
}

/**
 * The registry of one revision.
 *
 * States: `unlocked`; `locked` with `registering`, `inserting`, `pairing`, `connecting`, `undoing`, `committing`,
 * `finding`, `disconnecting`, `erasing`, `returning`; `corrupted`, where the kernel stops and keeps the mutex.
 *
 * @param policy - the revision's row
 * @param knowsTasks - is the mutex a lock class, in a world with locks of machines/kernel/?
 */
export function createRegistry(policy: Policy, knowsTasks = false): Machine {
  return machine<RegistryContext, RegistryMessage>({
    id: 'registry',
    title: 'The mutex, both sets, connect and disconnect',
    kinds: ['object'],
    constants: { allocation_faults: false, ...(knowsTasks ? { class: 'irqbypass.lock' as Name } : {}) },
    families: [
      packedIndex('producers', policy.index),
      packedIndex('consumers', policy.index),
      moduleReferences,
      ...(knowsTasks ? [tasks] : []),
    ],
    // Callbacks under way: one, and some room for bugs.
    slots: 3,
    sends: ['return', 'return.*', ...new Set(callbacks.map(([, callback]) => callback))],
    variants: Object.fromEntries(registrations.map((op) => [op, allocationFaults(policy)])),
    facts: policy,
    context: () => unlocked,
    guards,
    handlers: handlersOf(policy),
    chart: {
      initial: 'unlocked',
      states: {
        unlocked: {
          on: {
            ...Object.fromEntries(
              registrations.map((op) => [
                op,
                {
                  target: 'locked.registering',
                  actions: ['lock', ...(policy.keyOwner === 'caller' ? ['readKey'] : [])],
                },
              ]),
            ),
            unregister_producer: unregisters(policy, policy.unregisterProducer),
            unregister_consumer: unregisters(policy, policy.unregisterConsumer),
          },
        },
        locked: {
          kernel: 'mutex_lock(&lock) to mutex_unlock(&lock)',
          initial: 'registering',
          waits: requests,
          states: lockedStates(policy),
        },
        ...(mayCorrupt(policy) ? { corrupted: { entry: 'reportCorruption', waits: requests } } : {}),
      },
    },
  });
}

/** How unregister finds its entry, as an action. */
const findings: Readonly<Record<Finding, string>> = {
  'by-key': 'findByKey',
  'by-identity': 'findByIdentity',
  'by-binding': 'takeBinding',
  'by-index': 'takeIndex',
};

/** What a revision enters a newcomer with, takes it out with, and finds its partner with, as actions. */
export const insertionOf = ({ index, insertion }: Policy): string =>
  index === 'hash'
    ? 'hash_add'
    : {
        list_add: 'list_add',
        xa_insert: 'xa_insert',
        xa_store: 'xa_store',
        'list_add+xa_store': 'list_add_and_xa_store',
      }[insertion];
const erasureOf = ({ index }: Policy): string =>
  ({ list: 'list_del', hash: 'hash_del', xarray: 'xa_erase', 'list+xarray': 'list_del_and_xa_erase' })[index];
const partnerOf = ({ consumerLookup }: Policy): string =>
  consumerLookup === 'producers' ? 'findPartnerAmongProducers' : 'findPartner';

/** unregister takes the mutex and finds its entry. */
function unregisters({ keyOwner, indexRead }: Policy, how: Finding): Branch {
  const readsKey = keyOwner === 'caller' || indexRead === 'after-lock';
  return { target: 'locked.finding', actions: ['lock', ...(readsKey ? ['readKey'] : []), findings[how]] };
}

/** Takes the entry out. A list entry's key is cleared before; an xarray's is the index, and what was there is compared. */
function erasing(policy: Policy): readonly string[] {
  const erases = erasureOf(policy);
  if (policy.keyOwner === 'caller') return [erases];
  return policy.index === 'xarray' ? [erases, 'warnOnOtherEntry', 'clearKey'] : ['clearKey', erases];
}

/** Can it be led astray? A list by a node in the wrong state; any index by a look-up in the wrong set. */
function mayCorrupt(policy: Policy): boolean {
  return policy.index !== 'xarray' || policy.consumerLookup === 'producers';
}

/** A state that runs one callback of one half, and goes on as its return value says, or passes on where the function pointer is NULL. */
export function calling(whom: Half, callback: Callback, ...next: readonly Branch[]): Chart {
  const passes = (branch: Branch): Branch => ({ ...branch, guard: `no ${whom}.${callback}` });
  return {
    entry: `${whom}.${callback}()`,
    always: next.filter(({ guard }) => guard === undefined).map(passes),
    on: { callback_return: next.map((way) => ({ ...way, actions: 'takeValue' })) },
  };
}

/** How register finds out that it is too late; xa_insert() tells by itself. */
function busyTests({ insertion, identityTest }: Policy): readonly string[] {
  if (insertion === 'xa_insert') return [];
  return [
    'isTaken',
    ...(identityTest.producers ? ['producerIsLinked'] : []),
    ...(identityTest.consumers ? ['consumerIsLinked'] : []),
  ];
}

/** The states of the critical section. */
function lockedStates(policy: Policy): Readonly<Record<string, Chart>> {
  const isList = policy.index !== 'xarray';
  const isInsertFirst = policy.order === 'insert-first';
  const keepsBinding = policy.binding !== 'implied';
  const isAlwaysFound = [policy.unregisterProducer, policy.unregisterConsumer].every(
    (how) => how === 'by-binding' || how === 'by-index',
  );
  const corrupts: readonly Branch[] = mayCorrupt(policy) ? [{ guard: 'isCorrupt', target: '#registry.corrupted' }] : [];
  const commits = policy.keyOwner === 'manager' ? { entry: 'commit' } : {};
  return {
    registering: {
      kernel: 'irq_bypass_register_*()',
      always: [
        ...busyTests(policy).map((guard) => ({ guard, target: 'returning', actions: 'fail' })),
        { target: isInsertFirst ? 'inserting' : 'pairing' },
      ],
    },
    inserting: {
      entry: insertionOf(policy),
      always: [
        ...corrupts,
        ...(isList ? [] : [{ guard: 'hasFailed', target: 'returning' }]),
        { target: isInsertFirst ? 'pairing' : 'committing' },
      ],
    },
    pairing: {
      entry: partnerOf(policy),
      always: [
        ...corrupts,
        { guard: 'isPaired', target: 'connecting' },
        { target: isInsertFirst ? 'committing' : 'inserting' },
      ],
    },
    connecting: connecting(policy),
    connected: {
      id: 'connected',
      always: {
        target: isInsertFirst ? 'committing' : 'inserting',
        ...(keepsBinding ? { actions: 'bind' } : {}),
      },
    },
    failed: { id: 'failed', always: { target: isInsertFirst && policy.undo ? 'undoing' : 'returning' } },
    ...(isInsertFirst && policy.undo ? { undoing: { entry: erasing(policy), always: { target: 'returning' } } } : {}),
    committing: { ...commits, always: { target: 'returning' } },
    finding: {
      kernel: 'irq_bypass_unregister_*()',
      always: [
        ...corrupts,
        {
          guard: 'isPaired',
          target: 'disconnecting',
          ...(policy.binding === 'tracked' ? { actions: 'warnOnOtherPeer' } : {}),
        },
        isAlwaysFound ? { target: 'erasing' } : { guard: 'isFound', target: 'erasing' },
        ...(isAlwaysFound
          ? []
          : [{ target: 'returning', ...(policy.keyOwner === 'manager' ? { actions: 'warnOnKey' } : {}) }]),
      ],
    },
    disconnecting,
    disconnected: { id: 'disconnected', always: { target: 'erasing', ...(keepsBinding ? { actions: 'unbind' } : {}) } },
    erasing: {
      entry: erasing(policy),
      always: [
        ...corrupts,
        { target: 'returning', ...(policy.moduleReference ? { actions: 'dropModuleReference' } : {}) },
      ],
    },
    returning: {
      entry: [...(policy.moduleReference ? ['putModule'] : []), 'finish'],
      always: { target: '#registry.unlocked', actions: 'giveBack' },
    },
  };
}

/** __disconnect(): stop both, delete both, start both. */
const disconnecting: Chart = {
  kernel: '__disconnect()',
  initial: 'stopProducer',
  states: {
    stopProducer: calling('producer', 'stop', { target: 'stopConsumer' }),
    stopConsumer: calling('consumer', 'stop', { target: 'delProducer' }),
    delProducer: calling('consumer', 'del_producer', { target: 'delConsumer' }),
    delConsumer: calling('producer', 'del_consumer', { target: 'startConsumer' }),
    startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
    startProducer: calling('producer', 'start', { target: '#disconnected' }),
  },
};

/** __connect(): stop both, add both, roll back what failed, start both. */
function connecting(policy: Policy): Chart {
  const error = (target: string): Branch => ({ guard: 'answersError', target });
  const afterFailure = policy.start === 'always' ? 'startConsumer' : '#failed';
  const fallsThrough = policy.afterStart === 'del_consumer';
  return {
    kernel: '__connect()',
    initial: 'stopProducer',
    states: {
      stopProducer: calling('producer', 'stop', { target: 'stopConsumer' }),
      stopConsumer: calling('consumer', 'stop', { target: 'addConsumer' }),
      addConsumer: calling('producer', 'add_consumer', error(afterFailure), { target: 'addProducer' }),
      addProducer: calling('consumer', 'add_producer', error('delConsumer'), { target: 'startConsumer' }),
      // The label of the failed case; from 5.9 to 5.12 a successful connect runs on into it.
      delConsumer: calling('producer', 'del_consumer', { target: fallsThrough ? 'started' : afterFailure }),
      startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
      startProducer: calling('producer', 'start', { target: fallsThrough ? 'delConsumer' : 'started' }),
      started: { always: [{ guard: 'hasFailed', target: '#failed' }, { target: '#connected' }] },
    },
  };
}
