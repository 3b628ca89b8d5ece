// Who holds which lock in a state, and who waits for it: what sequence diagrams, tables of steps and the page show.
//
// Kernel source: virt/lib/irqbypass.c (the manager's one mutex is its registry, as registry/registry.ts has it),
// kernel/locking/mutex.c, kernel/locking/spinlock.c, kernel/rcu/srcutree.c, wqh.lock of fs/eventfd.c. A request that finds its lock
// taken is a message in flight to it: that is a task that waits. Nothing is written, and nothing of node is needed.
import { kindsOf } from '../engine/actors/machine.ts';
import type { Name } from '../engine/actors/name.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { Row, World } from '../engine/world/world.ts';
import { WorldView } from '../engine/world/view.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';

/** Someone who waits for a lock. */
export interface LockWaiter {
  /** The task: a thread, a work item, a handler; in worlds without tasks whoever called. */
  readonly actor: Name;
  /** What it waits to do, in the words of the model: `lock: register_producer(p0, e0)`. */
  readonly what: string;
}

/** A lock in a state of a world. */
export interface LockState {
  /** The actor that is the lock; `e0.wqh.lock` for the lock of the wait queue of an eventfd. */
  readonly lock: string;
  /** Whoever holds it; null where nobody does, and where it is only held for reading. */
  readonly holder: Name | null;
  /** Tasks in a read section, of an SRCU domain. */
  readonly readers: readonly Name[];
  /** Those who have asked and do not have it yet, in no order. */
  readonly waiters: readonly LockWaiter[];
}

/** What the kernel's locks and the registry have of this in their contexts. */
interface LockContext {
  readonly owner?: Name | null;
  readonly readers?: readonly { readonly task: Name }[];
  readonly caller?: Name | null;
  readonly task?: Name | null;
  readonly closer?: { readonly caller: Name; readonly task?: Name } | null;
}

/** The state of an eventfd in which the release of its file holds wqh.lock. */
const WQH_LOCKED = 'hangingUp';

/** Messages that ask for the lock of a wait queue, and for the manager's mutex. */
const forWaitQueue: ReadonlySet<string> = new Set(['close_eventfd', 'wqh_lock', 'eventfd_signal']);
const forMutex: ReadonlySet<string> = new Set([
  'register_producer',
  'register_consumer',
  'unregister_producer',
  'unregister_consumer',
]);
/** What a lock is sent that asks for nothing: who gives it back, the job that works grace periods out, answers. */
const NO_REQUEST = /unlock|^process_srcu$|^return(?:\.|$)/;

/** The task of a message that asks, or else its caller. */
function askerOf({ message }: PlainEvent): Name {
  const { task, caller } = message as { readonly task?: Name; readonly caller?: Name };
  return (task ?? caller ?? message.type) as Name;
}

/** An actor as a lock, and which messages to it ask for the lock. */
interface Found extends Omit<LockState, 'waiters'> {
  readonly asks: (type: string) => boolean;
}

/** What an actor is as a lock; null where it is none in this state. */
function lockOf(view: WorldView, { address, definition }: World['actors'][number]): Found | null {
  const context = view.context<LockContext>(address);
  if (address === REGISTRY) {
    // Where the kernel stopped in the critical section, the mutex is never given back.
    const holder = view.value(REGISTRY) === 'unlocked' ? null : (context.task ?? context.caller ?? null);
    return { lock: address, holder, readers: [], asks: (type) => forMutex.has(type) };
  }
  if (definition.machine.id === 'eventfd' && view.matches(address, WQH_LOCKED)) {
    const { task, caller } = context.closer ?? {};
    const holder = task ?? caller ?? null;
    return { lock: `${address}.wqh.lock`, holder, readers: [], asks: (type) => forWaitQueue.has(type) };
  }
  if (!kindsOf(definition.machine).includes('lock')) return null;
  const readers = (context.readers ?? []).map(({ task }) => task);
  return { lock: address, holder: context.owner ?? null, readers, asks: (type) => !NO_REQUEST.test(type) };
}

/**
 * The locks of a world in one of its states: the manager's mutex, which is the registry; mutexes, spinlocks and SRCU domains; of an
 * eventfd `wqh.lock`, while a release of the file holds it over several steps.
 *
 * @param world - the world
 * @param row - the state
 * @returns an entry for each lock, in the order of the actors, those that are free included; who has asked for one that has just
 *   become free is among its waiters until it has it
 * @example
 * locksIn(world, row).filter(({ holder }) => holder !== null);
 */
export function locksIn(world: World, row: Row): readonly LockState[] {
  const view = new WorldView(world, row);
  const inFlight = view.inFlight();
  return world.actors.flatMap((actor): LockState[] => {
    const found = lockOf(view, actor);
    if (found === null) return [];
    const { asks, ...lock } = found;
    const waiters = inFlight
      .filter(({ to, message }) => to === actor.address && asks(message.type))
      .map((event) => ({ actor: askerOf(event), what: world.language.event(event) }));
    return [{ ...lock, waiters }];
  });
}
