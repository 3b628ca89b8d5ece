// Arguments of calls, as operations declare them.

/** What an argument of an operation is: its name, the kind of actor that it has to be, may it be left out, may it be NULL? */
export interface Argument {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly isOptional: boolean;
  readonly isNullable: boolean;
}

/** Reads an argument as an operation declares it: `eventfd:eventfd`, `irq?`, `eventfd!:eventfd` where NULL is none. */
export function argumentOf(declared: string): Argument {
  const isOptional = declared.endsWith('?');
  const [given = '', kinds = ''] = (isOptional ? declared.slice(0, -1) : declared).split(':');
  const isNullable = !given.endsWith('!');
  const name = isNullable ? given : given.slice(0, -1);
  return { name, kinds: kinds === '' ? [] : kinds.split('|'), isOptional, isNullable };
}
