// One interleaving of a world, picked by a scheduler, with the properties checked along the way.
import type { Property } from '../world/property.ts';
import { appliesTo, deadlockMessage } from '../world/property.ts';
import { Turns } from '../turns.ts';
import type { Scheduler } from '../world/schedulers.ts';
import type { TraceStep } from '../world/trace.ts';
import { TracedRun } from '../world/trace.ts';
import { WorldView } from '../world/view.ts';
import type { World } from '../world/world.ts';

/** Steps between two looks at the clock. */
const LOOK_EVERY = 16;

/** What a single run showed. */
export interface SingleRun {
  readonly verdict: 'holds' | 'violated';
  readonly violation?: { readonly property: string; readonly message: string; readonly step: number };
  readonly isInterrupted?: true;
  /** Did the run end by itself, rather than at the limit of steps? */
  readonly isComplete: boolean;
  readonly trace: readonly TraceStep[];
}

/**
 * Runs a world until nothing can happen, a property is violated, the limit of steps is reached, or the signal aborts. Gives way now and
 * then.
 */
export async function runOnce(
  world: World,
  scheduler: Scheduler,
  properties: readonly Property[],
  maxSteps: number,
  signal?: AbortSignal,
): Promise<SingleRun> {
  const run = new TracedRun(world);
  const before = new WorldView(world, run.row);
  const turns = new Turns(signal);
  while (run.steps.length < maxSteps) {
    if (run.steps.length % LOOK_EVERY === 0 && turns.isDue) await turns.take();
    if (turns.isInterrupted) return { verdict: 'holds', isComplete: false, isInterrupted: true, trace: run.steps };
    const choices = run.choices();
    if (choices.length === 0) {
      const property = properties.find(({ deadlock }) => deadlock !== undefined);
      const stuck = property === undefined || world.isFinal(run.row) ? null : deadlockMessage(property, run.view);
      if (property === undefined || stuck === null) return { verdict: 'holds', isComplete: true, trace: run.steps };
      return violated(run, property.id, stuck);
    }
    before.row = run.row;
    const step = run.take(scheduler(run.row, choices));
    for (const property of properties) {
      const message = check(property, before, run, step);
      if (message !== null) return violated(run, property.id, message);
    }
  }
  return { verdict: 'holds', isComplete: false, trace: run.steps };
}

function violated(run: TracedRun, property: string, message: string): SingleRun {
  return {
    verdict: 'violated',
    violation: { property, message, step: run.steps.length },
    isComplete: true,
    trace: run.steps,
  };
}

function check(property: Property, before: WorldView, run: TracedRun, step: TraceStep): string | null {
  const { row } = run;
  const touched = new Set([...row.keys()].filter((column) => before.row.get(column) !== row[column]));
  const event = { to: step.to, message: step.message };
  const wrong = property.step?.({ before, after: run.view, event, observations: step.observations, touched }) ?? null;
  if (wrong !== null || property.state === undefined || !appliesTo(property.state, run.view)) return wrong;
  for (const claim of property.state.checks(run.world)) {
    const message = claim(run.view);
    if (message !== null) return message;
  }
  return null;
}
