// From names to a world: a scenario with its parameters, under a revision, with a mutation or without.
import type { Mutation } from '../mutations/mutation.ts';
import { findMutation, mutations } from '../mutations/mutations.ts';
import type { Assembled } from './assembled.ts';
import { assembleScriptWith, assembleWith } from './assembled.ts';
import type { Parameters, Scenario, Script } from './define.ts';
import { inOrigin } from './origin.ts';
import { UnknownNameError } from './scenario-error.ts';

/** Finds a mutation by id, among the built-in ones and those that a scenario brings. Throws UnknownNameError. */
export function mutationOf(id: string, scenario?: Scenario): Mutation {
  const own = scenario?.mutations ?? [];
  const found = own.find((one) => one.id === id) ?? findMutation(id);
  if (found !== undefined) return found;
  const known = [...own, ...mutations].map((one) => one.id);
  throw new UnknownNameError('mutation', id, known, 'irqbypass list mutations');
}

/** What a world is made from. */
export interface Selection {
  readonly scenario: Scenario;
  /** Overridden parameters; others keep their defaults. */
  readonly set?: Parameters;
  readonly revision?: string;
  readonly mutation?: string | null;
}

/** Assembles a world. Throws UnknownNameError or ScenarioError. */
export function assemble({ mutation = null, ...selection }: Selection): Assembled {
  const { scenario } = selection;
  return inOrigin(scenario, () =>
    assembleWith({ ...selection, mutation: mutation === null ? null : mutationOf(mutation, scenario) }),
  );
}

/** Assembles a world from a script as it was returned, or as a trace file carries it. */
export function assembleScript(
  scenario: Scenario,
  parameters: Parameters,
  script: Script,
  revision: string | undefined,
  mutation: string | null | undefined,
): Assembled {
  const bug = mutation === undefined || mutation === null ? null : mutationOf(mutation, scenario);
  return assembleScriptWith(scenario, parameters, script, revision, bug);
}
