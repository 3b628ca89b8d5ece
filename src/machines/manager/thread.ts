// The thread: one kernel thread (or a thread of a VMM, or a device's program) that makes one call after another.
//
// Kernel source: what drivers/vfio/pci/vfio_pci_intrs.c, drivers/vhost/vdpa.c and virt/kvm/eventfd.c do around the calls.
// Which call comes next is the environment's choice, within the thread's program. It may call any actor that declares the
// operation; around calls of the manager it fills in and clears the token where that is the caller's business (tokens.ts).
import { call, post, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Policy } from './policy.ts';
import type { Observation } from './protocol.ts';
import type { Return } from '../kernel/call.ts';
import { isManagerOperation } from './protocol.ts';
import type { Call, CallMessage, Program } from './program.ts';
import { isDone, offers } from './program.ts';
import type { Discipline, Fields } from './tokens.ts';
import { fillIrq, fillToken, tidy } from './tokens.ts';

export type ThreadContext = {
  readonly self: Name;
  /** Where the program stands. */
  readonly pc: number;
  /** The call in progress; null while idle. */
  readonly op: string | null;
  readonly object: Name | null;
  readonly next: CallMessage['next'] | null;
};

type Message = CallMessage | Return;
const { on, when } = handlers<ThreadContext, Message>();

/** Who fills in and clears what the manager does not: nobody where there is no manager. */
export interface Tokens {
  readonly policy: Policy;
  readonly discipline: Discipline;
}

/** The fields of the struct that a call brings along. */
const fieldsOf = (call: Call): Fields => call as Fields;

/** The message that makes the call. */
export function request(self: Name, { op, object: _object, ...args }: Call): { readonly type: string } {
  return { type: op, caller: self, ...args } as { readonly type: string };
}

/** How a program's calls are made and end: for threads, and for work items. */
export function calling(tokens: Tokens | null) {
  const isOwner = tokens?.policy.keyOwner === 'caller';
  return {
    /** Actions before a call, and after it. */
    fills: [...(tokens?.policy.irq === 'field' ? ['fillIrq'] : []), ...(isOwner ? ['fillToken'] : [])],
    clears: isOwner && tokens.discipline === 'clean' ? ['clearToken'] : [],
    handlers: {
      fillIrq: on('call', ({ event: { call: made }, cells }) => {
        if (made.object !== null) fillIrq(made.op, made.object, fieldsOf(made), cells);
        return [];
      }),
      fillToken: on('call', ({ event: { call: made }, cells }) => {
        if (tokens !== null && made.object !== null)
          fillToken(tokens.discipline, made.op, made.object, fieldsOf(made), cells);
        return [];
      }),
      clearToken: on('return', ({ context: { op, object }, event, cells }) => {
        if (tokens !== null && op !== null && object !== null)
          tidy(tokens.policy, tokens.discipline, op, object, event.value, cells);
        return [];
      }),
      call: on('call', ({ context, event }) => {
        const { op, object } = event.call;
        if (object === null) throw new Error(`${context.self} passes NULL to ${op}`);
        const message = request(context.self, event.call);
        return [
          set<ThreadContext>({ op, object, next: event.next }),
          show<Observation>({ kind: 'call', caller: context.self, op, object }),
          // What it asks for may be busy: then the thread waits for it.
          event.how === 'post' ? post(object, message, context.self) : call(object, message),
        ];
      }),
      goOn: on('return', ({ context, event }) => {
        const { self, op, object, next } = context;
        if (op === null || object === null || next === null) throw new Error(`${self} is in no call`);
        const { value } = event;
        // Whatever is no error is right: 0, nothing, an address.
        const pc = typeof value === 'number' && value !== 0 ? next.error : next.ok;
        const done = set<ThreadContext>({ pc, op: null, object: null, next: null });
        // The manager tells of its own returns.
        if (isManagerOperation(op)) return done;
        return [done, show<Observation>({ kind: 'return', caller: self, op, object, value })];
      }),
    },
  };
}

/** The machine of a calling thread. States: `idle`, `calling`, `oopsed` (it passed a NULL pointer to the manager). */
export function createThread(tokens: Tokens | null): Machine {
  const calls = calling(tokens);
  return machine<ThreadContext, Message>({
    id: 'thread',
    title: 'A thread that makes the calls of its program',
    actsByItself: {
      offers: ({ value, context }, program) =>
        value === 'idle' ? offers(program as Program, (context as ThreadContext).pc) : [],
      isDone: ({ value, context }, program) =>
        value === 'oopsed' || (value === 'idle' && isDone(program as Program, (context as ThreadContext).pc)),
    },
    context: ({ self }) => ({ self, pc: 0, op: null, object: null, next: null }),
    guards: { passesNull: when('call', ({ event }) => event.call.object === null) },
    handlers: {
      ...calls.handlers,
      oops: on('call', ({ event }) => {
        const { op } = event.call;
        const what = isManagerOperation(op) ? `irq_bypass_${op}(NULL)` : `${op}(NULL)`;
        return show<Observation>({ kind: 'oops', what });
      }),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: {
          on: {
            call: [
              { guard: 'passesNull', target: 'oopsed', actions: 'oops' },
              { target: 'calling', actions: [...calls.fills, 'call'] },
            ],
          },
        },
        calling: { on: { return: { target: 'idle', actions: [...calls.clears, 'goOn'] } } },
        oopsed: {},
      },
    },
  });
}
