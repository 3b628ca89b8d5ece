// Properties that a script brings, in one call each: what always holds, what holds in the end, what never happens.
import type { Observation } from '../engine/actors/effects.ts';
import type { Property, StateCheck } from '../engine/world/property.ts';

/**
 * A claim about every state.
 *
 * @param id - lower case letters, digits and hyphens: `i-count`
 * @param title - the claim as a sentence
 * @param check - answers null where the claim holds, else what is wrong
 * @returns the property
 * @example
 * always('i-count', 'The count is never negative', (state) =>
 *   Number(state.load('e0', 'count')) >= 0 ? null : 'the count is negative');
 */
export function always(id: string, title: string, check: StateCheck): Property {
  return { id, title, state: { checks: () => [check] } };
}

/**
 * A claim about every state in which nothing more has to happen: threads are done, no message is in flight.
 *
 * @param id - lower case letters, digits and hyphens: `i-leak`
 * @param title - the claim as a sentence
 * @param check - answers null where the claim holds, else what is wrong
 * @returns the property
 */
export function atEnd(id: string, title: string, check: StateCheck): Property {
  return { id, title, state: { atEnd: true, checks: () => [check] } };
}

/**
 * A claim that something is never observed.
 *
 * @param id - lower case letters, digits and hyphens: `i-noloss`
 * @param title - the claim as a sentence
 * @param kind - what an observation says it is: `show({ kind })`
 * @param text - what is wrong where it is observed
 * @returns the property
 */
export function never<O extends Observation>(
  id: string,
  title: string,
  kind: O['kind'],
  text: (shown: O) => string,
): Property {
  return {
    id,
    title,
    step: ({ observations }) => {
      const shown = observations.find((one) => one.kind === kind);
      return shown === undefined ? null : text(shown as O);
    },
  };
}

/**
 * The same claim with a witness against vacuity: where nothing of the kind is ever observed, the claim has said nothing.
 *
 * @param property - the claim
 * @param title - what has to happen somewhere: `a callback signals again`
 * @param kind - what it is observed as
 * @returns the property with its witness
 */
export function witnessed(property: Property, title: string, kind: string): Property {
  const step = ({ observations }: { readonly observations: readonly Observation[] }): boolean =>
    observations.some((one) => one.kind === kind);
  return { ...property, sometimes: { title, step } };
}
