// The spinlock: its holder does not sleep; who finds it locked spins. Also with interrupts off.
//
// Kernel source: include/linux/spinlock.h, kernel/locking/spinlock.c. A task that asks for it has preemption disabled from then on,
// with spin_lock_irq() and spin_lock_irqsave() interrupts, too: that is what contextOf() says of it. spin_unlock_irq() enables
// interrupts whatever they were before, spin_unlock_irqrestore() as they were. Abstracted away: queues (who spins is served in any
// order; a liveness claim may take turns for granted), bottom halves. To keep a handler off a CPU, see cpu.ts.
import type { Cells } from '../../engine/actors/cells.ts';
import { set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { errno } from './call.ts';
import type { LockObservation } from './lockdep.ts';
import { acquire, attempt, classOf, contextOf, unbalanced } from './lockdep.ts';
import type { Asks, AtOnce, Tells } from './request.ts';
import { answer, askerOf, primitiveSends, taskOf, waitFor } from './request.ts';
import { count, counterOf, give, heldBy, tasks } from './task.ts';

export type SpinlockContext = {
  readonly self: Name;
  /** The task that holds it. */
  readonly owner: Name | null;
};

const locks = ['spin_lock', 'spin_lock_irq', 'spin_lock_irqsave'] as const;
const unlocks = ['spin_unlock', 'spin_unlock_irq', 'spin_unlock_irqrestore'] as const;

/** Locks are answered when the lock is had, spin_trylock() at once, 0 or -EBUSY. `acquire` is the lock's own: a task that spins. */
export type SpinlockMessage =
  | ({ readonly type: (typeof locks)[number] } & Asks & AtOnce)
  | ({ readonly type: 'spin_trylock' | 'acquire' } & Asks)
  | ({ readonly type: (typeof unlocks)[number] } & Tells);

const { on, when } = handlers<SpinlockContext, SpinlockMessage>();

/** Disables preemption, and interrupts where the lock does. */
function disable(cells: Cells, task: Name, type: string): void {
  if (type === 'spin_lock_irqsave' || (type === 'spin_lock_irq' && counterOf(cells, task, 'irqsOff') === 0))
    count(cells, task, 'irqsOff', 1);
  count(cells, task, 'preempt', 1);
}

/** Enables both again. Shows where interrupts come on while other locks are held. */
function enable(cells: Cells, task: Name, type: string): readonly ReturnType<typeof show>[] {
  const off = counterOf(cells, task, 'irqsOff');
  if (off > 0 && type !== 'spin_unlock') count(cells, task, 'irqsOff', type === 'spin_unlock_irq' ? -off : -1);
  count(cells, task, 'preempt', -1);
  const held = heldBy(cells, task);
  if (off === 0 || held.length === 0 || counterOf(cells, task, 'irqsOff') > 0) return [];
  return contextOf(cells, task) === 'interrupt handler'
    ? []
    : [show<LockObservation>({ kind: 'interrupts on', task, held })];
}

const manner = { spins: true };
const tries = { spins: true, tries: true };

/** The machine of a spinlock. States: `unlocked`, `locked`. */
export const spinlock: Machine = machine<SpinlockContext, SpinlockMessage>({
  id: 'spinlock',
  title: 'A spinlock',
  kinds: ['primitive', 'lock'],
  constants: { class: null },
  families: [tasks],
  sends: [...primitiveSends, 'acquire'],
  operations: Object.fromEntries(
    [...locks, 'spin_trylock', ...unlocks].map((name) => [name, { how: 'call', kernel: `${name}()` }]),
  ),
  context: ({ self }) => ({ self, owner: null }),
  guards: {
    isOwner: when(unlocks, ({ context, event }) => context.owner === taskOf(event)),
    isAtOnce: when(locks, ({ event }) => event.atOnce === true),
  },
  handlers: {
    ask: on(locks, ({ context, event, cells }) => {
      const task = taskOf(event);
      disable(cells, task, event.type);
      return attempt(cells, task, classOf(cells, context.self), manner);
    }),
    wait: on(locks, ({ context, event }) => waitFor(context.self, { type: 'acquire', ...askerOf(event) })),
    own: on([...locks, 'acquire'], ({ context, event, cells }) => {
      const task = taskOf(event);
      acquire(cells, task, classOf(cells, context.self), manner);
      return [set({ owner: task }), ...answer(event, null)];
    }),
    tryLock: on('spin_trylock', ({ context, event, cells }) => {
      const task = taskOf(event);
      const lockClass = classOf(cells, context.self);
      disable(cells, task, event.type);
      const seen = attempt(cells, task, lockClass, tries);
      acquire(cells, task, lockClass, tries);
      return [set({ owner: task }), seen, ...answer(event, 0)];
    }),
    failToLock: on('spin_trylock', ({ event }) => answer(event, -errno.EBUSY)),
    unlock: on(unlocks, ({ context, event, cells }) => {
      const task = taskOf(event);
      give(cells, task, classOf(cells, context.self));
      return [set({ owner: null }), ...enable(cells, task, event.type), ...answer(event, null)];
    }),
    /** Debugging kernels say BUG: wrong owner. Here the lock stays as it is. */
    warn: on(unlocks, ({ event }) => [unbalanced(event.type), ...answer(event, null)]),
  },
  chart: {
    initial: 'unlocked',
    states: {
      unlocked: {
        on: {
          ...Object.fromEntries(
            locks.map((name) => [
              name,
              [{ guard: 'isAtOnce', target: 'locked', actions: ['ask', 'own'] }, { actions: ['ask', 'wait'] }],
            ]),
          ),
          acquire: { target: 'locked', actions: 'own' },
          spin_trylock: { target: 'locked', actions: 'tryLock' },
          ...Object.fromEntries(unlocks.map((name) => [name, { actions: 'warn' }])),
        },
      },
      locked: {
        on: {
          ...Object.fromEntries(locks.map((name) => [name, { actions: ['ask', 'wait'] }])),
          spin_trylock: { actions: 'failToLock' },
          ...Object.fromEntries(
            unlocks.map((name) => [
              name,
              [{ guard: 'isOwner', target: 'unlocked', actions: 'unlock' }, { actions: 'warn' }],
            ]),
          ),
        },
        waits: ['acquire'],
      },
    },
  },
});
