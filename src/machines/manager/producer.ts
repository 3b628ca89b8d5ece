// The producer: one `struct irq_bypass_producer` with its callbacks, and the halves of register and unregister that run
// without the mutex.
//
// Kernel source: include/linux/irqbypass.h and virt/lib/irqbypass.c, Linux 6.12 to 6.17. The fields that other
// threads read (key, peer, irq) are cells (protocol.ts, `Field`); the function pointers are fixed by the scenario.
// Abstracted away: what the callbacks do to hardware. A fallible callback answers what the environment chooses.
import { setup } from 'xstate';
import type { Arguments } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Policy } from './policy.ts';
import type { Callback, CallerMessage, ProducerMessage, Delivered, Name } from './protocol.ts';
import type { StructContext } from './struct.ts';
import { answerCallback, copy, free, reenter, register, touchFreed, unregister } from './struct.ts';

type Event = Delivered<ProducerMessage | Extract<CallerMessage, { readonly type: 'return' }>>;
type Args = Arguments<StructContext, Event>;
const act = effect<StructContext, Event>;

/** The partner that an add or del callback is about. */
function peerOf(event: Event): Name | null {
  return event.type === 'add_consumer' || event.type === 'del_consumer' ? event.consumer : null;
}

/**
 * The machine of a producer.
 *
 * States: `running` and `stopped` (between the stop and start callbacks), `reentering` (a callback calls the manager
 * again and waits for a mutex that its own thread holds), `freed`.
 */
export function createProducerMachine(policy: Policy) {
  return setup({
    types: { context: {} as StructContext, events: {} as Event, input: {} as { readonly self: Name } },
    guards: {
      reenters: ({ context, event }) => event.cells.reenters(context.self, event.type as Callback),
    },
    actions: {
      ...outputs,
      register: act((args: Args) => register(policy, 'producer', args)),
      unregister: act((args: Args) => unregister(policy, 'producer', args)),
      free: act(free),
      copy: act(copy),
      answer: act((args: Args) => answerCallback(args, peerOf(args.event))),
      reenter: act((args: Args) => reenter('producer', args)),
      touchFreed: act(touchFreed),
    },
  }).createMachine({
    id: 'producer',
    context: ({ input }) => ({ self: input.self, added: [] }),
    initial: 'running',
    states: {
      running: {
        on: {
          register: { actions: 'register' },
          unregister: { actions: 'unregister' },
          free: { target: 'freed', actions: 'free' },
          copy: { actions: 'copy' },
          stop: [
            { guard: 'reenters', target: 'reentering', actions: 'reenter' },
            { target: 'stopped', actions: 'answer' },
          ],
          add_consumer: [{ guard: 'reenters', target: 'reentering', actions: 'reenter' }, { actions: 'answer' }],
          del_consumer: [{ guard: 'reenters', target: 'reentering', actions: 'reenter' }, { actions: 'answer' }],
          start: { actions: 'answer' },
        },
      },
      stopped: {
        on: {
          register: { actions: 'register' },
          unregister: { actions: 'unregister' },
          free: { target: 'freed', actions: 'free' },
          copy: { actions: 'copy' },
          stop: { actions: 'answer' },
          add_consumer: [{ guard: 'reenters', target: 'reentering', actions: 'reenter' }, { actions: 'answer' }],
          del_consumer: [{ guard: 'reenters', target: 'reentering', actions: 'reenter' }, { actions: 'answer' }],
          start: [
            { guard: 'reenters', target: 'reentering', actions: 'reenter' },
            { target: 'running', actions: 'answer' },
          ],
        },
      },
      // The reply to the registry never comes: the call inside the callback waits for the mutex. Other threads go on. Only
      // where a mutant gives the mutex back too early does the call return; what the callback does then is not modelled.
      reentering: {
        on: {
          register: { actions: 'register' },
          unregister: { actions: 'unregister' },
          free: { target: 'freed', actions: 'free' },
          copy: { actions: 'copy' },
          return: { target: 'reentering' },
        },
      },
      freed: {
        on: {
          return: { target: 'freed' },
          register: { actions: 'touchFreed' },
          unregister: { actions: 'touchFreed' },
          free: { actions: 'touchFreed' },
          copy: { actions: 'touchFreed' },
          stop: { actions: 'touchFreed' },
          start: { actions: 'touchFreed' },
          add_consumer: { actions: 'touchFreed' },
          del_consumer: { actions: 'touchFreed' },
        },
      },
    },
  });
}
