// Plain data up to renaming: names are numbered by first occurrence, so that what differs in names only is the same text.
import { machineErrors } from '../actors/machine-error.ts';
import { NAME_PATTERN } from '../actors/name.ts';
import { InputError } from '../input-error.ts';

/** A machine does not treat all names alike, so that neither remembered transitions nor symmetry are right for it. */
export class OpaqueNamesError extends InputError {
  override readonly name = 'OpaqueNamesError';

  constructor(message: string) {
    super(machineErrors.namesToldApart, message);
  }
}

/** Is this a name of an actor? */
export const isName = (value: unknown): value is string => typeof value === 'string' && NAME_PATTERN.test(value);

/** Replaces every name by `#n`, n its place in `names`; names not there yet are appended, or refused. Types of messages stay. */
export function abstract(value: unknown, names: string[], mayAppend: boolean): unknown {
  if (isName(value)) {
    let place = names.indexOf(value);
    if (place < 0) {
      if (!mayAppend) throw new OpaqueNamesError(`a machine made up the name "${value}": names are opaque`);
      place = names.push(value) - 1;
    }
    return `#${place}`;
  }
  if (Array.isArray(value)) return value.map((item) => abstract(item, names, mayAppend));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === 'type' || key === 'do' || key === 'kind' ? item : abstract(item, names, mayAppend),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** The inverse of `abstract`. */
export function instantiate(template: unknown, names: readonly string[]): unknown {
  if (typeof template === 'string') return template.startsWith('#') ? names[Number(template.slice(1))] : template;
  if (Array.isArray(template)) return template.map((item) => instantiate(item, names));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, instantiate(item, names)]));
}
