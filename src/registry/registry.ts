// The registry: the actor that owns the mutex, both sets of registered objects, and connect and disconnect.
//
// Kernel source: virt/lib/irqbypass.c (irq_bypass_register_producer() and its three sisters, __connect(),
// __disconnect()), Linux 6.12 to 6.17. The statechart reads like the C; what differs between revisions is read from a
// row of policies (revisions.ts). Abstracted away: the module's init, and the time that anything takes.
//
// A message to a locked registry stays in flight: that is a thread waiting for the mutex. Each callback is one message
// to a producer or consumer and one reply, so that every other actor can move in between.
import { setup } from 'xstate';
import { effect, outputs } from '../engine/actors/effect.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Callback } from '../machines/manager/protocol.ts';
import type { RegistryContext, Event, Args, Change, CallbackParams } from './critical-section.ts';
import {
  free,
  isRegister,
  bound,
  lock,
  isBusy,
  insert,
  findPartner,
  findEntry,
  erase,
  bind,
  commit,
  takeValue,
  dropModuleReference,
  warnOnOtherEntry,
  warnOnOtherPeer,
  warnOnKey,
  reportCorruption,
  finish,
  callBack,
} from './critical-section.ts';

const act = effect<RegistryContext, Event>;
const changes = (compute: (args: Args) => Change) => act((args) => ({ context: compute(args) }));

/**
 * The registry of one revision (or of a mutated one).
 *
 * States: `unlocked`; `locked` with `registering`, `inserting`, `pairing`, `connecting`, `undoing`, `committing`,
 * `finding`, `disconnecting`, `erasing`, `returning`; `corrupted`, where the kernel stops and keeps the mutex.
 */
export function createRegistryMachine(policy: Policy) {
  const insertsFirst = (): boolean => policy.order === 'insert-first';

  /** A state that runs one callback of one half, or passes on where the function pointer is NULL. */
  const calling = <const T extends object>(
    whom: CallbackParams['whom'],
    callback: Callback,
    next: T,
  ): {
    entry: { type: 'callBack'; params: CallbackParams };
    always: { guard: { type: 'lacks'; params: CallbackParams } } & T;
    on: { callback_return: { actions: 'takeValue' } & T };
  } => ({
    entry: { type: 'callBack', params: { whom, callback } },
    always: { guard: { type: 'lacks', params: { whom, callback } }, ...next },
    on: { callback_return: { actions: 'takeValue', ...next } },
  });

  const firstAdd = policy.addOrder === 'consumer-then-producer' ? ('addConsumer' as const) : ('addProducer' as const);
  const delFirst = policy.delOrder === 'producer-then-consumer' ? ('delProducer' as const) : ('delConsumer' as const);

  return setup({
    types: { context: {} as RegistryContext, events: {} as Event },
    guards: {
      lacks: ({ context, event }, params: CallbackParams) =>
        !event.cells.has(bound(context, params.whom), params.callback),
      isRegister,
      isBusy: (args) => isBusy(policy, args),
      insertsFirst,
      isCorrupt: ({ context }) => context.corruption !== null,
      hasFailed: ({ context }) => context.value !== 0,
      isPaired: ({ context }) => context.paired,
      disconnects: ({ context }) => context.paired && policy.disconnect,
      isFound: ({ context }) => context.found,
      startsAnyway: ({ context }) => context.value === 0 || policy.start === 'always',
      rollsBack: ({ context }) => context.value !== 0 && policy.rollBack,
      // A connect that came first is taken back when the insertion fails; Like Xu's first attempt did not.
      disconnectsAgain: ({ context }) => context.value !== 0 && context.paired && policy.undo && !insertsFirst(),
      undoes: () => policy.order === 'insert-first' && policy.undo,
      keepsLock: (args) => isRegister(args) && args.context.value !== 0 && !policy.unlockOnError,
    },
    actions: {
      ...outputs,
      ignore: () => {},
      lock: changes((args) => lock(policy, args)),
      insert: changes((args) => insert(policy, args)),
      findPartner: changes((args) => findPartner(policy, args)),
      findEntry: changes((args) => findEntry(policy, args)),
      erase: changes((args) => erase(policy, args)),
      bind: changes((args) => bind(policy, args, true)),
      unbind: changes((args) => bind(policy, args, false)),
      commit: changes((args) => commit(policy, args)),
      fail: changes(() => ({ value: policy.busyError })),
      takeValue: changes(takeValue),
      callBack: effect<RegistryContext, Event, CallbackParams>(callBack),
      dropModuleReference: changes((args) => dropModuleReference(policy, args)),
      warnOnOtherEntry: act(warnOnOtherEntry),
      warnOnOtherPeer: act((args: Args) => warnOnOtherPeer(policy, args)),
      warnOnKey: act((args: Args) => warnOnKey(policy, args)),
      reportCorruption: act(reportCorruption),
      finish: act((args: Args) => finish(policy, args)),
      giveBack: changes(() => free),
    },
  }).createMachine({
    id: 'registry',
    context: free,
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          register_producer: { target: 'locked', actions: 'lock' },
          register_consumer: { target: 'locked', actions: 'lock' },
          unregister_producer: { target: 'locked', actions: 'lock' },
          unregister_consumer: { target: 'locked', actions: 'lock' },
          // Only the mutant that does not wait for the last start callback gets its return here.
          callback_return: { actions: 'ignore' },
        },
      },
      locked: {
        initial: 'deciding',
        states: {
          deciding: { always: [{ guard: 'isRegister', target: 'registering' }, { target: 'finding' }] },
          registering: {
            always: [
              {
                guard: 'isBusy',
                target: 'returning',
                actions: 'fail',
              },
              { guard: 'insertsFirst', target: 'inserting' },
              { target: 'pairing' },
            ],
          },
          inserting: {
            entry: 'insert',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'disconnectsAgain', target: 'disconnecting' },
              { guard: 'hasFailed', target: 'returning' },
              { guard: 'insertsFirst', target: 'pairing' },
              { target: 'committing' },
            ],
          },
          pairing: {
            entry: 'findPartner',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'isPaired', target: 'connecting' },
              { guard: 'insertsFirst', target: 'committing' },
              { target: 'inserting' },
            ],
          },
          connecting: {
            initial: 'stopProducer',
            states: {
              stopProducer: calling('producer', 'stop', {
                target: policy.stops === 'both' ? 'stopConsumer' : firstAdd,
              }),
              stopConsumer: calling('consumer', 'stop', { target: firstAdd }),
              addConsumer: calling('producer', 'add_consumer', { target: 'addedConsumer' }),
              addedConsumer: {
                always: [
                  { guard: 'hasFailed', target: 'starting' },
                  { target: policy.addOrder === 'consumer-then-producer' ? 'addProducer' : 'starting' },
                ],
              },
              addProducer: calling('consumer', 'add_producer', { target: 'addedProducer' }),
              addedProducer: {
                always: [
                  { guard: 'rollsBack', target: 'delConsumer' },
                  { guard: 'hasFailed', target: 'starting' },
                  { target: policy.addOrder === 'consumer-then-producer' ? 'starting' : 'addConsumer' },
                ],
              },
              delConsumer: calling('producer', 'del_consumer', { target: 'starting' }),
              starting: { always: [{ guard: 'startsAnyway', target: 'startConsumer' }, { target: '#failed' }] },
              startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
              startProducer:
                policy.lastStart === 'awaited'
                  ? calling('producer', 'start', { target: '#connected' })
                  : {
                      entry: { type: 'callBack', params: { whom: 'producer', callback: 'start' } },
                      always: { target: '#connected' },
                    },
            },
          },
          connected: {
            id: 'connected',
            always: [
              { guard: 'hasFailed', target: 'failed' },
              { guard: 'insertsFirst', target: 'committing', actions: 'bind' },
              { target: 'inserting', actions: 'bind' },
            ],
          },
          failed: { id: 'failed', always: [{ guard: 'undoes', target: 'undoing' }, { target: 'returning' }] },
          undoing: { entry: ['erase', 'warnOnOtherEntry'], always: { target: 'returning' } },
          committing: { entry: 'commit', always: { target: 'returning' } },
          finding: {
            entry: 'findEntry',
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { guard: 'disconnects', target: 'disconnecting', actions: 'warnOnOtherPeer' },
              { guard: 'isFound', target: 'erasing' },
              { target: 'returning', actions: 'warnOnKey' },
            ],
          },
          disconnecting: {
            initial: 'stopProducer',
            states: {
              stopProducer: calling('producer', 'stop', { target: 'stopConsumer' }),
              stopConsumer: calling('consumer', 'stop', { target: delFirst }),
              delProducer: calling('consumer', 'del_producer', {
                target: delFirst === 'delProducer' ? 'delConsumer' : 'startConsumer',
              }),
              delConsumer: calling('producer', 'del_consumer', {
                target: delFirst === 'delProducer' ? 'startConsumer' : 'delProducer',
              }),
              startConsumer: calling('consumer', 'start', { target: 'startProducer' }),
              startProducer: calling('producer', 'start', { target: '#disconnected' }),
            },
          },
          disconnected: {
            id: 'disconnected',
            always: [
              { guard: 'isRegister', target: 'returning', actions: 'unbind' },
              { target: 'erasing', actions: 'unbind' },
            ],
          },
          erasing: {
            entry: ['erase', 'warnOnOtherEntry'],
            always: [
              { guard: 'isCorrupt', target: '#registry.corrupted' },
              { target: 'returning', actions: 'dropModuleReference' },
            ],
          },
          returning: {
            entry: 'finish',
            always: [
              { guard: 'keepsLock', target: 'forgotten' },
              { target: '#registry.unlocked', actions: 'giveBack' },
            ],
          },
          // Only mutants get here: they return to the caller without giving the mutex back.
          forgotten: { entry: 'giveBack' },
        },
      },
      corrupted: { entry: 'reportCorruption', on: { callback_return: { actions: 'ignore' } } },
    },
  });
}
