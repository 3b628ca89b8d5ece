// The work item: its function is a program of calls, as a thread's, which a worker runs from the start each time.
//
// Kernel source: struct work_struct, process_one_work() in kernel/workqueue.c. Idle, it has nothing more to do: whoever queues it
// makes it run.
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { CallMessage, Program } from '../manager/program.ts';
import { isDone, offers } from '../manager/program.ts';
import type { Return } from './call.ts';
import type { ThreadContext, Tokens } from '../manager/thread.ts';
import { calling } from '../manager/thread.ts';
import type { Work } from './workqueue.ts';

export type WorkContext = ThreadContext & {
  /** The pool whose worker runs it. */
  readonly pool: Name | null;
};

/** `function_returns`: it is at its end. */
export type WorkMessage = Work | CallMessage | Return | { readonly type: 'function_returns' };

const { on } = handlers<WorkContext, WorkMessage>();

/** The machine of a work item. States: `idle`, `running`, `calling`. */
export function createWork(tokens: Tokens | null): Machine {
  const calls = calling(tokens);
  return machine<WorkContext, WorkMessage>({
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
      ...calls.handlers,
      end: on('function_returns', ({ context: { self, pool } }) => {
        if (pool === null) throw new Error(`${self} is run by no pool`);
        return [set<WorkContext>({ pool: null, pc: 0 }), call(pool, { type: 'work_done', work: self })];
      }),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: { on: { work: { target: 'running', actions: 'start' } } },
        running: {
          on: {
            call: { target: 'calling', actions: [...calls.fills, 'call'] },
            function_returns: { target: 'idle', actions: 'end' },
          },
        },
        calling: { on: { return: { target: 'running', actions: [...calls.clears, 'goOn'] } } },
      },
    },
  });
}
