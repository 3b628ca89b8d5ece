// Witnesses: what has to happen somewhere for a property to have been put to the test.
import type { LockObservation } from '../machines/kernel/lockdep.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import type { Sometimes } from '../engine/world/property.ts';

const seen = (title: string, test: (observation: Observation) => boolean): Sometimes => ({
  title,
  step: ({ observations }) => observations.map(asObservation).some(test),
});

const returns = (prefix: string, test: (value: number | null) => boolean): ((o: Observation) => boolean) => {
  return (o) => o.kind === 'return' && o.op.startsWith(prefix) && test(o.value);
};

/** A registration is asked for. */
export const registrationAsked: Sometimes = {
  title: 'a registration waits for the mutex',
  step: ({ event }) => event.message.type.startsWith('register_'),
};
/** An object is taken out. */
export const unregistrationAsked: Sometimes = {
  title: 'an unregistration waits for the mutex',
  step: ({ event }) => event.message.type.startsWith('unregister_'),
};
/** unregister of what is not registered. */
export const unregistersNothing: Sometimes = {
  title: 'unregister returns at once',
  step: ({ observations }) =>
    observations
      .map(asObservation)
      .some((o) => o.kind === 'return' && o.early === true && o.op.startsWith('unregister')),
};
/** A pair is connected. */
export const connects: Sometimes = seen(
  'a pair is connected',
  (o) => o.kind === 'callback' && o.callback === 'add_producer' && o.value === 0,
);
/** Any callback runs. */
export const callsBack: Sometimes = seen('a callback runs', (o) => o.kind === 'callback');
/** A registration fails. */
export const registrationFails: Sometimes = seen(
  'a registration fails',
  returns('register', (value) => (value ?? 0) !== 0),
);
/** Memory is given back. */
export const givesBack: Sometimes = seen(
  'a struct is freed',
  (o) =>
    (o.kind === 'call' && o.op === 'free') ||
    (o.kind === 'return' && /^(clear_irqs|irqfd_deassign|vdpa_release|close_vm|close_eventfd)$/.test(o.op)),
);
/** An eventfd goes. */
export const putsEventfd: Sometimes = seen(
  'the last reference on an eventfd is put',
  (o) => (o.kind === 'call' && o.op === 'eventfd_ctx_put') || (o.kind as string) === 'last reference',
);
/** A call in atomic context. */
export const atomicCall: Sometimes = {
  title: 'a call is made in atomic context',
  step: ({ event: { message } }) =>
    message['atomic'] === true || (message['call'] as { readonly atomic?: boolean } | undefined)?.atomic === true,
};
/** A kernel primitive is asked for something: it answers whom it was called by. */
export const primitiveAsked: Sometimes = seen('a call returns', (o) => o.kind === 'return');
/** A task is in atomic context: it takes a spinlock, or any lock where it must not sleep. */
export const atomicContext: Sometimes = {
  title: 'a lock is taken in atomic context',
  step: ({ observations }) =>
    observations.some((shown) => {
      if (shown.kind === 'splat') return true;
      const { kind, spins, context } = shown as LockObservation & { readonly kind: 'lock' };
      return kind === 'lock' && (spins || context !== 'process');
    }),
};
/** A lock is wanted. */
export const takesLock: Sometimes = {
  title: 'a lock is taken',
  step: ({ observations }) => observations.some(({ kind }) => kind === 'lock'),
};
/** A lock is taken while another one is held. */
export const nests: Sometimes = {
  title: 'a lock is taken while another one is held',
  step: ({ observations }) =>
    observations.some(
      (shown) => shown.kind === 'lock' && (shown as LockObservation & { readonly kind: 'lock' }).held.length > 0,
    ),
};

/** A pair is disconnected. */
export const disconnects: Sometimes = seen(
  'a pair is disconnected',
  (o) => o.kind === 'callback' && o.callback === 'del_producer',
);
const sees = (title: string, kind: string, test: (o: Record<string, unknown>) => boolean = () => true): Sometimes => ({
  title,
  step: ({ observations }) =>
    observations.some((o) => o.kind === kind && test(o as unknown as Record<string, unknown>)),
});
/** An interrupt of a device is written to a vCPU by hardware. */
export const posted: Sometimes = sees('an interrupt is posted', 'interrupt', ({ how }) => how === 'posted');
/** The guest sees an interrupt. */
export const interruptSeen: Sometimes = sees(
  'the guest sees an interrupt',
  'interrupt',
  ({ how }) => how === 'delivered',
);
/** A device raises an interrupt: it goes somewhere. */
export const raises: Sometimes = {
  title: 'a device raises an interrupt',
  step: ({ event: { message } }) => /^raise(_msi|_intx)?$/.test(message.type),
};
/** A vCPU leaves the CPU. */
export const blocks: Sometimes = {
  title: 'a vCPU blocks',
  step: ({ event: { message } }) => message.type === 'vcpu_block' || message.type === 'vcpu_check',
};
/** A vCPU that was away is back on a CPU. */
export const runsAgain: Sometimes = {
  title: 'a vCPU leaves the CPU, or comes back',
  step: ({ event: { message } }) => /^vcpu_(block|preempt|load)$/.test(message.type),
};
/** A vCPU is woken. */
export const wakes: Sometimes = sees('a blocked vCPU is woken', 'wake');
/** An eventfd is signalled by who handles an interrupt. */
export const signals: Sometimes = sees('an eventfd is signalled', 'signal');
/** An irqfd is deactivated. */
export const deactivates: Sometimes = sees('an irqfd is deactivated', 'deactivated');
/** KVM_IRQFD is asked for. */
export const assigns: Sometimes = {
  title: 'KVM_IRQFD assigns',
  step: ({ event: { message } }) => message.type === 'irqfd_assign',
};

/** Somebody waits for the readers of an SRCU domain. */
export const synchronizes: Sometimes = sees(
  'synchronize_srcu() is called',
  'lock',
  ({ class: lockClass, reads }) => /srcu/.test(String(lockClass)) && reads === false,
);

/** One of two occasions. */
export const either = (one: Sometimes, other: Sometimes): Sometimes => ({
  title: `${one.title}, or ${other.title}`,
  step: (step) => one.step?.(step) === true || other.step?.(step) === true,
});
/** Every thread is done. */
export const allDone: Sometimes = { title: 'all threads are done', final: true };
/** Any call returns. */
export const anyReturn: Sometimes = seen('a call returns', (o) => o.kind === 'return');
/** An interrupt is posted. */
export const posts: Sometimes = seen('an interrupt is posted', (o) => o.kind === 'interrupt' && o.how === 'posted');
/** An IRTE is written. */
export const writesIrte: Sometimes = {
  title: 'an IRTE is written',
  step: ({ event }) => /^(irq_set_vcpu_affinity|vmapti|mapti|kvmppc_(set|clr)_passthru_irq)$/.test(event.message.type),
};
