// Is every actor wired to actors that are there and of the machines that its own machine asks for?
import { ownValue } from '../own-value.ts';
import { withArticle } from '../article.ts';
import type { Machine } from '../actors/machine.ts';
import { kindsOf } from '../actors/machine.ts';
import { NAME_PATTERN } from '../actors/name.ts';
import { InputError } from '../input-error.ts';
import type { ActorDefinition } from './definition.ts';

/** What can be wrong with the wiring; the codes are those of docs/errors.md. */
export const wiringErrors = {
  missing: 'IRQB221',
  unknown: 'IRQB222',
  wrongMachine: 'IRQB223',
  twice: 'IRQB224',
  constant: 'IRQB225',
  name: 'IRQB226',
} as const;

/** Wrong wiring: whose, and which role. */
export class WiringError extends InputError {
  override readonly name = 'WiringError';
  readonly actor: string;
  readonly role: string | undefined;

  constructor(
    kind: keyof typeof wiringErrors,
    actor: string,
    role: string | undefined,
    message: string,
    hint?: string,
  ) {
    super(wiringErrors[kind], message, { hint });
    this.actor = actor;
    this.role = role;
  }
}

const quoted = (names: readonly string[]): string => names.map((one) => `"${one}"`).join(', ') || 'none';

/** Throws WiringError. */
export function expectWired(actors: readonly ActorDefinition[], names: readonly string[]): void {
  const byName = new Map<string, Machine>();
  for (const { name, machine } of actors) {
    if (!NAME_PATTERN.test(name) && !/^[a-z]+$/.test(name))
      throw new WiringError('name', name, undefined, `"${name}" is not a name: letters, then digits, as in p0`);
    if (byName.has(name)) throw new WiringError('twice', name, undefined, `actor "${name}" is declared twice`);
    byName.set(name, machine);
  }
  for (const actor of actors) {
    expectRoles(actor, byName, names);
    expectConstants(actor);
    for (const other of actor.after ?? [])
      if (!byName.has(other))
        throw new WiringError('unknown', actor.name, 'after', `${actor.name} waits for "${other}", which is no actor`);
  }
}

/** A role of another actor: the kinds of machine that can play it, and may it be left out? */
interface Role {
  readonly kinds: readonly string[];
  readonly isOptional: boolean;
}

/** The roles that a machine declares, by name; those that end in `?` may be left out. */
export function rolesOf({ declaration }: Machine): ReadonlyMap<string, Role> {
  return new Map(
    Object.entries(declaration.wiring ?? {}).map(([declared, kinds]) => {
      const isOptional = declared.endsWith('?');
      return [isOptional ? declared.slice(0, -1) : declared, { kinds: [kinds].flat(), isOptional }];
    }),
  );
}

function expectRoles(
  { name, machine, wiring = {} }: ActorDefinition,
  actors: ReadonlyMap<string, Machine>,
  names: readonly string[],
): void {
  const roles = rolesOf(machine);
  const which = `${name} (machine ${machine.id})`;
  for (const role of Object.keys(wiring)) {
    if (roles.has(role)) continue;
    const hint = `roles of ${machine.id}: ${quoted([...roles.keys()])}`;
    throw new WiringError('unknown', name, role, `${which} has no role "${role}"`, hint);
  }
  for (const [role, { kinds: wanted, isOptional }] of roles) {
    const other = ownValue(wiring, role);
    if (other === undefined && isOptional) continue;
    if (other === undefined) {
      const hint = `wire it to an actor: { ${role}: '...' } (${wanted.map((kind) => (kind === '*' ? 'any actor' : kind)).join(' or ')})`;
      throw new WiringError('missing', name, role, `${which} lacks the wiring "${role}"`, hint);
    }
    if (wanted.includes('*') && (names.includes(other) || actors.has(other))) continue;
    const found = actors.get(other);
    if (found === undefined) {
      const known = [...actors].flatMap(([one, its]) => (fits(its, wanted) ? [one] : []));
      const hint = `actors that can be: ${quoted(known)}`;
      throw new WiringError('unknown', name, role, `${which}: ${role} is "${other}", which is no actor`, hint);
    }
    if (!fits(found, wanted)) {
      const message = `${which}: ${role} is "${other}", ${withArticle(found.id)}; it has to be ${wanted.map(withArticle).join(' or ')}`;
      throw new WiringError('wrongMachine', name, role, message);
    }
  }
}

function fits(machine: Machine, wanted: readonly string[]): boolean {
  return wanted.includes('*') || kindsOf(machine).some((kind) => wanted.includes(kind));
}

function expectConstants({ name, machine, constants = {} }: ActorDefinition): void {
  const known = Object.keys(machine.declaration.constants ?? {});
  const unknown = Object.keys(constants).find((one) => !known.includes(one));
  if (unknown === undefined) return;
  const message = `${name} (machine ${machine.id}) has no constant "${unknown}"`;
  throw new WiringError('constant', name, undefined, message, `constants of ${machine.id}: ${quoted(known)}`);
}
