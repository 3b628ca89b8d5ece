// The VFIO vector: one MSI-X vector with its trigger and its embedded producer.
//
// Kernel source: vfio_msi_set_vector_signal() and vfio_msihandler(), drivers/vfio/pci/vfio_pci_intrs.c, Linux 6.12 and 6.18. All under
// vdev->igate. Teardown: unregister, free_irq() (which waits for a running handler), eventfd_ctx_put(), kfree(). Set-up:
// eventfd_ctx_fdget(), request_irq(), irq_bypass_register_producer() whose failure is only logged. Another eventfd for an enabled vector
// is a teardown and a set-up; an MSI in between finds no handler. Abstracted away: allocation of irqs, names and their failures, the
// cached message. `reports` is a proposal: user space is told when the pair could not be connected.
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import { lost } from '../device/interrupt.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import type { HostInterrupt } from '../iommu/irte.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import { waitFor } from '../kernel/request.ts';
import { count, tasks } from '../kernel/task.ts';
import type { Policy } from '../manager/policy.ts';
import { structCells, structConstants } from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import { halfSends, register, unregister } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';

export type VectorContext = StructContext & {
  /** The host irq. */
  readonly irq: Name;
  readonly igate: Name;
  /** ctx->trigger: the eventfd that the handler signals. */
  readonly trigger: Name | null;
  /** Is the irq requested? */
  readonly requested: boolean;
  /** The device whose interrupt the handler is about, while it runs. */
  readonly handles: Name | null;
  /** The thread in VFIO_DEVICE_SET_IRQS, and the eventfd that it asks for: none for -1. */
  readonly caller: Name | null;
  readonly wanted: Name | null;
  /** Does the caller hold a spinlock (it never should)? */
  readonly atomic: boolean;
};

/** VFIO_DEVICE_SET_IRQS: an eventfd, -1, VFIO_IRQ_SET_DATA_NONE; what its thread goes on with; a host interrupt. */
export type VectorMessage =
  | { readonly type: 'set_irqs'; readonly caller: Name; readonly eventfd: Name; readonly atomic?: boolean }
  | { readonly type: 'clear_irqs' | 'loopback'; readonly caller: Name; readonly atomic?: boolean }
  | { readonly type: 'set_up'; readonly caller: Name }
  | HostInterrupt
  | Return<'irq' | 'loopback'>;

const { on, act, when, whenever } = handlers<VectorContext, VectorMessage>();
type Region = State<string, string, VectorMessage['type']>;

const ioctls = ['set_irqs', 'clear_irqs', 'loopback'] as const;

const callerOf = ({ self, caller }: VectorContext): Name => {
  if (caller === null) throw new Error(`nobody called ${self}`);
  return caller;
};
const triggerOf = ({ self, trigger }: VectorContext): Name => {
  if (trigger === null) throw new Error(`${self} has no trigger`);
  return trigger;
};

/** Whatever VFIO_DEVICE_SET_IRQS was about is over: igate is given back, the ioctl returns. */
const leaves = (context: VectorContext, value: number | null) => [
  set<VectorContext>({ caller: null, wanted: null, atomic: false }),
  call<MutexMessage>(context.igate, { type: 'mutex_unlock', task: callerOf(context) }),
  returnTo(callerOf(context), value),
];

const lockIgate = (context: VectorContext, caller: Name): HostEffect =>
  call<MutexMessage>(context.igate, { type: 'mutex_lock', caller: context.self, task: caller, atOnce: true });

/** What VFIO_DEVICE_SET_IRQS does, in its thread. */
const ioctl: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ioctls, {
    idle: {
      on: {
        set_irqs: { target: 'locking', actions: 'enter' },
        clear_irqs: { target: 'locking', actions: 'enter' },
        loopback: { target: 'lockingToSignal', actions: 'enter' },
      },
    },
    locking: {
      on: {
        return: [
          { guard: 'isEnabled', target: 'unregistering', actions: 'unregister' },
          { guard: 'isToEnable', target: 'settingUp', actions: 'getEventfd' },
          { target: 'idle', actions: 'done' },
        ],
      },
    },
    unregistering: { on: { return: { target: 'freeing', actions: 'freeIrq' } } },
    // free_irq() returns once no handler runs.
    freeing: {
      always: [
        { guard: 'mayReplace', target: 'between', actions: ['putTrigger', 'goOn'] },
        { guard: 'mayFree', target: 'idle', actions: ['putTrigger', 'done'] },
      ],
    },
    // free_irq() was called, request_irq() not yet.
    between: { on: { set_up: { target: 'settingUp', actions: 'getEventfd' } } },
    settingUp: {
      on: {
        return: [
          { guard: 'failed', target: 'idle', actions: 'noEventfd' },
          { target: 'registering', actions: 'requestIrq' },
        ],
      },
    },
    registering: { on: { return: { target: 'idle', actions: 'enabled' } } },
    lockingToSignal: {
      on: {
        return: [
          { guard: 'isEnabled', target: 'signalling', actions: 'signalByHand' },
          { target: 'idle', actions: 'done' },
        ],
      },
    },
    signalling: { on: { 'return.loopback': { target: 'idle', actions: 'done' } } },
  }),
};

/** vfio_msihandler(): one interrupt at a time. */
const handler: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        handle_irq: [
          { guard: 'isRequested', target: 'running', actions: 'signal' },
          // No handler is requested: an MSI that comes now is lost by design.
          { actions: 'loseInterrupt' },
        ],
      },
    },
    running: { on: { 'return.irq': { target: 'idle', actions: 'handled' } }, waits: ['handle_irq'] },
  },
};

const guards = {
  isEnabled: whenever(({ context }) => context.trigger !== null),
  isToEnable: whenever(({ context }) => context.wanted !== null),
  isRequested: when('handle_irq', ({ context }) => context.requested),
  failed: when('return', ({ event }) => (event.value ?? 0) < 0),
  mayReplace: whenever(({ context }) => context.handles === null && context.wanted !== null),
  mayFree: whenever(({ context }) => context.handles === null),
};

/** Set-up and teardown as one revision has them. */
function ioctlHandlers(policy: Policy) {
  return {
    enter: on(ioctls, ({ context, event }) => {
      const { caller, atomic = false } = event;
      const wanted = event.type === 'set_irqs' ? event.eventfd : null;
      return [set<VectorContext>({ caller, wanted, atomic }), lockIgate(context, caller)];
    }),
    /** Teardown begins with irq_bypass_unregister_producer(). */
    unregister: on('return', ({ context, cells }) => {
      const { self, atomic } = context;
      return unregister(policy, 'producer', self, cells, { caller: self, task: callerOf(context), atomic });
    }),
    freeIrq: on('return', ({ context, cells }) => {
      tidy(policy, 'clean', 'unregister_producer', context.self, null, cells);
      return [];
    }),
    /** It ends with eventfd_ctx_put(), kfree(). */
    putTrigger: act(({ context, cells }) => {
      const { self } = context;
      cells.store(self, 'freed', true);
      return [
        set<VectorContext>({ trigger: null, requested: false }),
        call<EventfdMessage>(triggerOf(context), { type: 'eventfd_ctx_put', holder: self }),
      ];
    }),
    goOn: act(({ context }) => waitFor(context.self, { type: 'set_up', caller: callerOf(context) })),
    /** A zeroed producer, eventfd_ctx_fdget(). */
    getEventfd: on(['return', 'set_up'], ({ context, cells }) => {
      const { self, wanted } = context;
      if (wanted === null) throw new Error(`${self} has nothing to set up`);
      cells.store(self, 'freed', false);
      return call<EventfdMessage>(wanted, { type: 'eventfd_ctx_fdget', holder: self, caller: self });
    }),
    noEventfd: on('return', ({ context, event, cells }) => {
      cells.store(context.self, 'freed', true);
      return leaves(context, event.value);
    }),
    /** request_irq(), irq_bypass_register_producer(). */
    requestIrq: on('return', ({ context, cells }) => {
      const { self, irq, wanted, atomic } = context;
      prepare(policy, 'clean', 'register_producer', self, { eventfd: wanted, irq }, cells);
      return [
        set<VectorContext>({ trigger: wanted, requested: true }),
        ...register(policy, 'producer', self, cells, {
          caller: self,
          task: callerOf(context),
          eventfd: wanted,
          irq,
          atomic,
        }),
      ];
    }),
    /** The registration came back; a failure is logged and nothing else, unless user space is to be told. */
    enabled: on('return', ({ context, event, cells }) => {
      const { self } = context;
      tidy(policy, 'clean', 'register_producer', self, event.value, cells);
      return leaves(context, cells.constant(self, 'reports') === true ? event.value : 0);
    }),
    done: act(({ context }) => leaves(context, 0)),
    /** VFIO_IRQ_SET_DATA_NONE: the eventfd is signalled, whatever the IRTE says. */
    signalByHand: on('return', ({ context }) => {
      const { self } = context;
      const caller = callerOf(context);
      const signal = { type: 'eventfd_signal', by: self, caller: self, task: caller, as: 'loopback' } as const;
      return post<EventfdMessage>(triggerOf(context), signal, caller);
    }),
  };
}

const irqHandlers = {
  /** The handler's argument is the trigger. */
  signal: on('handle_irq', ({ context, event: { interrupt, caller }, cells }) => {
    const { self } = context;
    count(cells, caller, 'hardirq', 1);
    return [
      set<VectorContext>({ handles: caller }),
      post<EventfdMessage>(
        triggerOf(context),
        { type: 'eventfd_signal', interrupt, by: self, caller: self, task: caller, as: 'irq' },
        caller,
      ),
    ];
  }),
  handled: on('return.irq', ({ context: { self, handles }, cells }) => {
    if (handles === null) throw new Error(`${self} handles nothing`);
    count(cells, handles, 'hardirq', -1);
    return [set<VectorContext>({ handles: null }), returnTo(handles, null)];
  }),
  loseInterrupt: on('handle_irq', ({ event: { interrupt, caller }, cells }) => [
    ...lost(cells, [interrupt], 'no handler: the irq is not requested'),
    returnTo(caller, null),
  ]),
};

/**
 * The machine of a vector. Regions: `ioctl` (`idle`, `locking`, `unregistering`, `freeing`, `between`, `settingUp`, `registering`,
 * `lockingToSignal`, `signalling`), `handler` (`idle`, `running`).
 */
export function createVfioVector(policy: Policy): Machine {
  return machine<VectorContext, VectorMessage>({
    id: 'vfio-vector',
    title: 'An MSI-X vector of VFIO with its producer',
    kinds: ['producer', 'object', 'irq-handler'],
    wiring: { irq: 'host-irq', igate: 'mutex' },
    usual: { igate: { part: 'igate', machine: 'mutex', constants: { class: 'igate' } } },
    cells: structCells,
    constants: {
      // Its producer has no callbacks.
      ...Object.fromEntries(Object.keys(structConstants('producer')).map((constant) => [constant, false])),
      reports: false,
    },
    families: [tasks],
    sends: [
      ...halfSends,
      'mutex_lock',
      'mutex_unlock',
      'eventfd_ctx_fdget',
      'eventfd_ctx_put',
      'eventfd_signal',
      'set_up',
    ],
    operations: {
      set_irqs: { arguments: ['eventfd!:eventfd', 'atomic?'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS' },
      clear_irqs: { arguments: ['atomic?'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS with -1' },
      loopback: { how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS with VFIO_IRQ_SET_DATA_NONE' },
    },
    context: ({ self, wiring }) => ({
      self,
      added: [],
      irq: wiring['irq'] as Name,
      igate: wiring['igate'] as Name,
      trigger: null,
      requested: false,
      handles: null,
      caller: null,
      wanted: null,
      atomic: false,
    }),
    guards,
    handlers: { ...ioctlHandlers(policy), ...irqHandlers },
    chart: { type: 'parallel', states: { ioctl, handler } },
  });
}
