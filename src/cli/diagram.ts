// irqbypass diagram: a machine as a state diagram, a run or a trace file as a sequence diagram, the manager's sets as trees.
import { existsSync, readFileSync } from 'node:fs';
import { assemble } from '../scenarios/assemble.ts';
import { loadScenario, unreadable } from '../scenarios/files/load.ts';
import { stormScenario } from '../scenarios/scale-run.ts';
import { UnknownNameError } from '../scenarios/scenario-error.ts';
import { scenarioNames } from '../scenarios/builtin-names.ts';
import { machineIds } from '../scenarios/machines.ts';
import type { DiagramFormat, FormatOptions } from './diagram/formats.ts';
import { diagramFormat } from './diagram/formats.ts';
import type { MachineRequest } from './diagram/machine-picture.ts';
import { machinePicture, printChart } from './diagram/machine-picture.ts';
import type { RunChoice } from './diagram/run-picture.ts';
import { printRun, printTrees, runOfScenario, runOfTrace } from './diagram/run-picture.ts';
import { exitCode, UsageError } from './exit-codes.ts';
import { selectionOf } from './selection.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal, expectWritable, writeFileWhole } from './terminal.ts';

export interface DiagramCommandOptions extends CommonOptions, FormatOptions, RunChoice {
  readonly against?: string;
  readonly depth?: string;
  readonly step?: string;
  readonly tree?: boolean;
  readonly scenario?: string;
  readonly check?: boolean;
}

/** A picture as text, with what it is of. */
interface Picture {
  readonly format: DiagramFormat;
  readonly about: object;
  readonly text: string;
}

/** Draws what is asked for. Answers the exit code; with `--check`, 1 where the file is not what would be written. */
export async function diagram(given: string, options: DiagramCommandOptions): Promise<number> {
  const { out, check = false, json = false } = options;
  if (check && out === undefined) throw new UsageError('--check compares with a file: --out FILE');
  if (out !== undefined && !check) expectWritable(out);
  const own = await ownMachines(options.scenario);
  const { about, format, text } = isMachine(given, own)
    ? await drawnMachine({ ...options, machine: given, own }, options)
    : await drawnRun(given, options);
  const terminal = createTerminal(options);
  if (check && out !== undefined) {
    const isFresh = existsSync(out) && contentOf(out) === text;
    terminal.print(
      json
        ? JSON.stringify({ ...about, format, out, fresh: isFresh }, null, 2)
        : `${out} is ${isFresh ? 'fresh' : 'stale'}`,
    );
    return isFresh ? exitCode.ok : exitCode.violated;
  }
  if (out !== undefined) writeFileWhole(out, text);
  if (json) terminal.print(JSON.stringify({ ...about, format, text }, null, 2));
  else if (out === undefined) terminal.print(text.trimEnd());
  return exitCode.ok;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The machines that a scenario script brings. */
async function ownMachines(file: string | undefined): Promise<MachineRequest['own']> {
  if (file === undefined) return undefined;
  const scenario = await loadScenario(file);
  return { scenario, machines: assemble({ scenario }).world.machines };
}

function isMachine(given: string, own: MachineRequest['own']): boolean {
  return (machineIds as readonly string[]).includes(given) || (own?.machines.some(({ id }) => id === given) ?? false);
}

/** Options that make sense only for the other kind of picture. */
function refuse(
  what: string,
  options: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): void {
  for (const [key, option] of Object.entries(names))
    if (options[key] !== undefined) throw new UsageError(`${option} does not go with ${what}`);
}

const ofRuns = {
  set: '--set',
  scheduler: '--scheduler',
  seed: '--seed',
  maxSteps: '--max-steps',
  step: '--step',
  tree: '--tree',
};
const ofMachines = { against: '--against', depth: '--depth', scenario: '--scenario' };
const ofScenarios = {
  set: '--set',
  revision: '--revision',
  mutation: '--mutation',
  scheduler: '--scheduler',
  seed: '--seed',
  maxSteps: '--max-steps',
};

async function drawnMachine(request: MachineRequest, options: DiagramCommandOptions): Promise<Picture> {
  refuse('a machine', { ...options }, ofRuns);
  const format = diagramFormat(options, 'a machine');
  const picture = machinePicture(request);
  const { revision, mutation, against } = picture;
  const more = { ...(mutation === null ? {} : { mutation }), ...(against === null ? {} : { against }) };
  return { format, about: { machine: request.machine, revision, ...more }, text: await printChart(picture, format) };
}

/** Files that hold a trace; scenario files and scripts have other endings. */
const TRACE = /\.ndjson(?:\.gz)?$|\.itf\.json(?:\.gz)?$/;

async function drawnRun(given: string, options: DiagramCommandOptions): Promise<Picture> {
  const { tree = false, step } = options;
  const isTrace = TRACE.test(given);
  if (given === stormScenario.id)
    throw new UsageError('storm is a world in columns, of as many actors as are asked for: it is not drawn');
  if (!isTrace && !scenarioNames.includes(given) && !given.includes('.'))
    throw new UnknownNameError(
      'machine or scenario',
      given,
      [...machineIds, ...scenarioNames],
      'irqbypass list machines, irqbypass list scenarios',
    );
  refuse(isTrace ? 'a trace' : 'a scenario', { ...options }, isTrace ? { ...ofMachines, ...ofScenarios } : ofMachines);
  const format = diagramFormat(options, tree ? 'a tree' : 'a run');
  if (step !== undefined && format === 'mermaid') throw new UsageError('--step goes with --format svg or --tree');
  const run = await (isTrace ? runOfTrace(given) : runOfScenario(given, options));
  const text = tree ? printTrees(run, step) : printRun(run, format, step);
  return { format, about: { ...selectionOf(run.assembled), steps: run.trace.length }, text };
}
