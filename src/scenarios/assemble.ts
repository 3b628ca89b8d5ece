// From names to a world: a scenario with its parameters, under a revision, with a mutation or without.
import type { Policy } from '../machines/manager/policy.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { findMutation, mutations } from '../mutations/mutations.ts';
import type { Property } from '../properties/property.ts';
import { everyProperty, findProperty, properties } from '../properties/properties.ts';
import type { Revision } from '../registry/revisions.ts';
import { DEFAULT_REVISION, findRevision, revisions } from '../registry/revisions.ts';
import { World } from '../engine/world/world.ts';
import type { Parameters, Scenario, Script } from './define.ts';
import { build, ScenarioError } from './define.ts';
import { stillInterchangeable } from './interchangeable.ts';
import { nearest } from './nearest.ts';

/** A name that is not known, with the nearest one that is. */
export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError';

  constructor(kind: string, given: string, known: readonly string[], hint: string) {
    const near = nearest(given, known);
    super(`unknown ${kind} "${given}"${near === undefined ? '' : `, did you mean "${near}"?`} (${hint})`);
  }
}

/** Finds a revision by id or alias. Throws UnknownNameError. */
export function revisionOf(id: string = DEFAULT_REVISION): Revision {
  const found = findRevision(id);
  if (found !== undefined) return found;
  throw new UnknownNameError(
    'revision',
    id,
    revisions.flatMap((r) => [r.id, ...r.aliases]),
    'irqbypass list revisions',
  );
}

/** Finds a mutation by id. Throws UnknownNameError. */
export function mutationOf(id: string): Mutation {
  const found = findMutation(id);
  if (found !== undefined) return found;
  throw new UnknownNameError(
    'mutation',
    id,
    mutations.map((m) => m.id),
    'irqbypass list mutations',
  );
}

/** Finds a property by id. Throws UnknownNameError. */
export function propertyOf(id: string): Property {
  const found = findProperty(id);
  if (found !== undefined) return found;
  throw new UnknownNameError(
    'property',
    id,
    everyProperty.map((p) => p.id),
    'irqbypass list properties',
  );
}

/** What a world is made from. */
export interface Selection {
  readonly scenario: Scenario;
  /** Overridden parameters; others keep their defaults. */
  readonly set?: Parameters;
  readonly revision?: string;
  readonly mutation?: string | null;
}

/** A world with everything that says where it comes from. */
export interface Assembled {
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  readonly script: Script;
  readonly revision: Revision;
  readonly mutation: Mutation | null;
  readonly properties: readonly Property[];
  readonly world: World;
}

/** Assembles a world. Throws UnknownNameError or ScenarioError. */
export function assemble({ scenario, set = {}, revision, mutation }: Selection): Assembled {
  const parameters = { ...scenario.parameters, ...set };
  let script: Script;
  try {
    script = scenario.script(parameters);
  } catch (error) {
    throw new ScenarioError(`${scenario.id}: the script failed: ${String(error)}`, { cause: error });
  }
  return assembleScript(scenario, parameters, script, revision, mutation);
}

/** Refuses a mutation that makes no sense on a revision. Throws ScenarioError. */
export function expectFit(mutation: Mutation | null, revision: Revision): void {
  for (const [policy, value] of Object.entries(mutation?.requires ?? {})) {
    if (revision.policy[policy as keyof Policy] === value) continue;
    const fit = revisions.filter((one) => one.policy[policy as keyof Policy] === value).map(({ id }) => id);
    throw new ScenarioError(
      `mutation ${mutation?.id ?? ''} makes no sense on ${revision.id}: it needs ${policy} ${String(value)} (${fit.join(', ')})`,
    );
  }
}

/** Assembles a world from a script as it was returned, or as a trace file carries it. */
export function assembleScript(
  scenario: Scenario,
  parameters: Parameters,
  script: Script,
  revisionId: string | undefined,
  mutationId: string | null | undefined,
): Assembled {
  const revision = revisionOf(revisionId);
  const mutation = mutationId === undefined || mutationId === null ? null : mutationOf(mutationId);
  expectFit(mutation, revision);
  if (mutation?.needs === 'system' && script.system === undefined) {
    throw new ScenarioError(
      `mutation ${mutation.id} is a bug of VFIO, KVM or the IOMMU driver, which ${scenario.id} does not have (scenario assign does)`,
    );
  }
  const definition = build(script, { ...revision.policy, ...mutation?.policy }, scenario.id);
  // A bug may tell apart what the scenario does not.
  const mutated =
    mutation?.definition === undefined ? definition : stillInterchangeable(mutation.definition(definition));
  const world = new World(mutated);
  return {
    scenario,
    parameters,
    script,
    revision,
    mutation,
    properties:
      scenario.properties?.map(propertyOf) ??
      properties.filter(({ needs }) => needs === undefined || script.system !== undefined),
    world,
  };
}

/** Limits on what `--set` may ask of a built-in scenario, so that a typing error does not fill the memory. */
export const MAX_PARAMETER = 64;

/** Reads `key=value` overrides as text. Throws ScenarioError for an unknown key, or where there is no value. */
export function parseSettings(
  scenario: Pick<Scenario, 'id' | 'parameters'>,
  settings: readonly string[],
): Readonly<Record<string, string>> {
  const known = Object.keys(scenario.parameters);
  const parsed: Record<string, string> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const key = at < 0 ? setting : setting.slice(0, at);
    if (at < 0) throw new ScenarioError(`--set ${setting}: write it as key=value`);
    if (scenario.parameters[key] === undefined) {
      const near = nearest(key, known);
      const have =
        known.length === 0
          ? `scenario ${scenario.id} has no parameters`
          : `parameters of ${scenario.id}: ${known.join(', ')}`;
      throw new ScenarioError(
        `--set ${setting}: unknown parameter "${key}"${near === undefined ? '' : `, did you mean "${near}"?`} (${have})`,
      );
    }
    parsed[key] = setting.slice(at + 1);
  }
  return parsed;
}

/** Reads `key=value` overrides. Throws ScenarioError for an unknown key or a value of another type. */
export function parseParameters(scenario: Scenario, settings: readonly string[]): Parameters {
  const parsed = Object.entries(parseSettings(scenario, settings));
  return Object.fromEntries(
    parsed.map(([key, value]) => [key, parseValue(`${key}=${value}`, value, scenario.parameters[key] ?? value)]),
  );
}

function parseValue(setting: string, value: string, like: number | boolean | string): number | boolean | string {
  if (typeof like === 'string') return value;
  if (typeof like === 'boolean') {
    if (value !== 'true' && value !== 'false') throw new ScenarioError(`--set ${setting}: expected true or false`);
    return value === 'true';
  }
  if (!/^\d+$/.test(value) || Number(value) > MAX_PARAMETER) {
    throw new ScenarioError(`--set ${setting}: expected a whole number from 0 to ${MAX_PARAMETER}`);
  }
  return Number(value);
}
