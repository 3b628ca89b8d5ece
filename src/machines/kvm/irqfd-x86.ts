// What x86 does in the callbacks of an irqfd's consumer and when its route changes: VMX, and what VMX and SVM share.
//
// Kernel source: kvm_arch_irq_bypass_add_producer(), kvm_arch_irq_bypass_del_producer(), kvm_arch_update_irqfd_routing(),
// pi_update_irte() of arch/x86/kvm/irq.c, vmx_pi_update_irte(), Linux 6.18 (6.12 differs in names, not in what is modelled). All of
// it under irqfds.lock (since f1fb088d9cec). stop and start do nothing. Abstracted away: is the destination one vCPU (the route says so).
import type { Transition } from '../../engine/actors/chart.ts';
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { AffinityCall, IrteMessage } from '../iommu/irte.ts';
import { ledger } from '../manager/producer-and-consumer.ts';
import type { CallbackReturn, ConsumerCallback, Observation } from '../manager/protocol.ts';
import { REGISTRY } from '../manager/protocol.ts';
import type { ArchHalf } from './arch-half.ts';
import type { IrqfdContext, IrqfdHandling, IrqfdMessage, IrqfdRegion } from './irqfd-context.ts';
import { takeLock, there, unlock } from './irqfd-context.ts';
import { isMsi, isSameRoute, postable, routeOf } from './route.ts';
import type { VmMessage } from './vm.ts';

const { on, act, when, whenever } = handlers<IrqfdContext, IrqfdMessage>();

/** The thread that a callback runs in, and the one that a routing update runs in. */
export const callbackThread = (context: IrqfdContext): Name => there(context.callbackTask, context);
export const updateThread = (context: IrqfdContext): Name => there(context.updateTask, context);

/** vmx_pi_update_irte(): irq_set_vcpu_affinity() with a vCPU, or with NULL. */
export function updateIrte(
  { context, cells }: IrqfdHandling,
  producer: Name,
  vcpu: Name | null,
  why: AffinityCall,
): HostEffect {
  const irq = cells.load(producer, 'irq') as Name;
  const [task, as] = why === 'routing' ? [updateThread(context), 'routing'] : [callbackThread(context), 'callback'];
  const asked = { for: why, vcpu, caller: context.self, task, as };
  return post<IrteMessage>(irq, { type: 'irq_set_vcpu_affinity', ...asked }, task);
}

/** The end of a callback: what an onlooker sees, the lock, the return value to the manager. */
export function leaveCallback(context: IrqfdContext, callback: ConsumerCallback, value: number | null): HostEffect[] {
  const { self, peer } = context;
  return [
    show<Observation>({ kind: 'callback', object: self, callback, peer, value }),
    unlock(context, callbackThread(context)),
    call<CallbackReturn>(REGISTRY, { type: 'callback_return', value: value ?? 0 }),
  ];
}

const stopBypass = ({ vm }: IrqfdContext): HostEffect => call<VmMessage>(vm, { type: 'stop_bypass' });

/** add_producer fails. */
export const failAdd = (context: IrqfdContext, value: number | null) => [
  set<IrqfdContext>({ peer: null, callbackTask: null, producer: null, vcpu: null }),
  stopBypass(context),
  ...leaveCallback(context, 'add_producer', value),
];

/** Guards of both vendors. */
export const x86Guards = {
  isPostable: whenever(({ context }) => postable(context.entry) !== null),
  isPosted: whenever(({ context }) => context.vcpu !== null),
  hasFailed: when('return.callback', ({ event }) => (event.value ?? 0) !== 0),
  hasFailedToRepost: when('return.routing', ({ event }) => (event.value ?? 0) !== 0),
  hasProducer: whenever(({ context }) => context.producer !== null),
  isFreed: when('pi_update_irte', ({ event, cells }) => cells.load(event.producer, 'freed') === true),
  /** Neither is an MSI, or both are and say the same. */
  isSame: whenever(({ context: { oldEntry, entry } }) =>
    isMsi(oldEntry) || isMsi(entry) ? isMsi(oldEntry) && isMsi(entry) && isSameRoute(oldEntry, entry) : true,
  ),
  /** Neither the posting that there is nor the one that is wanted goes to a vCPU. */
  isNeverPosted: whenever(({ context }) => context.vcpu === null && postable(context.entry) === null),
};

/** kvm_irq_routing_update() of x86, for one irqfd. */
const routingHandlers = {
  /** kvm_irq_routing_update() for this irqfd: the new entry; the producer is looked at once. */
  takeRoute: on('update_routing', ({ context, event }) =>
    set({ oldEntry: context.entry, entry: routeOf(event.routes, context.gsi), updateTask: event.task }),
  ),
  routingUpdated: act(({ context }) => [
    set<IrqfdContext>({ oldEntry: null, updateTask: null }),
    call<VmMessage>(context.vm, { type: 'routing_updated' }),
  ]),
  /** kvm_arch_update_irqfd_routing(): uses producer->irq, whatever has become of the producer meanwhile. */
  updateRouting: act(({ context }) => {
    const producer = there(context.producer, context);
    return post<IrqfdMessage>(context.self, { type: 'pi_update_irte', producer }, updateThread(context));
  }),
  touchFreed: on('pi_update_irte', ({ event }) =>
    show<Observation>({ kind: 'use-after-free', object: event.producer, what: 'irqfd->producer' }),
  ),
  repost: on('pi_update_irte', (handling) =>
    updateIrte(handling, handling.event.producer, postable(handling.context.entry), 'routing'),
  ),
  reposted: on('return.routing', ({ context, event }) =>
    set({ vcpu: event.value === 0 ? postable(context.entry) : null }),
  ),
};

/** Callbacks and updates, as both vendors have them. */
export function x86Handlers(kicks: boolean) {
  return {
    ...routingHandlers,
    /** A callback begins: irqfds.lock. */
    lockForCallback: on(['add_producer', 'del_producer'], ({ context, event }) => {
      const task = event.task ?? context.self;
      return [set<IrqfdContext>({ peer: event.producer, callbackTask: task }), takeLock(context, task, 'callback')];
    }),
    /** kvm_arch_irq_bypass_add_producer(): the pointer and the count first, then the IRTE of a route that can be posted. */
    setProducer: act(({ context }) => [
      set<IrqfdContext>({ producer: context.peer }),
      call<VmMessage>(context.vm, { type: 'start_bypass', kicks }),
    ]),
    postIrte: act((handling) => {
      const { peer, entry } = handling.context;
      return updateIrte(handling, there(peer, handling.context), postable(entry), 'add_producer');
    }),
    /** pi_update_irte(): believed only once it is written. */
    believe: act(({ context }) => set({ vcpu: postable(context.entry) })),
    added: act(({ context }) => {
      const { added, peer } = context;
      return [
        set<IrqfdContext>({ peer: null, callbackTask: null, added: ledger(added, 'add_producer', peer, 0) }),
        ...leaveCallback(context, 'add_producer', 0),
      ];
    }),
    /** The IRTE could not be written: the count and (since the fix of July 2026) the pointer are taken back. */
    addFailed: on('return.callback', ({ context, event }) => failAdd(context, event.value)),
    /** kvm_arch_irq_bypass_del_producer(): the IRTE goes back to host mode before the pointer is cleared. */
    resetIrte: act((handling) =>
      updateIrte(handling, there(handling.context.peer, handling.context), null, 'del_producer'),
    ),
    /** pi_update_irte() could not take a posting back: KVM forgets it, the hardware does not. */
    warnStillPosted: act(({ context }) =>
      context.vcpu !== null && (context.peer !== null || postable(context.entry) === null)
        ? show<Observation>({ kind: 'warn', in: 'pi_update_irte', condition: 'the IRTE could not be taken back' })
        : [],
    ),
    deleted: act(({ context }) => {
      const { added, peer } = context;
      return [
        set<IrqfdContext>({
          peer: null,
          callbackTask: null,
          producer: null,
          vcpu: null,
          added: ledger(added, 'del_producer', peer, 0),
        }),
        stopBypass(context),
        ...leaveCallback(context, 'del_producer', null),
      ];
    }),
  };
}

/** What comes after a write of the IRTE: for a new posting, for the host's own mode, for a new route. */
export const afterWrites = {
  posting: [
    { guard: 'hasFailed', target: '#bypass.idle', actions: ['addFailed'] },
    { target: '#bypass.idle', actions: ['believe', 'added'] },
  ],
  unposting: [
    { guard: 'hasFailed', target: '#bypass.idle', actions: ['warnStillPosted', 'deleted'] },
    { target: '#bypass.idle', actions: ['deleted'] },
  ],
  reposting: [
    { guard: 'hasFailedToRepost', target: '#routing.idle', actions: ['warnStillPosted', 'reposted', 'routingUpdated'] },
    { target: '#routing.idle', actions: ['reposted', 'routingUpdated'] },
  ],
} as const satisfies Readonly<Record<string, readonly Transition<string>[]>>;

/** What a vendor does to post, to unpost, and to follow a route; and what it begins with. */
export interface VendorStates {
  readonly posting: IrqfdRegion;
  readonly unposting: IrqfdRegion;
  readonly reposting: IrqfdRegion;
  readonly begins: Readonly<Record<'posting' | 'unposting' | 'reposting', readonly string[]>>;
}

/** The regions of x86: one callback of the manager at a time, one update of the route at a time. */
export function x86Regions({ posting, unposting, reposting, begins }: VendorStates): ArchHalf['regions'] {
  const bypass: IrqfdRegion = {
    id: 'bypass',
    initial: 'idle',
    states: {
      idle: {
        on: {
          add_producer: { target: 'adding', actions: 'lockForCallback' },
          del_producer: { target: 'deleting', actions: 'lockForCallback' },
        },
      },
      adding: {
        on: {
          'return.callback': [
            { guard: 'isPostable', target: 'posting', actions: ['setProducer', ...begins.posting] },
            { target: 'idle', actions: ['setProducer', 'added'] },
          ],
        },
      },
      posting,
      deleting: {
        on: {
          'return.callback': [
            { guard: 'isPosted', target: 'unposting', actions: begins.unposting },
            { target: 'idle', actions: 'deleted' },
          ],
        },
      },
      unposting,
    },
  };
  const routing: IrqfdRegion = {
    id: 'routing',
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
            { guard: 'isSame', target: 'idle', actions: 'routingUpdated' },
            { guard: 'isNeverPosted', target: 'idle', actions: 'routingUpdated' },
            { target: 'reposting', actions: begins.reposting },
          ],
        },
      },
      reposting,
    },
  };
  return { bypass, routing };
}

/** VMX: one write of the IRTE posts, one takes it back. */
export const vmxHalf: ArchHalf = {
  id: 'irqfd',
  title: 'An irqfd of KVM with its consumer, VMX',
  regions: x86Regions({
    posting: { on: { 'return.callback': afterWrites.posting } },
    unposting: { on: { 'return.callback': afterWrites.unposting } },
    reposting: { on: { 'return.routing': afterWrites.reposting } },
    begins: { posting: ['postIrte'], unposting: ['resetIrte'], reposting: ['repost'] },
  }),
  handlers: x86Handlers(true),
  guards: x86Guards,
  constants: { 'has stop': false, 'has start': false },
  sends: ['start_bypass', 'stop_bypass', 'irq_set_vcpu_affinity', 'pi_update_irte'],
};
