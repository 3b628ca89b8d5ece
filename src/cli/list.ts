// irqbypass list: what there is to choose from.
import { mutations } from '../mutations/mutations.ts';
import { everyProperty } from '../properties/properties.ts';
import { revisions } from '../registry/revisions.ts';
import { revisionOf, UnknownNameError } from '../scenarios/assemble.ts';
import { scenarios } from '../scenarios/builtin.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { machineIds, machinesOf } from '../scenarios/machines.ts';
import { exitCode } from './exit-codes.ts';
import type { ListKind } from './list-kinds.ts';
import { listKinds } from './list-kinds.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal } from './terminal.ts';

interface Listed {
  readonly id: string;
  readonly title: string;
}

const lists: Readonly<Record<ListKind, () => readonly Listed[]>> = {
  scenarios: () =>
    [...scenarios, stormScenario].map(({ id, title, description, parameters }) => ({
      id,
      title,
      description,
      parameters,
    })),
  revisions: () => revisions.map(({ id, title, aliases, source, policy }) => ({ id, title, aliases, source, policy })),
  mutations: () => mutations.map(({ id, title, source, shown }) => ({ id, title, source, shown })),
  properties: () =>
    everyProperty.map(({ id, title, state, step, deadlock, liveness }) => ({
      id,
      title,
      about: [
        ...(state === undefined ? [] : ['states']),
        ...(step === undefined ? [] : ['steps']),
        ...(deadlock !== undefined ? ['deadlock'] : []),
        ...(liveness === undefined ? [] : ['runs']),
      ],
    })),
  machines: () =>
    machineIds.map((id) => {
      const { title, wiring, operations } = machinesOf(revisionOf().policy, 'clean')[id].declaration;
      return { id, title, wiring: wiring ?? {}, calls: Object.keys(operations ?? {}) };
    }),
};

/** Prints one of the lists. */
export function list(kind: string, options: CommonOptions): number {
  const items = listKinds.includes(kind as ListKind) ? lists[kind as ListKind]() : undefined;
  if (items === undefined) throw new UnknownNameError('list', kind, listKinds, `known: ${listKinds.join(', ')}`);
  const terminal = createTerminal(options);
  if (options.json === true) {
    terminal.print(JSON.stringify(items, null, 2));
    return exitCode.ok;
  }
  const width = Math.max(...items.map(({ id }) => id.length));
  for (const { id, title, ...rest } of items) {
    const { aliases = [] } = rest as { readonly aliases?: readonly string[] };
    const also = aliases.length === 0 ? '' : terminal.style('dim', ` (${aliases.join(', ')})`);
    terminal.print(`${terminal.style('bold', id.padEnd(width))}  ${title}${also}`);
  }
  return exitCode.ok;
}
