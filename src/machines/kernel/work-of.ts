// A work item that is part of another object: its function is one of that object's, which it calls, and whose return ends it.
//
// Kernel source: struct work_struct as a member; container_of() in its function, Linux 6.12 and 6.18.
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Return } from './call.ts';
import type { Asks } from './request.ts';
import type { Work, WorkqueueMessage } from './workqueue.ts';

export type WorkOfContext = {
  readonly self: Name;
  readonly owner: Name;
  /** The pool whose worker runs it. */
  readonly pool: Name | null;
};

/** To the owner: one of its functions is called; it returns to the caller. */
export type WorkFunction<F extends string> = { readonly type: F } & Asks;

const { on } = handlers<WorkOfContext, Work | Return>();

/**
 * The machine of a work item that is a member of another object.
 *
 * @param id - its id
 * @param title - what it is
 * @param owner - the role that the object has for it, and the id of its machine
 * @param run - the object's function, a message that answers `return`
 */
export function createWorkOf(
  id: string,
  title: string,
  owner: { readonly role: string; readonly machine: string },
  run: string,
): Machine {
  return machine<WorkOfContext, Work | Return>({
    id,
    title,
    wiring: { [owner.role]: owner.machine },
    sends: [run, 'work_done'],
    context: ({ self, wiring }) => ({ self, owner: wiring[owner.role] as Name, pool: null }),
    handlers: {
      run: on('work', ({ context: { self, owner: whose }, event }) => [
        set<WorkOfContext>({ pool: event.pool }),
        call<WorkFunction<string>>(whose, { type: run, caller: self }),
      ]),
      end: on('return', ({ context: { self, pool } }) => {
        if (pool === null) throw new Error(`${self} is run by no pool`);
        return [set<WorkOfContext>({ pool: null }), call<WorkqueueMessage>(pool, { type: 'work_done', work: self })];
      }),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: { on: { work: { target: 'running', actions: 'run' } } },
        running: { on: { return: { target: 'idle', actions: 'end' } } },
      },
    },
  });
}
