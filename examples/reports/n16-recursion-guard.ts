// N16: the recursion guard of eventfd_signal() leaks: raised on one CPU, lowered on another; later signals are dropped.
//
// Source: fs/eventfd.c and drivers/vfio/pci/vfio_pci_rdwr.c. Since Linux 5.6 (b5e683d5cab8) eventfd_signal() refuses to recurse
// by a counter of its CPU, eventfd_wake_count. VFIO's ioeventfd handler, called by the wakeup, took a lock that sleeps: the
// task could migrate meanwhile (bugzilla 209253; 38565c93c8a1, 5.10, lets it sleep in a thread of its own). Preempted holders
// of wqh.lock under PREEMPT_RT had the same effect. Since 5.15 (b542e383d8c0) the guard is the task's (in_eventfd_signal).
// Modelled: two CPUs, two tasks, eventfds whose callback sleeps and may wake up elsewhere; one callback signals its own
// eventfd again, which the guard has to refuse. Abstracted away: the count, readers. Parameter later: t1 waits for t0's end.
import type { Cells, Name } from 'irqbypass-lab';
import { atEnd, call, defineScenario, handlers, invoke, machine, memory, never, post } from 'irqbypass-lab';
import { returnTo, show, step, witnessed } from 'irqbypass-lab';

const cpu = memory({ id: 'cpu', title: 'Per-CPU variables of fs/eventfd.c', cells: { eventfd_wake_count: 0 } });
const task = memory({ id: 'task', title: 'struct task_struct', cells: { in_eventfd_signal: 0, migrated: false } });

type Eventfd = { readonly self: Name; readonly cpu: Name; readonly other: Name };
type Asked = { readonly caller: Name; readonly current: Name };
type Message =
  | ({ readonly type: 'eventfd_signal'; readonly nested?: true } & Asked)
  | ({ readonly type: 'wqh_lock' } & Asked)
  | ({ readonly type: 'wakes_up'; readonly elsewhere?: true } & Asked);
type Shown = { readonly kind: 'dropped' | 'refused'; readonly eventfd: Name; readonly task: Name };
const { on } = handlers<Eventfd, Message>();

const eventfd = (fixed: boolean) => {
  /** Where the guard of a task is: whose word, and which. */
  const guardOf = ({ cpu, other }: Eventfd, cells: Cells, current: Name): readonly [Name, string] => {
    if (fixed) return [current, 'in_eventfd_signal'];
    return [cells.load(current, 'migrated') === true ? other : cpu, 'eventfd_wake_count'];
  };
  const change = (cells: Cells, [who, cell]: readonly [Name, string], by: 1 | -1) =>
    cells.store(who, cell, Number(cells.load(who, cell)) + by);
  return machine<Eventfd, Message>({
    id: 'eventfd-ctx',
    title: 'An eventfd whose wakeup calls a handler that sleeps',
    wiring: { cpu: 'cpu', other: 'cpu' },
    constants: { recursive: false },
    slots: 3,
    sends: ['eventfd_signal', 'wqh_lock', 'wakes_up', 'return'],
    operations: { eventfd_signal: { arguments: ['current:task'], how: 'call' } },
    /** A task that slept wakes up where it was, or on the other CPU. */
    variants: { wakes_up: () => [{ elsewhere: true }] },
    context: ({ self, wiring }) => ({ self, cpu: wiring['cpu'] as Name, other: wiring['other'] as Name }),
    handlers: {
      /** The guard is tested before the lock is taken. */
      test: on('eventfd_signal', ({ context, event: { caller, current, nested }, cells }) => {
        const { self } = context;
        if (cells.load(...guardOf(context, cells, current)) === 0)
          return post<Message>(self, { type: 'wqh_lock', caller, current });
        const shown = show<Shown>({ kind: nested ? 'refused' : 'dropped', eventfd: self, task: current });
        return nested ? shown : [shown, returnTo(caller, 0)];
      }),
      /** spin_lock(&ctx->wqh.lock), the guard, the count, the wakeup. */
      raise: on('wqh_lock', ({ context, event: { caller, current }, cells }) => {
        const { self } = context;
        change(cells, guardOf(context, cells, current), 1);
        const again = call<Message>(self, { type: 'eventfd_signal', caller, current, nested: true });
        return [
          ...(cells.constant(self, 'recursive') === true ? [again] : []),
          post<Message>(self, { type: 'wakes_up', caller, current }),
        ];
      }),
      lower: on('wakes_up', ({ context, event: { caller, current, elsewhere }, cells }) => {
        if (elsewhere) cells.store(current, 'migrated', cells.load(current, 'migrated') !== true);
        change(cells, guardOf(context, cells, current), -1);
        return returnTo(caller, 1);
      }),
    },
    chart: {
      initial: 'unlocked',
      on: { eventfd_signal: { actions: 'test' } },
      states: {
        unlocked: { on: { wqh_lock: { target: 'locked', actions: 'raise' } } },
        locked: { on: { wakes_up: { target: 'unlocked', actions: 'lower' } }, waits: ['wqh_lock'] },
      },
    },
  });
};

const noLoss = never<Shown>('i-noloss', 'No signal is dropped', 'dropped', ({ task, eventfd }) => {
  return `${task} signals ${eventfd} in vain`;
});
const guards = atEnd('i-guard', 'In the end every guard is down', (state) => {
  const up = state.actorsOf('cpu').find((one) => state.load(one, 'eventfd_wake_count') !== 0);
  return up === undefined ? null : `eventfd_wake_count of ${up} is ${String(state.load(up, 'eventfd_wake_count'))}`;
});

export default defineScenario({
  id: 'n16-recursion-guard',
  title: 'A recursion guard that is raised on one CPU and lowered on another',
  description: 'Violates i-noloss and i-guard; with fixed=true the guard belongs to the task.',
  parameters: { fixed: false, later: true },
  properties: [witnessed(noLoss, 'a callback signals again', 'refused'), guards, 'l-term'],
  script: ({ fixed, later }) => {
    const ctx = eventfd(fixed);
    const wiring = { cpu: 'cpu0', other: 'cpu1' };
    return {
      actors: [
        ...['cpu0', 'cpu1'].map((name) => ({ name, machine: cpu })),
        ...['task0', 'task1'].map((name) => ({ name, machine: task })),
        { name: 'e0', machine: ctx, wiring },
        { name: 'e1', machine: ctx, wiring, constants: { recursive: true } },
      ],
      threads: {
        t0: [step(invoke('eventfd_signal', 'e0', { current: 'task0' }))],
        t1: [step(invoke('eventfd_signal', 'e1', { current: 'task1' }))],
      },
      ...(later ? { after: { t1: ['t0'] } } : {}),
    };
  },
});
