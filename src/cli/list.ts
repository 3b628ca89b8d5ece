// irqbypass list: what there is to choose from, and what a scenario script brings beside it.
import type { Machine } from '../engine/actors/machine.ts';
import type { Property } from '../engine/world/property.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { mutations } from '../mutations/mutations.ts';
import { everyProperty } from '../properties/properties.ts';
import { revisions } from '../registry/revisions.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import { assemble } from '../scenarios/assemble.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { UnknownNameError } from '../scenarios/scenario-error.ts';
import { scenarios } from '../scenarios/builtin.ts';
import { loadScenario } from '../scenarios/files/load.ts';
import { machineIds, machinesOf } from '../scenarios/machines.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { exitCode } from './exit-codes.ts';
import type { ListKind } from './list-kinds.ts';
import { listKinds } from './list-kinds.ts';
import type { CommonOptions } from './terminal.ts';
import type { Parameters } from '../scenarios/define.ts';
import { createTerminal } from './terminal.ts';

interface Listed {
  readonly id: string;
  readonly title: string;
}

export interface ListOptions extends CommonOptions {
  readonly scenario?: string;
}

const aboutScenario = ({ id, title, description, callers, parameters }: Omit<Assembled['scenario'], 'script'>) => ({
  id,
  title,
  description,
  ...(callers === undefined ? {} : { callers }),
  parameters,
});
/** Where it is shown, with the architecture: that of `set`, or the usual one of the scenario. */
const aboutMutation = ({ id, title, source, shown }: Mutation) => ({
  id,
  title,
  source,
  shown: shown.map((row) => {
    const arch =
      row.set?.['arch'] ?? scenarios.find(({ id: scenario }) => scenario === row.scenario)?.parameters['arch'];
    return { ...row, ...(arch === undefined ? {} : { arch }) };
  }),
});
const aboutProperty = ({ id, title, state, step, gathered, deadlock, liveness }: Property) => ({
  id,
  title,
  about: [
    ...(state === undefined ? [] : ['states']),
    ...(step === undefined ? [] : ['steps']),
    ...(gathered === undefined ? [] : ['gathered']),
    ...(deadlock === undefined ? [] : ['deadlock']),
    ...(liveness === undefined ? [] : ['runs']),
  ],
});
const aboutMachine = ({ id, declaration: { title, wiring = {}, operations = {} } }: Machine) => ({
  id,
  title,
  wiring,
  calls: Object.keys(operations),
});

const lists: Readonly<Record<Exclude<ListKind, 'schema'>, (own: Assembled | null) => readonly Listed[]>> = {
  scenarios: (own) => scenariosWith(own).map(aboutScenario),
  revisions: () =>
    revisions.map(({ id, title, where, aliases, source, policy }) => ({ id, title, where, aliases, source, policy })),
  mutations: (own) => mutationsWith(own).map(aboutMutation),
  properties: (own) => propertiesWith(own).map(aboutProperty),
  machines: (own) => machinesWith(own).map(aboutMachine),
};

/** The facts that the JSON document has beside that, item by item: worlds are made for them, so text does without. */
async function factsOf(kind: Exclude<ListKind, 'schema'>, own: Assembled | null): Promise<readonly object[]> {
  const { factsOfMachine, factsOfProperty, factsOfRow, factsOfScenario } = await import('./list-facts.ts');
  switch (kind) {
    case 'scenarios':
      return scenariosWith(own).map((one) => factsOfScenario(one, own));
    case 'mutations':
      return mutationsWith(own).map((one) => ({
        shown: aboutMutation(one).shown.map((row) => ({ ...row, ...factsOfRow(one.id, row, own) })),
      }));
    case 'properties':
      return propertiesWith(own).map(factsOfProperty);
    case 'machines':
      return machinesWith(own).map(factsOfMachine);
    case 'revisions':
      return [];
  }
}

const scenariosWith = (own: Assembled | null) => [...(own === null ? [] : [own.scenario]), ...scenarios, stormScenario];
const mutationsWith = (own: Assembled | null) => [...(own?.scenario.mutations ?? []), ...mutations];
const propertiesWith = (own: Assembled | null) => [...ownProperties(own), ...everyProperty];
const machinesWith = (own: Assembled | null) => [...ownMachines(own), ...builtInMachines()];

function ownProperties(own: Assembled | null): readonly Property[] {
  return (own?.scenario.properties ?? []).filter((one) => typeof one !== 'string');
}

function builtInMachines(): readonly Machine[] {
  const machines = machinesOf(revisionOf().policy, 'clean');
  return machineIds.map((id) => machines[id]);
}

function ownMachines(own: Assembled | null): readonly Machine[] {
  return (own?.world.machines ?? []).filter(({ id }) => !(machineIds as readonly string[]).includes(id));
}

/** Prints one of the lists. Throws UnknownNameError, and what loading a scenario throws. */
export async function list(kind: string, options: ListOptions): Promise<number> {
  if (!listKinds.includes(kind as ListKind))
    throw new UnknownNameError('list', kind, listKinds, `known: ${listKinds.join(', ')}`);
  const { scenario: file } = options;
  if (kind === 'schema') {
    const { scenarioSchema } = await import('../scenarios/files/schema.ts');
    createTerminal(options).print(JSON.stringify(scenarioSchema(), null, 2));
    return exitCode.ok;
  }
  const scenario = file === undefined ? null : await loadScenario(file);
  const own = scenario === null ? null : assemble({ scenario });
  const items = lists[kind as keyof typeof lists](own);
  const terminal = createTerminal(options);
  if (options.json === true) {
    const facts = await factsOf(kind as keyof typeof lists, own);
    terminal.print(
      JSON.stringify(
        items.map((item, i) => ({ ...item, ...facts[i] })),
        null,
        2,
      ),
    );
    return exitCode.ok;
  }
  const width = Math.max(...items.map(({ id }) => id.length));
  for (const { id, title, ...rest } of items) {
    const { aliases = [], parameters = {} } = rest as {
      readonly aliases?: readonly string[];
      readonly parameters?: Parameters;
    };
    const also = aliases.length === 0 ? '' : terminal.style('dim', ` (${aliases.join(', ')})`);
    terminal.print(`${terminal.style('bold', id.padEnd(width))}  ${title}${also}`);
    const set = Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`);
    if (set.length > 0) terminal.print(terminal.style('dim', `${' '.repeat(width)}  parameters: ${set.join(', ')}`));
  }
  return exitCode.ok;
}
