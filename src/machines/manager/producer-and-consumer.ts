// The producer and the consumer: one struct with its callbacks, and the halves of register and unregister that run without
// the mutex. They are one machine, made twice.
//
// Kernel source: include/linux/irqbypass.h and virt/lib/irqbypass.c, Linux 4.4 to 6.17. The fields that other threads read
// (key, peer, irq, freed) are cells; the function pointers are constants of the scenario. Abstracted away: what the callbacks
// do to hardware. A fallible callback answers what the environment chooses.
import { call, set, show } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine, Operation, Variants } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Policy } from './policy.ts';
import type {
  Callback,
  CallbackMessage,
  CallbackReturn,
  Half,
  ManagerOperation,
  Observation,
  Register,
  StructMessage,
  Unregister,
} from './protocol.ts';
import { callbacksOf, REGISTRY, structCells, structConstants } from './protocol.ts';
import { returnTo } from '../kernel/call.ts';
import type { HalfCall, StructContext } from './struct.ts';
import { halfActions, halfGuards, halfSends, registerBranches, unregister, unregisterBranches } from './struct.ts';

const { on, act, when, whenever } = handlers<StructContext, StructMessage>();

/** Calls that a thread may make to a struct. */
export function structOperations(half: Half): Readonly<Record<string, Operation>> {
  const fields = half === 'producer' ? ['eventfd:eventfd', 'irq?'] : ['eventfd:eventfd'];
  const rest = ['atomic?', 'moduleGet?'];
  return {
    [`register_${half}`]: { arguments: [...fields, ...rest], how: 'call', kernel: `irq_bypass_register_${half}()` },
    [`unregister_${half}`]: { arguments: rest, how: 'call', kernel: `irq_bypass_unregister_${half}()` },
    free: { how: 'call', kernel: 'kfree()' },
    copy: { arguments: ['to:producer|consumer'], how: 'call', kernel: '*to = *from' },
  };
}

/** Add callbacks may fail with what the scenario lets an actor answer. */
export const failures: Variants = (_, { failures: answers }) => answers.map((answer) => ({ answer }));

/** The partner that an add or del callback is about. */
function peerOf(event: CallbackMessage): Name | null {
  if ('consumer' in event) return event.consumer;
  return 'producer' in event ? event.producer : null;
}

const callbackReturns = (value: number) => call<CallbackReturn>(REGISTRY, { type: 'callback_return', value });

/** The ledger after a callback of a struct: it follows the callbacks alone, never the manager's pointers. */
export function ledger(added: readonly Name[], callback: string, peer: Name | null, value: number): readonly Name[] {
  if (peer === null || value !== 0) return added;
  const others = added.filter((other) => other !== peer);
  return callback.startsWith('add_') ? [...others, peer] : others;
}

/** Runs one callback of a live struct. */
function answer({ context, event }: Handled<StructContext, CallbackMessage>) {
  const { self, added } = context;
  const peer = peerOf(event);
  const adds = event.type.startsWith('add_');
  const value = 'answer' in event ? (event.answer ?? 0) : 0;
  return [
    set<StructContext>({ added: ledger(added, event.type, peer, value) }),
    show<Observation>({ kind: 'callback', object: self, callback: event.type, peer, value: adds ? value : null }),
    callbackReturns(value),
  ];
}

/** Guards and handlers of one half under one revision. */
function workOf(half: Half, policy: Policy) {
  const calls = [`register_${half}`, `unregister_${half}`] as const;
  const halfCall = ({ context, event, cells }: Handled<StructContext, StructMessage>): HalfCall => ({
    policy,
    half,
    op: event.type as ManagerOperation,
    self: context.self,
    cells,
    asked: event as Register | Unregister,
  });
  const calledBack = on(callbacksOf[half] as readonly Callback[], answer as never);
  const guards = {
    ...Object.fromEntries(
      Object.entries(halfGuards).map(([name, guard]) => [name, when(calls, (handled) => guard(halfCall(handled)))]),
    ),
    reenters: whenever(({ context, event, cells }) => cells.constant(context.self, `reenters ${event.type}`) === true),
  };
  const handlers = {
    ...Object.fromEntries(
      Object.entries(halfActions).map(([name, action]) => [name, on(calls, (handled) => action(halfCall(handled)))]),
    ),
    /** The owner gives the memory back. */
    free: on('free', ({ context, event, cells }) => {
      cells.store(context.self, 'freed', true);
      return returnTo(event.caller, null);
    }),
    /** The owner copies the struct by value. */
    copy: on('copy', ({ context, event, cells }) => {
      for (const cell of Object.keys(structCells)) cells.store(event.to, cell, cells.load(context.self, cell));
      return returnTo(event.caller, null);
    }),
    answer: calledBack,
    /** A callback that calls the manager again: the mutex is held by its own thread, so the call waits for ever. */
    reenter: act(({ context, event, cells }) => {
      const { self } = context;
      return [
        show<Observation>({ kind: 'reentry', object: self, callback: event.type as Callback }),
        ...unregister({ ...policy, nullUnregister: 'searches', moduleReference: false }, half, self, cells, {
          caller: self,
        }),
      ];
    }),
    /** A message to memory that its owner gave back: the kernel reads whatever is there now. */
    touchFreed: act(({ context, event }) => [
      show<Observation>({ kind: 'use-after-free', object: context.self, what: event.type }),
      'caller' in event ? returnTo(event.caller, null) : callbackReturns(0),
    ]),
    /** The call inside the callback returns, where a mutant gave the mutex back too early: nothing more is modelled. */
    ignore: on('return', () => []),
  };
  return { guards, handlers };
}

/**
 * The machine of a producer or of a consumer.
 *
 * States: `running` and `stopped` (between the stop and start callbacks), `reentering` (a callback calls the manager
 * again and waits for a mutex that its own thread holds), `freed`.
 *
 * @param id - what the machine is called where somebody embeds the struct
 */
export function createStruct(half: Half, policy: Policy, id: string = half): Machine {
  const callbacks = callbacksOf[half];
  const [add, del] = callbacks;
  const registers = `register_${half}` as const;
  const unregisters = `unregister_${half}` as const;
  const { guards, handlers } = workOf(half, policy);
  const owned = {
    [registers]: registerBranches(policy, half),
    [unregisters]: unregisterBranches(policy),
    free: { target: `#${id}.freed`, actions: 'free' },
    copy: { actions: 'copy' },
  };
  const callback = (target?: string) => [
    { guard: 'reenters', target: 'reentering', actions: 'reenter' },
    { ...(target === undefined ? {} : { target }), actions: 'answer' },
  ];
  return machine<StructContext, StructMessage>({
    id,
    title: `struct irq_bypass_${half} with its callbacks`,
    cells: structCells,
    constants: structConstants(half),
    sends: [...halfSends, 'callback_return'],
    operations: structOperations(half),
    variants: { [add]: failures },
    context: ({ self }) => ({ self, added: [] }),
    guards,
    handlers,
    chart: {
      initial: 'running',
      // The owner calls whatever the callbacks are about.
      on: owned,
      states: {
        running: {
          on: {
            stop: callback('stopped'),
            [add]: callback(),
            [del]: callback(),
            start: { actions: 'answer' },
          },
        },
        stopped: {
          on: {
            stop: { actions: 'answer' },
            [add]: callback(),
            [del]: callback(),
            start: callback('running'),
          },
        },
        // The reply to the registry never comes. Other threads go on.
        reentering: { on: { return: { actions: 'ignore' } }, waits: callbacks },
        freed: {
          on: {
            return: { actions: 'ignore' },
            ...Object.fromEntries(
              [registers, unregisters, 'free', 'copy', ...callbacks].map((type) => [type, { actions: 'touchFreed' }]),
            ),
          },
        },
      },
    },
  });
}
