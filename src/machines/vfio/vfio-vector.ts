// The VFIO vector: one MSI-X vector with its trigger and its embedded producer.
//
// Kernel source: vfio_msi_set_vector_signal() and vfio_msihandler(), drivers/vfio/pci/vfio_pci_intrs.c, Linux 6.17.
// Teardown: unregister, free_irq(), eventfd_ctx_put(), kfree(). Set-up: request_irq(),
// irq_bypass_register_producer() whose failure is only logged. Another eventfd for an enabled vector is a teardown and a
// set-up; an MSI in between finds no handler. vdev->igate lets one thread at a time set vectors. Abstracted away: allocation
// of irqs and its failures, masking.
import type { State } from '../../engine/actors/chart.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Policy } from '../manager/policy.ts';
import type { Observation } from '../manager/protocol.ts';
import type { Return } from '../kernel/call.ts';
import { structCells, structConstants } from '../manager/protocol.ts';
import { returnTo } from '../kernel/call.ts';
import type { StructContext } from '../manager/struct.ts';
import { halfSends, register, unregister } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';

export type VectorContext = StructContext & {
  /** The host irq. */
  readonly irq: Name;
  /** ctx->trigger: the eventfd that the handler signals. */
  readonly trigger: Name | null;
  /** The eventfd of a set-up that has to wait for a teardown. */
  readonly wanted: Name | null;
  /** The thread in VFIO_DEVICE_SET_IRQS, and whether it holds a spinlock (it never should). */
  readonly caller: Name | null;
  readonly atomic: boolean;
};

/** VFIO_DEVICE_SET_IRQS with an eventfd or with -1; the second half of a change of eventfds; a host interrupt. */
export type VectorMessage =
  | { readonly type: 'set_irqs'; readonly caller: Name; readonly eventfd: Name; readonly atomic?: boolean }
  | { readonly type: 'clear_irqs'; readonly caller: Name; readonly atomic?: boolean }
  | { readonly type: 'set_up' }
  | { readonly type: 'interrupt' }
  | Return;

const { on, act } = handlers<VectorContext, VectorMessage>();
type Handling = Handled<VectorContext, VectorMessage>;

const igate = ['set_irqs', 'clear_irqs'] as const;

const handled = { interrupt: { actions: 'handle' } };

/** Life of a vector: off, on, and what lies between. */
const chart: State<string, string, VectorMessage['type']> = {
  initial: 'off',
  states: {
    off: {
      on: {
        set_irqs: { target: 'registering', actions: 'enable' },
        clear_irqs: { actions: 'nothingToClear' },
        // No handler is requested: an MSI that comes now is lost by design.
        interrupt: { actions: 'loseInterrupt' },
      },
    },
    registering: { on: { return: { target: 'on', actions: 'enabled' }, ...handled }, waits: igate },
    on: {
      on: {
        set_irqs: { target: 'replacing', actions: 'replace' },
        clear_irqs: { target: 'unregistering', actions: 'disable' },
        ...handled,
      },
    },
    unregistering: { on: { return: { target: 'off', actions: 'disabled' }, ...handled }, waits: igate },
    replacing: { on: { return: { target: 'between', actions: 'replaced' }, ...handled }, waits: igate },
    // free_irq() was called, request_irq() not yet.
    between: {
      on: { set_up: { target: 'registering', actions: 'setUp' }, interrupt: { actions: 'loseInterrupt' } },
      waits: igate,
    },
  },
};

const callerOf = ({ self, caller }: VectorContext): Name => {
  if (caller === null) throw new Error(`nobody called ${self}`);
  return caller;
};

const returns = (context: VectorContext, value: number | null) => [
  set<VectorContext>({ caller: null, atomic: false }),
  returnTo(callerOf(context), value),
];

/** Set-up and teardown as one revision has them. */
function stagesOf(policy: Policy) {
  /** A zeroed producer, eventfd_ctx_fdget(), request_irq(), irq_bypass_register_producer(). */
  const setUp = ({ context, cells }: Handling, trigger: Name, caller: Name, atomic: boolean) => {
    const { self, irq } = context;
    cells.store(self, 'freed', false);
    prepare(policy, 'clean', 'register_producer', self, { eventfd: trigger, irq }, cells);
    return [
      set<VectorContext>({ trigger, caller, atomic, wanted: null }),
      call(trigger, { type: 'eventfd_ctx_fdget' }),
      ...register(policy, 'producer', self, cells, { caller: self, eventfd: trigger, irq, atomic }),
    ];
  };
  /** Teardown begins with irq_bypass_unregister_producer(). */
  const tearDown = ({ context, cells }: Handling, change: Partial<VectorContext>, atomic: boolean) => [
    set<VectorContext>({ ...change, atomic }),
    ...unregister(policy, 'producer', context.self, cells, { caller: context.self, atomic }),
  ];
  /** It ends with free_irq(), eventfd_ctx_put(), kfree(). */
  const tornDown = ({ context, cells }: Handling) => {
    const { self, trigger } = context;
    if (trigger === null) throw new Error(`${self} has no trigger`);
    tidy(policy, 'clean', 'unregister_producer', self, null, cells);
    cells.store(self, 'freed', true);
    return [set<VectorContext>({ trigger: null }), call(trigger, { type: 'eventfd_ctx_put' })];
  };
  return { setUp, tearDown, tornDown };
}

function handlersOf(policy: Policy) {
  const { setUp, tearDown, tornDown } = stagesOf(policy);
  return {
    enable: on('set_irqs', (handling) => {
      const { eventfd, caller, atomic = false } = handling.event;
      return setUp(handling, eventfd, caller, atomic);
    }),
    /** The registration came back; a failure is logged and nothing else. */
    enabled: on('return', ({ context, event, cells }) => {
      tidy(policy, 'clean', 'register_producer', context.self, event.value, cells);
      return returns(context, 0);
    }),
    disable: on('clear_irqs', (handling) => {
      const { caller, atomic = false } = handling.event;
      return tearDown(handling, { caller }, atomic);
    }),
    disabled: on('return', (handling) => [...tornDown(handling), ...returns(handling.context, null)]),
    /** Another eventfd: the old one goes first. */
    replace: on('set_irqs', (handling) => {
      const { eventfd, caller, atomic = false } = handling.event;
      return tearDown(handling, { caller, wanted: eventfd }, atomic);
    }),
    replaced: on('return', (handling) => [
      ...tornDown(handling),
      post(handling.context.self, { type: 'set_up' }, callerOf(handling.context)),
    ]),
    setUp: on('set_up', (handling) => {
      const { wanted, atomic, self } = handling.context;
      if (wanted === null) throw new Error(`${self} has nothing to set up`);
      return setUp(handling, wanted, callerOf(handling.context), atomic);
    }),
    /** -1 for a vector that is not enabled: there is nothing to tear down. */
    nothingToClear: on('clear_irqs', ({ event }) => returnTo(event.caller, null)),
    /** vfio_msihandler() */
    handle: act(({ context }) => {
      if (context.trigger === null) throw new Error(`${context.self} has no trigger`);
      return call(context.trigger, { type: 'eventfd_signal' });
    }),
    loseInterrupt: act(() => show<Observation>({ kind: 'interrupt', how: 'lost', vcpu: null })),
  };
}

/** The machine of a vector. States: `off`, `registering`, `on`, `unregistering`, `replacing`, `between`. */
export function createVfioVector(policy: Policy): Machine {
  return machine<VectorContext, VectorMessage>({
    id: 'vfio-vector',
    title: 'An MSI-X vector of VFIO with its producer',
    kinds: ['producer'],
    wiring: { irq: 'irte' },
    cells: structCells,
    // Its producer has no callbacks.
    constants: Object.fromEntries(Object.keys(structConstants('producer')).map((constant) => [constant, false])),
    sends: [...halfSends, 'eventfd_ctx_fdget', 'eventfd_ctx_put', 'eventfd_signal', 'set_up'],
    operations: {
      set_irqs: { arguments: ['eventfd!:eventfd', 'atomic?'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS' },
      clear_irqs: { arguments: ['atomic?'], how: 'post', kernel: 'VFIO_DEVICE_SET_IRQS with -1' },
    },
    context: ({ self, wiring }) => ({
      self,
      added: [],
      irq: wiring['irq'] as Name,
      trigger: null,
      wanted: null,
      caller: null,
      atomic: false,
    }),
    handlers: handlersOf(policy),
    chart,
  });
}
