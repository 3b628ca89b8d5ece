// A virtqueue of vhost-vDPA: its call eventfd, and the producer that is registered under that while the driver is ready.
//
// Kernel source: drivers/vhost/vdpa.c (vhost_vdpa_setup_vq_irq(), vhost_vdpa_unsetup_vq_irq(), vhost_vdpa_vring_ioctl(),
// vhost_vdpa_set_status(), vhost_vdpa_open(), vhost_vdpa_release()), vhost_vring_ioctl(), Linux 6.12 and 6.18. All under the device's mutex.
// SET_VRING_CALL while DRIVER_OK unregisters before the eventfd is swapped, whose old context it puts, and registers after. The
// device's own handler calls the virtqueue's callback, which signals call_ctx.ctx. The device has one virtqueue. Abstracted away: the vq
// mutex inside of the device's, kicks, the status register beyond DRIVER_OK; and what keeps the callback, which takes no lock, from
// signalling an eventfd that is being put: here whoever puts it waits for the callback (docs/findings.md).
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { lost } from '../device/interrupt.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import type { HostInterrupt } from '../iommu/irte.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import { count, tasks } from '../kernel/task.ts';
import type { Policy } from '../manager/policy.ts';
import { structCells, structConstants } from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import { halfSends, register, unregister } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';

const ioctls = ['vdpa_open', 'set_vring_call', 'set_status', 'vdpa_release'] as const;
type Ioctl = (typeof ioctls)[number];

export type QueueContext = StructContext & {
  readonly irq: Name;
  readonly mutex: Name;
  /** vq->call_ctx.ctx */
  readonly ctx: Name | null;
  readonly driverOk: boolean;
  /** The device whose interrupt the callback is about, while it runs. */
  readonly handles: Name | null;
  /** The system call in progress, who makes it, and the eventfd that it brings. */
  readonly caller: Name | null;
  readonly doing: Ioctl | null;
  readonly wanted: Name | null;
  /** The eventfd that is to be put. */
  readonly old: Name | null;
  readonly setsOk: boolean;
};

/** open(), VHOST_SET_VRING_CALL, VHOST_VDPA_SET_STATUS, close(); a host interrupt. */
export type QueueMessage =
  | { readonly type: 'vdpa_open' | 'vdpa_release'; readonly caller: Name }
  | { readonly type: 'set_vring_call'; readonly caller: Name; readonly eventfd: Name }
  | { readonly type: 'set_status'; readonly caller: Name; readonly driver_ok?: boolean; readonly reset?: boolean }
  | HostInterrupt
  | Return<'irq'>;

const { on, act, when, whenever } = handlers<QueueContext, QueueMessage>();
type Region = State<string, string, QueueMessage['type']>;

const callerOf = ({ self, caller }: QueueContext): Name => {
  if (caller === null) throw new Error(`nobody called ${self}`);
  return caller;
};

/** The system call returns. */
const leaves = (context: QueueContext, value: number) => [
  set<QueueContext>({ caller: null, doing: null, wanted: null, setsOk: false }),
  call<MutexMessage>(context.mutex, { type: 'mutex_unlock', task: callerOf(context) }),
  returnTo(callerOf(context), value),
];

const ioctl: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ioctls, {
    idle: { on: Object.fromEntries(ioctls.map((op) => [op, { target: 'locking', actions: 'enter' }])) },
    locking: {
      on: {
        return: [
          { guard: 'opens', target: 'idle', actions: ['open', 'done'] },
          { guard: 'releases', target: 'unregistering', actions: 'unregister' },
          { guard: 'swapsLive', target: 'unregistering', actions: 'unregister' },
          { guard: 'swaps', target: 'getting', actions: 'getEventfd' },
          { guard: 'becomesReady', target: 'readying', actions: 'setReady' },
          { guard: 'isReset', target: 'unregistering', actions: 'unregister' },
          { target: 'idle', actions: 'done' },
        ],
      },
    },
    unregistering: {
      on: {
        return: [
          { guard: 'releases', target: 'cleaning', actions: ['unregistered', 'cleanUp'] },
          { guard: 'swaps', target: 'getting', actions: ['unregistered', 'getEventfd'] },
          { target: 'idle', actions: ['unregistered', 'clearReady', 'done'] },
        ],
      },
    },
    cleaning: { always: { guard: 'isQuiet', target: 'idle', actions: ['putOld', 'done'] } },
    /** vhost_vring_ioctl() takes the new eventfd, and puts the old one. */
    getting: {
      on: {
        return: [
          { guard: 'failed', target: 'idle', actions: 'fail' },
          { target: 'swapped', actions: 'swap' },
        ],
      },
    },
    // The device's callback is over before the old eventfd is put.
    swapped: {
      always: [
        { guard: 'registersQuietly', target: 'registering', actions: ['putOld', 'register'] },
        { guard: 'isQuiet', target: 'idle', actions: ['putOld', 'done'] },
      ],
    },
    readying: {
      always: [
        { guard: 'registers', target: 'registering', actions: 'register' },
        { target: 'idle', actions: 'done' },
      ],
    },
    registering: { on: { return: { target: 'idle', actions: 'registered' } } },
  }),
};

/** The virtqueue's callback. */
const callback: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: { handle_irq: [{ guard: 'hasCtx', target: 'running', actions: 'signal' }, { actions: 'loseInterrupt' }] },
    },
    running: { on: { 'return.irq': { target: 'idle', actions: 'handled' } }, waits: ['handle_irq'] },
  },
};

const guards = {
  opens: whenever(({ context }) => context.doing === 'vdpa_open'),
  releases: whenever(({ context }) => context.doing === 'vdpa_release'),
  swaps: whenever(({ context }) => context.doing === 'set_vring_call'),
  swapsLive: whenever(({ context }) => context.doing === 'set_vring_call' && context.driverOk && context.ctx !== null),
  becomesReady: whenever(({ context }) => context.doing === 'set_status' && context.setsOk && !context.driverOk),
  isReset: whenever(({ context }) => context.doing === 'set_status' && !context.setsOk && context.driverOk),
  failed: when('return', ({ event }) => (event.value ?? 0) < 0),
  /** vhost_vdpa_setup_vq_irq(): get_vq_irq() may be negative, where the irq is shared. */
  registers: whenever(
    ({ context, cells }) =>
      context.driverOk && context.ctx !== null && cells.constant(context.self, 'shares_irq') !== true,
  ),
  isQuiet: whenever(({ context }) => context.handles === null),
  registersQuietly: whenever(
    ({ context, cells }) =>
      context.handles === null && context.driverOk && cells.constant(context.self, 'shares_irq') !== true,
  ),
  hasCtx: when('handle_irq', ({ context }) => context.ctx !== null),
};

/** The callback of the virtqueue. */
const callbackHandlers = {
  /** vhost_vdpa_virtqueue_cb() */
  signal: on('handle_irq', ({ context: { self, ctx }, event: { interrupt, caller }, cells }) => {
    if (ctx === null) throw new Error(`${self} has no call eventfd`);
    count(cells, caller, 'hardirq', 1);
    const signal = { type: 'eventfd_signal', interrupt, by: self, caller: self, task: caller, as: 'irq' } as const;
    return [set<QueueContext>({ handles: caller }), post<EventfdMessage>(ctx, signal, caller)];
  }),
  handled: on('return.irq', ({ context: { self, handles }, cells }) => {
    if (handles === null) throw new Error(`${self} handles nothing`);
    count(cells, handles, 'hardirq', -1);
    return [set<QueueContext>({ handles: null }), returnTo(handles, null)];
  }),
  loseInterrupt: on('handle_irq', ({ event: { interrupt, caller }, cells }) => [
    ...lost(cells, [interrupt], 'no handler: the irq is not requested'),
    returnTo(caller, null),
  ]),
};

function handlersOf(policy: Policy) {
  return {
    ...callbackHandlers,
    enter: on(ioctls, ({ context, event }) => [
      set<QueueContext>({
        caller: event.caller,
        doing: event.type,
        wanted: event.type === 'set_vring_call' ? event.eventfd : null,
        setsOk: event.type === 'set_status' && event.driver_ok === true,
      }),
      call<MutexMessage>(context.mutex, {
        type: 'mutex_lock',
        caller: context.self,
        task: event.caller,
        atOnce: true,
      }),
    ]),
    /** vhost_vring_call_reset(): ctx is NULL, the producer is zeroed; its irq stays, since irq 0 is no actor here. */
    open: act(({ context: { self }, cells }) => {
      for (const cell of ['key', 'peer']) cells.store(self, cell, null);
      cells.store(self, 'freed', false);
      return set<QueueContext>({ ctx: null, driverOk: false });
    }),
    /** vhost_vdpa_unsetup_vq_irq(): whether or not there is anything. */
    unregister: act(({ context, cells }) =>
      unregister(policy, 'producer', context.self, cells, { caller: context.self, task: callerOf(context) }),
    ),
    unregistered: act(({ context, cells }) => {
      tidy(policy, 'clean', 'unregister_producer', context.self, null, cells);
      return [];
    }),
    /** The owner lets the eventfd go; what comes after is another open. */
    cleanUp: act(({ context: { self, ctx }, cells }) => {
      cells.store(self, 'freed', true);
      return set<QueueContext>({ ctx: null, driverOk: false, old: ctx });
    }),
    getEventfd: act(({ context: { self, wanted } }) => {
      if (wanted === null) throw new Error(`${self} has no eventfd to take`);
      return call<EventfdMessage>(wanted, { type: 'eventfd_ctx_fdget', holder: self, caller: self });
    }),
    fail: on('return', ({ context, event }) => leaves(context, event.value ?? 0)),
    swap: act(({ context: { ctx, wanted } }) => set({ ctx: wanted, old: ctx })),
    putOld: act(({ context: { self, old } }) => [
      set<QueueContext>({ old: null }),
      ...(old === null ? [] : [call<EventfdMessage>(old, { type: 'eventfd_ctx_put', holder: self })]),
    ]),
    setReady: act(() => set({ driverOk: true })),
    clearReady: act(() => set({ driverOk: false })),
    register: act(({ context, cells }) => {
      const { self, irq, ctx } = context;
      prepare(policy, 'clean', 'register_producer', self, { eventfd: ctx, irq }, cells);
      const asked = { caller: self, task: callerOf(context), eventfd: ctx, irq };
      return register(policy, 'producer', self, cells, asked);
    }),
    /** A failure is logged and nothing else, unless user space is to be told. */
    registered: on('return', ({ context, event, cells }) => {
      tidy(policy, 'clean', 'register_producer', context.self, event.value, cells);
      return leaves(context, cells.constant(context.self, 'reports') === true ? (event.value ?? 0) : 0);
    }),
    done: act(({ context }) => leaves(context, 0)),
  };
}

/**
 * The machine of a virtqueue. Regions: `ioctl` (`idle`, `locking`, `unregistering`, `getting`, `swapped`, `readying`, `registering`),
 * `callback` (`idle`, `running`).
 */
export function createVdpaQueue(policy: Policy): Machine {
  return machine<QueueContext, QueueMessage>({
    id: 'vdpa-queue',
    title: 'A virtqueue of vhost-vDPA with its producer',
    kinds: ['producer', 'object', 'irq-handler'],
    wiring: { irq: 'host-irq', mutex: 'mutex' },
    usual: { mutex: { part: 'vhostmutex', machine: 'mutex', constants: { class: 'vhost_dev->mutex' } } },
    cells: structCells,
    constants: {
      ...Object.fromEntries(Object.keys(structConstants('producer')).map((constant) => [constant, false])),
      shares_irq: false,
      irq_is_zero: false,
      reports: false,
    },
    families: [tasks],
    sends: [...halfSends, 'mutex_lock', 'mutex_unlock', 'eventfd_ctx_fdget', 'eventfd_ctx_put', 'eventfd_signal'],
    operations: {
      vdpa_open: { how: 'post', kernel: 'open() of the vhost-vDPA device' },
      set_vring_call: { arguments: ['eventfd!:eventfd'], how: 'post', kernel: 'VHOST_SET_VRING_CALL' },
      set_status: { arguments: ['driver_ok?', 'reset?'], how: 'post', kernel: 'VHOST_VDPA_SET_STATUS' },
      vdpa_release: { how: 'post', kernel: 'close() of the vhost-vDPA device' },
    },
    context: ({ self, wiring }) => ({
      self,
      added: [],
      irq: wiring['irq'] as Name,
      mutex: wiring['mutex'] as Name,
      ctx: null,
      driverOk: false,
      handles: null,
      caller: null,
      doing: null,
      wanted: null,
      old: null,
      setsOk: false,
    }),
    guards,
    handlers: handlersOf(policy),
    chart: { type: 'parallel', states: { ioctl, callback } },
  });
}
