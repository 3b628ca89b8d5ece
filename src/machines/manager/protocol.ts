// Every message of the manager, and the words that it is made of.
//
// Kernel source: include/linux/irqbypass.h and virt/lib/irqbypass.c, Linux 4.4 to 6.17.
import type { Name } from '../../engine/actors/name.ts';
import type { KernelObservation, Return } from '../kernel/call.ts';

/** The address of the one registry; every other actor is addressed by its `Name`. */
export const REGISTRY = 'registry';

/** The two sets of registered objects. */
export type Side = 'producers' | 'consumers';

/** Which half of a pair a struct is. */
export type Half = 'producer' | 'consumer';

/**
 * Fields of `struct irq_bypass_producer` and `struct irq_bypass_consumer` that more than one thread of control reads: the
 * cells of a machine that is one or embeds one. `key` is `token` before the series and `eventfd` after; `peer` is the binding
 * (`producer->consumer`, `consumer->producer`). `freed` says that the owner has given the memory back.
 */
export const structCells = { key: null, peer: null, irq: null, freed: false } as const;

export type ProducerCallback = 'stop' | 'start' | 'add_consumer' | 'del_consumer';
export type ConsumerCallback = 'stop' | 'start' | 'add_producer' | 'del_producer';
/** A function of a producer or consumer that the manager calls. */
export type Callback = ProducerCallback | ConsumerCallback;

/** The callbacks of a half, in the order of the struct. */
export const callbacksOf = {
  producer: ['add_consumer', 'del_consumer', 'stop', 'start'],
  consumer: ['add_producer', 'del_producer', 'stop', 'start'],
} as const satisfies Record<Half, readonly Callback[]>;

/** Constants of a struct: which function pointers are set, and which callbacks call the manager again. */
export function structConstants(half: Half): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    callbacksOf[half].flatMap((callback) => [
      [`has ${callback}`, true],
      [`reenters ${callback}`, false],
    ]),
  );
}

export type ManagerOperation =
  | 'register_producer'
  | 'unregister_producer'
  | 'register_consumer'
  | 'unregister_consumer';

/** The four functions of the manager, as WARN and corruption reports name them. */
export type ManagerFunction = `irq_bypass_${ManagerOperation}`;

/** What a half is asked by a thread. Absent: no irq, not atomic, try_module_get() works. */
export interface Register {
  readonly caller: Name;
  readonly eventfd: Name | null;
  readonly irq?: number | Name | null;
  /** The thread that it runs in, where that is another actor, and where tasks are known (kernel/task.ts). */
  readonly task?: Name;
  /** Which of several things that the caller does at once it is that calls (`Asks`). */
  readonly as?: string;
  /** The caller holds a spinlock: sleeping is a bug. */
  readonly atomic?: boolean;
  /** `try_module_get(THIS_MODULE)` fails in this call. */
  readonly moduleGet?: 'fails';
}
export type Unregister = Omit<Register, 'eventfd' | 'irq'>;

/** Messages of a struct. Add callbacks may come with the environment's answer. */
export type StructMessage =
  | ({ readonly type: 'register_producer' | 'register_consumer' } & Register)
  | ({ readonly type: 'unregister_producer' | 'unregister_consumer' } & Unregister)
  | { readonly type: 'free'; readonly caller: Name }
  | { readonly type: 'copy'; readonly caller: Name; readonly to: Name }
  | Return
  | CallbackMessage;
export type CallbackMessage =
  | ({ readonly type: 'stop' } & InTask)
  | ({ readonly type: 'start' } & InTask)
  | ({ readonly type: 'add_consumer'; readonly consumer: Name; readonly answer?: number } & InTask)
  | ({ readonly type: 'del_consumer'; readonly consumer: Name } & InTask)
  | ({ readonly type: 'add_producer'; readonly producer: Name; readonly answer?: number } & InTask)
  | ({ readonly type: 'del_producer'; readonly producer: Name } & InTask);
/** The thread that holds the mutex, where tasks are known. */
export type InTask = { readonly task?: Name };

/**
 * What waits for the mutex. `key` is what the caller read before it took the lock: the eventfd argument of a
 * registration, the index that unregister took from the struct. `allocation`: node allocations fail.
 */
export type LockRequest = {
  readonly type: ManagerOperation;
  readonly object: Name;
  readonly key: Name | null;
  readonly caller: Name;
  readonly task?: Name;
  readonly as?: string;
  readonly allocation?: 'fails';
};
export type CallbackReturn = { readonly type: 'callback_return'; readonly value: number };
export type RegistryMessage = LockRequest | CallbackReturn;

/** What an onlooker sees of the manager and of those who call it. */
export type Observation =
  | KernelObservation
  | {
      readonly kind: 'callback';
      readonly object: Name;
      readonly callback: Callback;
      readonly peer: Name | null;
      readonly value: number | null;
    }
  | { readonly kind: 'reentry'; readonly object: Name; readonly callback: Callback }
  | InterruptObservation
  /** A blocked vCPU is woken. */
  | { readonly kind: 'wake'; readonly vcpu: Name };

/**
 * An interrupt is written to a vCPU by hardware (`posted`), handed to it by KVM (`injected`), seen by the guest (`delivered`, or
 * `duplicate` where nothing was outstanding), dropped (`lost`), or kept in the counter of an eventfd (`pending`).
 */
export type InterruptObservation = {
  readonly kind: 'interrupt';
  readonly how: 'posted' | 'injected' | 'delivered' | 'duplicate' | 'lost' | 'pending';
  readonly vcpu: Name | null;
  readonly device: Name;
  readonly number: number;
  readonly copy?: true;
  readonly level?: true;
  readonly why?: LossReason;
};

/** Where an interrupt was dropped. */
export type LossReason =
  | 'no handler: the irq is not requested'
  | 'no route: the GSI goes nowhere'
  | 'unmapped: the ITS has no translation for the event'
  | 'the counter is emptied as the irqfd leaves the eventfd'
  | 'the eventfd is gone'
  | 'masked by the handler';

/** An observation of the manager's vocabulary, as the engine hands it on. */
export function asObservation(observation: { readonly kind: string }): Observation {
  return observation as Observation;
}

export const sideOf = (op: string): Side => (op.endsWith('producer') ? 'producers' : 'consumers');
export const functionOf = (op: ManagerOperation): ManagerFunction => `irq_bypass_${op}`;

/** Is this one of the four functions of the manager? */
export function isManagerOperation(op: string): op is ManagerOperation {
  return /^(un)?register_(producer|consumer)$/.test(op);
}
