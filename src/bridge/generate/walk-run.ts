// A sequence of calls as a run of a world: one thread makes them, and the environment fails what the sequence says.
import type { Call } from '../../machines/manager/program.ts';
import { errno } from '../../machines/kernel/call.ts';
import type { Revision } from '../../registry/revisions.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { assembleScript } from '../../scenarios/assemble.ts';
import { invoke, step } from '../../scenarios/calls.ts';
import type { Script, StructDefinition } from '../../scenarios/define.ts';
import { defineScenario } from '../../scenarios/define.ts';
import type { PlainEvent } from '../../engine/world/events.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { TracedRun } from '../../engine/world/trace.ts';
import type { CallFault, ManagerCall, Scope } from '../manager-calls.ts';
import { consumersOf, eventfdsOf, producersOf } from '../manager-calls.ts';

const callOf = ({ op, object, eventfd, fault }: ManagerCall): Call =>
  invoke(op, object, {
    eventfd: op.startsWith('register') ? (eventfd ?? null) : undefined,
    moduleGet: fault === 'module_get' ? 'fails' : undefined,
  });

/** The script of a sequence: a thread that makes its calls, structs whose add callbacks may fail. */
export function walkScript(calls: readonly ManagerCall[], scope: Scope): Script {
  const fallible = (name: string): StructDefinition => ({ name, failures: [-errno.EIO] });
  return {
    producers: producersOf(scope).map(fallible),
    consumers: consumersOf(scope).map(fallible),
    eventfds: eventfdsOf(scope),
    allocationFaults: true,
    threads: { t0: calls.map((call) => step(callOf(call))) },
  };
}

/** Does the environment fail something in this event? */
const failureIn = ({ message }: PlainEvent): CallFault | null =>
  message['answer'] !== undefined && message['answer'] !== 0
    ? (message.type as CallFault)
    : message['allocation'] === 'fails'
      ? 'allocation'
      : null;

/**
 * Runs a sequence.
 *
 * @param revision - whose manager
 * @param id - of the scenario that the trace names
 * @param calls - with faults, without races
 * @param scope - how many structs and eventfds
 * @returns the world and the steps
 */
export function takenWalk(
  revision: Revision,
  id: string,
  calls: readonly ManagerCall[],
  scope: Scope,
): { readonly assembled: Assembled; readonly steps: readonly TraceStep[] } {
  const script = walkScript(calls, scope);
  const scenario = defineScenario({ id, title: id, description: '', parameters: {}, script: () => script });
  const assembled = assembleScript(scenario, {}, script, revision.id, null);
  const { world } = assembled;
  const run = new TracedRun(world);
  for (const { fault } of calls) {
    let hasReturned = false;
    let hasFailed = false;
    while (!hasReturned) {
      const choices = run.choices();
      const failures = choices.map(({ event }) => failureIn(world.transitions.event(event)));
      const failing: number = hasFailed || fault === undefined ? -1 : failures.indexOf(fault);
      const taken = failing >= 0 ? failing : failures.indexOf(null);
      hasFailed ||= failing >= 0;
      const { observations } = run.take(taken);
      hasReturned = observations.some(({ kind }) => kind === 'return');
    }
  }
  return { assembled, steps: run.steps };
}
