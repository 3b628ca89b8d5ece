// Every message that actors exchange, the cells they share, and the words both are made of.
//
// Kernel source: include/linux/irqbypass.h and virt/lib/irqbypass.c, Linux 6.12 to 6.17.

import type { Name, Value } from '../../engine/actors/name.ts';
import type { SystemMessage, SystemOperation } from '../system-protocol.ts';

export type { Name, Value } from '../../engine/actors/name.ts';
export { name, NAME_PATTERN } from '../../engine/actors/name.ts';

/** The kernel's error numbers that the manager or the callbacks of the recorded runs return. */
export const errno = { EIO: 5, ENXIO: 6, EAGAIN: 11, ENOMEM: 12, EBUSY: 16, ENODEV: 19, EINVAL: 22 } as const;

/** The address of the one registry; every other actor is addressed by its `Name`. */
export const REGISTRY = 'registry';
export type Address = Name | typeof REGISTRY;

/** The two sets of registered objects. */
export type Side = 'producers' | 'consumers';

/**
 * Fields of `struct irq_bypass_producer` and `struct irq_bypass_consumer` that more than one thread of control reads.
 * `key` is `token` before the series and `eventfd` after; `peer` is the binding (`producer->consumer`,
 * `consumer->producer`). `freed` says that the owner has given the memory back.
 */
export type Field = 'key' | 'peer' | 'irq' | 'freed';

export type ProducerCallback = 'stop' | 'start' | 'add_consumer' | 'del_consumer';
export type ConsumerCallback = 'stop' | 'start' | 'add_producer' | 'del_producer';
export type Callback = ProducerCallback | ConsumerCallback;

/**
 * The shared memory as one delivery sees it. The world hands it to a machine inside the delivered event and notes what
 * was asked and answered, so that the local transition can be remembered. Reading in a guard is free of effects;
 * writing belongs in an action.
 */
export interface Cells {
  /** Reads a field of a struct. */
  load(object: Name, field: Field): Value;
  /** Writes a field of a struct. */
  store(object: Name, field: Field, value: Value): void;
  /** Has the struct this callback (is the function pointer non-NULL)? */
  has(object: Name, callback: Callback): boolean;
  /** Does this callback of the struct call the manager again? Only misbehaving objects do. */
  reenters(object: Name, callback: Callback): boolean;
  /** The first entry with this key: a list walk, a hash bucket walk, or `xa_load()`. */
  find(side: Side, key: Name | null): Name | null;
  /** Does walking the list for this key pass a node whose memory was given back? Always false for an xarray. */
  walksFreed(side: Side, key: Name | null): boolean;
  /** Is this very struct in the set (a walk that compares pointers)? */
  contains(side: Side, object: Name): boolean;
  /** `xa_insert()`: 0, -EBUSY or -ENOMEM. `fails`: the environment lets node allocations fail. */
  insert(side: Side, key: Name | null, object: Name, fails: boolean): number;
  /** `xa_store()` as the rejected attempts use it: 0 or -ENOMEM. */
  put(side: Side, key: Name | null, object: Name, fails: boolean): number;
  /** `xa_erase()`: the entry that was there, whoever it was. */
  erase(side: Side, key: Name | null): Name | null;
  /** `list_add()` or `hash_add()` at the head; false when the node is linked already, which corrupts the list. */
  add(side: Side, object: Name): boolean;
  /** `list_del()` or `hash_del()`; false when the node is not linked, which corrupts the list. */
  del(side: Side, object: Name): boolean;
  /** Adds to the reference count of irqbypass.ko. */
  moduleReferences(change: 1 | -1): void;
  /** Copies a struct by value: fields and list node. */
  copy(from: Name, to: Name): void;
  /** Marks an eventfd context as put (its owner's last reference is gone), or as allocated again at the same address. */
  eventfd(eventfd: Name, alive: boolean): void;
}

/** One call that a thread may make: what the environment chooses. */
export interface Call {
  readonly op: Operation;
  readonly object: Name | null;
  readonly eventfd?: Name | null;
  readonly irq?: number | Name | null;
  /** The caller holds a spinlock: sleeping is a bug. */
  readonly atomic?: boolean;
  /** `try_module_get(THIS_MODULE)` fails in this call. */
  readonly moduleGet?: 'fails';
  /** For `copy`: where the copy goes. For `set_gsi_routing`: the vCPU that the route goes to, if it can be posted. */
  readonly to?: Name;
}
export type ManagerOperation =
  'register_producer' | 'unregister_producer' | 'register_consumer' | 'unregister_consumer';
/**
 * Besides the four calls of the manager, what an owner does with its own memory: `kfree()`, a struct copy, dropping its
 * reference on the eventfd, and an allocation that happens to get the same address again. In system worlds: calls into VFIO
 * and KVM, and what devices do.
 */
export type Operation = ManagerOperation | 'free' | 'copy' | EventfdOperation | SystemOperation;
export type EventfdOperation = 'eventfd_ctx_put' | 'eventfd_ctx_alloc';

/** Where a caller's program goes on after the call: on 0 (or void), or on an error. */
export interface Continuation {
  readonly ok: number;
  readonly error: number;
}

/** Messages, by the actor that receives them. */
export type CallerMessage =
  | { readonly type: 'call'; readonly call: Call; readonly next: Continuation }
  | { readonly type: 'return'; readonly value: number | null };

export interface Register {
  readonly type: 'register';
  readonly caller: Name;
  readonly eventfd: Name | null;
  readonly irq: number | Name | null;
  readonly atomic: boolean;
  readonly moduleGet: 'works' | 'fails';
}
export interface Unregister {
  readonly type: 'unregister';
  readonly caller: Name;
  readonly atomic: boolean;
  readonly moduleGet: 'works' | 'fails';
}
export type StructMessage =
  | Register
  | Unregister
  | { readonly type: 'free'; readonly caller: Name }
  | { readonly type: 'copy'; readonly caller: Name; readonly to: Name }
  | { readonly type: 'return'; readonly value: number | null }
  | { readonly type: 'stop' }
  | { readonly type: 'start' };
export type ProducerMessage =
  | StructMessage
  | { readonly type: 'add_consumer'; readonly consumer: Name }
  | { readonly type: 'del_consumer'; readonly consumer: Name };
export type ConsumerMessage =
  | StructMessage
  | { readonly type: 'add_producer'; readonly producer: Name }
  | { readonly type: 'del_producer'; readonly producer: Name };

/**
 * What waits for the mutex. `key` is what the caller read before it took the lock: the eventfd argument of a
 * registration, the index that unregister took from the struct (kernel-spec 1.2 R7).
 */
export type RegistryMessage =
  | { readonly type: ManagerOperation; readonly object: Name; readonly key: Name | null; readonly caller: Name }
  | { readonly type: 'callback_return'; readonly value: number };

export type Message = CallerMessage | ProducerMessage | ConsumerMessage | RegistryMessage | SystemMessage;

/** What a delivery adds to a message: the shared memory, and the environment's answer where it has one. */
export interface Delivery {
  readonly cells: Cells;
  /** What a fallible callback answers: 0 or an error. */
  readonly answer?: number;
  /** Node allocations fail during this operation. */
  readonly allocation?: 'fails';
}
export type Delivered<M> = M & Delivery;

/**
 * A message on its way. `call` travels and may be overtaken; `immediate` is a function call, a function return or a
 * store that no other thread can come between, and is delivered within the same step.
 */
export interface Outgoing {
  readonly to: Address;
  readonly how: 'call' | 'immediate';
  readonly message: Message;
}

/** The four functions of the manager, as WARN and corruption reports name them. */
export type ManagerFunction = `irq_bypass_${ManagerOperation}`;

/** What an onlooker sees of a step. Observed outcomes of the model, never crashes of the tool. */
export type Observation =
  | { readonly kind: 'call'; readonly caller: Name; readonly op: Operation; readonly object: Name | null }
  | {
      readonly kind: 'return';
      readonly caller: Name;
      readonly op: Operation;
      readonly object: Name | null;
      readonly value: number | null;
    }
  | {
      readonly kind: 'callback';
      readonly object: Name;
      readonly callback: Callback;
      readonly peer: Name | null;
      readonly value: number | null;
    }
  | { readonly kind: 'reentry'; readonly object: Name; readonly callback: Callback }
  | { readonly kind: 'warn'; readonly in: ManagerFunction; readonly condition: string }
  | { readonly kind: 'corruption'; readonly in: ManagerFunction; readonly object: Name; readonly what: string }
  | { readonly kind: 'use-after-free'; readonly object: Name; readonly what: string }
  | { readonly kind: 'splat'; readonly in: ManagerFunction; readonly what: string }
  | { readonly kind: 'oops'; readonly what: string }
  /** A device interrupt reached a vCPU, posted or injected, or nobody. */
  | { readonly kind: 'interrupt'; readonly how: 'posted' | 'injected' | 'lost'; readonly vcpu: Name | null };
