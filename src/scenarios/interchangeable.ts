// What a scenario declares interchangeable, for symmetry reduction: checked, not believed.
import type { WorldDefinition } from '../engine/world/world.ts';

/** Raised when a scenario declares things interchangeable that are not. */
export class SymmetryError extends Error {
  override readonly name = 'SymmetryError';
}

/** Renames within any plain data. */
export function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, names)]));
}

/** A definition in which the order of what has no order does not show. */
function normalForm({ producers, consumers, eventfds, callers, system }: WorldDefinition): string {
  const texts = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(item)).toSorted();
  const programs = callers.map(({ name: caller, program, after }) => {
    const steps = program === 'open' ? program : program.map((step) => ({ ...step, calls: texts(step.calls) }));
    return { caller, after: [...(after ?? [])].toSorted(), steps };
  });
  return JSON.stringify([producers, consumers, eventfds, programs, system?.actors ?? []].map(texts));
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
    if (normalForm(renamed(definition, swap) as WorldDefinition) !== normal)
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
