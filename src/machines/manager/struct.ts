// What producers and consumers have in common: the unlocked halves of register and unregister, and their callbacks.
//
// Kernel source: the code before mutex_lock() in virt/lib/irqbypass.c, Linux 6.12 to 6.17. It runs in the caller's
// thread, on the caller's struct, before the lock is taken: two threads can both be in it for one struct, and each
// then waits for the mutex with what it read. That is where the real races are (kernel-spec D7.5, D7.6).
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import type { Policy } from './policy.ts';
import type {
  Callback,
  ConsumerMessage,
  Delivered,
  ManagerOperation,
  Name,
  Observation,
  Outgoing,
  ProducerMessage,
  Side,
} from './protocol.ts';
import { errno, REGISTRY } from './protocol.ts';

/** What a struct's machine remembers beside the fields that others read (`Field` in protocol.ts). */
export type StructContext = {
  readonly self: Name;
  /** The partners whose add callback on this struct succeeded and whose del callback has not come: a ledger. */
  readonly added: readonly Name[];
};

type Kind = 'producer' | 'consumer';
type Args = Arguments<StructContext, Delivered<ProducerMessage | ConsumerMessage>>;
type Done = Effect<StructContext>;
const sideOf = (kind: Kind): Side => `${kind}s`;

function returns(caller: Name, value: number | null): Outgoing {
  return { to: caller, how: 'immediate', message: { type: 'return', value } };
}

function waitForLock(op: ManagerOperation, object: Name, key: Name | null, caller: Name): Outgoing {
  return { to: REGISTRY, how: 'call', message: { type: op, object, key, caller } };
}

function splat(policy: Policy, kind: Kind, op: 'register' | 'unregister'): Observation {
  const what = policy.mightSleep ? 'might_sleep() in atomic context' : 'mutex_lock() in atomic context';
  return { kind: 'splat', in: `irq_bypass_${op}_${kind}`, what };
}

/**
 * The part of irq_bypass_register_producer/consumer() that runs without the mutex: the argument tests, the "already
 * registered" test, might_sleep(), try_module_get(). Writes the irq where it is an argument (R8).
 */
export function register(policy: Policy, kind: Kind, { context, event }: Args): Done {
  if (event.type !== 'register') return {};
  const { self } = context;
  const { cells, caller } = event;
  const side = sideOf(kind);
  const incomplete = kind === 'consumer' && !(cells.has(self, 'add_producer') && cells.has(self, 'del_producer'));
  if (policy.keyOwner === 'manager') {
    if (cells.load(self, 'key') !== null) {
      const condition = 'the struct has a key already';
      return {
        send: [returns(caller, -errno.EINVAL)],
        observe: [{ kind: 'warn', in: `irq_bypass_register_${kind}`, condition }],
      };
    }
    if (incomplete || (event.eventfd === null && policy.nullKey === 'refused')) {
      return { send: [returns(caller, -errno.EINVAL)], observe: [] };
    }
  } else if ((policy.nullKey === 'refused' && cells.load(self, 'key') === null) || incomplete) {
    return { send: [returns(caller, -errno.EINVAL)], observe: [] };
  }
  const observe = event.atomic ? [splat(policy, kind, 'register')] : [];
  if (policy.moduleReference && event.moduleGet === 'fails') {
    return { send: [returns(caller, -errno.ENODEV)], observe };
  }
  if (policy.moduleReference) cells.moduleReferences(1);
  if (policy.irq === 'argument' && side === 'producers') cells.store(self, 'irq', event.irq);
  return { send: [waitForLock(`register_${kind}`, self, event.eventfd, caller)], observe };
}

/**
 * The part of irq_bypass_unregister_producer/consumer() that runs without the mutex: a NULL key means there is nothing
 * to do; otherwise the key just read travels along as the index to erase (R7).
 */
export function unregister(policy: Policy, kind: Kind, { context, event }: Args): Done {
  if (event.type !== 'unregister') return {};
  const { self } = context;
  const { cells, caller } = event;
  const key = cells.load(self, 'key') as Name | null;
  if (key === null) return { send: [returns(caller, null)], observe: [] };
  const observe = event.atomic ? [splat(policy, kind, 'unregister')] : [];
  if (policy.moduleReference && event.moduleGet === 'fails') {
    return { send: [returns(caller, null)], observe };
  }
  if (policy.moduleReference) cells.moduleReferences(1);
  return { send: [waitForLock(`unregister_${kind}`, self, key, caller)], observe };
}

/** The owner gives the memory back. */
export function free({ context, event }: Args): Done {
  if (event.type !== 'free') return {};
  event.cells.store(context.self, 'freed', true);
  return { send: [returns(event.caller, null)] };
}

/** The owner copies the struct by value, list node and all. */
export function copy({ context, event }: Args): Done {
  if (event.type !== 'copy') return {};
  event.cells.copy(context.self, event.to);
  return { send: [returns(event.caller, null)] };
}

/**
 * Runs one callback of a live struct. `peer` is the argument of add and del callbacks. The ledger follows the
 * callbacks alone, never the manager's pointers, so that the two can be compared.
 */
export function answerCallback({ context, event }: Args, peer: Name | null): Done {
  const { self, added } = context;
  const callback = event.type as Callback;
  const adds = callback.startsWith('add_');
  const value = adds ? (event.answer ?? 0) : 0;
  const observe: Observation[] = [{ kind: 'callback', object: self, callback, peer, value: adds ? value : null }];
  const send: Outgoing[] = [{ to: REGISTRY, how: 'immediate', message: { type: 'callback_return', value } }];
  if (peer === null || value !== 0) return { send, observe };
  const others = added.filter((other) => other !== peer);
  return { send, observe, context: { added: adds ? [...others, peer] : others } };
}

/** A callback that calls the manager again: the mutex is held by its own thread, so the call waits for ever. */
export function reenter(kind: Kind, { context, event }: Args): Done {
  const { self } = context;
  const key = event.cells.load(self, 'key') as Name | null;
  return {
    observe: [{ kind: 'reentry', object: self, callback: event.type as Callback }],
    send: [waitForLock(`unregister_${kind}`, self, key, self)],
  };
}

/** A message to memory that its owner gave back: the kernel reads whatever is there now. */
export function touchFreed({ context, event }: Args): Done {
  const observe: Observation[] = [{ kind: 'use-after-free', object: context.self, what: event.type }];
  if ('caller' in event) return { observe, send: [returns(event.caller, null)] };
  return { observe, send: [{ to: REGISTRY, how: 'immediate', message: { type: 'callback_return', value: 0 } }] };
}
