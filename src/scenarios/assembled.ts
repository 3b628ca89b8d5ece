// A scenario, a revision and a bug that are at hand, made into a world with all that says where it comes from.
import type { WorldDefinition } from '../engine/world/definition.ts';
import type { Property } from '../engine/world/property.ts';
import { World } from '../engine/world/world.ts';
import { isSamePlain } from '../engine/actors/plain-data.ts';
import { InputError } from '../engine/input-error.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { mutated } from '../mutations/mutation.ts';
import { everyProperty, findProperty, properties } from '../properties/properties.ts';
import type { Revision } from '../registry/revisions.ts';
import { DEFAULT_REVISION, findRevision, isKernelVersion, revisions } from '../registry/revisions.ts';
import { build } from './build.ts';
import type { Parameters, Scenario, Script } from './define.ts';
import { expectSent } from './never-sent.ts';
import { inOrigin } from './origin.ts';
import { ownProperty } from './own-properties.ts';
import { expectSize } from './world-size.ts';
import { ScenarioError, UnknownNameError } from './scenario-error.ts';

/** Finds a revision by id, alias or kernel version. Throws UnknownNameError. */
export function revisionOf(id: string = DEFAULT_REVISION): Revision {
  const found = findRevision(id);
  if (found !== undefined) return found;
  if (isKernelVersion(id))
    throw new UnknownNameError('revision', id, [], 'irqbypass came with Linux 4.4: there is none before');
  throw new UnknownNameError(
    'revision',
    id,
    revisions.flatMap((r) => [r.id, ...r.aliases]),
    'irqbypass list revisions',
  );
}

/** Finds a property by id, among the built-in ones and those that a scenario brings. Throws UnknownNameError. */
export function propertyOf(id: string, scenario?: Scenario): Property {
  const own = (scenario?.properties ?? []).filter((one) => typeof one !== 'string');
  const brought = own.find((one) => one.id === id);
  if (brought !== undefined) return ownProperty(scenario?.id ?? '', brought);
  const found = findProperty(id);
  if (found !== undefined) return found;
  const known = [...own, ...everyProperty].map((one) => one.id);
  throw new UnknownNameError('property', id, known, 'irqbypass list properties');
}

/** A property as it speaks of a world: of one that has nothing that it is about it says nothing, and is vacuous. */
export function appliedTo(world: World, property: Property): Property {
  const { id, title, needs, liveness } = property;
  if (needs?.(world) ?? true) return property;
  const sometimes = { title: 'the world has what it is about', step: () => false };
  return { id, title, sometimes, ...(liveness === undefined ? {} : { liveness: { checks: () => [] } }) };
}

/** The properties that a search of a scenario checks when none is named. */
export function propertiesOf(scenario: Scenario, world: World): readonly Property[] {
  return (
    scenario.properties?.map((one) =>
      appliedTo(world, typeof one === 'string' ? propertyOf(one, scenario) : ownProperty(scenario.id, one)),
    ) ?? properties.filter(({ needs }) => needs?.(world) ?? true)
  );
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

/** Runs a function that a script brings: what it throws is an error of the script. */
function ofScript<T>(what: string, kind: 'script' | 'mutation', run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new ScenarioError(kind, `${what}: ${String(error)}`, { cause: error });
  }
}

/** Refuses a mutation that makes no sense on a revision: it needs others of its policies, or changes none. Throws ScenarioError. */
export function expectFit(mutation: Mutation | null, revision: Revision): void {
  const policies = Object.entries(mutation?.policy ?? {});
  if (
    policies.length > 0 &&
    policies.every(([policy, value]) => isSamePlain(revision.policy[policy as keyof Policy], value))
  )
    throw new ScenarioError(
      'mutation',
      `mutation ${mutation?.id ?? ''} changes nothing on ${revision.id}, which is so by itself`,
    );
  for (const [policy, value] of Object.entries(mutation?.requires ?? {})) {
    if (revision.policy[policy as keyof Policy] === value) continue;
    const fit = revisions.filter((one) => one.policy[policy as keyof Policy] === value).map(({ id }) => id);
    throw new ScenarioError(
      'mutation',
      `mutation ${mutation?.id ?? ''} makes no sense on ${revision.id}: it needs ${policy} ${String(value)} (${fit.join(', ')})`,
    );
  }
}

/** What a world is made from, none of it by name but the revision. */
export interface ResolvedSelection {
  readonly scenario: Scenario;
  /** Overridden parameters; others keep their defaults. */
  readonly set?: Parameters;
  readonly revision?: string;
  readonly mutation: Mutation | null;
}

/** Makes a world. Throws UnknownNameError, ScenarioError or MachineError. */
export function assembleWith({ scenario, set = {}, revision, mutation }: ResolvedSelection): Assembled {
  const parameters = { ...scenario.parameters, ...set };
  return inOrigin(scenario, () => {
    const script = ofScript(`${scenario.id}: the script failed`, 'script', () => scenario.script(parameters));
    return assembleScriptWith(scenario, parameters, script, revision, mutation);
  });
}

/** Makes a world of a script as it was returned, or as a trace file carries it. */
export function assembleScriptWith(
  scenario: Scenario,
  parameters: Parameters,
  script: Script,
  revisionId: string | undefined,
  mutation: Mutation | null,
): Assembled {
  const revision = revisionOf(revisionId);
  expectFit(mutation, revision);
  const asked = mutation?.discipline === undefined ? script : { ...script, discipline: mutation.discipline };
  const definition = build(asked, { ...revision.policy, ...mutation?.policy }, scenario.id);
  expectSize(scenario.id, script);
  const change = (bug: Mutation): WorldDefinition => mutated(definition, bug, scenario.id);
  const isOwn = mutation !== null && (scenario.mutations ?? []).includes(mutation);
  const changed = isOwn
    ? ofScript(`${scenario.id}: mutation ${mutation.id} failed`, 'mutation', () => change(mutation))
    : mutation === null
      ? definition
      : change(mutation);
  const world = new World(changed);
  expectSent(world, scenario.id);
  return { scenario, parameters, script, revision, mutation, properties: propertiesOf(scenario, world), world };
}
