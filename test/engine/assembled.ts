// Built-in scenarios by name for tests of the engine, and where a mutation makes sense.
import { MachineError } from '../../src/engine/actors/machine-error.ts';
import { isSamePlain } from '../../src/engine/actors/plain-data.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import type { Assembled } from '../../src/scenarios/assembled.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';
import type { Mutation } from '../../src/mutations/mutation.ts';
import { findMutation } from '../../src/mutations/mutations.ts';

/** Which variant of a scenario. */
export interface Where {
  readonly revision?: string;
  readonly mutation?: string | null;
  readonly set?: Parameters;
}

/** Where a mutation is shown. */
type Place = Mutation['shown'][number];

/** Where a mutation is shown, in words: `routing-race (arch=svm) on v2p8`. */
export function whereText({ scenario, revision, set = {} }: Omit<Place, 'breaks'>): string {
  const parameters = Object.entries(set).map(([key, value]) => `${key}=${String(value)}`);
  return `${scenario}${parameters.length === 0 ? '' : ` (${parameters.join(', ')})`} on ${revision}`;
}

/** Assembles a built-in scenario, afresh. Throws where there is none of that name. */
export function assembled(id: string, { revision = 'v2p8', mutation = null, set = {} }: Where = {}): Assembled {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, revision, mutation, set });
}

/**
 * Does a mutation make sense in a scenario on a revision: is one of the machines there that it patches (a bug of several
 * architectures patches machines that no world has all of), are the policies there that it requires, and does it change a policy, a
 * program or a constant, where that is what it does? What is wrong for any other reason is not passed over.
 */
export function makesSense(mutation: string, id: string, revision = 'v2p8', set: Parameters = {}): boolean {
  const { policy: changes, requires = {}, patches = {}, definition } = findMutation(mutation) ?? {};
  const { policy } = revisionOf(revision);
  const has = (wanted: Partial<typeof policy>): boolean =>
    Object.entries(wanted).every(([key, value]) => isSamePlain(policy[key as keyof typeof policy], value));
  const machines = new Set(assembled(id, { revision, set }).world.machines.map((machine) => machine.id));
  const patched = Object.keys(patches);
  return (
    has(requires) &&
    (changes === undefined || !has(changes)) &&
    (definition === undefined
      ? patched.length === 0 || patched.some((machine) => machines.has(machine))
      : changesSomething(mutation, id, revision, set))
  );
}

function changesSomething(mutation: string, id: string, revision: string, set: Parameters): boolean {
  try {
    assembled(id, { revision, mutation, set });
    return true;
  } catch (error) {
    if (error instanceof MachineError && error.message.includes('changes nothing')) return false;
    throw error;
  }
}
