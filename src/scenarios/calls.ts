// Calls that threads of a scenario make, as functions: `registerProducer('p0', 'e0')`.
import type { Name, Value } from '../engine/actors/name.ts';
import { name } from '../engine/actors/name.ts';
import type { Call, ProgramStep } from '../machines/manager/program.ts';

/** Arguments of a call by name; names of actors as text. */
export type Arguments = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * Any call to any actor that declares the operation.
 *
 * @param op - the operation, as the actor's machine declares it
 * @param object - the actor; NULL where a caller passes a NULL pointer
 * @param args - the operation's arguments by name
 * @example
 * invoke('set_irqs', 'p0', { eventfd: 'e0' })
 */
export function invoke(op: string, object: string | null, args: Arguments = {}): Call {
  const given = Object.entries(args).filter(([, value]) => value !== undefined) as [string, Value][];
  return { op, object: object === null ? null : name(object), ...Object.fromEntries(given) };
}

type CallOptions = { readonly irq?: number | string; readonly atomic?: true; readonly moduleGet?: 'fails' };

/**
 * irq_bypass_register_producer(producer, eventfd, irq)
 *
 * @param producer - the actor that is one or embeds one; NULL where a caller passes a NULL pointer
 * @param eventfd - the eventfd that it is to be found by, or NULL
 * @param options - `irq`: of the producer, a number or a name; `atomic`: the caller holds a spinlock; `moduleGet: 'fails'`:
 *   try_module_get() fails in this call
 * @returns the call
 */
export function registerProducer(producer: string | null, eventfd: string | null, options: CallOptions = {}): Call {
  return invoke('register_producer', producer, { eventfd, ...options });
}

/**
 * irq_bypass_register_consumer(consumer, eventfd)
 *
 * @param consumer - the actor that is one or embeds one; NULL where a caller passes a NULL pointer
 * @param eventfd - the eventfd that it is to be found by, or NULL
 * @param options - `atomic`: the caller holds a spinlock; `moduleGet: 'fails'`: try_module_get() fails
 * @returns the call
 */
export function registerConsumer(consumer: string | null, eventfd: string | null, options: CallOptions = {}): Call {
  return invoke('register_consumer', consumer, { eventfd, ...options });
}

/**
 * irq_bypass_unregister_producer(producer)
 *
 * @param producer - the actor that is one or embeds one; NULL where a caller passes a NULL pointer
 * @param options - `atomic`: the caller holds a spinlock; `moduleGet: 'fails'`: try_module_get() fails
 * @returns the call
 */
export function unregisterProducer(producer: string | null, options: CallOptions = {}): Call {
  return invoke('unregister_producer', producer, options);
}

/**
 * irq_bypass_unregister_consumer(consumer)
 *
 * @param consumer - the actor that is one or embeds one; NULL where a caller passes a NULL pointer
 * @param options - `atomic`: the caller holds a spinlock; `moduleGet: 'fails'`: try_module_get() fails
 * @returns the call
 */
export function unregisterConsumer(consumer: string | null, options: CallOptions = {}): Call {
  return invoke('unregister_consumer', consumer, options);
}

/** kfree() of a struct by its owner. */
export const free = (object: string): Call => invoke('free', object);

/** *to = *from: a by-value copy of a struct, list node and all. */
export const copy = (from: string, to: string): Call => invoke('copy', from, { to });

/** VFIO_DEVICE_SET_IRQS: the vector's trigger becomes this eventfd. */
export const setIrqs = (vector: string, eventfd: string): Call => invoke('set_irqs', vector, { eventfd });

/** VFIO_DEVICE_SET_IRQS with -1: the vector's trigger goes. */
export const clearIrqs = (vector: string): Call => invoke('clear_irqs', vector);

/**
 * KVM_IRQFD
 *
 * @param irqfd - the irqfd
 * @param eventfd - the eventfd that it waits on
 * @param options - `resamplefd`: the eventfd that tells of EOIs; `no_bypass`: the proposed KVM_IRQFD_FLAG_NO_IRQBYPASS
 * @returns the call
 */
export const assignIrqfd = (
  irqfd: string,
  eventfd: string,
  options: { readonly resamplefd?: string; readonly no_bypass?: true } = {},
): Call => invoke('irqfd_assign', irqfd, { eventfd, ...options });

/** KVM_IRQFD with KVM_IRQFD_FLAG_DEASSIGN */
export const deassignIrqfd = (irqfd: string): Call => invoke('irqfd_deassign', irqfd);

/** KVM_SET_GSI_ROUTING: a GSI goes to a vCPU, or to what cannot be posted. */
export const setGsiRouting = (vm: string, gsi: string, vcpu: string | null): Call =>
  invoke('set_gsi_routing', vm, { gsi, vcpu });

/** KVM_SET_GSI_ROUTING without a GSI: it goes nowhere. */
export const clearGsiRouting = (vm: string, gsi: string): Call => invoke('clear_gsi_routing', vm, { gsi });

/** The device writes its MSI. */
export const raiseMsi = (device: string): Call => invoke('raise_msi', device);

/** User space quiesces a device, or lets it go on. */
export const quiesce = (device: string): Call => invoke('quiesce', device);
/** It may raise MSIs again. */
export const unquiesce = (device: string): Call => invoke('unquiesce', device);

/** write() to an eventfd. */
export const signalEventfd = (eventfd: string): Call => invoke('eventfd_signal', eventfd);

/** close() of the last descriptor of an eventfd: EPOLLHUP. */
export const closeEventfd = (eventfd: string): Call => invoke('close_eventfd', eventfd);

/** close() of the last file of a VM. */
export const closeVm = (vm: string): Call => invoke('close_vm', vm);

/** The guest halts, is preempted, runs again, here or on the other CPU. */
export const blockVcpu = (vcpu: string): Call => invoke('vcpu_block', vcpu);
/** The scheduler takes a vCPU off its CPU. */
export const preemptVcpu = (vcpu: string): Call => invoke('vcpu_preempt', vcpu);
/** A vCPU runs again, on another CPU with `moves`. */
export const loadVcpu = (vcpu: string, options: { readonly moves?: true } = {}): Call =>
  invoke('vcpu_load', vcpu, options);

/** User space waits until the guest has seen what is pending for a vCPU (arm64). */
export const drainVcpu = (vcpu: string): Call => invoke('vcpu_drain', vcpu);

/** vhost-vDPA: open(), VHOST_SET_VRING_CALL, VHOST_VDPA_SET_STATUS, close(). */
export const openVdpa = (queue: string): Call => invoke('vdpa_open', queue);
/** VHOST_SET_VRING_CALL. */
export const setVringCall = (queue: string, eventfd: string): Call => invoke('set_vring_call', queue, { eventfd });
/** VHOST_VDPA_SET_STATUS with DRIVER_OK. */
export const setDriverOk = (queue: string): Call => invoke('set_status', queue, { driver_ok: true });
/** VHOST_VDPA_SET_STATUS with 0. */
export const resetStatus = (queue: string): Call => invoke('set_status', queue, { reset: true });
/** close() of a vhost-vDPA device. */
export const releaseVdpa = (queue: string): Call => invoke('vdpa_release', queue);

/** eventfd_ctx_put() of the owner's reference. */
export const putEventfd = (eventfd: string): Call => invoke('eventfd_ctx_put', eventfd);

/** Another eventfd is allocated at the same address. */
export const allocateEventfd = (eventfd: string): Call => invoke('eventfd_ctx_alloc', eventfd);

/** A step that makes one call, then goes to the next step. */
export const step = (made: Call): ProgramStep => ({ calls: [made] });

/** A step that makes one of several calls. */
export const oneOf = (...calls: Call[]): ProgramStep => ({ calls });

/**
 * A step that goes on at other steps than the next one.
 *
 * @param from - the step
 * @param to - steps of the same program, from 0: `ok` after 0 or void, `error` after an error; END ends the program
 * @returns the step with these; what `to` leaves out stays as it was
 * @example
 * go(step(registerProducer('p0', 'e0')), { error: 0 }); // after an error, begins again
 */
export function go(from: ProgramStep, to: { readonly ok?: number; readonly error?: number }): ProgramStep {
  return { ...from, ...to };
}

/** The end of a program, for `go`. */
export const END: number = 1000;

/** A thread that makes these calls in turn, for ever. */
export function loop(...calls: Call[]): readonly ProgramStep[] {
  return calls.map((made, i) => (i === calls.length - 1 ? go(step(made), { ok: 0 }) : step(made)));
}

/**
 * A thread that registers a producer, and unregisters it when that worked.
 *
 * @param producer - the actor that is one or embeds one
 * @param eventfd - the eventfd that it is to be found by, or NULL
 * @returns its two steps
 */
export function producerThread(producer: string, eventfd: string | null): readonly ProgramStep[] {
  return [go(step(registerProducer(producer, eventfd)), { error: END }), step(unregisterProducer(producer))];
}

/**
 * A thread that registers a consumer, and unregisters it when that worked.
 *
 * @param consumer - the actor that is one or embeds one
 * @param eventfd - the eventfd that it is to be found by, or NULL
 * @returns its two steps
 */
export function consumerThread(consumer: string, eventfd: string | null): readonly ProgramStep[] {
  return [go(step(registerConsumer(consumer, eventfd)), { error: END }), step(unregisterConsumer(consumer))];
}

/**
 * A program that goes where it says, moved down by some steps of another program before it.
 *
 * @param steps - the program, as it is written by itself
 * @param by - how many steps come before it
 * @returns the same steps, with what they go on at moved
 * @example
 * [...producerThread('p0', 'e0'), ...shifted(producerThread('p1', 'e0'), 2)]
 */
export function shifted(steps: readonly ProgramStep[], by: number): readonly ProgramStep[] {
  return steps.map(({ calls, ok, error }) => ({
    calls,
    ...(ok === undefined ? {} : { ok: ok + by }),
    ...(error === undefined ? {} : { error: error + by }),
  }));
}

export type { Call, Name, ProgramStep };
