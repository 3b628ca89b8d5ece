// The eventfd context: references, and the one irqfd that waits on it.
//
// Kernel source: fs/eventfd.c and the priority waiter of virt/kvm/eventfd.c, Linux 6.17 (one irqfd an eventfd, host wide).
// Abstracted away: the counter (an irqfd consumes every signal at once) and readers in user space.
import { setup } from 'xstate';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Delivered, Name } from '../manager/protocol.ts';
import type { EventfdMessage } from '../system-protocol.ts';

export type EventfdContext = {
  readonly self: Name;
  /** References besides the one of the file descriptor, which the VMM keeps open. */
  readonly references: number;
  /** The irqfd in the wait queue. */
  readonly waiter: Name | null;
};

type Event = Delivered<EventfdMessage>;
type Args = Arguments<EventfdContext, Event>;
type Done = Effect<EventfdContext>;
const act = effect<EventfdContext, Event>;

/** eventfd_signal(): wakes the irqfd; without one the event stays in the counter. */
export function signal({ context }: Args): Done {
  const { waiter } = context;
  if (waiter === null) return { observe: [{ kind: 'interrupt', how: 'lost', vcpu: null }] };
  return { send: [{ to: waiter, how: 'immediate', message: { type: 'wakeup' } }] };
}

/** The machine of an eventfd context. */
export function createEventfdMachine() {
  return setup({
    types: { context: {} as EventfdContext, events: {} as Event, input: {} as { readonly self: Name } },
    actions: {
      ...outputs,
      get: act(({ context }) => ({ context: { references: context.references + 1 } })),
      put: act(({ context }) => ({ context: { references: context.references - 1 } })),
      wait: act(({ event }) => (event.type === 'add_wait_queue' ? { context: { waiter: event.waiter } } : {})),
      leave: act(() => ({ context: { waiter: null } })),
      signal: act(signal),
    },
  }).createMachine({
    id: 'eventfd',
    context: ({ input }) => ({ self: input.self, references: 0, waiter: null }),
    on: {
      eventfd_ctx_fdget: { actions: 'get' },
      eventfd_ctx_put: { actions: 'put' },
      add_wait_queue: { actions: 'wait' },
      remove_wait_queue: { actions: 'leave' },
      eventfd_signal: { actions: 'signal' },
    },
  });
}
