// The irqfd: KVM's end of an eventfd, with its embedded consumer, its cached route and the x86 bypass callbacks.
//
// Kernel source: virt/kvm/eventfd.c and kvm_arch_irq_bypass_add_producer(), kvm_arch_irq_bypass_del_producer(),
// kvm_arch_update_irqfd_routing() and pi_update_irte() of arch/x86/kvm/irq.c, Linux 6.17 (kernel-spec 3.3, 4.1). Three
// things go on at once: the life of the irqfd, a bypass callback, a routing update; irqfds.lock (vm.ts) is what keeps the
// last two apart. Abstracted away: the shutdown job (it runs in the thread that waits for it), SRCU, resamplers.
import { setup } from 'xstate';
import { prepare, tidy } from '../manager/thread.ts';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Policy } from '../manager/policy.ts';
import type {
  Address,
  Call,
  ConsumerMessage,
  Delivered,
  Delivery,
  Message,
  Name,
  Outgoing,
} from '../manager/protocol.ts';
import { REGISTRY } from '../manager/protocol.ts';
import type { StructContext } from '../manager/struct.ts';
import { register, unregister } from '../manager/struct.ts';
import type { ArchPolicy, IrqfdMessage, Purpose } from '../system-protocol.ts';

export type IrqfdContext = StructContext & {
  readonly vm: Name;
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
  /** The thread in KVM_IRQFD. */
  readonly caller: Name | null;
};

type Event = Delivered<
  | IrqfdMessage
  | { readonly type: 'return'; readonly value: number | null }
  | Extract<ConsumerMessage, { readonly type: 'add_producer' | 'del_producer' }>
>;
type Args = Arguments<IrqfdContext, Event>;
type Done = Effect<IrqfdContext>;
const act = effect<IrqfdContext, Event>;

const immediate = (to: Address, message: Message): Outgoing => ({ to, how: 'immediate', message });
const call = (to: Address, message: Message): Outgoing => ({ to, how: 'call', message });

/** spin_lock_irq(&kvm->irqfds.lock): waits in the channel of the thread that asks. */
function takeLock({ context }: Args, caller: Name, purpose: Purpose): Outgoing {
  return call(context.vm, { type: 'lock', caller, irqfd: context.self, purpose });
}

function unlock({ context }: Args, active: boolean): Outgoing {
  return immediate(context.vm, { type: 'unlock', irqfd: context.self, active });
}

/** The half of a manager call that runs without the mutex, on the irqfd's own consumer. */
function halfCall(args: Args, policy: Policy, eventfd: Name | null): readonly Outgoing[] {
  const { context, event } = args;
  const caller = context.self;
  const { cells } = event;
  const way = { caller, atomic: false, moduleGet: 'works' } as const;
  const message =
    eventfd === null
      ? ({ type: 'unregister', ...way } as const)
      : ({ type: 'register', eventfd, irq: null, ...way } as const);
  const delivered = { ...message, cells } as Delivered<ConsumerMessage> & Delivery;
  const half = eventfd === null ? unregister : register;
  return half(policy, 'consumer', { context, event: delivered }).send ?? [];
}

/** kvm_irqfd_assign() up to irqfds.lock. */
export function assign(args: Args): Done {
  const { event } = args;
  if (event.type !== 'irqfd_assign') return {};
  const { eventfd, caller } = event;
  event.cells.store(args.context.self, 'freed', false);
  return {
    context: { eventfd, caller },
    send: [immediate(eventfd, { type: 'eventfd_ctx_fdget' }), takeLock(args, caller, 'assign')],
  };
}

/** Under irqfds.lock: the route is copied, the irqfd waits on the eventfd and is active; then the consumer registers. */
export function activate(policy: Policy, args: Args): Done {
  const { context, event } = args;
  const { self, eventfd } = context;
  if (event.type !== 'locked' || eventfd === null) return {};
  const request: Call = { op: 'register_consumer', object: self, eventfd };
  prepare(policy, 'clean', request, event.cells);
  return {
    context: { active: true, entry: event.route },
    send: [
      immediate(eventfd, { type: 'add_wait_queue', waiter: self }),
      unlock(args, true),
      ...halfCall(args, policy, eventfd),
    ],
  };
}

/** A failed bypass registration never fails the assignment. */
export function assigned(policy: Policy, { context, event }: Args): Done {
  if (event.type !== 'return' || context.caller === null) return {};
  tidy(policy, 'clean', 'register_consumer', context.self, event.value, event.cells);
  return { context: { caller: null }, send: [immediate(context.caller, { type: 'return', value: 0 })] };
}

/** kvm_irqfd_deassign() up to irqfds.lock. */
export function deassign(args: Args): Done {
  const { event } = args;
  if (event.type !== 'irqfd_deassign') return {};
  return { context: { caller: event.caller }, send: [takeLock(args, event.caller, 'deassign')] };
}

/** irqfd_deactivate(), then irqfd_shutdown(): the software path is cut before the bypass path. */
export function shutDown(policy: Policy, args: Args): Done {
  const { context, event } = args;
  if (event.type !== 'locked' || context.eventfd === null) return {};
  return {
    context: { active: false },
    send: [
      unlock(args, false),
      immediate(context.eventfd, { type: 'remove_wait_queue' }),
      ...halfCall(args, policy, null),
    ],
  };
}

/** The end of irqfd_shutdown(): eventfd_ctx_put(), kfree(). */
export function free(policy: Policy, { context, event }: Args): Done {
  const { self, eventfd, caller } = context;
  if (event.type !== 'return' || eventfd === null || caller === null) return {};
  tidy(policy, 'clean', 'unregister_consumer', self, event.value, event.cells);
  event.cells.store(self, 'freed', true);
  return {
    // The next KVM_IRQFD gets a zeroed irqfd, wherever it is.
    context: { eventfd: null, caller: null, entry: null, producer: null, vcpu: null },
    send: [immediate(eventfd, { type: 'eventfd_ctx_put' }), immediate(caller, { type: 'return', value: null })],
  };
}

/** A callback begins: add_producer and del_producer take irqfds.lock (since f1fb088d9cec). */
export function enterCallback(args: Args): Done {
  const { context, event } = args;
  if (event.type !== 'add_producer' && event.type !== 'del_producer') return {};
  return { context: { peer: event.producer }, send: [takeLock(args, context.self, event.type)] };
}

/** pi_update_irte(): asks the IOMMU for a vCPU or for host mode. */
function updateIrte({ context, event }: Args, producer: Name, vcpu: Name | null, purpose: Purpose): Outgoing {
  const irq = event.cells.load(producer, 'irq') as Name;
  const caller = purpose === 'routing' ? context.vm : context.self;
  return call(irq, { type: 'irq_set_vcpu_affinity', caller, irqfd: context.self, purpose, vcpu });
}

/** kvm_arch_irq_bypass_add_producer(), under the lock: the pointer first, then the IRTE of a route that can be posted. */
export function addProducer(args: Args): Done {
  const { context, event } = args;
  const producer = event.type === 'add_producer' ? event.producer : context.peer;
  if (producer === null) return {};
  const { entry } = context;
  return {
    context: { producer, peer: producer },
    send: entry === null ? [] : [updateIrte(args, producer, entry, 'add_producer')],
  };
}

/** kvm_arch_irq_bypass_del_producer(), under the lock: the IRTE goes back to host mode before the pointer is cleared. */
export function delProducer(args: Args): Done {
  const { context, event } = args;
  const peer = event.type === 'del_producer' ? event.producer : context.peer;
  if (peer === null) return {};
  const send = context.vcpu === null ? [] : [updateIrte(args, peer, null, 'del_producer')];
  return { context: { peer }, send };
}

/** The end of a callback: what it leaves behind, the lock, the return value to the manager. */
export function leaveCallback(arch: ArchPolicy, args: Args, callback: 'add_producer' | 'del_producer'): Done {
  const { context, event } = args;
  const { self, peer, added } = context;
  const value = event.type === 'affinity_set' ? event.value : 0;
  const adds = callback === 'add_producer';
  const others = added.filter((one) => one !== peer);
  const failed = adds && value !== 0;
  const keeps = failed ? arch.producerOnError === 'left' : adds;
  return {
    context: {
      peer: null,
      producer: keeps ? context.producer : null,
      vcpu: adds && !failed ? context.entry : null,
      ...(failed || peer === null ? {} : { added: adds ? [...others, peer] : others }),
    },
    observe: [{ kind: 'callback', object: self, callback, peer, value: adds ? value : null }],
    send: [
      ...(arch.irqfdsLock === 'taken' ? [unlock(args, context.active)] : []),
      immediate(REGISTRY, { type: 'callback_return', value: adds ? value : 0 }),
    ],
  };
}

/** kvm_irq_routing_update() for this irqfd: the new entry; the producer is looked at once. */
export function updateRouting({ context, event }: Args): Done {
  if (event.type !== 'update_routing') return {};
  const { vm, self, producer } = context;
  const next =
    producer === null
      ? immediate(vm, { type: 'routing_updated' })
      : call(self, { type: 'pi_update_irte', caller: vm, producer });
  return { context: { entry: event.route }, send: [next] };
}

/** kvm_arch_update_irqfd_routing(): uses producer->irq, whatever has become of the producer meanwhile. */
export function repost(arch: ArchPolicy, args: Args): Done {
  const { context, event } = args;
  if (event.type !== 'pi_update_irte') return {};
  const { producer } = event;
  const done = immediate(context.vm, { type: 'routing_updated' });
  if (event.cells.load(producer, 'freed') === true)
    return { observe: [{ kind: 'use-after-free', object: producer, what: 'irqfd->producer' }], send: [done] };
  const { entry, vcpu } = context;
  if (entry === vcpu) return { send: [done] };
  if (entry === null && arch.unpostableRoute === 'skipped') return { send: [done] };
  return { send: [updateIrte(args, producer, entry, 'routing')] };
}

export function reposted({ context, event }: Args): Done {
  if (event.type !== 'affinity_set') return {};
  return {
    context: { vcpu: event.value === 0 ? context.entry : null },
    send: [immediate(context.vm, { type: 'routing_updated' })],
  };
}

/** irqfd_wakeup(): injects through the cached route while active. */
export function wake({ context }: Args): Done {
  const { active, entry } = context;
  return { observe: [{ kind: 'interrupt', how: active ? 'injected' : 'lost', vcpu: entry }] };
}

/** Does this message end the wait of the region that it is meant for? */
const isFor =
  (...purposes: readonly Purpose[]) =>
  ({ event }: Args): boolean =>
    (event.type === 'locked' || event.type === 'affinity_set') && purposes.includes(event.purpose);

/**
 * The machine of an irqfd. Regions: `life` (`unassigned`, `assigning`, `registering`, `assigned`, `deassigning`,
 * `unregistering`), `bypass` (`idle`, `adding`, `posting`, `deleting`, `unposting`), `routing` (`idle`, `updating`).
 */
export function createIrqfdMachine(policy: Policy, arch: ArchPolicy) {
  const takesLock = arch.irqfdsLock === 'taken';
  return setup({
    types: {
      context: {} as IrqfdContext,
      events: {} as Event,
      input: {} as { readonly self: Name; readonly vm: Name },
    },
    guards: {
      forAssign: isFor('assign'),
      forDeassign: isFor('deassign'),
      forAdd: isFor('add_producer'),
      forDel: isFor('del_producer'),
      forRouting: isFor('routing'),
      isPostable: ({ context }) => context.entry !== null,
      isPosted: ({ context }) => context.vcpu !== null,
      hasProducer: ({ context }) => context.producer !== null,
      needsIrte: ({ context, event }: Args) =>
        event.type === 'pi_update_irte' &&
        event.cells.load(event.producer, 'freed') !== true &&
        context.entry !== context.vcpu &&
        (context.entry !== null || arch.unpostableRoute === 'resets'),
    },
    actions: {
      ...outputs,
      assign: act(assign),
      activate: act((args: Args) => activate(policy, args)),
      assigned: act((args: Args) => assigned(policy, args)),
      deassign: act(deassign),
      shutDown: act((args: Args) => shutDown(policy, args)),
      free: act((args: Args) => free(policy, args)),
      enterCallback: act(enterCallback),
      addProducer: act(addProducer),
      delProducer: act(delProducer),
      leaveAdd: act((args: Args) => leaveCallback(arch, args, 'add_producer')),
      leaveDel: act((args: Args) => leaveCallback(arch, args, 'del_producer')),
      updateRouting: act(updateRouting),
      repost: act((args: Args) => repost(arch, args)),
      reposted: act(reposted),
      wake: act(wake),
    },
  }).createMachine({
    id: 'irqfd',
    context: ({ input }) => ({
      self: input.self,
      added: [],
      vm: input.vm,
      eventfd: null,
      active: false,
      entry: null,
      producer: null,
      vcpu: null,
      peer: null,
      caller: null,
    }),
    type: 'parallel',
    states: {
      life: {
        initial: 'unassigned',
        states: {
          unassigned: { on: { irqfd_assign: { target: 'assigning', actions: 'assign' } } },
          assigning: { on: { locked: { guard: 'forAssign', target: 'registering', actions: 'activate' } } },
          registering: { on: { return: { target: 'assigned', actions: 'assigned' } } },
          assigned: { on: { irqfd_deassign: { target: 'deassigning', actions: 'deassign' } } },
          deassigning: { on: { locked: { guard: 'forDeassign', target: 'unregistering', actions: 'shutDown' } } },
          unregistering: { on: { return: { target: 'unassigned', actions: 'free' } } },
        },
        on: { wakeup: { actions: 'wake' } },
      },
      bypass: {
        initial: 'idle',
        states: {
          idle: {
            on: {
              add_producer: takesLock
                ? { target: 'adding', actions: 'enterCallback' }
                : [
                    { guard: 'isPostable', target: 'posting', actions: 'addProducer' },
                    { actions: ['addProducer', 'leaveAdd'] },
                  ],
              del_producer: takesLock
                ? { target: 'deleting', actions: 'enterCallback' }
                : [
                    { guard: 'isPosted', target: 'unposting', actions: 'delProducer' },
                    { actions: ['delProducer', 'leaveDel'] },
                  ],
            },
          },
          adding: { on: { locked: { guard: 'forAdd', target: 'added' } } },
          added: {
            always: [
              { guard: 'isPostable', target: 'posting', actions: 'addProducer' },
              { target: 'idle', actions: ['addProducer', 'leaveAdd'] },
            ],
          },
          posting: { on: { affinity_set: { guard: 'forAdd', target: 'idle', actions: 'leaveAdd' } } },
          deleting: { on: { locked: { guard: 'forDel', target: 'deleted' } } },
          deleted: {
            always: [
              { guard: 'isPosted', target: 'unposting', actions: 'delProducer' },
              { target: 'idle', actions: ['delProducer', 'leaveDel'] },
            ],
          },
          unposting: { on: { affinity_set: { guard: 'forDel', target: 'idle', actions: 'leaveDel' } } },
        },
      },
      routing: {
        initial: 'idle',
        states: {
          idle: {
            on: {
              update_routing: [
                { guard: 'hasProducer', target: 'updating', actions: 'updateRouting' },
                { actions: 'updateRouting' },
              ],
            },
          },
          updating: {
            on: {
              pi_update_irte: [
                { guard: 'needsIrte', target: 'reposting', actions: 'repost' },
                { target: 'idle', actions: 'repost' },
              ],
            },
          },
          reposting: { on: { affinity_set: { guard: 'forRouting', target: 'idle', actions: 'reposted' } } },
        },
      },
    },
  });
}
