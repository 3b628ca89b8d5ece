// VFIO's INTx: a level interrupt that is masked when it fires, and the eventfd that it is signalled by. Never a producer.
//
// Kernel source: vfio_intx_enable(), vfio_intx_set_signal(), vfio_intx_handler(), vfio_send_intx_eventfd(), vfio_pci_intx_unmask_handler(),
// vfio_intx_disable() of drivers/vfio/pci/vfio_pci_intrs.c, vfio_pci_intx_mask() of the config space, Linux 6.12 and 6.18 (after the
// fixes of 2024). The device holds the line up until the guest has seen it. The handler masks, then signals the trigger, if there is
// one: it may change under it, so that whoever changes it waits for the handler before it puts the old one. Abstracted away: how the line is
// masked, exclusive INTx (which also is never enabled by itself).
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import type { Cells } from '../../engine/actors/cells.ts';
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Interrupt } from '../device/interrupt.ts';
import { ledgerCells, lost, outstanding, raised } from '../device/interrupt.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import type { MutexMessage } from '../kernel/mutex.ts';
import { count, tasks } from '../kernel/task.ts';

const ioctls = ['intx_enable', 'intx_set_signal', 'intx_disable', 'intx_unmask', 'intx_loopback', 'intx_mask'] as const;
type Ioctl = (typeof ioctls)[number];

export type IntxContext = {
  readonly self: Name;
  readonly igate: Name;
  /** Is the irq requested? */
  readonly enabled: boolean;
  readonly masked: boolean;
  readonly trigger: Name | null;
  /** Does the handler run? */
  readonly handling: boolean;
  /** The system call in progress, who makes it, the eventfd that it brings, the trigger that it puts. */
  readonly caller: Name | null;
  readonly doing: Ioctl | null;
  readonly wanted: Name | null;
  readonly old: Name | null;
  /** Who unmasks by an eventfd. */
  readonly unmasker: Name | null;
};

/** VFIO_DEVICE_SET_IRQS for INTx, a write to the config space (`intx_mask`); the device's line goes up; the host's irq fires. */
export type IntxMessage =
  | { readonly type: 'intx_enable'; readonly caller: Name; readonly eventfd: Name }
  | { readonly type: 'intx_set_signal'; readonly caller: Name; readonly eventfd: Name | null }
  | { readonly type: Exclude<Ioctl, 'intx_enable' | 'intx_set_signal'>; readonly caller: Name }
  | { readonly type: 'raise_intx'; readonly caller: Name }
  | { readonly type: 'vfio_intx_handler' }
  | { readonly type: 'unmask_by_eventfd'; readonly caller: Name }
  | Return<'irq' | 'ioctl' | 'unmask'>;

const { on, act, when, whenever } = handlers<IntxContext, IntxMessage>();
type Region = State<string, string, IntxMessage['type']>;

const callerOf = ({ self, caller }: IntxContext): Name => {
  if (caller === null) throw new Error(`nobody called ${self}`);
  return caller;
};

/** The interrupt that the line stands for. */
const lineOf = (self: Name): Interrupt => ({ device: self, number: 0, level: true });
const isUp = (cells: Pick<Cells, 'load'>, self: Name): boolean => outstanding(cells, lineOf(self)) > 0;

const leaves = (context: IntxContext, value: number) => [
  set<IntxContext>({ caller: null, doing: null, wanted: null, old: null }),
  call<MutexMessage>(context.igate, { type: 'mutex_unlock', task: callerOf(context) }),
  returnTo(callerOf(context), value),
];

/** eventfd_signal(trigger), with the line's interrupt where that is what it tells of. */
function signal(self: Name, trigger: Name, task: Name, as: 'irq' | 'ioctl' | 'unmask', interrupt?: Interrupt) {
  const told = interrupt === undefined ? {} : { interrupt };
  return post<EventfdMessage>(trigger, { type: 'eventfd_signal', by: self, caller: self, task, as, ...told }, task);
}

const ioctl: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ioctls, {
    idle: { on: Object.fromEntries(ioctls.map((op) => [op, { target: 'locking', actions: 'enter' }])) },
    locking: {
      on: {
        return: [
          { guard: 'bringsEventfd', target: 'getting', actions: 'getEventfd' },
          { guard: 'removesTrigger', target: 'synchronizing', actions: 'writeTrigger' },
          { guard: 'disables', target: 'synchronizing', actions: 'freeTrigger' },
          { guard: 'unmasksHigh', target: 'signalling', actions: 'signalAgain' },
          { guard: 'unmasks', target: 'idle', actions: ['unmask', 'done'] },
          { guard: 'loops', target: 'signalling', actions: 'signalByHand' },
          { guard: 'masks', target: 'idle', actions: ['mask', 'done'] },
          { target: 'idle', actions: 'done' },
        ],
      },
    },
    getting: {
      on: {
        return: [
          { guard: 'failed', target: 'idle', actions: 'fail' },
          { guard: 'enables', target: 'idle', actions: ['enable', 'done'] },
          // WRITE_ONCE(ctx->trigger), then synchronize_irq().
          { target: 'synchronizing', actions: 'writeTrigger' },
        ],
      },
    },
    synchronizing: { always: { guard: 'isQuiet', target: 'idle', actions: ['putOld', 'done'] } },
    signalling: { on: { 'return.ioctl': { target: 'idle', actions: 'done' } } },
  }),
};

const handler: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        raise_intx: [
          { guard: 'isDisabled', actions: 'loseInterrupt' },
          { guard: 'isMasked', actions: 'goUp' },
          { target: 'firing', actions: ['goUp', 'fire'] },
        ],
        vfio_intx_handler: { actions: 'tooLate' },
      },
    },
    // On its way to the CPU.
    firing: {
      on: {
        vfio_intx_handler: [
          { guard: 'isNotRequested', target: 'idle', actions: 'tooLate' },
          { guard: 'hasTrigger', target: 'running', actions: 'maskAndSignal' },
          { target: 'idle', actions: 'maskOnly' },
        ],
        raise_intx: { actions: 'goUp' },
      },
    },
    running: { on: { 'return.irq': { target: 'idle', actions: 'handled' }, raise_intx: { actions: 'goUp' } } },
  },
};

/** vfio_pci_intx_unmask_handler(), by an eventfd that a virqfd waits on. */
const unmasking: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        unmask_by_eventfd: [
          { guard: 'isHighWithTrigger', target: 'signalling', actions: 'signalByEventfd' },
          { actions: 'unmaskByEventfd' },
        ],
      },
    },
    signalling: {
      on: { 'return.unmask': { target: 'idle', actions: 'unmaskedByEventfd' } },
      waits: ['unmask_by_eventfd'],
    },
  },
};

const doing = (op: Ioctl) => whenever(({ context }) => context.doing === op);

const guards = {
  bringsEventfd: whenever(({ context }) => context.wanted !== null),
  removesTrigger: doing('intx_set_signal'),
  disables: doing('intx_disable'),
  enables: doing('intx_enable'),
  unmasksHigh: whenever(
    ({ context, cells }) => context.doing === 'intx_unmask' && context.trigger !== null && isUp(cells, context.self),
  ),
  unmasks: doing('intx_unmask'),
  loops: whenever(({ context }) => context.doing === 'intx_loopback' && context.trigger !== null),
  masks: doing('intx_mask'),
  failed: when('return', ({ event }) => (event.value ?? 0) < 0),
  // synchronize_irq(), and the flush of the virqfd's thread.
  isQuiet: whenever(({ context }) => !context.handling && context.unmasker === null),
  isDisabled: when('raise_intx', ({ context }) => !context.enabled),
  isMasked: when('raise_intx', ({ context }) => context.masked),
  isNotRequested: when('vfio_intx_handler', ({ context }) => !context.enabled),
  hasTrigger: when('vfio_intx_handler', ({ context }) => context.trigger !== null),
  isHighWithTrigger: when(
    'unmask_by_eventfd',
    ({ context, cells }) => context.trigger !== null && isUp(cells, context.self),
  ),
};

const intxHandlers = {
  enter: on(ioctls, ({ context, event }) => [
    set<IntxContext>({
      caller: event.caller,
      doing: event.type,
      wanted: event.type === 'intx_enable' || event.type === 'intx_set_signal' ? event.eventfd : null,
    }),
    call<MutexMessage>(context.igate, { type: 'mutex_lock', caller: context.self, task: event.caller, atOnce: true }),
  ]),
  getEventfd: act(({ context: { self, wanted } }) => {
    if (wanted === null) throw new Error(`${self} has no eventfd to take`);
    return call<EventfdMessage>(wanted, { type: 'eventfd_ctx_fdget', holder: self, caller: self });
  }),
  fail: on('return', ({ context, event }) => leaves(context, event.value ?? 0)),
  enable: act(({ context }) => set({ trigger: context.wanted, enabled: true, masked: false })),
  /** The new one, or none; the old one is put once no handler can use it. */
  writeTrigger: act(({ context }) => set({ old: context.trigger, trigger: context.wanted })),
  freeTrigger: act(({ context }) => set({ old: context.trigger, trigger: null, enabled: false })),
  putOld: act(({ context: { self, old } }) =>
    old === null ? [] : call<EventfdMessage>(old, { type: 'eventfd_ctx_put', holder: self }),
  ),
  unmask: act(() => set({ masked: false })),
  mask: act(() => set({ masked: true })),
  /** The line is up: signalled again, and masked still. */
  signalAgain: act(({ context }) => {
    const { self, trigger } = context;
    return signal(self, trigger as Name, callerOf(context), 'ioctl', lineOf(self));
  }),
  signalByHand: act(({ context }) => signal(context.self, context.trigger as Name, callerOf(context), 'ioctl')),
  done: act(({ context }) => leaves(context, 0)),
  /** It is up already, or goes up. */
  goUp: on('raise_intx', ({ context: { self }, event, cells }) => {
    if (!isUp(cells, self)) raised(cells, self);
    return returnTo(event.caller, null);
  }),
  loseInterrupt: on('raise_intx', ({ context: { self }, event, cells }) => [
    ...lost(cells, [raised(cells, self)], 'no handler: the irq is not requested'),
    returnTo(event.caller, null),
  ]),
  fire: act(({ context: { self } }) => post<IntxMessage>(self, { type: 'vfio_intx_handler' })),
  /** free_irq() was faster. */
  tooLate: on('vfio_intx_handler', ({ context: { self }, cells }) =>
    lost(cells, [lineOf(self)], 'no handler: the irq is not requested'),
  ),
  maskAndSignal: on('vfio_intx_handler', ({ context: { self, trigger }, cells }) => {
    count(cells, self, 'hardirq', 1);
    return [
      set<IntxContext>({ masked: true, handling: true }),
      signal(self, trigger as Name, self, 'irq', lineOf(self)),
    ];
  }),
  maskOnly: act(() => set({ masked: true })),
  handled: on('return.irq', ({ context: { self }, cells }) => {
    count(cells, self, 'hardirq', -1);
    return set<IntxContext>({ handling: false });
  }),
  unmaskByEventfd: on('unmask_by_eventfd', ({ event }) => [
    set<IntxContext>({ masked: false }),
    returnTo(event.caller, null),
  ]),
  signalByEventfd: on('unmask_by_eventfd', ({ context: { self, trigger }, event: { caller } }) => [
    set<IntxContext>({ unmasker: caller }),
    signal(self, trigger as Name, caller, 'unmask', lineOf(self)),
  ]),
  unmaskedByEventfd: on('return.unmask', ({ context: { self, unmasker } }) => {
    if (unmasker === null) throw new Error(`nobody unmasks ${self}`);
    return [set<IntxContext>({ unmasker: null }), returnTo(unmasker, null)];
  }),
};

/** The machine of INTx. Regions: `ioctl` (under igate), `handler` (`idle`, `firing`, `running`), `unmasking`. */
export const vfioIntx: Machine = machine<IntxContext, IntxMessage>({
  id: 'vfio-intx',
  title: 'The INTx line of a VFIO device and its trigger',
  wiring: { igate: 'mutex' },
  usual: { igate: { part: 'intxigate', machine: 'mutex', constants: { class: 'igate' } } },
  cells: ledgerCells,
  families: [tasks],
  slots: 2,
  sends: [
    'return',
    'mutex_lock',
    'mutex_unlock',
    'eventfd_ctx_fdget',
    'eventfd_ctx_put',
    'eventfd_signal',
    'vfio_intx_handler',
  ],
  operations: {
    intx_enable: { arguments: ['eventfd!:eventfd'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx' },
    intx_set_signal: { arguments: ['eventfd:eventfd'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx trigger' },
    intx_disable: { how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx, count 0' },
    intx_unmask: { how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx unmask' },
    intx_loopback: { how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS, INTx, VFIO_IRQ_SET_DATA_NONE' },
    intx_mask: { how: 'post', kernel: 'a write to the config space that disables INTx' },
    raise_intx: { how: 'post', kernel: 'the device asserts INTx' },
  },
  context: ({ self, wiring }) => ({
    self,
    igate: wiring['igate'] as Name,
    enabled: false,
    masked: false,
    trigger: null,
    handling: false,
    caller: null,
    doing: null,
    wanted: null,
    old: null,
    unmasker: null,
  }),
  guards,
  handlers: intxHandlers,
  chart: { type: 'parallel', states: { ioctl, handler, unmasking } },
});
