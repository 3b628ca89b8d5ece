// The VFIO vector: one enabled MSI-X vector with its trigger and its embedded producer.
//
// Kernel source: vfio_msi_set_vector_signal() and vfio_msihandler(), drivers/vfio/pci/vfio_pci_intrs.c, Linux 6.17
// (kernel-spec 3.1). Set-up: request_irq(), irq_bypass_register_producer() whose failure is only logged. Teardown:
// unregister, free_irq(), eventfd_ctx_put(), kfree(). Abstracted away: igate (one thread sets a vector), allocation of irqs.
import { setup } from 'xstate';
import { prepare, tidy } from '../manager/thread.ts';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Policy } from '../manager/policy.ts';
import type {
  Call,
  Delivered,
  Delivery,
  Name,
  Outgoing,
  ProducerMessage,
  Register,
  Unregister,
} from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import { register, unregister } from '../manager/struct.ts';
import type { VectorMessage } from '../system-protocol.ts';

export type VectorContext = StructContext & {
  /** The host irq. */
  readonly irq: Name;
  /** ctx->trigger: the eventfd that the handler signals. */
  readonly trigger: Name | null;
  /** The thread in VFIO_DEVICE_SET_IRQS. */
  readonly caller: Name | null;
};

type Event = Delivered<VectorMessage | { readonly type: 'return'; readonly value: number | null }>;
type Args = Arguments<VectorContext, Event>;
type Done = Effect<VectorContext>;
const act = effect<VectorContext, Event>;

/** The half of a manager call that runs without the mutex, on the vector's own producer. */
function halfCall(
  { context, event }: Args,
  message: Register | Unregister,
  half: typeof register,
  policy: Policy,
): readonly Outgoing[] {
  const delivered = { ...message, cells: event.cells } as Delivered<ProducerMessage> & Delivery;
  return half(policy, 'producer', { context, event: delivered }).send ?? [];
}

/** Set-up: a zeroed producer, request_irq(), irq_bypass_register_producer(). */
export function enable(policy: Policy, args: Args): Done {
  const { context, event } = args;
  if (event.type !== 'set_irqs') return {};
  const { self, irq } = context;
  const { eventfd } = event;
  event.cells.store(self, 'freed', false);
  const call: Call = { op: 'register_producer', object: self, eventfd, irq };
  prepare(policy, 'clean', call, event.cells);
  const request = { type: 'register', caller: self, eventfd, irq, atomic: false, moduleGet: 'works' } as const;
  return {
    context: { trigger: eventfd, caller: event.caller },
    send: [
      { to: eventfd, how: 'immediate', message: { type: 'eventfd_ctx_fdget' } },
      ...halfCall(args, request, register, policy),
    ],
  };
}

/** The registration came back; a failure is logged and nothing else. */
export function enabled(policy: Policy, { context, event }: Args): Done {
  if (event.type !== 'return' || context.caller === null) return {};
  tidy(policy, 'clean', 'register_producer', context.self, event.value, event.cells);
  return {
    context: { caller: null },
    send: [{ to: context.caller, how: 'immediate', message: { type: 'return', value: 0 } }],
  };
}

/** Teardown begins with irq_bypass_unregister_producer(). */
export function disable(policy: Policy, args: Args): Done {
  const { context, event } = args;
  if (event.type !== 'clear_irqs') return {};
  const request = { type: 'unregister', caller: context.self, atomic: false, moduleGet: 'works' } as const;
  return { context: { caller: event.caller }, send: halfCall(args, request, unregister, policy) };
}

/** free_irq(), eventfd_ctx_put(), kfree(). */
export function disabled(policy: Policy, { context, event }: Args): Done {
  const { self, trigger, caller } = context;
  if (event.type !== 'return' || caller === null || trigger === null) return {};
  tidy(policy, 'clean', 'unregister_producer', self, event.value, event.cells);
  event.cells.store(self, 'freed', true);
  return {
    context: { caller: null, trigger: null },
    send: [
      { to: trigger, how: 'immediate', message: { type: 'eventfd_ctx_put' } },
      { to: caller, how: 'immediate', message: { type: 'return', value: null } },
    ],
  };
}

/** vfio_msihandler() */
export function handle({ context }: Args): Done {
  if (context.trigger === null) return {};
  return { send: [{ to: context.trigger, how: 'immediate', message: { type: 'eventfd_signal' } }] };
}

/** The machine of a vector. States: `off`, `registering`, `on`, `unregistering`. */
export function createVfioVectorMachine(policy: Policy) {
  return setup({
    types: {
      context: {} as VectorContext,
      events: {} as Event,
      input: {} as { readonly self: Name; readonly irq: Name },
    },
    actions: {
      ...outputs,
      enable: act((args: Args) => enable(policy, args)),
      enabled: act((args: Args) => enabled(policy, args)),
      disable: act((args: Args) => disable(policy, args)),
      disabled: act((args: Args) => disabled(policy, args)),
      handle: act(handle),
      loseInterrupt: act(() => ({ observe: [{ kind: 'interrupt', how: 'lost', vcpu: null }] })),
    },
  }).createMachine({
    id: 'vfio-vector',
    context: ({ input }) => ({ self: input.self, added: [], irq: input.irq, trigger: null, caller: null }),
    initial: 'off',
    states: {
      off: {
        on: {
          set_irqs: { target: 'registering', actions: 'enable' },
          // No handler is requested: an MSI that comes now is lost by design.
          interrupt: { actions: 'loseInterrupt' },
        },
      },
      registering: { on: { return: { target: 'on', actions: 'enabled' }, interrupt: { actions: 'handle' } } },
      on: { on: { clear_irqs: { target: 'unregistering', actions: 'disable' }, interrupt: { actions: 'handle' } } },
      unregistering: { on: { return: { target: 'off', actions: 'disabled' }, interrupt: { actions: 'handle' } } },
    },
  });
}
