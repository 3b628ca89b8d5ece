// What a scenario declares interchangeable, for symmetry reduction: checked, not believed.
import { InputError } from '../../input-error.ts';
import type { ActorDefinition, WorldDefinition } from '../../world/definition.ts';

/** Raised when a scenario declares things interchangeable that are not. */
export class SymmetryError extends InputError {
  override readonly name = 'SymmetryError';

  constructor(message: string) {
    super('IRQB210', message);
  }
}

/** Renames within any plain data. */
export function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, names)]));
}

/** A definition in which the order of what has no order does not show. */
function normalForm(definition: Pick<WorldDefinition, 'actors'>): string {
  const texts = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(item)).toSorted();
  const actors = definition.actors.map(({ machine, program, after, constants = {}, wiring = {}, ...actor }) => ({
    ...actor,
    machine: machine.id,
    after: [...(after ?? [])].toSorted(),
    constants: Object.entries(constants).toSorted(),
    wiring: Object.entries(wiring).toSorted(),
    program: unordered(program),
  }));
  return JSON.stringify(texts(actors));
}

/** A program in which the alternatives of a step have no order. */
function unordered(program: unknown): unknown {
  if (typeof program !== 'object' || program === null) return program ?? null;
  const { steps } = program as { readonly steps?: unknown };
  if (!Array.isArray(steps)) return program;
  const sorted = steps.map((step: { readonly calls?: readonly unknown[] }) => ({
    ...step,
    calls: (step.calls ?? []).map((call) => JSON.stringify(call)).toSorted(),
  }));
  return { ...program, steps: sorted };
}

function renamedActor(actor: ActorDefinition, swap: ReadonlyMap<string, string>): ActorDefinition {
  const { machine, ...rest } = actor;
  return { ...(renamed(rest, swap) as Omit<ActorDefinition, 'machine'>), machine };
}

type Members = readonly (readonly string[])[];

/** The first two members of a group that the definition does not treat alike; undefined where there are none. */
function unequal(definition: WorldDefinition, group: Members): readonly [string, string] | undefined {
  const normal = normalForm(definition);
  for (const [i, member] of group.entries()) {
    const next = group[i + 1];
    if (next === undefined) continue;
    const swap = new Map([
      ...member.map((one, k) => [one, next[k] ?? one] as const),
      ...next.map((one, k) => [one, member[k] ?? one] as const),
    ]);
    if (normalForm({ actors: definition.actors.map((actor) => renamedActor(actor, swap)) }) !== normal)
      return [member.join(' with '), next.join(' with ')];
  }
  return undefined;
}

/**
 * Checks that the declared groups are interchangeable: exchanging two neighbours leaves the definition as it is. Throws
 * SymmetryError naming the two that differ.
 */
export function checkInterchangeable(definition: WorldDefinition): void {
  const names = (definition.interchangeable ?? []).flat(2);
  const known = new Set([...definition.actors.map(({ name }) => name), ...(definition.names ?? [])]);
  const unknown = names.find((one) => !known.has(one));
  if (unknown !== undefined)
    throw new SymmetryError(`${unknown} is declared interchangeable, but nothing in the scenario is called so`);
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined) throw new SymmetryError(`${twice} is declared interchangeable twice`);
  for (const group of definition.interchangeable ?? []) {
    const odd = group.find((member) => member.length !== group[0]?.length);
    if (odd === undefined) continue;
    throw new SymmetryError(`${odd.join(' with ')} is declared interchangeable with members of another length`);
  }
  for (const group of definition.interchangeable ?? []) {
    const found = unequal(definition, group);
    if (found === undefined) continue;
    throw new SymmetryError(
      `${found[0]} and ${found[1]} are declared interchangeable, but the scenario treats them differently`,
    );
  }
}

/** A definition that a mutation has changed, without the groups that are not interchangeable any more. */
export function stillInterchangeable(definition: WorldDefinition): WorldDefinition {
  const groups = definition.interchangeable?.filter((group) => unequal(definition, group) === undefined);
  return groups === undefined ? definition : { ...definition, interchangeable: groups };
}
