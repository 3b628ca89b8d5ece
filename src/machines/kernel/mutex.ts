// The mutex: one owner, who may sleep while it holds it; who finds it locked sleeps until it can be had.
//
// Kernel source: kernel/locking/mutex.c. A request to a locked mutex stays in flight in its task's channel: which of the waiters
// is next is not said, as a mutex promises no order. Abstracted away: spinning on the owner, hand-off, interruptible sleep.
import { set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { errno } from './call.ts';
import { acquire, attempt, classOf, mightSleep, unbalanced } from './lockdep.ts';
import type { Asks, AtOnce, Tells } from './request.ts';
import { answer, askerOf, primitiveSends, sleeps, taskOf, waitFor, wakes } from './request.ts';
import { give, poolOf, tasks } from './task.ts';

export type MutexContext = {
  readonly self: Name;
  /** The task that holds it. */
  readonly owner: Name | null;
};

/**
 * mutex_lock() is answered when the mutex is had; mutex_trylock() at once, 0 or -EBUSY; mutex_unlock() at once. `acquire` is the
 * mutex's own: a task that waits for it.
 */
export type MutexMessage =
  | ({ readonly type: 'mutex_lock' } & Asks & AtOnce)
  | ({ readonly type: 'mutex_trylock' | 'acquire' } & Asks)
  | ({ readonly type: 'mutex_unlock' } & Tells);

const tries = { tries: true };
const { on, when } = handlers<MutexContext, MutexMessage>();

/** The machine of a mutex. States: `unlocked`, `locked`. */
export const mutex: Machine = machine<MutexContext, MutexMessage>({
  id: 'mutex',
  title: 'A mutex',
  kinds: ['primitive', 'lock'],
  constants: { class: null },
  families: [tasks],
  sends: [...primitiveSends, 'acquire'],
  operations: {
    mutex_lock: { how: 'call', kernel: 'mutex_lock()' },
    mutex_trylock: { how: 'call', kernel: 'mutex_trylock()' },
    mutex_unlock: { how: 'call', kernel: 'mutex_unlock()' },
  },
  context: ({ self }) => ({ self, owner: null }),
  guards: {
    isOwner: when('mutex_unlock', ({ context, event }) => context.owner === taskOf(event)),
    isAtOnce: when('mutex_lock', ({ event, cells }) => event.atOnce === true || poolOf(cells, taskOf(event)) !== null),
  },
  handlers: {
    ask: on('mutex_lock', ({ context, event, cells }) => {
      const task = taskOf(event);
      return [...mightSleep(cells, task, 'mutex_lock'), attempt(cells, task, classOf(cells, context.self))];
    }),
    sleep: on('mutex_lock', ({ event, cells }) => sleeps(cells, taskOf(event))),
    wait: on('mutex_lock', ({ context, event }) => waitFor(context.self, { type: 'acquire', ...askerOf(event) })),
    own: on(['mutex_lock', 'acquire'], ({ context, event, cells }) => {
      const task = taskOf(event);
      acquire(cells, task, classOf(cells, context.self));
      return [set({ owner: task }), ...(event.type === 'acquire' ? wakes(cells, task) : []), ...answer(event, null)];
    }),
    tryLock: on('mutex_trylock', ({ context, event, cells }) => {
      const task = taskOf(event);
      const lockClass = classOf(cells, context.self);
      const seen = attempt(cells, task, lockClass, tries);
      acquire(cells, task, lockClass, tries);
      return [set({ owner: task }), seen, ...answer(event, 0)];
    }),
    failToLock: on('mutex_trylock', ({ event }) => answer(event, -errno.EBUSY)),
    unlock: on('mutex_unlock', ({ context, event, cells }) => {
      give(cells, taskOf(event), classOf(cells, context.self));
      return [set({ owner: null }), ...answer(event, null)];
    }),
    /** Debugging kernels warn; what the others do is not defined. Here the mutex stays as it is. */
    warn: on('mutex_unlock', ({ event }) => [unbalanced('mutex_unlock'), ...answer(event, null)]),
  },
  chart: {
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          mutex_lock: [
            // Whether a worker sleeps is known at once, since its pool counts who runs.
            { guard: 'isAtOnce', target: 'locked', actions: ['ask', 'own'] },
            { actions: ['ask', 'wait'] },
          ],
          acquire: { target: 'locked', actions: 'own' },
          mutex_trylock: { target: 'locked', actions: 'tryLock' },
          mutex_unlock: { actions: 'warn' },
        },
      },
      locked: {
        on: {
          mutex_lock: { actions: ['ask', 'sleep', 'wait'] },
          mutex_trylock: { actions: 'failToLock' },
          mutex_unlock: [{ guard: 'isOwner', target: 'unlocked', actions: 'unlock' }, { actions: 'warn' }],
        },
        waits: ['acquire'],
      },
    },
  },
});
