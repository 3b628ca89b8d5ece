// Structs inside structs: actors that come with others, and roles that others fill (`usual` of a machine's declaration).
//
// A scenario that names a VM need not name its locks: they are made with it, as in C. One that wires a role itself is left alone.
import { ownValue } from '../engine/own-value.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { Value } from '../engine/actors/name.ts';
import type { ActorDefinition, WorldDefinition } from '../engine/world/definition.ts';
import { rolesOf } from '../engine/world/wiring.ts';

/** Actors with their parts, each part after all that were there; and the parts of each actor, by name. */
export interface WithParts {
  readonly actors: readonly ActorDefinition[];
  readonly partsOf: ReadonlyMap<string, readonly string[]>;
}

/** The digits that an actor's name ends in: its parts have them, too. */
const digitsOf = (name: string): string => /\d*$/.exec(name)?.[0] ?? '';

/**
 * Adds the parts of actors, and wires what is left open.
 *
 * @param actors - the actors of a world, wired as far as its author cared to
 * @param machineOf - a built-in machine by id
 * @returns the same actors, wired, and after them their parts
 */
export function withParts(actors: readonly ActorDefinition[], machineOf: (id: string) => Machine): WithParts {
  const byName = new Map(actors.map((actor) => [actor.name, actor]));
  const wired = new Map<string, Record<string, string>>(actors.map(({ name, wiring = {} }) => [name, { ...wiring }]));
  const parts: ActorDefinition[] = [];
  const partsOf = new Map<string, string[]>();

  /** Whom an actor has in a role; made where it is a part that is not there yet. */
  function player(actor: ActorDefinition, role: string): string | undefined {
    const wiring = wired.get(actor.name) ?? {};
    const there = ownValue(wiring, role);
    const usual = ownValue(actor.machine.declaration.usual, role);
    if (there !== undefined || usual === undefined) return there;
    if (typeof usual === 'string') {
      const [owner = '', of = ''] = usual.split('.');
      const other = byName.get(player(actor, owner) ?? '');
      const found = other === undefined ? undefined : player(other, of);
      if (found !== undefined) wiring[role] = found;
      return found;
    }
    const { part, machine, constants, shared = false } = usual;
    const name = `${part}${shared ? '0' : digitsOf(actor.name)}`;
    wiring[role] = name;
    if (shared && byName.has(name)) return name;
    const made: ActorDefinition = {
      name,
      machine: machineOf(machine),
      wiring: Object.fromEntries(
        Object.entries(usual.wiring ?? {}).map(([its, whom]) => [its, whom === '.' ? actor.name : whom]),
      ),
      ...(constants === undefined ? {} : { constants: constants as Readonly<Record<string, Value>> }),
    };
    parts.push(made);
    byName.set(name, made);
    wired.set(name, { ...made.wiring });
    if (!shared) partsOf.set(actor.name, [...(partsOf.get(actor.name) ?? []), name]);
    return name;
  }

  for (const actor of actors) for (const role of rolesOf(actor.machine).keys()) player(actor, role);
  const all = [...actors, ...parts].map((actor) => {
    const wiring = wired.get(actor.name) ?? {};
    return Object.keys(wiring).length === 0 ? actor : { ...actor, wiring };
  });
  return { actors: all, partsOf };
}

/** Members of groups with the parts of those in them. */
export function membersWithParts(
  groups: WorldDefinition['interchangeable'],
  partsOf: WithParts['partsOf'],
): WorldDefinition['interchangeable'] {
  return groups?.map((members) =>
    members.map((member) => [...member, ...member.flatMap((name) => partsOf.get(name) ?? [])]),
  );
}
