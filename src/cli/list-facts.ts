// What list --json says beside names and titles: what is checked where, what a search found, which bugs show it.
import { statesOf } from '../engine/actors/chart.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { Property } from '../engine/world/property.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { shownBy } from '../mutations/mutation.ts';
import { mutations } from '../mutations/mutations.ts';
import { livenessProperties } from '../properties/liveness.ts';
import { properties } from '../properties/properties.ts';
import { stormProperties } from '../scale/scale-run-driver.ts';
import { assemble } from '../scenarios/assemble.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import { scenarios } from '../scenarios/builtin.ts';
import type { Parameters, Scenario } from '../scenarios/define.ts';
import { isMachineId } from '../scenarios/machines.ts';
import type { ManifestEntry } from '../scenarios/manifest.ts';
import { manifest } from '../scenarios/manifest.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { groupOf, sourceOf } from './list-sources.ts';

const rowsOf = (id: string): readonly (readonly [string, ManifestEntry])[] => Object.entries(manifest[id] ?? {});

const archIn = (key: string): string | undefined => /^arch=(\S+)/.exec(key)?.[1];

/** What a search with the usual reductions found, by revision and architecture: scenarios/manifest.json, which a test holds to be so. */
function verdictsOf(id: string, usual: unknown): readonly object[] {
  return rowsOf(id).map(([key, { violated, ...found }]) => {
    const arch = archIn(key) ?? usual;
    return {
      revision: key.replace(/^arch=\S+ /, ''),
      ...(arch === undefined ? {} : { arch }),
      ...found,
      violated: violated.map((text) => {
        const [property, steps] = text.split('@');
        return { property, steps: Number(steps) };
      }),
    };
  });
}

type Named = Pick<Scenario, 'id' | 'parameters' | 'mutations'>;

/** Worlds of the built-in scenarios as they usually are, made when they are first asked for. */
let worlds: readonly Assembled[] | undefined;
const builtInWorlds = (): readonly Assembled[] => (worlds ??= scenarios.map((scenario) => assemble({ scenario })));

/**
 * What a script wants to know of a scenario.
 *
 * @param scenario - built-in, or from a file
 * @param own - the world of the one from a file
 * @returns properties, bugs, architectures, verdicts
 */
export function factsOfScenario({ id, parameters, mutations: brought = [] }: Named, own: Assembled | null): object {
  const world = own?.scenario.id === id ? own : builtInWorlds().find(({ scenario }) => scenario.id === id);
  const usual = parameters['arch'];
  const archs = [usual, ...rowsOf(id).map(([key]) => archIn(key))].filter((arch) => arch !== undefined);
  return {
    architectures: [...new Set(archs)],
    properties: id === stormScenario.id ? stormProperties : (world?.properties ?? []).map((one) => one.id),
    mutations: [...brought, ...mutations]
      .filter(({ shown }) => shown.some((row) => row.scenario === id))
      .map((one) => one.id),
    verdicts: world === own ? [] : verdictsOf(id, usual),
  };
}

/** What a script wants to know of where a bug is shown: how to show it, and what breaks first. */
export function factsOfRow(id: string, row: Mutation['shown'][number], own: Assembled | null): object {
  const shownIn = [own?.scenario, ...scenarios].find((scenario) => scenario?.id === row.scenario);
  const usual: Parameters = shownIn?.parameters ?? {};
  const [property] = row.breaks;
  return {
    parameters: { ...usual, ...row.set },
    ...(property === undefined ? {} : { property }),
    // What only infinite runs violate is not looked for otherwise.
    command: `${shownBy(row)} --mutation ${id}${row.steps === undefined ? ' --liveness' : ''}`,
  };
}

function checkedBy(property: Property): string {
  if (property.liveness !== undefined) return livenessProperties.includes(property) ? '--liveness' : '--property';
  return properties.includes(property) ? 'every search' : '--property';
}

/** What a script wants to know of a property: where it is from, what checks it, what breaks it. */
export function factsOfProperty(property: Property): object {
  const { id, needs } = property;
  const group = groupOf(property);
  return {
    ...(group === undefined ? {} : { group }),
    needs: needs !== undefined,
    checkedBy: checkedBy(property),
    scenarios: builtInWorlds()
      .filter(({ properties: checked }) => checked.some((one) => one.id === id))
      .map(({ scenario }) => scenario.id),
    mutations: mutations.filter(({ shown }) => shown.some(({ breaks }) => breaks.includes(id))).map((one) => one.id),
  };
}

/** What a script wants to know of a machine: its size, what it takes, where it is declared. */
export function factsOfMachine({ id, declaration: { chart }, takes }: Machine): object {
  return { states: statesOf(chart).length, takes: [...takes], ...(isMachineId(id) ? sourceOf(id) : {}) };
}
