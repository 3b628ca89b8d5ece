// A CPU: are its interrupts on, and does a handler run on it?
//
// Kernel source: local_irq_disable() and preempt_disable() of include/linux, irq_enter(), irq_exit(). A handler waits while
// interrupts are off or another one runs. The task that was interrupted is not held up while a handler runs: that a handler wants
// what it holds is what i-lockorder says of classes taken in handlers and with interrupts on. A task is on one CPU, which its calls
// name. Abstracted away: migration, bottom halves, NMIs.
import { set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { LockObservation } from './lockdep.ts';
import { mightSleep } from './lockdep.ts';
import type { Asks, Tells } from './request.ts';
import { answer, primitiveSends, taskOf } from './request.ts';
import { count, counterOf, heldBy, tasks } from './task.ts';

export type CpuContext = {
  readonly self: Name;
  /** The task whose handler runs. */
  readonly handler: Name | null;
};

/** What a CPU is asked: interrupts off or on, a handler begins or ends, preemption off or on, might_sleep(). */
export type CpuMessage =
  | ({ readonly type: 'local_irq_disable' | 'irq_enter' } & Asks)
  | ({
      readonly type: 'local_irq_enable' | 'irq_exit' | 'preempt_disable' | 'preempt_enable' | 'might_sleep';
    } & Tells);

const { on, when } = handlers<CpuContext, CpuMessage>();

/** The machine of a CPU. States: interrupts are `enabled` or `disabled`, or a `handler` runs. */
export const cpu: Machine = machine<CpuContext, CpuMessage>({
  id: 'cpu',
  title: 'A CPU: interrupts on or off, a handler running',
  kinds: ['primitive'],
  families: [tasks],
  sends: [...primitiveSends],
  operations: {
    local_irq_disable: { how: 'post', kernel: 'local_irq_disable()' },
    local_irq_enable: { how: 'call', kernel: 'local_irq_enable()' },
    preempt_disable: { how: 'call', kernel: 'preempt_disable()' },
    preempt_enable: { how: 'call', kernel: 'preempt_enable()' },
    irq_enter: { how: 'post', kernel: 'an interrupt; irq_enter()' },
    irq_exit: { how: 'call', kernel: 'irq_exit()' },
    might_sleep: { how: 'call', kernel: 'might_sleep()' },
  },
  context: ({ self }) => ({ self, handler: null }),
  guards: {
    isHandler: when(
      ['local_irq_disable', 'local_irq_enable'],
      ({ context, event }) => taskOf(event) === context.handler,
    ),
  },
  handlers: {
    irqsOff: on('local_irq_disable', ({ event, cells }) => {
      count(cells, taskOf(event), 'irqsOff', 1);
      return answer(event, null);
    }),
    irqsOn: on('local_irq_enable', ({ event, cells }) => {
      const task = taskOf(event);
      count(cells, task, 'irqsOff', -counterOf(cells, task, 'irqsOff'));
      const held = heldBy(cells, task);
      const seen = held.length === 0 ? [] : [show<LockObservation>({ kind: 'interrupts on', task, held })];
      return [...seen, ...answer(event, null)];
    }),
    enter: on('irq_enter', ({ event, cells }) => {
      const handler = taskOf(event);
      count(cells, handler, 'hardirq', 1);
      return [set<CpuContext>({ handler }), ...answer(event, null)];
    }),
    exit: on('irq_exit', ({ event, cells }) => {
      count(cells, taskOf(event), 'hardirq', -1);
      return [set<CpuContext>({ handler: null }), ...answer(event, null)];
    }),
    preemptOff: on('preempt_disable', ({ event, cells }) => {
      count(cells, taskOf(event), 'preempt', 1);
      return answer(event, null);
    }),
    preemptOn: on('preempt_enable', ({ event, cells }) => {
      count(cells, taskOf(event), 'preempt', -1);
      return answer(event, null);
    }),
    mightSleep: on('might_sleep', ({ event, cells }) => [
      ...mightSleep(cells, taskOf(event), 'might_sleep'),
      ...answer(event, null),
    ]),
  },
  chart: {
    initial: 'enabled',
    on: {
      preempt_disable: { actions: 'preemptOff' },
      preempt_enable: { actions: 'preemptOn' },
      might_sleep: { actions: 'mightSleep' },
    },
    states: {
      enabled: {
        on: {
          local_irq_disable: { target: 'disabled', actions: 'irqsOff' },
          local_irq_enable: { actions: 'irqsOn' },
          irq_enter: { target: 'handler', actions: 'enter' },
        },
      },
      disabled: {
        on: {
          local_irq_disable: { actions: 'irqsOff' },
          local_irq_enable: { target: 'enabled', actions: 'irqsOn' },
        },
        waits: ['irq_enter'],
      },
      handler: {
        on: {
          irq_exit: { target: 'enabled', actions: 'exit' },
          // Of the handler itself; whoever was interrupted goes on when it is done.
          local_irq_disable: { guard: 'isHandler', actions: 'irqsOff' },
          local_irq_enable: { guard: 'isHandler', actions: 'irqsOn' },
        },
        waits: ['irq_enter'],
      },
    },
  },
});
