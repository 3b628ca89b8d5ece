// What producers and consumers have in common: the unlocked halves of register and unregister, and their callbacks.
//
// Kernel source: the code before mutex_lock() in virt/lib/irqbypass.c, Linux 4.4 to 6.17. It runs in the caller's
// thread, on the caller's struct, before the lock is taken: two threads can both be in it for one struct, and each
// then waits for the mutex with what it read. That is where the real races are (kernel-spec D7.5, D7.6). Who embeds a struct
// (a VFIO vector, an irqfd) runs the same halves and takes over all of their effects.
import type { Cells } from '../../engine/actors/cells.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { post, show } from '../../engine/actors/effects.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Policy } from './policy.ts';
import type { Half, LockRequest, ManagerOperation, Observation, Register, Unregister } from './protocol.ts';
import { errno, REGISTRY, returnTo } from './protocol.ts';

/** What a struct's machine remembers beside the fields that others read (`structCells`). */
export type StructContext = {
  readonly self: Name;
  /** The partners whose add callback on this struct succeeded and whose del callback has not come: a ledger. */
  readonly added: readonly Name[];
};

/** What the halves may send. */
export const halfSends = [
  'return',
  'register_producer',
  'unregister_producer',
  'register_consumer',
  'unregister_consumer',
] as const;

function waitForLock(op: ManagerOperation, object: Name, key: Name | null, caller: Name): HostEffect {
  return post<LockRequest>(REGISTRY, { type: op, object, key, caller }, caller);
}

/** Back to the caller before the mutex is taken. */
function returns(op: ManagerOperation, object: Name, caller: Name, value: number | null): readonly HostEffect[] {
  return [show<Observation>({ kind: 'return', caller, op, object, value, early: true }), returnTo(caller, value)];
}

/** The lock is taken in atomic context, or might_sleep() says so before. */
function splat(policy: Policy, op: ManagerOperation): HostEffect {
  const what = policy.mightSleep ? 'might_sleep() in atomic context' : 'mutex_lock() in atomic context';
  return show<Observation>({ kind: 'splat', in: `irq_bypass_${op}`, what });
}

/**
 * The part of irq_bypass_register_producer/consumer() that runs without the mutex: the argument tests, the "already
 * registered" test, might_sleep(), try_module_get(). Writes the irq where it is an argument (R8).
 *
 * @param self - the struct
 * @param asked - the arguments, and who calls
 * @returns all that it does; the last effect waits for the mutex, or returns an error to the caller
 */
export function register(
  policy: Policy,
  half: Half,
  self: Name,
  cells: Cells,
  { caller, eventfd, irq = null, atomic = false, moduleGet }: Register,
): readonly HostEffect[] {
  const op = `register_${half}` as const;
  const fails = (error: number): readonly HostEffect[] => returns(op, self, caller, -error);
  const isIncomplete =
    half === 'consumer' && !(cells.constant(self, 'has add_producer') && cells.constant(self, 'has del_producer'));
  if (policy.keyOwner === 'manager') {
    if (cells.load(self, 'key') !== null) {
      const condition = 'the struct has a key already';
      return [show<Observation>({ kind: 'warn', in: `irq_bypass_${op}`, condition }), ...fails(errno.EINVAL)];
    }
    if (isIncomplete || (eventfd === null && policy.nullKey === 'refused')) return fails(errno.EINVAL);
  } else if ((policy.nullKey === 'refused' && cells.load(self, 'key') === null) || isIncomplete) {
    return fails(errno.EINVAL);
  }
  const sleeps = atomic ? [splat(policy, op)] : [];
  if (policy.moduleReference) {
    if (moduleGet === 'fails') return [...sleeps, ...fails(errno.ENODEV)];
    addModuleReference(cells, 1);
  }
  if (policy.irq === 'argument' && half === 'producer') cells.store(self, 'irq', irq);
  return [...sleeps, waitForLock(op, self, eventfd, caller)];
}

/**
 * The part of irq_bypass_unregister_producer/consumer() that runs without the mutex: a NULL key means there is nothing
 * to do; otherwise the key just read travels along as the index to erase (R7).
 */
export function unregister(
  policy: Policy,
  half: Half,
  self: Name,
  cells: Cells,
  { caller, atomic = false, moduleGet }: Unregister,
): readonly HostEffect[] {
  const op = `unregister_${half}` as const;
  const key = cells.load(self, 'key') as Name | null;
  if (key === null && policy.nullUnregister === 'returns') return returns(op, self, caller, null);
  const sleeps = atomic ? [splat(policy, op)] : [];
  if (policy.moduleReference) {
    if (moduleGet === 'fails') return [...sleeps, ...returns(op, self, caller, null)];
    addModuleReference(cells, 1);
  }
  return [...sleeps, waitForLock(op, self, key, caller)];
}

/** try_module_get() and module_put(): the count is a cell of the registry. */
export function addModuleReference(cells: Cells, change: 1 | -1): void {
  cells.store(REGISTRY, 'module_references', Number(cells.load(REGISTRY, 'module_references')) + change);
}
