// Shell completion: the names of all that there is to choose from.
import createTab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { schedulerNames } from '../engine/world/schedulers.ts';
import { mutations } from '../mutations/mutations.ts';
import { properties } from '../properties/properties.ts';
import { revisions } from '../registry/revisions.ts';
import { layoutNames } from '../scale/layouts.ts';
import { contestantIds } from '../scale/structures.ts';
import { workloadIds } from '../scale/workloads.ts';
import { scenarioNames } from '../scenarios/builtin-names.ts';
import { machineIds } from '../scenarios/machines.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { listKinds } from './list-kinds.ts';
import { runFormats } from './run/run-formats.ts';

/** Adds `complete zsh|bash|fish|powershell`, which prints the script that asks for names. */
export function addCompletion(program: Command): void {
  const tab = createTab(program);
  const named: Readonly<Record<string, readonly string[]>> = {
    revision: revisions.map(({ id }) => id),
    mutation: mutations.map(({ id }) => id),
    property: properties.map(({ id }) => id),
    scheduler: schedulerNames,
    format: runFormats,
    index: contestantIds,
    layout: layoutNames,
    workload: workloadIds,
  };
  const argumentsOf: Readonly<Record<string, readonly string[]>> = {
    list: listKinds,
    run: [...scenarioNames, stormScenario.id],
    explore: scenarioNames,
    diagram: [...machineIds, ...scenarioNames],
    diff: revisions.map(({ id }) => id),
  };
  for (const [name, command] of tab.commands) {
    for (const [option, values] of Object.entries(named)) {
      const found = command.options.get(option);
      const offered = option === 'format' && name === 'diagram' ? ['mermaid'] : values;
      if (found !== undefined) found.handler = (complete) => offered.forEach((value) => complete(value, option));
    }
    const values = argumentsOf[name];
    if (values === undefined) continue;
    for (const argument of command.arguments.values())
      argument.handler = (complete) => values.forEach((value) => complete(value, name));
  }
}
