// The work item: its function is a program of calls, as a thread's, which a worker runs from the start each time.
//
// Kernel source: struct work_struct, process_one_work() in kernel/workqueue.c. Idle, it has nothing more to do: whoever queues it
// makes it run.
import { call, post, set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { CallMessage, Program } from '../manager/program.ts';
import { isDone, offers } from '../manager/program.ts';
import type { Observation, Return } from '../manager/protocol.ts';
import { request } from '../manager/thread.ts';
import type { Work } from './workqueue.ts';

export type WorkContext = {
  readonly self: Name;
  /** The pool whose worker runs it. */
  readonly pool: Name | null;
  /** Where its function stands. */
  readonly pc: number;
  /** The call in progress. */
  readonly op: string | null;
  readonly object: Name | null;
  readonly next: CallMessage['next'] | null;
};

/** `function_returns`: it is at its end. */
export type WorkMessage = Work | CallMessage | Return | { readonly type: 'function_returns' };

const { on } = handlers<WorkContext, WorkMessage>();

/** The machine of a work item. States: `idle`, `running`, `calling`. */
export const work: Machine = machine<WorkContext, WorkMessage>({
  id: 'work',
  title: 'A work item: a function that a worker of a workqueue runs',
  kinds: ['program'],
  actsByItself: {
    offers({ value, context }, program) {
      const { pc } = context as WorkContext;
      if (value !== 'running') return [];
      return isDone(program as Program, pc) ? [{ type: 'function_returns' }] : offers(program as Program, pc);
    },
    isDone: ({ value }) => value === 'idle',
  },
  context: ({ self }) => ({ self, pool: null, pc: 0, op: null, object: null, next: null }),
  handlers: {
    start: on('work', ({ event }) => set({ pool: event.pool, pc: 0 })),
    call: on('call', ({ context, event }) => {
      const { op, object } = event.call;
      if (object === null) throw new Error(`${context.self} passes NULL to ${op}`);
      const message = request(context.self, event.call);
      return [
        set<WorkContext>({ op, object, next: event.next }),
        show<Observation>({ kind: 'call', caller: context.self, op, object }),
        event.how === 'post' ? post(object, message, context.self) : call(object, message),
      ];
    }),
    goOn: on('return', ({ context: { self, op, object, next }, event: { value } }) => {
      if (op === null || object === null || next === null) throw new Error(`${self} is in no call`);
      // Whatever is no error is right: 0, nothing, an address.
      const pc = typeof value !== 'number' || value === 0 ? next.ok : next.error;
      return [
        set<WorkContext>({ pc, op: null, object: null, next: null }),
        show<Observation>({ kind: 'return', caller: self, op, object, value }),
      ];
    }),
    end: on('function_returns', ({ context: { self, pool } }) => [
      set<WorkContext>({ pool: null, pc: 0 }),
      call(pool ?? self, { type: 'work_done', work: self }),
    ]),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: { on: { work: { target: 'running', actions: 'start' } } },
      running: {
        on: { call: { target: 'calling', actions: 'call' }, function_returns: { target: 'idle', actions: 'end' } },
      },
      calling: { on: { return: { target: 'running', actions: 'goOn' } } },
    },
  },
});
