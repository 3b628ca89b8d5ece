// The options that choose a world: scenario, parameters, revision, mutation, properties.
import type { Command } from 'commander';
import { appliedTo, assembleWith, propertyOf } from '../scenarios/assembled.ts';
import { parseParameters } from '../scenarios/parameters.ts';
import { UnknownNameError } from '../scenarios/scenario-error.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import type { Parameters } from '../scenarios/define.ts';
import { isKernelVersion } from '../registry/revisions.ts';
import { loadScenario } from '../scenarios/files/load.ts';
import { inOrigin } from '../scenarios/origin.ts';

export { headline } from '../scenarios/headline.ts';

export interface SelectionOptions {
  readonly set?: readonly string[];
  readonly revision?: string;
  readonly mutation?: string;
  readonly property?: readonly string[];
}

/** For options that may be repeated. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** The same for lists, which may also be written with commas. */
export const collectList = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  ...value.split(',').map((part) => part.trim()),
];

/** Adds the options to a command. */
export function withSelection(command: Command): Command {
  return command
    .option('--set <key=value>', 'override a parameter of the scenario (repeatable)', collect)
    .option(
      '--revision <id>',
      'revision of the manager (irqbypass list revisions), or a kernel version: 6.17, v6.12.95',
    )
    .option('--mutation <id>', 'put a bug in (irqbypass list mutations)')
    .option('--property <id>', 'check only these properties: a,b or repeated (irqbypass list properties)', collectList);
}

/** Loads and assembles the world that the options choose. */
export async function select(given: string, options: SelectionOptions): Promise<Assembled> {
  const scenario = await loadScenario(given);
  const { revision, mutation: bug, property } = options;
  // The catalogue is thirty modules, which only a bug needs.
  const mutation = bug === undefined ? null : (await import('../scenarios/assemble.ts')).mutationOf(bug, scenario);
  return inOrigin(scenario, () => {
    const set = parseParameters(scenario, options.set ?? []);
    const assembled = assembleWith({ scenario, set, ...(revision === undefined ? {} : { revision }), mutation });
    const properties =
      property?.map((id) => appliedTo(assembled.world, propertyOf(id, scenario))) ?? assembled.properties;
    return { ...assembled, properties };
  });
}

/** The command line that chooses the same world again. */
export function selectionText(given: string, options: SelectionOptions, { revision, mutation }: Assembled): string {
  const parts = [given, ...(options.set ?? []).flatMap((setting) => ['--set', setting]), '--revision', revision.id];
  if (mutation !== null) parts.push('--mutation', mutation.id);
  parts.push(...(options.property ?? []).flatMap((id) => ['--property', id]));
  return parts.map(quoted).join(' ');
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What was chosen, as data: the first keys of every JSON document. */
export function selectionOf({ scenario, parameters, revision, mutation }: Assembled): {
  readonly scenario: string;
  readonly parameters: Parameters;
  readonly revision: string;
  readonly mutation: string | null;
} {
  return { scenario: scenario.id, parameters, revision: revision.id, mutation: mutation?.id ?? null };
}

/** What a kernel version was taken for; null where a revision was named by its id. */
export function takenFor({ revision: asked }: SelectionOptions, { revision }: Assembled): string | null {
  if (asked === undefined || asked === revision.id || !isKernelVersion(asked)) return null;
  return `--revision ${asked}: ${revision.id}, what ${revision.where} of mainline has; stable and vendor trees may differ`;
}

/** One of several names. Throws UnknownNameError with the nearest. */
export function oneOf<T extends string>(option: string, given: string, names: readonly T[]): T {
  const found = names.find((one) => one === given);
  if (found === undefined) throw new UnknownNameError(option, given, names, `known: ${names.join(', ')}`);
  return found;
}
