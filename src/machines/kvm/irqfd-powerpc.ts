// What powerpc HV does in the callbacks of an irqfd's consumer: a map of passed through irqs, keyed by GSI.
//
// Kernel source: kvmppc_irq_bypass_add_producer_hv(), kvmppc_irq_bypass_del_producer_hv() of arch/powerpc/kvm/book3s_hv.c, Linux 6.18 with
// the fix of July 2026: irqfd->producer is set only once it has worked (bug B1). No lock of irqfds; no hook for routing updates.
import { call, post, set, show } from '../../engine/actors/effects.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { PassthruMessage } from '../iommu/passthru-irq.ts';
import { ledger } from '../manager/producer-and-consumer.ts';
import type { CallbackReturn, ConsumerCallback, Observation } from '../manager/protocol.ts';
import { REGISTRY } from '../manager/protocol.ts';
import type { ArchHalf } from './arch-half.ts';
import type { IrqfdContext, IrqfdMessage, IrqfdRegion } from './irqfd-context.ts';
import { there } from './irqfd-context.ts';
import { routeOf } from './route.ts';
import type { VmMessage } from './vm.ts';

const { on, act, when } = handlers<IrqfdContext, IrqfdMessage>();

const threadOf = (context: IrqfdContext): Name => there(context.callbackTask, context);
const asks = (context: IrqfdContext) => ({ caller: context.self, task: threadOf(context), as: 'callback' });

function returns({ self, peer }: IrqfdContext, callback: ConsumerCallback, value: number | null): HostEffect[] {
  return [
    show<Observation>({ kind: 'callback', object: self, callback, peer, value }),
    call<CallbackReturn>(REGISTRY, { type: 'callback_return', value: value ?? 0 }),
  ];
}

const powerpcHandlers = {
  begin: on(['add_producer', 'del_producer'], ({ context, event }) =>
    set({ peer: event.producer, callbackTask: event.task ?? context.self }),
  ),
  /** The server of a source: the VM tells which vCPU that is. */
  askServer: act(({ context }) => call<VmMessage>(context.vm, { type: 'first_vcpu', ...asks(context) })),
  map: on('return.callback', ({ context, event, cells }) => {
    const irq = cells.load(there(context.peer, context), 'irq') as Name;
    const vcpu = event.value as unknown as Name;
    return [
      set<IrqfdContext>({ server: vcpu }),
      post<PassthruMessage>(irq, { type: 'kvmppc_set_passthru_irq', vcpu, ...asks(context) }, threadOf(context)),
    ];
  }),
  setProducer: act(({ context }) => set({ producer: context.peer, vcpu: context.server })),
  added: act(({ context }) => [
    set<IrqfdContext>({
      peer: null,
      callbackTask: null,
      server: null,
      added: ledger(context.added, 'add_producer', context.peer, 0),
    }),
    ...returns(context, 'add_producer', 0),
  ]),
  addFailed: on('return.callback', ({ context, event }) => [
    set<IrqfdContext>({ peer: null, callbackTask: null, server: null }),
    ...returns(context, 'add_producer', event.value),
  ]),
  /** The pointer is cleared first; an error at the end is only warned of. */
  unmap: act(({ context, cells }) => {
    const irq = cells.load(there(context.peer, context), 'irq') as Name;
    return [
      set<IrqfdContext>({ producer: null }),
      post<PassthruMessage>(irq, { type: 'kvmppc_clr_passthru_irq', ...asks(context) }, threadOf(context)),
    ];
  }),
  deleted: act(({ context }) => [
    set<IrqfdContext>({
      peer: null,
      callbackTask: null,
      vcpu: null,
      added: ledger(context.added, 'del_producer', context.peer, 0),
    }),
    ...returns(context, 'del_producer', null),
  ]),
  takeRoute: on('update_routing', ({ context, event }) => set({ entry: routeOf(event.routes, context.gsi) })),
  routingUpdated: act(({ context }) => call<VmMessage>(context.vm, { type: 'routing_updated' })),
};

const bypass: IrqfdRegion = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        add_producer: { target: 'asking', actions: ['begin', 'askServer'] },
        del_producer: { target: 'unmapping', actions: ['begin', 'unmap'] },
      },
    },
    asking: { on: { 'return.callback': { target: 'mapping', actions: 'map' } } },
    mapping: {
      on: {
        'return.callback': [
          { guard: 'hasFailed', target: 'idle', actions: 'addFailed' },
          { target: 'idle', actions: ['setProducer', 'added'] },
        ],
      },
    },
    unmapping: { on: { 'return.callback': { target: 'idle', actions: 'deleted' } } },
  },
};

const routing: IrqfdRegion = {
  initial: 'idle',
  states: { idle: { on: { update_routing: { actions: ['takeRoute', 'routingUpdated'] } } } },
};

/** powerpc HV. */
export const powerpcHalf: ArchHalf = {
  id: 'irqfd-powerpc',
  title: 'An irqfd of KVM with its consumer, powerpc HV',
  regions: { bypass, routing },
  handlers: powerpcHandlers,
  guards: { hasFailed: when('return.callback', ({ event }) => (event.value ?? 0) !== 0) },
  constants: { 'has stop': false, 'has start': false },
  sends: ['first_vcpu', 'kvmppc_set_passthru_irq', 'kvmppc_clr_passthru_irq'],
};
