// The irqfd: KVM's end of an eventfd, with its embedded consumer, its cached route and the x86 bypass callbacks.
//
// Kernel source: virt/kvm/eventfd.c and kvm_arch_irq_bypass_add_producer(), kvm_arch_irq_bypass_del_producer(),
// kvm_arch_update_irqfd_routing() and pi_update_irte() of arch/x86/kvm/irq.c, Linux 6.17. Three
// things go on at once: the life of the irqfd, a bypass callback, a routing update; irqfds.lock (vm.ts) is what keeps the
// last two apart. Abstracted away: the shutdown job (it runs in the thread that waits for it), SRCU, resamplers.
import type { State } from '../../engine/actors/chart.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import { NotModelledError } from '../../engine/actors/machine-error.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { EventfdMessage, WaiterMessage } from '../eventfd/eventfd.ts';
import type { AffinitySet, IrteMessage } from '../iommu/irte.ts';
import type { Policy } from '../manager/policy.ts';
import { ledger } from '../manager/producer-and-consumer.ts';
import type { CallbackReturn, ConsumerCallback, Observation } from '../manager/protocol.ts';
import type { Return } from '../kernel/call.ts';
import { REGISTRY, structCells, structConstants } from '../manager/protocol.ts';
import { errno, returnTo } from '../kernel/call.ts';
import type { StructContext } from '../manager/struct.ts';
import { halfSends, register, unregister } from '../manager/struct.ts';
import { prepare, tidy } from '../manager/tokens.ts';
import type { FromVm, Locked, VmMessage } from './vm.ts';
import { routeOf } from './vm.ts';

export type IrqfdContext = StructContext & {
  readonly vm: Name;
  readonly gsi: Name;
  readonly eventfd: Name | null;
  /** Is it in kvm->irqfds.items? */
  readonly active: boolean;
  /** irq_entry: the vCPU of the cached route; null when it cannot be posted. */
  readonly entry: Name | null;
  /** irqfd->producer */
  readonly producer: Name | null;
  /** irq_bypass_vcpu: where KVM believes the irq to be posted. */
  readonly vcpu: Name | null;
  /** The producer that the callback in progress is about. */
  readonly peer: Name | null;
  /** The thread in KVM_IRQFD, and whether it holds a spinlock (it never should). */
  readonly caller: Name | null;
  readonly atomic: boolean;
};

/** KVM_IRQFD; irqfds.lock; an IRTE that was written; a routing update; the eventfd; the manager. */
export type IrqfdMessage =
  | { readonly type: 'irqfd_assign'; readonly caller: Name; readonly eventfd: Name; readonly atomic?: boolean }
  | { readonly type: 'irqfd_deassign'; readonly caller: Name; readonly atomic?: boolean }
  | FromVm
  | { readonly type: AffinitySet; readonly value: number }
  | { readonly type: 'pi_update_irte'; readonly producer: Name }
  | WaiterMessage
  | { readonly type: 'add_producer'; readonly producer: Name }
  | { readonly type: 'del_producer'; readonly producer: Name }
  | Return;

const { on, act, when, whenever } = handlers<IrqfdContext, IrqfdMessage>();
type Handling = Handled<IrqfdContext, IrqfdMessage>;

function there(what: Name | null, self: Name): Name {
  if (what === null) throw new Error(`${self} is not assigned`);
  return what;
}

/** spin_lock_irq(&kvm->irqfds.lock): waits in the channel of the thread that asks. */
export function takeLock({ vm, self, gsi, eventfd }: IrqfdContext, reply: Locked, by: Name): HostEffect {
  return post<VmMessage>(vm, { type: 'lock', irqfd: self, gsi, eventfd, reply }, by);
}

export const unlock = ({ vm }: IrqfdContext): HostEffect => call<VmMessage>(vm, { type: 'unlock' });

/** pi_update_irte(): asks the IOMMU for a vCPU or for host mode; waits in the channel of whoever holds irqfds.lock. */
function updateIrte({ context, cells }: Handling, producer: Name, vcpu: Name | null, reply: AffinitySet): HostEffect {
  const irq = cells.load(producer, 'irq') as Name;
  const by = reply === 'affinity_set.routing' ? context.vm : context.self;
  return post<IrteMessage>(irq, { type: 'irq_set_vcpu_affinity', irqfd: context.self, vcpu, reply }, by);
}

/** The end of a callback: what an onlooker sees, the lock, the return value to the manager. */
export function leaveCallback(context: IrqfdContext, callback: ConsumerCallback, value: number | null): HostEffect[] {
  const { self, peer } = context;
  return [
    show<Observation>({ kind: 'callback', object: self, callback, peer, value }),
    unlock(context),
    call<CallbackReturn>(REGISTRY, { type: 'callback_return', value: value ?? 0 }),
  ];
}

const shutDown: Partial<IrqfdContext> = {
  eventfd: null,
  caller: null,
  atomic: false,
  entry: null,
  producer: null,
  vcpu: null,
};

type Region = State<string, string, IrqfdMessage['type']>;

const guards = {
  isTaken: when('locked.assign', ({ event }) => event.isTaken),
  isRefused: when('wait_queue_added', ({ event }) => event.value !== 0),
  isSameEventfd: when('irqfd_assign', ({ context, event }) => context.eventfd === event.eventfd),
  hasFailed: when('affinity_set.add_producer', ({ event }) => event.value !== 0),
  isPostable: whenever(({ context }) => context.entry !== null),
  isPosted: whenever(({ context }) => context.vcpu !== null),
  hasProducer: whenever(({ context }) => context.producer !== null),
  isFreed: when('pi_update_irte', ({ event, cells }) => cells.load(event.producer, 'freed') === true),
  isUnchanged: whenever(({ context }) => context.entry === context.vcpu),
};

/** KVM_IRQFD, both ways, and the wakeup of the eventfd. */
function lifeHandlers(policy: Policy) {
  return {
    /** kvm_irqfd_assign() up to irqfds.lock. */
    assign: on('irqfd_assign', ({ context, event, cells }) => {
      const { eventfd, caller, atomic = false } = event;
      cells.store(context.self, 'freed', false);
      return [
        set<IrqfdContext>({ eventfd, caller, atomic }),
        call<EventfdMessage>(eventfd, { type: 'eventfd_ctx_fdget' }),
        takeLock({ ...context, eventfd }, 'locked.assign', caller),
      ];
    }),
    /** Under irqfds.lock: the route is copied, then the irqfd waits on the eventfd. */
    queue: on('locked.assign', ({ context, event }) => [
      set<IrqfdContext>({ entry: event.route }),
      call<EventfdMessage>(there(context.eventfd, context.self), { type: 'add_wait_queue', waiter: context.self }),
    ]),
    /** It waits, it is active; then the consumer registers. */
    activate: on('wait_queue_added', ({ context, cells }) => {
      const { self, vm, atomic } = context;
      const eventfd = there(context.eventfd, self);
      prepare(policy, 'clean', 'register_consumer', self, { eventfd }, cells);
      return [
        set<IrqfdContext>({ active: true }),
        call<VmMessage>(vm, { type: 'list_add', irqfd: self, eventfd }),
        unlock(context),
        ...register(policy, 'consumer', self, cells, { caller: self, eventfd, atomic }),
      ];
    }),
    /** The eventfd has a waiter already (since 6.17), or this VM an irqfd on it (before): -EBUSY. */
    abort: on(['wait_queue_added', 'locked.assign'], ({ context, cells }) => {
      const { self } = context;
      cells.store(self, 'freed', true);
      return [
        set<IrqfdContext>(shutDown),
        unlock(context),
        call<EventfdMessage>(there(context.eventfd, self), { type: 'eventfd_ctx_put' }),
        returnTo(there(context.caller, self), -errno.EBUSY),
      ];
    }),
    /** A failed bypass registration never fails the assignment. */
    assigned: on('return', ({ context, event, cells }) => {
      const { self } = context;
      tidy(policy, 'clean', 'register_consumer', self, event.value, cells);
      return [set<IrqfdContext>({ caller: null, atomic: false }), returnTo(there(context.caller, self), 0)];
    }),
    /** KVM_IRQFD for the same GSI and eventfd once more. */
    refuseTwice: on('irqfd_assign', ({ event }) => returnTo(event.caller, -errno.EBUSY)),
    notModelled: on('irqfd_assign', ({ context, event }) => {
      throw new NotModelledError(
        `${context.self} is assigned to ${String(context.eventfd)} and gets ${event.eventfd}: that is another irqfd`,
        'declare a second irqfd for the second eventfd',
      );
    }),
    /** kvm_irqfd_deassign() up to irqfds.lock. */
    deassign: on('irqfd_deassign', ({ context, event: { caller, atomic = false } }) => [
      set<IrqfdContext>({ caller, atomic }),
      takeLock(context, 'locked.deassign', caller),
    ]),
    /** Nothing matches: 0. */
    nothingToDeassign: on('irqfd_deassign', ({ event }) => returnTo(event.caller, null)),
    /** irqfd_deactivate(), then irqfd_shutdown(): the software path is cut before the bypass path. */
    shutDown: on('locked.deassign', ({ context, cells }) => {
      const { self, vm, atomic } = context;
      return [
        set<IrqfdContext>({ active: false }),
        call<VmMessage>(vm, { type: 'list_del', irqfd: self }),
        unlock(context),
        call<EventfdMessage>(there(context.eventfd, self), { type: 'remove_wait_queue', waiter: self }),
        ...unregister(policy, 'consumer', self, cells, { caller: self, atomic }),
      ];
    }),
    /** The end of irqfd_shutdown(): eventfd_ctx_put(), kfree(). The next KVM_IRQFD gets a zeroed irqfd. */
    free: on('return', ({ context, cells }) => {
      const { self } = context;
      tidy(policy, 'clean', 'unregister_consumer', self, null, cells);
      cells.store(self, 'freed', true);
      return [
        set<IrqfdContext>(shutDown),
        call<EventfdMessage>(there(context.eventfd, self), { type: 'eventfd_ctx_put' }),
        returnTo(there(context.caller, self), null),
      ];
    }),
    /** irqfd_wakeup(): injects through the cached route while active. */
    wake: on('wakeup', ({ context: { active, entry } }) =>
      show<Observation>({ kind: 'interrupt', how: active ? 'injected' : 'lost', vcpu: entry }),
    ),
  };
}

/** The callbacks of the manager. */
const bypassHandlers = {
  /** A callback begins: add_producer and del_producer take irqfds.lock (since f1fb088d9cec). */
  lockToAdd: on('add_producer', ({ context, event }) => [
    set<IrqfdContext>({ peer: event.producer }),
    takeLock(context, 'locked.add_producer', context.self),
  ]),
  lockToDelete: on('del_producer', ({ context, event }) => [
    set<IrqfdContext>({ peer: event.producer }),
    takeLock(context, 'locked.del_producer', context.self),
  ]),
  /** kvm_arch_irq_bypass_add_producer(): the pointer first, then the IRTE of a route that can be posted. */
  setProducer: act(({ context }) => set({ producer: context.peer })),
  postIrte: act((handling) => {
    const { peer, entry, self } = handling.context;
    return updateIrte(handling, there(peer, self), entry, 'affinity_set.add_producer');
  }),
  added: act(({ context }) => {
    const { added, peer, entry } = context;
    return [
      set<IrqfdContext>({ peer: null, vcpu: entry, added: ledger(added, 'add_producer', peer, 0) }),
      ...leaveCallback(context, 'add_producer', 0),
    ];
  }),
  /** The IRTE could not be written: the pointer is taken back (since the fix of July 2026). */
  addFailed: on('affinity_set.add_producer', ({ context, event }) => [
    set<IrqfdContext>({ peer: null, producer: null, vcpu: null }),
    ...leaveCallback(context, 'add_producer', event.value),
  ]),
  /** kvm_arch_irq_bypass_del_producer(): the IRTE goes back to host mode before the pointer is cleared. */
  resetIrte: act((handling) =>
    updateIrte(handling, there(handling.context.peer, handling.context.self), null, 'affinity_set.del_producer'),
  ),
  deleted: act(({ context }) => {
    const { added, peer } = context;
    return [
      set<IrqfdContext>({ peer: null, producer: null, vcpu: null, added: ledger(added, 'del_producer', peer, 0) }),
      ...leaveCallback(context, 'del_producer', null),
    ];
  }),
};

/** Updates of the routing table. */
const routingHandlers = {
  /** kvm_irq_routing_update() for this irqfd: the new entry; the producer is looked at once. */
  takeRoute: on('update_routing', ({ context, event }) => set({ entry: routeOf(event.routes, context.gsi) })),
  routingUpdated: act(({ context }) => call<VmMessage>(context.vm, { type: 'routing_updated' })),
  /** kvm_arch_update_irqfd_routing(): uses producer->irq, whatever has become of the producer meanwhile. */
  updateRouting: act(({ context }) => {
    const producer = there(context.producer, context.self);
    return post<IrqfdMessage>(context.self, { type: 'pi_update_irte', producer }, context.vm);
  }),
  touchFreed: on('pi_update_irte', ({ event }) =>
    show<Observation>({ kind: 'use-after-free', object: event.producer, what: 'irqfd->producer' }),
  ),
  repost: on('pi_update_irte', (handling) =>
    updateIrte(handling, handling.event.producer, handling.context.entry, 'affinity_set.routing'),
  ),
  reposted: on('affinity_set.routing', ({ context, event }) => set({ vcpu: event.value === 0 ? context.entry : null })),
};

/** From KVM_IRQFD to its end. */
const life: Region = {
  initial: 'unassigned',
  on: { wakeup: { actions: 'wake' } },
  states: {
    unassigned: {
      on: {
        irqfd_assign: { target: 'assigning', actions: 'assign' },
        irqfd_deassign: { actions: 'nothingToDeassign' },
      },
    },
    assigning: {
      on: {
        'locked.assign': [
          { guard: 'isTaken', target: 'unassigned', actions: 'abort' },
          { target: 'queueing', actions: 'queue' },
        ],
      },
      waits: ['irqfd_assign', 'irqfd_deassign'],
    },
    queueing: {
      on: {
        wait_queue_added: [
          { guard: 'isRefused', target: 'unassigned', actions: 'abort' },
          { target: 'registering', actions: 'activate' },
        ],
      },
      waits: ['irqfd_assign', 'irqfd_deassign'],
    },
    registering: {
      on: { return: { target: 'assigned', actions: 'assigned' } },
      waits: ['irqfd_assign', 'irqfd_deassign'],
    },
    assigned: {
      on: {
        irqfd_deassign: { target: 'deassigning', actions: 'deassign' },
        irqfd_assign: [{ guard: 'isSameEventfd', actions: 'refuseTwice' }, { actions: 'notModelled' }],
      },
    },
    deassigning: {
      on: { 'locked.deassign': { target: 'unregistering', actions: 'shutDown' } },
      waits: ['irqfd_assign', 'irqfd_deassign'],
    },
    unregistering: {
      on: { return: { target: 'unassigned', actions: 'free' } },
      waits: ['irqfd_assign', 'irqfd_deassign'],
    },
  },
};

/** One callback of the manager at a time. */
const bypass: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        add_producer: { target: 'adding', actions: 'lockToAdd' },
        del_producer: { target: 'deleting', actions: 'lockToDelete' },
      },
    },
    adding: {
      on: {
        'locked.add_producer': [
          { guard: 'isPostable', target: 'posting', actions: ['setProducer', 'postIrte'] },
          { target: 'idle', actions: ['setProducer', 'added'] },
        ],
      },
    },
    posting: {
      on: {
        'affinity_set.add_producer': [
          { guard: 'hasFailed', target: 'idle', actions: 'addFailed' },
          { target: 'idle', actions: 'added' },
        ],
      },
    },
    deleting: {
      on: {
        'locked.del_producer': [
          { guard: 'isPosted', target: 'unposting', actions: 'resetIrte' },
          { target: 'idle', actions: 'deleted' },
        ],
      },
    },
    unposting: { on: { 'affinity_set.del_producer': { target: 'idle', actions: 'deleted' } } },
  },
};

/** One update of the route at a time. */
const routing: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        update_routing: [
          { guard: 'hasProducer', target: 'updating', actions: ['takeRoute', 'updateRouting'] },
          { actions: ['takeRoute', 'routingUpdated'] },
        ],
      },
    },
    updating: {
      on: {
        pi_update_irte: [
          { guard: 'isFreed', target: 'idle', actions: ['touchFreed', 'routingUpdated'] },
          { guard: 'isUnchanged', target: 'idle', actions: 'routingUpdated' },
          { target: 'reposting', actions: 'repost' },
        ],
      },
    },
    reposting: {
      on: { 'affinity_set.routing': { target: 'idle', actions: ['reposted', 'routingUpdated'] } },
    },
  },
};

/**
 * The machine of an irqfd. Regions: `life` (`unassigned`, `assigning`, `queueing`, `registering`, `assigned`, `deassigning`,
 * `unregistering`), `bypass` (`idle`, `adding`, `posting`, `deleting`, `unposting`), `routing` (`idle`, `updating`,
 * `reposting`).
 */
export function createIrqfd(policy: Policy): Machine {
  const constants = structConstants('consumer');
  return machine<IrqfdContext, IrqfdMessage>({
    id: 'irqfd',
    title: 'An irqfd of KVM with its consumer and the x86 bypass callbacks',
    kinds: ['consumer'],
    wiring: { vm: 'vm', gsi: '*' },
    cells: structCells,
    // x86 has no stop and no start.
    constants: { ...constants, 'has stop': false, 'has start': false },
    // Its life and a callback may each wait for a lock.
    slots: 2,
    sends: [
      ...halfSends,
      'callback_return',
      'lock',
      'unlock',
      'list_add',
      'list_del',
      'eventfd_ctx_fdget',
      'eventfd_ctx_put',
      'add_wait_queue',
      'remove_wait_queue',
      'irq_set_vcpu_affinity',
      'pi_update_irte',
      'routing_updated',
    ],
    operations: {
      irqfd_assign: { arguments: ['eventfd!:eventfd', 'atomic?'], how: 'post', kernel: 'KVM_IRQFD' },
      irqfd_deassign: { arguments: ['atomic?'], how: 'post', kernel: 'KVM_IRQFD with KVM_IRQFD_FLAG_DEASSIGN' },
    },
    context: ({ self, wiring }) => ({
      self,
      added: [],
      vm: wiring['vm'] as Name,
      gsi: wiring['gsi'] as Name,
      active: false,
      peer: null,
      eventfd: null,
      caller: null,
      atomic: false,
      entry: null,
      producer: null,
      vcpu: null,
    }),
    guards,
    handlers: { ...lifeHandlers(policy), ...bypassHandlers, ...routingHandlers },
    chart: { type: 'parallel', states: { life, bypass, routing } },
  });
}
