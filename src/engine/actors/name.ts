// Names: what actors, eventfd contexts and irqs are called, and what a cell may hold.

declare const opaque: unique symbol;

/**
 * The name of an actor, an eventfd context or an irq: `p0`, `c1`, `e0`. Opaque: a machine may compare two names for
 * equality and pass them on, nothing else. That is what lets one remembered transition serve all actors of a kind.
 */
export type Name = string & { readonly [opaque]: 'Name' };

/** What a cell holds, or what an operation on shared memory answers. */
export type Value = Name | number | boolean | null;

/** A name is letters followed by digits; `registry` and message types are not names, there is one of each. */
export const NAME_PATTERN: RegExp = /^[a-z]+\d+$/;

/** Brands a string as a name. Throws where it does not look like one. */
export function name(text: string): Name {
  if (!NAME_PATTERN.test(text)) throw new RangeError(`"${text}" is not a name: letters, then digits, as in p0`);
  return text as Name;
}
