// What a declaration says besides its chart: looked at where the machine is made, since it may come from plain JavaScript.
import type { AnyDeclaration, Operation } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { shownText } from './plain-data.ts';

const isValue = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/** Throws MachineError where slots, cells, constants or operations are none. */
export function expectDeclaration({ id, slots, cells, constants, operations }: AnyDeclaration): void {
  const fail = (what: string, hint: string): never => {
    throw new MachineError('chart', `machine ${id}: ${what}`, hint);
  };
  if (typeof id !== 'string' || id === '') fail(`its id is ${JSON.stringify(id)}`, 'a text');
  if (slots !== undefined && !(Number.isInteger(slots) && slots > 0))
    fail(`slots is ${String(slots)}`, 'how many of its messages may be in flight at once: a whole number from 1');
  for (const [kind, words] of Object.entries({ cells, constants }))
    for (const [word, value] of Object.entries(words ?? {}))
      if (!isValue(value)) fail(`${kind}.${word} is ${shownText(value)}`, 'a name, a number, a boolean or null');
  for (const [operation, declared] of Object.entries(operations ?? {})) {
    const { how, arguments: given = [] } = declared as Partial<Operation>;
    if (how !== 'call' && how !== 'post') fail(`operations.${operation}.how is ${String(how)}`, '"call" or "post"');
    if (!Array.isArray(given)) fail(`operations.${operation}.arguments is ${String(given)}`, 'a list of texts');
  }
}
