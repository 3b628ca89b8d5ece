// The caller: one kernel thread that owns structs and calls the manager for them, one call after another.
//
// Kernel source: what drivers/vfio/pci/vfio_pci_intrs.c, drivers/vhost/vdpa.c and virt/kvm/eventfd.c do around the
// calls. Which call comes next is the environment's choice, within the thread's program (world/program.ts). Where the
// caller owns the token (before R3) it is `raw` (writes it before every register, never clears it: vDPA) or `clean`
// (writes it only to an object that is not registered, clears it after a failure and after unregister: VFIO in effect).
import { setup } from 'xstate';
import type { Arguments, Effect } from '../../engine/actors/effect.ts';
import { effect, outputs } from '../../engine/actors/effect.ts';
import type { Policy } from './policy.ts';
import type {
  Call,
  CallerMessage,
  Cells,
  Continuation,
  Delivered,
  EventfdOperation,
  Message,
  Name,
  Operation,
  Side,
} from './protocol.ts';
import type { SystemOperation } from '../system-protocol.ts';
import { isSystemOperation } from '../system-protocol.ts';

export type Discipline = 'clean' | 'raw';

export type CallerContext = {
  readonly self: Name;
  /** Where the program stands. */
  readonly pc: number;
  /** The call in progress; null while idle. */
  readonly op: Operation | null;
  readonly object: Name | null;
  readonly next: Continuation | null;
};

type Event = Delivered<CallerMessage>;
type Args = Arguments<CallerContext, Event>;
const act = effect<CallerContext, Event>;

function sideOf(op: Operation): Side {
  return op.endsWith('producer') ? 'producers' : 'consumers';
}

/** Writes what the caller must fill in before it registers: the token (before R3) and the irq (before R8). */
export function prepare(policy: Policy, discipline: Discipline, call: Call, cells: Cells): void {
  const { op, object } = call;
  if (object === null || !op.startsWith('register')) return;
  if (policy.irq === 'field' && op === 'register_producer') cells.store(object, 'irq', call.irq ?? null);
  if (policy.keyOwner !== 'caller') return;
  if (discipline === 'clean' && cells.contains(sideOf(op), object)) return;
  cells.store(object, 'key', call.eventfd ?? null);
}

/** Clears a caller-owned token after a failed registration and after unregister, as a clean caller does. */
export function tidy(
  policy: Policy,
  discipline: Discipline,
  op: Operation,
  object: Name,
  value: number | null,
  cells: Cells,
): void {
  if (policy.keyOwner !== 'caller' || discipline === 'raw') return;
  if (op === 'free' || op === 'copy' || isSystemOperation(op)) return;
  if (op.startsWith('register') && (value === 0 || cells.contains(sideOf(op), object))) return;
  cells.store(object, 'key', null);
}

/** A call into VFIO or KVM, or a device event. */
function systemRequest(self: Name, op: SystemOperation, { eventfd, to }: Call): Message {
  switch (op) {
    case 'set_irqs':
    case 'irqfd_assign':
      if (eventfd === undefined || eventfd === null) throw new RangeError(`${op} needs an eventfd`);
      return { type: op, caller: self, eventfd };
    case 'set_gsi_routing':
      return { type: op, caller: self, route: to ?? null };
    default:
      return { type: op, caller: self };
  }
}

/** The message that makes the call, for the struct whose function it is. */
function request(self: Name, call: Call): Message {
  const moduleGet = call.moduleGet ?? 'works';
  const atomic = call.atomic ?? false;
  if (call.op === 'free') return { type: 'free', caller: self };
  if (call.op === 'copy') {
    if (call.to === undefined) throw new RangeError('a copy needs a destination');
    return { type: 'copy', caller: self, to: call.to };
  }
  if (call.op.startsWith('unregister')) return { type: 'unregister', caller: self, atomic, moduleGet };
  const irq = call.irq ?? null;
  return { type: 'register', caller: self, eventfd: call.eventfd ?? null, irq, atomic, moduleGet };
}

function call(policy: Policy, discipline: Discipline, { context, event }: Args): Effect<CallerContext> {
  if (event.type !== 'call' || event.call.object === null) return {};
  const { op, object } = event.call;
  if (isSystemOperation(op)) {
    return {
      context: { op, object, next: event.next },
      observe: [{ kind: 'call', caller: context.self, op, object }],
      // What it asks for may be busy: then the thread waits for it.
      send: [{ to: object, how: 'call', message: systemRequest(context.self, op, event.call) }],
    };
  }
  prepare(policy, discipline, event.call, event.cells);
  return {
    context: { op, object, next: event.next },
    observe: [{ kind: 'call', caller: context.self, op, object }],
    send: [{ to: object, how: 'immediate', message: request(context.self, event.call) }],
  };
}

function goOn(policy: Policy, discipline: Discipline, { context, event }: Args): Effect<CallerContext> {
  const { op, object, next } = context;
  if (event.type !== 'return' || op === null || object === null || next === null) return {};
  const { value } = event;
  tidy(policy, discipline, op, object, value, event.cells);
  const pc = value === null || value === 0 ? next.ok : next.error;
  return {
    context: { pc, op: null, object: null, next: null },
    observe: [{ kind: 'return', caller: context.self, op, object, value }],
  };
}

/** What the thread does with its eventfd reference, without the manager. */
function ownEventfd({ context, event }: Args): Effect<CallerContext> {
  if (event.type !== 'call' || event.call.eventfd === undefined || event.call.eventfd === null) return {};
  const { op, eventfd } = event.call;
  event.cells.eventfd(eventfd, op === 'eventfd_ctx_alloc');
  return { context: { pc: event.next.ok }, observe: [{ kind: 'call', caller: context.self, op, object: eventfd }] };
}

function isOwn(op: Operation): op is EventfdOperation {
  return op === 'eventfd_ctx_put' || op === 'eventfd_ctx_alloc';
}

function oops({ event }: Args): Effect<CallerContext> {
  return event.type === 'call' ? { observe: [{ kind: 'oops', what: `irq_bypass_${event.call.op}(NULL)` }] } : {};
}

/** The machine of a calling thread. States: `idle`, `calling`, `oopsed` (it passed a NULL pointer to the manager). */
export function createCallerMachine(policy: Policy, discipline: Discipline) {
  return setup({
    types: { context: {} as CallerContext, events: {} as Event, input: {} as { readonly self: Name } },
    guards: {
      isOwn: ({ event }) => event.type === 'call' && isOwn(event.call.op),
      passesNull: ({ event }) => event.type === 'call' && event.call.object === null,
    },
    actions: {
      ...outputs,
      call: act((args: Args) => call(policy, discipline, args)),
      goOn: act((args: Args) => goOn(policy, discipline, args)),
      oops: act(oops),
      ownEventfd: act(ownEventfd),
    },
  }).createMachine({
    id: 'caller',
    context: ({ input }) => ({ self: input.self, pc: 0, op: null, object: null, next: null }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          call: [
            { guard: 'isOwn', actions: 'ownEventfd' },
            { guard: 'passesNull', target: 'oopsed', actions: 'oops' },
            { target: 'calling', actions: 'call' },
          ],
        },
      },
      calling: { on: { return: { target: 'idle', actions: 'goOn' } } },
      oopsed: {},
    },
  });
}
