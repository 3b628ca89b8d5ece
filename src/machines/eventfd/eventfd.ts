// The eventfd context: references, the wait queue, and whether its owner still holds it.
//
// Kernel source: fs/eventfd.c and the priority waiters of virt/kvm/eventfd.c. Waiters are priority waiters:
// the first one consumes each signal. Since Linux 6.17 (2cdd64cbf990) they are exclusive, one an eventfd in the whole host:
// a second one is refused with -EBUSY (constant `exclusive`; before, it waits behind the first and gets nothing, bug B20).
// Abstracted away: the counter (a waiter consumes every signal at once) and readers in user space.
import { call, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Observation } from '../manager/protocol.ts';
import { errno, returnTo } from '../kernel/call.ts';

export type EventfdContext = {
  readonly self: Name;
  /** References besides the one of the file descriptor, which the VMM keeps open. */
  readonly references: number;
  /** The priority waiters, first come first. */
  readonly waiters: readonly Name[];
};

/**
 * What an eventfd is asked. `eventfd_ctx_put` comes with a caller where an owner gives up the descriptor's reference,
 * `eventfd_signal` where a program calls it: a vector that signals waits for no answer.
 */
export type EventfdMessage =
  | { readonly type: 'eventfd_ctx_fdget' }
  | { readonly type: 'eventfd_ctx_put'; readonly caller?: Name }
  | { readonly type: 'eventfd_ctx_alloc'; readonly caller: Name }
  | { readonly type: 'add_wait_queue'; readonly waiter: Name }
  | { readonly type: 'remove_wait_queue'; readonly waiter: Name }
  | { readonly type: 'eventfd_signal'; readonly caller?: Name };

/** To a waiter: was it entered into the queue; a signal. */
export type WaiterMessage = { readonly type: 'wait_queue_added'; readonly value: number } | { readonly type: 'wakeup' };

const { on } = handlers<EventfdContext, EventfdMessage>();

/** The machine of an eventfd context. */
export const eventfd: Machine = machine<EventfdContext, EventfdMessage>({
  id: 'eventfd',
  title: 'An eventfd context',
  cells: { put: false },
  constants: { exclusive: true },
  sends: ['return', 'wakeup', 'wait_queue_added'],
  operations: {
    eventfd_ctx_put: { how: 'call', kernel: 'eventfd_ctx_put() of the last reference' },
    eventfd_ctx_alloc: { how: 'call', kernel: 'eventfd() that gets the same address again' },
    eventfd_signal: { how: 'call', kernel: 'eventfd_signal()' },
  },
  context: ({ self }) => ({ self, references: 0, waiters: [] }),
  handlers: {
    get: on('eventfd_ctx_fdget', ({ context }) => set({ references: context.references + 1 })),
    put: on('eventfd_ctx_put', ({ context, event, cells }) => {
      if (event.caller === undefined) return set({ references: context.references - 1 });
      cells.store(context.self, 'put', true);
      return returnTo(event.caller, null);
    }),
    alloc: on('eventfd_ctx_alloc', ({ context, event, cells }) => {
      cells.store(context.self, 'put', false);
      return returnTo(event.caller, null);
    }),
    /** add_wait_queue_priority_exclusive() since 6.17, add_wait_queue_priority() before. */
    wait: on('add_wait_queue', ({ context, event, cells }) => {
      const { self, waiters } = context;
      const isTaken = cells.constant(self, 'exclusive') === true && waiters.length > 0;
      const answer = (value: number) => call<WaiterMessage>(event.waiter, { type: 'wait_queue_added', value });
      return isTaken ? answer(-errno.EBUSY) : [set({ waiters: [...waiters, event.waiter] }), answer(0)];
    }),
    leave: on('remove_wait_queue', ({ context, event }) =>
      set({ waiters: context.waiters.filter((waiter) => waiter !== event.waiter) }),
    ),
    /** Wakes the first waiter; without one the event stays in the counter. */
    signal: on('eventfd_signal', ({ context, event }) => {
      const [first] = context.waiters;
      const returns = event.caller === undefined ? [] : [returnTo(event.caller, null)];
      if (first === undefined) return [show<Observation>({ kind: 'interrupt', how: 'lost', vcpu: null }), ...returns];
      return [call<WaiterMessage>(first, { type: 'wakeup' }), ...returns];
    }),
  },
  chart: {
    on: {
      eventfd_ctx_fdget: { actions: 'get' },
      eventfd_ctx_put: { actions: 'put' },
      eventfd_ctx_alloc: { actions: 'alloc' },
      add_wait_queue: { actions: 'wait' },
      remove_wait_queue: { actions: 'leave' },
      eventfd_signal: { actions: 'signal' },
    },
  },
});
