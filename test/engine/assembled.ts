// Built-in scenarios by name for tests of the engine, and where a mutation makes sense.
import { MachineError } from '../../src/engine/actors/machine-error.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import type { Assembled } from '../../src/scenarios/assembled.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';
import { findMutation } from '../../src/mutations/mutations.ts';

/** Which variant of a scenario. */
export interface Where {
  readonly revision?: string;
  readonly mutation?: string | null;
  readonly set?: Parameters;
}

/** Assembles a built-in scenario, afresh. Throws where there is none of that name. */
export function assembled(id: string, { revision = 'v2p8', mutation = null, set = {} }: Where = {}): Assembled {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, revision, mutation, set });
}

/**
 * Does a mutation make sense in a scenario on a revision: are the machines there that it patches, the policies that it
 * requires, and does it change a policy, a program or a constant, where that is what it does? What is wrong for any other reason is not passed over.
 */
export function makesSense(mutation: string, id: string, revision = 'v2p8'): boolean {
  const { policy: changes, requires = {}, patches = {}, definition } = findMutation(mutation) ?? {};
  const { policy } = revisionOf(revision);
  const has = (wanted: Partial<typeof policy>): boolean =>
    Object.entries(wanted).every(([key, value]) => policy[key as keyof typeof policy] === value);
  const machines = new Set(assembled(id, { revision }).world.machines.map((machine) => machine.id));
  return (
    has(requires) &&
    (changes === undefined || !has(changes)) &&
    Object.keys(patches).every((machine) => machines.has(machine)) &&
    (definition === undefined || changesSomething(mutation, id, revision))
  );
}

function changesSomething(mutation: string, id: string, revision: string): boolean {
  try {
    assembled(id, { revision, mutation });
    return true;
  } catch (error) {
    if (error instanceof MachineError && error.message.includes('changes nothing')) return false;
    throw error;
  }
}
