// The critical section, step by step: what the registry does between taking the mutex and giving it back.
//
// Kernel source: virt/lib/irqbypass.c, Linux 4.4 to 6.17: the bodies of irq_bypass_register_producer() and its three
// sisters, __connect() and __disconnect(). Plain functions from context and memory to a change; registry.ts puts them in
// order. What differs between revisions is read from a row of policies.
import type { Cells } from '../engine/actors/cells.ts';
import type { Name } from '../engine/actors/name.ts';
import type { Finding, Policy } from '../machines/manager/policy.ts';
import type {
  Callback,
  CallbackMessage,
  Half,
  LockRequest,
  ManagerOperation,
  Side,
} from '../machines/manager/protocol.ts';
import { sideOf } from '../machines/manager/protocol.ts';
import { RegisteredSet } from '../machines/manager/sets.ts';

/** The operation in progress; all null while the mutex is free. */
export type RegistryContext = {
  readonly op: ManagerOperation | null;
  /** The struct that the call is about. */
  readonly object: Name | null;
  readonly key: Name | null;
  readonly caller: Name | null;
  /** The thread that holds the mutex, where tasks are known. */
  readonly task: Name | null;
  readonly as: string | null;
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

export type Change = Partial<RegistryContext>;

/** The critical section as a handler has it. */
export interface Section {
  readonly context: RegistryContext;
  readonly cells: Cells;
}

export const unlocked: RegistryContext = {
  op: null,
  object: null,
  key: null,
  caller: null,
  task: null,
  as: null,
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

/** One half of the pair at hand. */
export function bound(context: RegistryContext, whom: Half): Name {
  const object = context[whom];
  if (object === null) throw new Error(`no ${whom} in this operation`);
  return object;
}

/** The pair, given the object of the call and its partner. */
function pair(op: ManagerOperation, object: Name, partner: Name | null): Change {
  const [producer, consumer] = sideOf(op) === 'producers' ? [object, partner] : [partner, object];
  return { producer, consumer, paired: partner !== null };
}

/** mutex_lock(): enter the critical section for one call. The key is the argument, or was read before the lock was taken. */
export function lock({ type: op, object, caller, task, as, key, allocation }: LockRequest): RegistryContext {
  return {
    ...unlocked,
    op,
    object,
    caller,
    task: task ?? null,
    as: as ?? null,
    key,
    allocationFails: allocation === 'fails',
  };
}

/** The key is read from the struct under the lock: one that the caller owns, or an index. */
export function readKey({ context, cells }: Section): Change {
  return { key: cells.load(operation(context).object, 'key') as Name | null };
}

/** Is the key taken? A walk, or `xa_load()`. */
export function isTaken({ context, cells }: Section): boolean {
  return new RegisteredSet(cells, sideOf(operation(context).op)).find(context.key) !== null;
}

/** Is the struct itself in the set, under whatever key? */
export function isLinked({ context, cells }: Section, side: Side): boolean {
  const { op, object } = operation(context);
  return sideOf(op) === side && new RegisteredSet(cells, side).contains(object);
}

/** Enters the newcomer into its set; the manager-owned key of a list entry is written just before. */
export function insert(policy: Policy, { context, cells }: Section): Change {
  const { op, object } = operation(context);
  const set = new RegisteredSet(cells, sideOf(op));
  const { key, allocationFails } = context;
  if (policy.insertion === 'xa_insert')
    return { value: set.insert(key, object, allocationFails), allocationFails: false };
  if (policy.insertion === 'xa_store') return { value: set.put(key, object, allocationFails), allocationFails: false };
  if (policy.keyOwner === 'manager') cells.store(object, 'key', key);
  if (!set.add(object)) return { corruption: 'list_add of a node that is linked already' };
  if (policy.insertion === 'list_add+xa_store') set.put(key, object, allocationFails);
  return { allocationFails: false };
}

/** Looks for the other half under the same key. */
export function findPartner(policy: Policy, { context, cells }: Section): Change {
  const { op, object } = operation(context);
  const own = sideOf(op);
  const side: Side = own === 'consumers' ? 'producers' : policy.consumerLookup;
  const set = new RegisteredSet(cells, side);
  const partner = set.find(context.key);
  if (partner !== null && side === own) return { corruption: 'a producer is taken for a consumer' };
  if (set.walksFreed(context.key)) return { corruption: 'the walk reads a freed node' };
  return pair(op, object, partner);
}

/** unregister: finds the entry and the partner, each as the revision does it. */
export function findEntry(policy: Policy, how: Finding, section: Section): Change {
  const { context, cells } = section;
  const { op, object } = operation(context);
  const set = new RegisteredSet(cells, sideOf(op));
  const found =
    how === 'by-key'
      ? set.find(context.key) !== null
      : how === 'by-identity'
        ? policy.index === 'xarray'
          ? set.find(context.key) === object
          : set.contains(object)
        : true;
  if (!found) return { found: false };
  if (policy.binding === 'used') return { found, ...pair(op, object, cells.load(object, 'peer') as Name | null) };
  return { found, ...findPartner(policy, section) };
}

/** Takes the entry out. What `xa_erase()` or `list_del()` finds there is compared with what should be there. */
export function erase(policy: Policy, { context, cells }: Section): Change {
  const { op, object } = operation(context);
  const set = new RegisteredSet(cells, sideOf(op));
  if (policy.index === 'xarray') return { found: set.erase(context.key) === object };
  if (!set.del(object)) return { corruption: 'list_del of a node that is not linked' };
  if (policy.index === 'list+xarray') set.erase(context.key);
  return { found: true };
}

/** The manager forgets the key that it owns. */
export function clearKey({ context, cells }: Section): void {
  cells.store(operation(context).object, 'key', null);
}

/** Step 5 of __connect() and __disconnect(), after both start callbacks (add57f493e08): writes or clears bindings. */
export function bind(
  { context, cells }: Section,
  connected: boolean,
  halves: readonly Half[] = ['producer', 'consumer'],
): void {
  const other = { producer: bound(context, 'consumer'), consumer: bound(context, 'producer') };
  for (const half of halves) cells.store(bound(context, half), 'peer', connected ? other[half] : null);
}

/** The key becomes visible to others only after the pair is connected. */
export function commit({ context, cells }: Section): void {
  cells.store(operation(context).object, 'key', context.key);
}

/** The message that runs one callback of one half of the pair. */
export function callbackMessage(context: RegistryContext, callback: Callback): CallbackMessage {
  const task = context.task === null ? {} : { task: context.task };
  switch (callback) {
    case 'add_consumer':
    case 'del_consumer':
      return { type: callback, consumer: bound(context, 'consumer'), ...task };
    case 'add_producer':
    case 'del_producer':
      return { type: callback, producer: bound(context, 'producer'), ...task };
    default:
      return { type: callback, ...task };
  }
}
