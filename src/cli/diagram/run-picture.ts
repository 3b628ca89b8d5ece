// The picture of a run: a scenario under a scheduler, or a trace file, as a sequence diagram; the manager's sets at one of its steps.
import type { Property } from '../../engine/world/property.ts';
import { sequenceMermaid } from '../../engine/diagrams/sequence.ts';
import type { Sequence } from '../../engine/diagrams/sequence.ts';
import { sequenceSvg } from '../../engine/diagrams/sequence-svg.ts';
import { runOnce } from '../../engine/traces/run-once.ts';
import type { SchedulerName } from '../../engine/world/schedulers.ts';
import { createScheduler, schedulerNames } from '../../engine/world/schedulers.ts';
import { TracedRun } from '../../engine/world/trace.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { indexTreesSvg } from '../../registry/index-tree-svg.ts';
import { indexTrees } from '../../registry/index-trees.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { inOrigin } from '../../scenarios/origin.ts';
import { sequenceOfRun } from '../../scenarios/sequence-of-run.ts';
import { UsageError, wholeNumber } from '../exit-codes.ts';
import { headline, oneOf, select } from '../selection.ts';
import type { SelectionOptions } from '../selection.ts';
import type { DiagramFormat } from './formats.ts';

/** A run with where it comes from. */
export interface DrawnRun {
  readonly assembled: Assembled;
  readonly trace: readonly TraceStep[];
  readonly violation?: Sequence['violation'];
}

/** How a run is made of a scenario. */
export interface RunChoice extends SelectionOptions {
  readonly scheduler?: string;
  readonly seed?: string;
  readonly maxSteps?: string;
}

const MAX_STEPS = '200';

/** Runs a scenario once. */
export async function runOfScenario(given: string, options: RunChoice): Promise<DrawnRun> {
  const scheduler = oneOf<SchedulerName>('scheduler', options.scheduler ?? 'fifo', schedulerNames);
  const seed = wholeNumber('--seed', options.seed ?? '1', 0, 0xffff_ffff);
  const maxSteps = wholeNumber('--max-steps', options.maxSteps ?? MAX_STEPS, 1, 1_000_000);
  const assembled = await select(given, options);
  const { world, properties, scenario } = assembled;
  const { trace, violation } = await inOrigin(scenario, () =>
    runOnce(world, createScheduler(scheduler, world, seed), properties, maxSteps),
  );
  return { assembled, trace, violation };
}

/** Reads a trace file. Throws InputError where it is none, or its world does something else now. */
export async function runOfTrace(file: string): Promise<DrawnRun> {
  const { takenTrace } = await import('../../bridge/trace-reader.ts');
  const { header, assembled, steps } = await takenTrace(file);
  const asked = assembled.properties.filter(({ id }) => header.property === undefined || id === header.property);
  const violation = await violationIn(assembled, steps, asked);
  const { property } = header;
  // Of an infinite run, or of a property that is not checked along the way, only the name is known.
  const named =
    property === undefined ? undefined : { step: steps.length, property, message: titleOf(assembled, property) };
  return { assembled, trace: steps, violation: violation ?? named };
}

const titleOf = ({ properties }: Assembled, property: string): string =>
  properties.find(({ id }) => id === property)?.title ?? 'what it says does not hold';

/** The first violation along a run; undefined where there is none. */
async function violationIn(
  { world, scenario }: Assembled,
  steps: readonly TraceStep[],
  properties: readonly Property[],
) {
  let taken = 0;
  const again = await inOrigin(scenario, () =>
    runOnce(
      world,
      (_, choices) => {
        const step = steps[taken++];
        return choices.findIndex((choice) => world.nameOf(choice) === step?.choice);
      },
      properties,
      Math.max(1, steps.length),
    ),
  );
  return again.violation;
}

/** What is said above a picture of a run. */
export function sequenceIn({ assembled, trace, violation }: DrawnRun): Sequence {
  return sequenceOfRun(assembled.world, trace, { title: headline(assembled), violation });
}

/** A run as a sequence diagram; in SVG one step may be marked. */
export function printRun(run: DrawnRun, format: DiagramFormat, step?: string): string {
  const current = step === undefined ? undefined : stepIn(run, step);
  const sequence = sequenceIn(run);
  return format === 'svg' ? sequenceSvg(sequence, { standalone: true, current }) : sequenceMermaid(sequence);
}

function stepIn({ trace }: DrawnRun, step: string): number {
  return wholeNumber('--step', step, 0, trace.length);
}

/**
 * The manager's sets after a step of a run.
 *
 * @param run - the run
 * @param step - the number of the step, 0 for the beginning; the last one where absent
 * @returns the SVG document
 * @throws UsageError where the run has no such step, or its world no manager
 */
export function printTrees(run: DrawnRun, step: string | undefined): string {
  const { assembled, trace } = run;
  const last = step === undefined ? trace.length : stepIn(run, step);
  const again = new TracedRun(assembled.world);
  for (const { choice } of trace.slice(0, last)) again.take(choice);
  const sets = indexTrees(assembled.world, again.row);
  if (sets.length === 0) throw new UsageError(`--tree: ${assembled.scenario.id} has no manager, so no sets`);
  return indexTreesSvg(sets, { title: `${headline(assembled)}, after step ${String(last)}`, standalone: true });
}
