// The registry: the actor that owns the mutex, both sets of registered objects, and connect and disconnect.
//
// Kernel source: virt/lib/irqbypass.c (irq_bypass_register_producer() and its three sisters, __connect(),
// __disconnect()), Linux 6.12 to 6.17. The statechart reads like the C; what differs between revisions is read from a
// row of policies (revisions.ts). Abstracted away: the module's init, and the time that anything takes.
//
// A message to a locked registry stays in flight: that is a thread waiting for the mutex. Each callback is one message
// to a producer or consumer and one reply, so that every other actor can move in between.
import { setup } from 'xstate';
import type { Arguments, Effect } from '../machines/effect.ts';
import { effect, outputs } from '../machines/effect.ts';
import type {
  Callback,
  Delivered,
  ManagerFunction,
  ManagerOperation,
  Message,
  Name,
  RegistryMessage,
  Side,
} from '../machines/protocol.ts';
import { errno } from '../machines/protocol.ts';
import type { Policy } from '../machines/policy.ts';

/** The operation in progress; all null while the mutex is free. */
export type RegistryContext = {
  readonly op: ManagerOperation | null;
  /** The struct that the call is about. */
  readonly object: Name | null;
  readonly key: Name | null;
  readonly caller: Name | null;
  /** The pair that is being connected or disconnected. */
  readonly producer: Name | null;
  readonly consumer: Name | null;
  /** Is there a partner? In unregister: was the entry found? */
  readonly paired: boolean;
  readonly found: boolean;
  /** Do node allocations fail in this operation? Forgotten once the insertion was tried. */
  readonly allocationFails: boolean;
  /** The return value so far. */
  readonly value: number;
  /** What is wrong with the manager's memory, once something is. */
  readonly corruption: string | null;
};

type Event = Delivered<RegistryMessage>;
type Args = Arguments<RegistryContext, Event>;
type Change = Partial<RegistryContext>;

const free: RegistryContext = {
  op: null,
  object: null,
  key: null,
  caller: null,
  producer: null,
  consumer: null,
  paired: false,
  found: false,
  allocationFails: false,
  value: 0,
  corruption: null,
};

/** Context fields that are set wherever an operation is in progress. */
function operation(context: RegistryContext): { op: ManagerOperation; object: Name; caller: Name } {
  const { op, object, caller } = context;
  if (op === null || object === null || caller === null) throw new Error('no operation in progress');
  return { op, object, caller };
}

const sideOf = (op: ManagerOperation): Side => (op.endsWith('producer') ? 'producers' : 'consumers');
const isRegister = ({ context }: Args): boolean => operation(context).op.startsWith('register');
const functionOf = (op: ManagerOperation): ManagerFunction => `irq_bypass_${op}`;

function bound(context: RegistryContext, whom: 'producer' | 'consumer'): Name {
  const object = context[whom];
  if (object === null) throw new Error(`no ${whom} in this operation`);
  return object;
}

/** The pair, given the object of the call and its partner. */
function pair(op: ManagerOperation, object: Name, partner: Name | null): Change {
  const [producer, consumer] = sideOf(op) === 'producers' ? [object, partner] : [partner, object];
  return { producer, consumer, paired: partner !== null };
}

/** lock(): enter the critical section for one call. A caller-owned key is read from the struct under the lock. */
export function lock(policy: Policy, { event }: Args): RegistryContext {
  if (event.type === 'callback_return') throw new Error('a callback returned while nothing was called');
  const { type: op, object, caller } = event;
  const readsField = policy.keyOwner === 'caller' || (op.startsWith('unregister') && policy.indexRead === 'after-lock');
  const key = readsField ? (event.cells.load(object, 'key') as Name | null) : event.key;
  return { ...free, op, object, caller, key, allocationFails: event.allocation === 'fails' };
}

/** Is the key taken, or (where that is tested) the struct itself in the set? A walk, or `xa_load()`. */
export function isBusy(policy: Policy, { context, event }: Args): boolean {
  if (policy.insertion === 'xa_insert' || !policy.busyTest) return false;
  const { op, object } = operation(context);
  const side = sideOf(op);
  if (event.cells.find(side, context.key) !== null) return true;
  return policy.identityTest[side] && event.cells.contains(side, object);
}

/** Enters the newcomer into its set; the manager-owned key of a list entry is written just before. */
export function insert(policy: Policy, { context, event }: Args): Change {
  const { op, object } = operation(context);
  const side = sideOf(op);
  const { cells } = event;
  if (policy.insertion === 'xa_insert') {
    const value = cells.insert(side, context.key, object, context.allocationFails);
    return { value: value === -errno.EBUSY ? policy.busyError : value, allocationFails: false };
  }
  if (policy.insertion === 'xa_store')
    return { value: cells.put(side, context.key, object, context.allocationFails), allocationFails: false };
  if (policy.keyOwner === 'manager') cells.store(object, 'key', context.key);
  if (!cells.add(side, object)) return { corruption: 'list_add of a node that is linked already' };
  if (policy.insertion === 'list_add+xa_store') cells.put(side, context.key, object, context.allocationFails);
  return { allocationFails: false };
}

/** Looks for the other half under the same key. */
export function findPartner(policy: Policy, { context, event }: Args): Change {
  const { op, object } = operation(context);
  const own = sideOf(op);
  const side: Side = own === 'consumers' ? 'producers' : policy.consumerLookup;
  const partner = event.cells.find(side, context.key);
  if (partner !== null && side === own) return { corruption: 'a producer is taken for a consumer' };
  if (event.cells.walksFreed(side, context.key)) return { corruption: 'the walk reads a freed node' };
  return pair(op, object, partner);
}

/** unregister: finds the entry and the partner, each as the revision does it. */
export function findEntry(policy: Policy, args: Args): Change {
  const { context, event } = args;
  const { op, object } = operation(context);
  const side = sideOf(op);
  const { cells } = event;
  const how = side === 'producers' ? policy.unregisterProducer : policy.unregisterConsumer;
  const found =
    how === 'by-key'
      ? cells.find(side, context.key) !== null
      : how === 'by-identity'
        ? policy.index === 'xarray'
          ? cells.find(side, context.key) === object
          : cells.contains(side, object)
        : true;
  if (!found) return { found: false };
  if (policy.binding === 'used') return { found, ...pair(op, object, cells.load(object, 'peer') as Name | null) };
  return { found, ...findPartner(policy, args) };
}

/** Takes the entry out. What `xa_erase()` or `list_del()` finds there is compared with what should be there. */
export function erase(policy: Policy, { context, event }: Args): Change {
  const { op, object } = operation(context);
  const side = sideOf(op);
  const { cells } = event;
  let stale = false;
  if (policy.index === 'xarray') {
    stale = cells.erase(side, context.key) !== object && policy.keyOwner === 'manager';
  }
  if (policy.keyOwner === 'manager' && policy.clearKey) cells.store(object, 'key', null);
  if (policy.index !== 'xarray' && !cells.del(side, object)) {
    return { corruption: 'list_del of a node that is not linked' };
  }
  if (policy.index === 'list+xarray') cells.erase(side, context.key);
  return { found: !stale };
}

/** Step 5 of __connect() and __disconnect(), after both start callbacks (R4). */
export function bind(policy: Policy, { context, event }: Args, connected: boolean): Change {
  if (policy.binding === 'implied') return {};
  const producer = bound(context, 'producer');
  const consumer = bound(context, 'consumer');
  const own = context.object;
  const clears = (half: Name): boolean => policy.unbind === 'both' || (policy.unbind === 'own' && own === half);
  if (connected || clears(producer)) {
    event.cells.store(producer, 'peer', connected ? consumer : null);
  }
  if (connected || clears(consumer)) {
    event.cells.store(consumer, 'peer', connected ? producer : null);
  }
  return {};
}

/** The key becomes visible to others only after the pair is connected (D3.6). */
export function commit(policy: Policy, { context, event }: Args): Change {
  if (policy.keyOwner === 'manager') event.cells.store(operation(context).object, 'key', context.key);
  return {};
}

function takeValue({ context, event }: Args): Change {
  return event.type === 'callback_return' && context.value === 0 ? { value: event.value } : {};
}

function dropModuleReference(policy: Policy, { event }: Args): Change {
  if (policy.moduleReference) event.cells.moduleReferences(-1);
  return {};
}

/** What WARN_ON_ONCE() prints. */
function warn(context: RegistryContext, condition: string): Effect<RegistryContext> {
  return { observe: [{ kind: 'warn', in: functionOf(operation(context).op), condition }] };
}

/** WARN_ON_ONCE(xa_erase(...) != object): whatever was at the index is gone (D7.4). */
function warnOnOtherEntry({ context }: Args): Effect<RegistryContext> {
  return context.found || context.corruption !== null ? {} : warn(context, 'xa_erase() found another entry');
}

/** R4 looks the partner up and warns when it is not the bound one. */
function warnOnOtherPeer(policy: Policy, { context, event }: Args): Effect<RegistryContext> {
  if (policy.binding !== 'tracked') return {};
  const { op, object } = operation(context);
  const partner = sideOf(op) === 'producers' ? context.consumer : context.producer;
  if (event.cells.load(object, 'peer') === partner) return {};
  return warn(context, 'the partner found by key is not the bound one');
}

/** R3 and R4 warn when the walk did not find the object (D3.7). */
function warnOnKey(policy: Policy, { context, event }: Args): Effect<RegistryContext> {
  if (policy.keyOwner !== 'manager' || event.cells.load(operation(context).object, 'key') === null) return {};
  return warn(context, 'the key is still set after the walk');
}

function reportCorruption({ context }: Args): Effect<RegistryContext> {
  const { op, object } = operation(context);
  return { observe: [{ kind: 'corruption', in: functionOf(op), object, what: context.corruption ?? 'unknown' }] };
}

/** The end of the call: module_put() of what is not needed any more, and the return value. */
function finish(policy: Policy, args: Args): Effect<RegistryContext> {
  const { context } = args;
  const { op, caller } = operation(context);
  const registers = op.startsWith('register');
  if (!registers || context.value !== 0) dropModuleReference(policy, args);
  if (registers && context.value !== 0 && policy.keyOnFailure === 'written') commit(policy, args);
  const value = registers ? context.value : null;
  return { send: [{ to: caller, how: 'immediate', message: { type: 'return', value } }] };
}

/** The message that runs one callback of one half of the pair. */
function callbackMessage(context: RegistryContext, callback: Callback): Message {
  switch (callback) {
    case 'add_consumer':
    case 'del_consumer':
      return { type: callback, consumer: bound(context, 'consumer') };
    case 'add_producer':
    case 'del_producer':
      return { type: callback, producer: bound(context, 'producer') };
    default:
      return { type: callback };
  }
}

type CallbackParams = {
  readonly whom: 'producer' | 'consumer';
  readonly callback: Callback;
};

/** Calls one callback, where the function pointer is set. */
function callBack({ context, event }: Args, { whom, callback }: CallbackParams): Effect<RegistryContext> {
  const object = bound(context, whom);
  if (!event.cells.has(object, callback)) return {};
  return { send: [{ to: object, how: 'call', message: callbackMessage(context, callback) }] };
}

const act = effect<RegistryContext, Event>;
const changes = (compute: (args: Args) => Change) => act((args) => ({ context: compute(args) }));

/**
 * The registry of one revision (or of a mutated one).
 *
 * States: `unlocked`; `locked` with `registering`, `inserting`, `pairing`, `connecting`, `undoing`, `committing`,
 * `finding`, `disconnecting`, `erasing`, `returning`; `corrupted`, where the kernel stops and keeps the mutex.
 */
export function createRegistryMachine(policy: Policy) {
  const insertsFirst = (): boolean => policy.order === 'insert-first';

  /** A state that runs one callback of one half, or passes on where the function pointer is NULL. */
  const calling = <const T extends object>(
    whom: CallbackParams['whom'],
    callback: Callback,
    next: T,
  ): {
    entry: { type: 'callBack'; params: CallbackParams };
    always: { guard: { type: 'lacks'; params: CallbackParams } } & T;
    on: { callback_return: { actions: 'takeValue' } & T };
  } => ({
    entry: { type: 'callBack', params: { whom, callback } },
    always: { guard: { type: 'lacks', params: { whom, callback } }, ...next },
    on: { callback_return: { actions: 'takeValue', ...next } },
  });

  const firstAdd = policy.addOrder === 'consumer-then-producer' ? ('addConsumer' as const) : ('addProducer' as const);

  return setup({
    types: { context: {} as RegistryContext, events: {} as Event },
    guards: {
      lacks: ({ context, event }, params: CallbackParams) =>
        !event.cells.has(bound(context, params.whom), params.callback),
      isRegister,
      isBusy: (args) => isBusy(policy, args),
      insertsFirst,
      isCorrupt: ({ context }) => context.corruption !== null,
      hasFailed: ({ context }) => context.value !== 0,
      isPaired: ({ context }) => context.paired,
      disconnects: ({ context }) => context.paired && policy.disconnect,
      isFound: ({ context }) => context.found,
      startsAnyway: ({ context }) => context.value === 0 || policy.start === 'always',
      rollsBack: ({ context }) => context.value !== 0 && policy.rollBack,
      undoes: () => policy.order === 'insert-first' && policy.undo,
      keepsLock: (args) => isRegister(args) && args.context.value !== 0 && !policy.unlockOnError,
    },
    actions: {
      ...outputs,
      ignore: () => {},
      lock: changes((args) => lock(policy, args)),
      insert: changes((args) => insert(policy, args)),
      findPartner: changes((args) => findPartner(policy, args)),
      findEntry: changes((args) => findEntry(policy, args)),
      erase: changes((args) => erase(policy, args)),
      bind: changes((args) => bind(policy, args, true)),
      unbind: changes((args) => bind(policy, args, false)),
      commit: changes((args) => commit(policy, args)),
      fail: changes(() => ({ value: policy.busyError })),
      takeValue: changes(takeValue),
      callBack: effect<RegistryContext, Event, CallbackParams>(callBack),
      dropModuleReference: changes((args) => dropModuleReference(policy, args)),
      warnOnOtherEntry: act(warnOnOtherEntry),
      warnOnOtherPeer: act((args: Args) => warnOnOtherPeer(policy, args)),
      warnOnKey: act((args: Args) => warnOnKey(policy, args)),
      reportCorruption: act(reportCorruption),
      finish: act((args: Args) => finish(policy, args)),
      giveBack: changes(() => free),
    },
  }).createMachine({
    id: 'registry',
    context: free,
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          register_producer: { target: 'locked', actions: 'lock' },
          register_consumer: { target: 'locked', actions: 'lock' },
          unregister_producer: { target: 'locked', actions: 'lock' },
          unregister_consumer: { target: 'locked', actions: 'lock' },
          // Only the mutant that does not wait for the last start callback gets its return here.
          callback_return: { actions: 'ignore' },
        },
      },
      locked: {
        initial: 'deciding',
        states: {
          deciding: { always: [{ guard: 'isRegister', target: 'registering' }, { target: 'finding' }] },
          registering: {
            always: [
              {
                guard: 'isBusy',
                target: 'returning',
                actions: 'fail',
              },
              { guard: 'insertsFirst', target: 'inserting' },
              { target: 'pairing' },
            ],
          },
          inserting: {
            entry: 'insert',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'hasFailed', target: 'returning' },
              { guard: 'insertsFirst', target: 'pairing' },
              { target: 'committing' },
            ],
          },
          pairing: {
            entry: 'findPartner',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'isPaired', target: 'connecting' },
              { guard: 'insertsFirst', target: 'committing' },
              { target: 'inserting' },
            ],
          },
          connecting: {
            initial: 'stopProducer',
            states: {
              stopProducer: calling('producer', 'stop', { target: 'stopConsumer' }),
              stopConsumer: calling('consumer', 'stop', { target: firstAdd }),
              addConsumer: calling('producer', 'add_consumer', { target: 'addedConsumer' }),
              addedConsumer: {
                always: [
                  { guard: 'hasFailed', target: 'starting' },
                  { target: policy.addOrder === 'consumer-then-producer' ? 'addProducer' : 'starting' },
                ],
              },
              addProducer: calling('consumer', 'add_producer', { target: 'addedProducer' }),
              addedProducer: {
                always: [
                  { guard: 'rollsBack', target: 'delConsumer' },
                  { guard: 'hasFailed', target: 'starting' },
                  { target: policy.addOrder === 'consumer-then-producer' ? 'starting' : 'addConsumer' },
                ],
              },
              delConsumer: calling('producer', 'del_consumer', { target: 'starting' }),
              starting: { always: [{ guard: 'startsAnyway', target: 'startConsumer' }, { target: '#failed' }] },
              startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
              startProducer:
                policy.lastStart === 'awaited'
                  ? calling('producer', 'start', { target: '#connected' })
                  : {
                      entry: { type: 'callBack', params: { whom: 'producer', callback: 'start' } },
                      always: { target: '#connected' },
                    },
            },
          },
          connected: {
            id: 'connected',
            always: [
              { guard: 'hasFailed', target: 'failed' },
              { guard: 'insertsFirst', target: 'committing', actions: 'bind' },
              { target: 'inserting', actions: 'bind' },
            ],
          },
          failed: { id: 'failed', always: [{ guard: 'undoes', target: 'undoing' }, { target: 'returning' }] },
          undoing: { entry: ['erase', 'warnOnOtherEntry'], always: { target: 'returning' } },
          committing: { entry: 'commit', always: { target: 'returning' } },
          finding: {
            entry: 'findEntry',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'disconnects', target: 'disconnecting', actions: 'warnOnOtherPeer' },
              { guard: 'isFound', target: 'erasing' },
              { target: 'returning', actions: 'warnOnKey' },
            ],
          },
          disconnecting: {
            initial: 'stopProducer',
            states: {
              stopProducer: calling('producer', 'stop', { target: 'stopConsumer' }),
              stopConsumer: calling('consumer', 'stop', { target: 'delProducer' }),
              delProducer: calling('consumer', 'del_producer', { target: 'delConsumer' }),
              delConsumer: calling('producer', 'del_consumer', { target: 'startConsumer' }),
              startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
              startProducer: calling('producer', 'start', { target: '#disconnected' }),
            },
          },
          disconnected: { id: 'disconnected', always: { target: 'erasing', actions: 'unbind' } },
          erasing: {
            entry: ['erase', 'warnOnOtherEntry'],
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { target: 'returning', actions: 'dropModuleReference' },
            ],
          },
          returning: {
            entry: 'finish',
            always: [
              { guard: 'keepsLock', target: 'forgotten' },
              { target: '#registry.unlocked', actions: 'giveBack' },
            ],
          },
          // Only mutants get here: they return to the caller without giving the mutex back.
          forgotten: { entry: 'giveBack' },
        },
      },
      corrupted: { entry: 'reportCorruption', on: { callback_return: { actions: 'ignore' } } },
    },
  });
}
