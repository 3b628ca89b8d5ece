// VFIO's virqfd: it listens to an eventfd that user space, or KVM on an EOI, signals to unmask INTx.
//
// Kernel source: vfio_virqfd_enable(), virqfd_wakeup(), vfio_virqfd_disable(), virqfd_shutdown() of drivers/vfio/virqfd.c, Linux 6.12 and
// 6.18. The pointer of its owner (*pvirqfd) is under virqfd_lock; whoever clears it queues the shutdown job, so that EPOLLHUP and the ioctl
// do so once between them (b68e7fa879cd). An actor stands for one allocation: enabling waits for the one before. Abstracted away: the thread
// function, whose job the shutdown job waits for: here the handler.
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import { call, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { heard } from '../device/interrupt.ts';
import type { EventfdMessage, WaiterMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import { errno, returnTo } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import { answer, taskOf } from '../kernel/request.ts';
import type { SpinlockMessage } from '../kernel/spinlock.ts';
import { tasks } from '../kernel/task.ts';
import type { WorkFunction } from '../kernel/work-of.ts';
import { createWorkOf } from '../kernel/work-of.ts';
import type { WorkqueueMessage } from '../kernel/workqueue.ts';
import type { Observation } from '../manager/protocol.ts';
import type { IntxMessage } from './vfio-intx.ts';

export type VirqfdContext = {
  readonly self: Name;
  readonly intx: Name;
  readonly virqfd_lock: Name;
  readonly cleanup_wq: Name;
  readonly shutdown: Name;
  /** The eventfd that it has a reference on. */
  readonly eventfd: Name | null;
  /** Is it what *pvirqfd points to? */
  readonly active: boolean;
  readonly caller: Name | null;
  readonly closer: Asks | null;
  readonly job: Name | null;
  /** Does its handler run, and came another wakeup meanwhile? */
  readonly unmasking: boolean;
  readonly again: boolean;
};

export type VirqfdMessage =
  | { readonly type: 'virqfd_enable'; readonly caller: Name; readonly eventfd: Name }
  | { readonly type: 'virqfd_disable'; readonly caller: Name }
  | WorkFunction<'virqfd_shutdown'>
  | WaiterMessage
  | Return<'ioctl' | 'hang_up' | 'shutdown'>;

/** Who clears *pvirqfd, and was it set? The same that an irqfd shows. */
type DeactivationObservation = { readonly kind: 'deactivated'; readonly irqfd: Name; readonly wasActive: boolean };

const { on, act, when, whenever } = handlers<VirqfdContext, VirqfdMessage>();
type Region = State<string, string, VirqfdMessage['type']>;

function there(what: Name | null, { self }: VirqfdContext): Name {
  if (what === null) throw new Error(`${self} has nobody to answer`);
  return what;
}

const lock = ({ self, virqfd_lock }: VirqfdContext, task: Name, as: 'ioctl' | 'hang_up') =>
  call<SpinlockMessage>(virqfd_lock, { type: 'spin_lock_irqsave', caller: self, task, as, atOnce: true });
const unlock = ({ virqfd_lock }: VirqfdContext, task: Name) =>
  call<SpinlockMessage>(virqfd_lock, { type: 'spin_unlock_irqrestore', task });

/** *pvirqfd = NULL, and the job is queued. */
const deactivate = ({ self, active, cleanup_wq, shutdown }: VirqfdContext) => [
  show<DeactivationObservation>({ kind: 'deactivated', irqfd: self, wasActive: active }),
  set<VirqfdContext>({ active: false }),
  call<WorkqueueMessage>(cleanup_wq, { type: 'queue_work', work: shutdown }),
];

const unmask = ({ intx, self }: VirqfdContext) => call<IntxMessage>(intx, { type: 'unmask_by_eventfd', caller: self });

const ioctl: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ['virqfd_enable', 'virqfd_disable'], {
    idle: {
      on: {
        virqfd_enable: [
          { guard: 'isThere', actions: 'refuse' },
          { target: 'getting', actions: 'get' },
        ],
        virqfd_disable: { target: 'disabling', actions: 'lockToDisable' },
      },
    },
    getting: {
      on: {
        'return.ioctl': [
          { guard: 'failed', target: 'idle', actions: 'fail' },
          { target: 'enabling', actions: 'lockToEnable' },
        ],
      },
    },
    enabling: { on: { 'return.ioctl': { target: 'waiting', actions: 'enable' } } },
    waiting: { on: { 'return.ioctl': { target: 'idle', actions: 'done' } } },
    disabling: { on: { 'return.ioctl': { target: 'flushing', actions: 'disable' } } },
    flushing: { on: { 'return.ioctl': { target: 'idle', actions: 'done' } } },
  }),
};

const hangingUp: Region = {
  initial: 'idle',
  states: {
    idle: { on: { hang_up: { target: 'locking', actions: 'lockToHangUp' } } },
    locking: { on: { 'return.hang_up': { target: 'idle', actions: 'hangUp' } } },
  },
};

const shuttingDown: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        virqfd_shutdown: [
          { guard: 'isFreed', actions: 'shutDownTwice' },
          { target: 'leaving', actions: 'leaveWaitQueue' },
        ],
      },
    },
    leaving: { on: { 'return.shutdown': { target: 'flushing' } } },
    // flush_work(&virqfd->inject)
    flushing: { always: { guard: 'isQuiet', target: 'idle', actions: 'free' } },
  },
};

/** virqfd_wakeup(): vfio_pci_intx_unmask_handler() of its owner. */
const waking: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        wakeup: { target: 'unmasking', actions: ['hear', 'unmask'] },
        pending: { target: 'unmasking', actions: ['hear', 'unmask'] },
      },
    },
    unmasking: {
      on: {
        wakeup: { actions: ['hear', 'noteAgain'] },
        pending: { actions: ['hear', 'noteAgain'] },
        return: [
          { guard: 'isAgain', actions: ['forgetAgain', 'unmask'] },
          { target: 'idle', actions: 'unmasked' },
        ],
      },
    },
  },
};

/** virqfd->shutdown */
export const virqfdShutdown: Machine = createWorkOf(
  'virqfd-shutdown',
  'The shutdown job of a virqfd',
  { role: 'virqfd', machine: 'virqfd' },
  'virqfd_shutdown',
);

/** The machine of a virqfd. Regions: `ioctl`, `hangingUp`, `shuttingDown`, `waking`. */
export const virqfd: Machine = machine<VirqfdContext, VirqfdMessage>({
  id: 'virqfd',
  title: 'A virqfd of VFIO: the eventfd that unmasks INTx',
  kinds: ['virqfd'],
  wiring: { intx: 'vfio-intx', virqfd_lock: 'spinlock', cleanup_wq: 'workqueue', shutdown: 'virqfd-shutdown' },
  usual: {
    virqfd_lock: { part: 'virqfdlock', machine: 'spinlock', constants: { class: 'virqfd_lock' }, shared: true },
    cleanup_wq: { part: 'virqfdwq', machine: 'workqueue', shared: true },
    shutdown: { part: 'virqfdshutdown', machine: 'virqfd-shutdown', wiring: { virqfd: '.' } },
  },
  cells: { freed: false },
  families: [tasks],
  sends: [
    'return',
    'return.*',
    'eventfd_ctx_fdget',
    'eventfd_ctx_put',
    'add_wait_queue',
    'remove_wait_queue',
    'spin_lock_irqsave',
    'spin_unlock_irqrestore',
    'queue_work',
    'flush_workqueue',
    'unmask_by_eventfd',
  ],
  operations: {
    virqfd_enable: {
      arguments: ['eventfd!:eventfd'],
      how: 'post',
      kernel: 'VFIO_DEVICE_SET_IRQS, INTx unmask, by an eventfd',
    },
    virqfd_disable: { how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx unmask, eventfd -1' },
  },
  context: ({ self, wiring }) => ({
    self,
    intx: wiring['intx'] as Name,
    virqfd_lock: wiring['virqfd_lock'] as Name,
    cleanup_wq: wiring['cleanup_wq'] as Name,
    shutdown: wiring['shutdown'] as Name,
    eventfd: null,
    active: false,
    caller: null,
    closer: null,
    job: null,
    unmasking: false,
    again: false,
  }),
  guards: {
    isThere: when('virqfd_enable', ({ context }) => context.eventfd !== null),
    isFreed: when('virqfd_shutdown', ({ context }) => context.eventfd === null),
    failed: when('return.ioctl', ({ event }) => (event.value ?? 0) < 0),
    isQuiet: whenever(({ context }) => !context.unmasking),
    isAgain: whenever(({ context }) => context.again),
  },
  handlers: {
    /** One allocation: the kernel answers so while *pvirqfd is set. */
    refuse: on('virqfd_enable', ({ event }) => returnTo(event.caller, -errno.EBUSY)),
    get: on('virqfd_enable', ({ context: { self }, event: { caller, eventfd }, cells }) => {
      cells.store(self, 'freed', false);
      return [
        set<VirqfdContext>({ caller, eventfd }),
        call<EventfdMessage>(eventfd, { type: 'eventfd_ctx_fdget', holder: self, caller: self, as: 'ioctl' }),
      ];
    }),
    fail: on('return.ioctl', ({ context, event }) => [
      set<VirqfdContext>({ caller: null, eventfd: null }),
      returnTo(there(context.caller, context), event.value),
    ]),
    lockToEnable: act(({ context }) => lock(context, there(context.caller, context), 'ioctl')),
    enable: act(({ context }) => {
      const { self, eventfd } = context;
      const task = there(context.caller, context);
      return [
        set<VirqfdContext>({ active: true }),
        unlock(context, task),
        call<EventfdMessage>(there(eventfd, context), {
          type: 'add_wait_queue',
          waiter: self,
          caller: self,
          task,
          as: 'ioctl',
        }),
      ];
    }),
    done: act(({ context }) => [set<VirqfdContext>({ caller: null }), returnTo(there(context.caller, context), 0)]),
    lockToDisable: on('virqfd_disable', ({ context, event: { caller } }) => [
      set<VirqfdContext>({ caller }),
      lock(context, caller, 'ioctl'),
    ]),
    disable: act(({ context }) => {
      const { self, cleanup_wq, active } = context;
      const task = there(context.caller, context);
      return [
        ...(active ? deactivate(context) : []),
        unlock(context, task),
        call<WorkqueueMessage>(cleanup_wq, { type: 'flush_workqueue', caller: self, task, as: 'ioctl', atOnce: true }),
      ];
    }),
    lockToHangUp: on('hang_up', ({ context, event: { type: _type, ...asker } }) => [
      set<VirqfdContext>({ closer: asker }),
      lock(context, taskOf(asker), 'hang_up'),
    ]),
    hangUp: on('return.hang_up', ({ context }) => {
      const { closer, active, self } = context;
      if (closer === null) throw new Error(`nobody closes the eventfd of ${self}`);
      return [
        set<VirqfdContext>({ closer: null }),
        ...(active ? deactivate(context) : []),
        unlock(context, taskOf(closer)),
        ...answer(closer, null),
      ];
    }),
    leaveWaitQueue: on('virqfd_shutdown', ({ context: { self, eventfd }, event: { caller } }) => [
      set<VirqfdContext>({ job: caller }),
      call<EventfdMessage>(eventfd ?? self, {
        type: 'remove_wait_queue',
        waiter: self,
        caller: self,
        task: caller,
        as: 'shutdown',
      }),
    ]),
    /** The struct is gone, and its job runs. */
    shutDownTwice: on('virqfd_shutdown', ({ context: { self }, event }) => [
      show<Observation>({ kind: 'use-after-free', object: self, what: 'virqfd->eventfd' }),
      ...answer(event, null),
    ]),
    free: act(({ context, cells }) => {
      const { self, eventfd } = context;
      cells.store(self, 'freed', true);
      return [
        set<VirqfdContext>({ eventfd: null, job: null }),
        ...(eventfd === null ? [] : [call<EventfdMessage>(eventfd, { type: 'eventfd_ctx_put', holder: self })]),
        returnTo(there(context.job, context), null),
      ];
    }),
    hear: on(['wakeup', 'pending'], ({ event: { interrupts }, cells }) => heard(cells, interrupts)),
    unmask: act(({ context }) => [set<VirqfdContext>({ unmasking: true }), unmask(context)]),
    unmasked: act(() => set<VirqfdContext>({ unmasking: false })),
    noteAgain: act(() => set<VirqfdContext>({ again: true })),
    forgetAgain: act(() => set<VirqfdContext>({ again: false })),
  },
  chart: { type: 'parallel', states: { ioctl, hangingUp, shuttingDown, waking } },
});
