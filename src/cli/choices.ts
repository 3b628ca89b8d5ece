// The names that arguments and options choose from: what completion offers and `help --json` lists.
import type { FormatId } from '../bridge/check-log/log-event.ts';
import type { CoverageOf, Generated, TraceFormat } from '../bridge/generate/generate.ts';
import type { Tracer } from '../bridge/host/host-boot.ts';
import { schedulerNames } from '../engine/world/schedulers.ts';
import { mutations } from '../mutations/mutations.ts';
import { everyProperty } from '../properties/properties.ts';
import { revisions } from '../registry/revisions.ts';
import { layoutNames } from '../scale/layouts.ts';
import { producerShares } from '../scale/producer-share.ts';
import { contestantIds } from '../scale/structures.ts';
import { workloadIds } from '../scale/workloads.ts';
import { scenarioNames } from '../scenarios/builtin-names.ts';
import { machineIds } from '../scenarios/machines.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { listKinds } from './list-kinds.ts';
import { runFormats } from './run/run-formats.ts';

/** What an option or an argument may be: `isOpen` where a file or a value of another kind will do, too. */
export interface Choices {
  readonly values: readonly string[];
  readonly isOpen?: true;
}

/** All of a few names. Their modules are not loaded for completion, which has to be quick; the compiler holds that none is missing. */
const all = <T extends string>(names: Readonly<Record<T, true>>): readonly T[] => Object.keys(names) as T[];
const coverages = all<CoverageOf>({ states: true, transitions: true, pairs: true });
const generated = all<Generated>({
  kunit: true,
  vitest: true,
  traces: true,
  rv: true,
  host: true,
  bpftrace: true,
  ftrace: true,
});
const traceFormats = all<TraceFormat>({ recorded: true, itf: true });
const logFormats = all<FormatId | 'auto'>({
  auto: true,
  ftrace: true,
  'trace-cmd': true,
  perf: true,
  bpftrace: true,
  dmesg: true,
});
const tracers = all<Tracer>({ kprobe: true, function: true, graph: true, bpftrace: true, none: true });

const ids = (named: readonly { readonly id: string }[]): readonly string[] => named.map(({ id }) => id);
const revisionIds: Choices = { values: ids(revisions), isOpen: true };

/** Options that mean the same in every command that has them. */
const everywhere: Readonly<Record<string, Choices>> = {
  revision: revisionIds,
  mutation: { values: ids(mutations), isOpen: true },
  property: { values: ids(everyProperty), isOpen: true },
  against: { values: [...ids(revisions), ...ids(mutations)], isOpen: true },
};

const explore: Readonly<Record<string, Choices>> = {
  '<0>': { values: scenarioNames, isOpen: true },
  search: { values: ['bfs', 'dfs'] },
  'distinct-by': { values: ['property', 'actions', 'final'] },
};

/** Options of one command; `<0>` is its first argument. */
export const commandsWithChoices: Readonly<Record<string, Readonly<Record<string, Choices>>>> = {
  list: { '<0>': { values: listKinds } },
  run: {
    '<0>': { values: [...scenarioNames, stormScenario.id], isOpen: true },
    scheduler: { values: schedulerNames },
    format: { values: runFormats },
  },
  explore,
  report: explore,
  diff: { '<0>': revisionIds, '<1>': revisionIds },
  generate: {
    '<0>': { values: generated },
    coverage: { values: coverages },
    format: { values: traceFormats },
  },
  'check-log': { format: { values: logFormats } },
  host: {
    '<0>': { values: ['setup', 'run', 'check'] },
    kernel: { values: ['6.12', '6.18'], isOpen: true },
    gic: { values: ['3', '4'] },
    trace: { values: tracers },
  },
  scale: {
    index: { values: contestantIds },
    layout: { values: layoutNames },
    producers: { values: producerShares },
    workload: { values: workloadIds },
  },
  diagram: {
    '<0>': { values: [...machineIds, ...scenarioNames], isOpen: true },
    format: { values: ['mermaid', 'dot', 'svg', 'plantuml', 'scxml'] },
  },
};

/**
 * What an option or an argument of a command chooses from.
 *
 * @param command - its name
 * @param name - of the option without dashes, or the place of the argument: `<0>`
 * @returns undefined where it is a number, a file, or anything else
 */
export function choicesOf(command: string, name: string): Choices | undefined {
  return commandsWithChoices[command]?.[name] ?? everywhere[name];
}
