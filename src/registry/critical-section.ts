// The critical section, step by step: what the registry does between taking the mutex and giving it back.
//
// Kernel source: virt/lib/irqbypass.c, Linux 6.12 to 6.17: the bodies of irq_bypass_register_producer() and its three
// sisters, __connect() and __disconnect(). Plain functions from context and event to a change or an effect; registry.ts
// puts them in order. What differs between revisions is read from a row of policies.
import type { Arguments, Effect } from '../engine/actors/effect.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type {
  Callback,
  Delivered,
  ManagerFunction,
  ManagerOperation,
  Message,
  Name,
  RegistryMessage,
  Side,
} from '../machines/manager/protocol.ts';
import { errno } from '../machines/manager/protocol.ts';

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

export type Event = Delivered<RegistryMessage>;
export type Args = Arguments<RegistryContext, Event>;
export type Change = Partial<RegistryContext>;

export const free: RegistryContext = {
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
export function operation(context: RegistryContext): { op: ManagerOperation; object: Name; caller: Name } {
  const { op, object, caller } = context;
  if (op === null || object === null || caller === null) throw new Error('no operation in progress');
  return { op, object, caller };
}

export const sideOf = (op: ManagerOperation): Side => (op.endsWith('producer') ? 'producers' : 'consumers');
export const isRegister = ({ context }: Args): boolean => operation(context).op.startsWith('register');
export const functionOf = (op: ManagerOperation): ManagerFunction => `irq_bypass_${op}`;

export function bound(context: RegistryContext, whom: 'producer' | 'consumer'): Name {
  const object = context[whom];
  if (object === null) throw new Error(`no ${whom} in this operation`);
  return object;
}

/** The pair, given the object of the call and its partner. */
export function pair(op: ManagerOperation, object: Name, partner: Name | null): Change {
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

export function takeValue({ context, event }: Args): Change {
  return event.type === 'callback_return' && context.value === 0 ? { value: event.value } : {};
}

export function dropModuleReference(policy: Policy, { event }: Args): Change {
  if (policy.moduleReference) event.cells.moduleReferences(-1);
  return {};
}

/** What WARN_ON_ONCE() prints. */
export function warn(context: RegistryContext, condition: string): Effect<RegistryContext> {
  return { observe: [{ kind: 'warn', in: functionOf(operation(context).op), condition }] };
}

/** WARN_ON_ONCE(xa_erase(...) != object): whatever was at the index is gone (D7.4). */
export function warnOnOtherEntry({ context }: Args): Effect<RegistryContext> {
  return context.found || context.corruption !== null ? {} : warn(context, 'xa_erase() found another entry');
}

/** R4 looks the partner up and warns when it is not the bound one. */
export function warnOnOtherPeer(policy: Policy, { context, event }: Args): Effect<RegistryContext> {
  if (policy.binding !== 'tracked') return {};
  const { op, object } = operation(context);
  const partner = sideOf(op) === 'producers' ? context.consumer : context.producer;
  if (event.cells.load(object, 'peer') === partner) return {};
  return warn(context, 'the partner found by key is not the bound one');
}

/** R3 and R4 warn when the walk did not find the object (D3.7). */
export function warnOnKey(policy: Policy, { context, event }: Args): Effect<RegistryContext> {
  if (policy.keyOwner !== 'manager' || event.cells.load(operation(context).object, 'key') === null) return {};
  return warn(context, 'the key is still set after the walk');
}

export function reportCorruption({ context }: Args): Effect<RegistryContext> {
  const { op, object } = operation(context);
  return { observe: [{ kind: 'corruption', in: functionOf(op), object, what: context.corruption ?? 'unknown' }] };
}

/** The end of the call: module_put() of what is not needed any more, and the return value. */
export function finish(policy: Policy, args: Args): Effect<RegistryContext> {
  const { context } = args;
  const { op, caller } = operation(context);
  const registers = op.startsWith('register');
  if (!registers || context.value !== 0) dropModuleReference(policy, args);
  if (registers && context.value !== 0 && policy.keyOnFailure === 'written') commit(policy, args);
  const value = registers ? context.value : null;
  return { send: [{ to: caller, how: 'immediate', message: { type: 'return', value } }] };
}

/** The message that runs one callback of one half of the pair. */
export function callbackMessage(context: RegistryContext, callback: Callback): Message {
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

export type CallbackParams = {
  readonly whom: 'producer' | 'consumer';
  readonly callback: Callback;
};

/** Calls one callback, where the function pointer is set. */
export function callBack({ context, event }: Args, { whom, callback }: CallbackParams): Effect<RegistryContext> {
  const object = bound(context, whom);
  if (!event.cells.has(object, callback)) return {};
  return { send: [{ to: object, how: 'call', message: callbackMessage(context, callback) }] };
}
