// What arm64 does in the callbacks of an irqfd's consumer and when its route changes: GICv4.
//
// Kernel source: arch/arm64/kvm/arm.c (kvm_arch_irq_bypass_add_producer() and its sisters, kvm_arch_update_irqfd_routing()),
// arch/arm64/kvm/vgic/vgic-v4.c (kvm_vgic_v4_set_forwarding(), kvm_vgic_v4_unset_forwarding()), Linux 6.12 and 6.18, and what real
// kernels were seen to do. stop and start halt and resume the whole guest. irqfd->producer is never filled, so that no routing
// update ever reaches the architecture (bug B30; the half `hooked` is as it was meant: under irqfds.lock, which cannot
// sleep, it only unmaps, and software injects from then on). 6.12 answers an LPI that the guest has not mapped with a positive number, which
// is a failed connect, and unmaps through the current route; 6.18 answers 0, and looks for the host irq.
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { ItsMessage } from '../iommu/its.ts';
import { ledger } from '../manager/producer-and-consumer.ts';
import type { Policy } from '../manager/policy.ts';
import type { CallbackReturn, ConsumerCallback, Observation } from '../manager/protocol.ts';
import { REGISTRY } from '../manager/protocol.ts';
import type { ArchHalf } from './arch-half.ts';
import type { IrqfdContext, IrqfdMessage, IrqfdRegion } from './irqfd-context.ts';
import { isExclusiveIn, takeLock, there, unlock } from './irqfd-context.ts';
import type { Route } from './route.ts';
import { postable, routeOf } from './route.ts';
import type { VgicMessage } from './vgic.ts';
import type { VmMessage } from './vm.ts';

const { on, act, when, whenever } = handlers<IrqfdContext, IrqfdMessage>();

const threadOf = (context: IrqfdContext): Name => there(context.callbackTask, context);
const vgicOf = (context: IrqfdContext): Name => there(context.vgic, context);
const asks = (context: IrqfdContext) => ({ caller: context.self, task: threadOf(context), as: 'callback' });
const toVgic = (context: IrqfdContext, message: VgicMessage): HostEffect => call<VgicMessage>(vgicOf(context), message);

/** What an onlooker sees, and the return value to the manager. */
function returns({ self, peer }: IrqfdContext, callback: ConsumerCallback, value: number | null): HostEffect[] {
  return [
    show<Observation>({ kind: 'callback', object: self, callback, peer, value }),
    call<CallbackReturn>(REGISTRY, { type: 'callback_return', value: value ?? 0 }),
  ];
}

const unlockIts = (context: IrqfdContext): HostEffect =>
  toVgic(context, { type: 'its_unlock', task: threadOf(context) });

/** The host irq of the producer that a callback is about. */
const irqOf = (context: IrqfdContext, cells: { load: (actor: Name, cell: string) => unknown }): Name =>
  cells.load(there(context.peer, context), 'irq') as Name;

/** Whose vLPI would be forwarded: set_forwarding() of 6.12 looks at the payload of the entry, not at its type. */
const forwardable = (entry: Route | null): Name | null => postable(entry) ?? entry?.left ?? null;

const guards = {
  isMsiToOne: whenever(({ context }) => postable(context.entry) !== null),
  isDirect: whenever(
    ({ context, cells }) =>
      forwardable(context.entry) !== null && cells.constant(vgicOf(context), 'direct_msis') === true,
  ),
  mayBeMapped: whenever(({ context, cells }) => cells.constant(vgicOf(context), 'direct_msis') === true),
  isUnresolved: when('return.callback', ({ event }) => event.value !== 0),
  isHwAlready: when('return.callback', ({ event }) => event.value !== null),
  isNotHw: when('return.callback', ({ event }) => event.value === null),
  hasFailed: when('return.callback', ({ event }) => event.value !== 0),
  isMappedAndMoves: when(
    'update_routing',
    ({ context, event }) =>
      context.producer !== null &&
      context.vcpu !== null &&
      postable(routeOf(event.routes, context.gsi)) !== context.vcpu,
  ),
  isStale: whenever(({ context }) => postable(context.entry) !== context.vcpu),
};

/** What is asked of the vGIC and the ITS on the way, and the ends. */
const mappingHandlers = {
  findLpi: act(({ context }) =>
    toVgic(context, {
      type: 'vgic_find_lpi',
      gsi: context.gsi,
      vcpu: there(context.server, context),
      ...asks(context),
    }),
  ),
  map: act(({ context, cells }) =>
    post<ItsMessage>(
      irqOf(context, cells),
      { type: 'its_map_vlpi', vm: context.vm, vcpu: there(context.server, context), ...asks(context) },
      threadOf(context),
    ),
  ),
  setHw: act(({ context, cells }) =>
    toVgic(context, {
      type: 'vgic_set_hw',
      gsi: context.gsi,
      vcpu: there(context.server, context),
      irq: irqOf(context, cells),
    }),
  ),
  believe: act(({ context }) => set({ vcpu: context.server })),
  disbelieve: act(() => set({ vcpu: null })),
  unlockIts: act(({ context }) => unlockIts(context)),
  added: act(({ context }) => [
    set<IrqfdContext>({
      peer: null,
      callbackTask: null,
      added: ledger(context.added, 'add_producer', context.peer, 0),
    }),
    ...returns(context, 'add_producer', 0),
  ]),
  addFailed: on('return.callback', ({ context, event }) => [
    set<IrqfdContext>({ peer: null, callbackTask: null }),
    unlockIts(context),
    ...returns(context, 'add_producer', event.value),
  ]),
  /** Since 05b9405f2fa1 by host irq; before, by translating the route once more. */
  findHostIrq: act(({ context, cells }) =>
    toVgic(context, { type: 'vgic_find_host_irq', irq: irqOf(context, cells), ...asks(context) }),
  ),
  unmap: act(({ context, cells }) =>
    post<ItsMessage>(irqOf(context, cells), { type: 'its_unmap_vlpi', ...asks(context) }, threadOf(context)),
  ),
  clearHw: act(({ context, cells }) => toVgic(context, { type: 'vgic_clear_hw', irq: irqOf(context, cells) })),
  warnMismatch: act(() =>
    show<Observation>({ kind: 'warn', in: 'kvm_vgic_v4_unset_forwarding', condition: 'the LPI is not forwarded' }),
  ),
  deleted: act(({ context }) => [
    set<IrqfdContext>({
      peer: null,
      callbackTask: null,
      producer: null,
      vcpu: null,
      added: ledger(context.added, 'del_producer', context.peer, 0),
    }),
    ...returns(context, 'del_producer', null),
  ]),
};

/** Callbacks, and what is asked on the way. */
function callbackHandlers(policy: Policy) {
  const resolvesOrFails = !isExclusiveIn(policy);
  return {
    ...mappingHandlers,
    /** kvm_arm_halt_guest(), kvm_arm_resume_guest() */
    halt: on('stop', ({ context }) => [
      call<VmMessage>(context.vm, { type: 'halt_guest' }),
      ...returns({ ...context, peer: null }, 'stop', null),
    ]),
    resume: on('start', ({ context }) => [
      call<VmMessage>(context.vm, { type: 'resume_guest' }),
      ...returns({ ...context, peer: null }, 'start', null),
    ]),
    begin: on(['add_producer', 'del_producer'], ({ context, event }) =>
      // The entry is read once, under no lock of irqfds.
      set({
        peer: event.producer,
        callbackTask: event.task ?? context.self,
        server: forwardable(context.entry),
      }),
    ),
    lockIts: act(({ context }) => toVgic(context, { type: 'its_lock', ...asks(context), atOnce: true })),
    /** its_resolve_lpi(): has the guest mapped it? */
    resolve: act(({ context }) =>
      post<VgicMessage>(vgicOf(context), { type: 'its_resolve_lpi', ...asks(context) }, threadOf(context)),
    ),
    unresolved: on('return.callback', ({ context, event }) => [
      set<IrqfdContext>({
        peer: null,
        callbackTask: null,
        ...(resolvesOrFails ? {} : { added: ledger(context.added, 'add_producer', context.peer, 0) }),
      }),
      unlockIts(context),
      ...returns(context, 'add_producer', resolvesOrFails ? event.value : 0),
    ]),
  };
}

/** As it was meant: irqfd->producer is published under irqfds.lock, and a route that changed meanwhile takes the mapping back. */
const hookHandlers = {
  lockToPublish: act(({ context }) => takeLock(context, threadOf(context), 'callback')),
  publish: act(({ context }) => [set<IrqfdContext>({ producer: context.peer }), unlock(context, threadOf(context))]),
  withdraw: act(({ context }) => [set<IrqfdContext>({ producer: null }), unlock(context, threadOf(context))]),
  unlockRoute: act(({ context }) => unlock(context, threadOf(context))),
  /** kvm_arch_update_irqfd_routing(): under a spinlock, so that it only unmaps; software injects from now on. */
  takeRouteOfMapped: on('update_routing', ({ context, event, cells }) => {
    const irq = cells.load(there(context.producer, context), 'irq') as Name;
    const asked = { caller: context.self, task: event.task, as: 'routing' };
    return [
      set<IrqfdContext>({ entry: routeOf(event.routes, context.gsi), updateTask: event.task, updateIrq: irq }),
      post<ItsMessage>(irq, { type: 'its_unmap_vlpi', ...asked }, event.task),
    ];
  }),
  fallBack: on('return.routing', ({ context }) => [
    set<IrqfdContext>({ vcpu: null, updateTask: null, updateIrq: null }),
    toVgic(context, { type: 'vgic_clear_hw', irq: there(context.updateIrq, context) }),
  ]),
};

const routingHandlers = (policy: Policy) => ({
  takeRoute: on('update_routing', ({ context, event }) => {
    const entry = routeOf(event.routes, context.gsi);
    const left = forwardable(context.entry);
    // Since the test of the type stands before set_forwarding(), what is left says nothing.
    const keeps = !isExclusiveIn(policy) && entry.type === 'none' && left !== null;
    return set({ entry: keeps ? { ...entry, left } : entry });
  }),
  routingUpdated: act(({ context }) => call<VmMessage>(context.vm, { type: 'routing_updated' })),
});

/** States of the hook, between those of the two callbacks. */
const hookStates = (byHostIrq: boolean): Record<string, IrqfdRegion> => ({
  publishing: {
    on: {
      'return.callback': [
        { guard: 'isStale', target: 'unmappingStale', actions: ['unlockRoute', 'unmap'] },
        { target: 'idle', actions: ['publish', 'unlockIts', 'added'] },
      ],
    },
  },
  unmappingStale: {
    on: { 'return.callback': { target: 'idle', actions: ['clearHw', 'disbelieve', 'unlockIts', 'added'] } },
  },
  withdrawing: {
    on: {
      'return.callback': { target: 'findingToUnmap', actions: ['withdraw', byHostIrq ? 'findHostIrq' : 'findLpi'] },
    },
  },
});

/** set_forwarding(), unset_forwarding(); with the hook, irqfd->producer is published after the one and withdrawn before the other. */
function bypassOf(policy: Policy, isHooked: boolean): IrqfdRegion {
  const byHostIrq = isExclusiveIn(policy);
  const mapped = isHooked
    ? { target: 'publishing', actions: ['setHw', 'believe', 'lockToPublish'] }
    : { target: 'idle', actions: ['setHw', 'believe', 'unlockIts', 'added'] };
  return {
    initial: 'idle',
    states: {
      idle: {
        on: {
          add_producer: [
            { guard: 'isDirect', target: 'locking', actions: ['begin', 'lockIts'] },
            { actions: ['begin', 'added'] },
          ],
          del_producer: [
            { guard: isHooked ? 'mayBeMapped' : 'isDirect', target: 'lockingToUnmap', actions: ['begin', 'lockIts'] },
            { actions: ['begin', 'deleted'] },
          ],
        },
      },
      locking: { on: { 'return.callback': { target: 'resolving', actions: 'resolve' } } },
      resolving: {
        on: {
          'return.callback': [
            { guard: 'isUnresolved', target: 'idle', actions: 'unresolved' },
            { target: 'finding', actions: 'findLpi' },
          ],
        },
      },
      finding: {
        on: {
          'return.callback': [
            { guard: 'isHwAlready', target: 'idle', actions: ['believe', 'unlockIts', 'added'] },
            { target: 'mapping', actions: 'map' },
          ],
        },
      },
      mapping: {
        on: {
          'return.callback': [{ guard: 'hasFailed', target: 'idle', actions: 'addFailed' }, mapped],
        },
      },
      lockingToUnmap: {
        on: {
          'return.callback': isHooked
            ? { target: 'withdrawing', actions: 'lockToPublish' }
            : { target: 'findingToUnmap', actions: byHostIrq ? 'findHostIrq' : 'findLpi' },
        },
      },
      findingToUnmap: {
        on: {
          'return.callback': [
            {
              guard: 'isNotHw',
              target: 'idle',
              actions: [...(byHostIrq ? [] : ['warnMismatch']), 'unlockIts', 'deleted'],
            },
            { target: 'unmapping', actions: 'unmap' },
          ],
        },
      },
      unmapping: { on: { 'return.callback': { target: 'idle', actions: ['clearHw', 'unlockIts', 'deleted'] } } },
      ...(isHooked ? hookStates(byHostIrq) : {}),
    },
  };
}

/** Around each connect and disconnect the whole guest stands still. */
const guest: IrqfdRegion = {
  initial: 'running',
  states: {
    running: { on: { stop: { target: 'stopped', actions: 'halt' }, start: { actions: 'resume' } } },
    stopped: { on: { start: { target: 'running', actions: 'resume' }, stop: { actions: 'halt' } } },
  },
};

/** kvm_irq_routing_update(): the entry is taken, the architecture hears of it only where irqfd->producer is set: never. */
const routing: IrqfdRegion = {
  initial: 'idle',
  states: { idle: { on: { update_routing: { actions: ['takeRoute', 'routingUpdated'] } } } },
};

/** The same where routing updates reach the architecture. */
const hookedRouting: IrqfdRegion = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        update_routing: [
          { guard: 'isMappedAndMoves', target: 'unmapping', actions: 'takeRouteOfMapped' },
          { actions: ['takeRoute', 'routingUpdated'] },
        ],
      },
    },
    unmapping: { on: { 'return.routing': { target: 'idle', actions: ['fallBack', 'routingUpdated'] } } },
  },
};

/**
 * arm64 with GICv4.
 *
 * @param policy - the revision's row: it says which kernel it is
 * @param isHooked - do routing updates reach the architecture, as they do in no kernel so far (bug B30)?
 */
export function arm64Half(policy: Policy, isHooked = false): ArchHalf {
  return {
    id: isHooked ? 'irqfd-arm64-hooked' : 'irqfd-arm64',
    title: `An irqfd of KVM with its consumer, arm64 with GICv4${isHooked ? ', its routing updates as meant' : ''}`,
    wiring: { vgic: 'vgic' },
    regions: { bypass: bypassOf(policy, isHooked), routing: isHooked ? hookedRouting : routing, guest },
    handlers: { ...callbackHandlers(policy), ...routingHandlers(policy), ...hookHandlers },
    guards,
    constants: {},
    sends: [
      'halt_guest',
      'resume_guest',
      'its_lock',
      'its_unlock',
      'its_resolve_lpi',
      'vgic_find_lpi',
      'vgic_find_host_irq',
      'vgic_set_hw',
      'vgic_clear_hw',
      'its_map_vlpi',
      'its_unmap_vlpi',
    ],
  };
}
