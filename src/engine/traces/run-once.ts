// One interleaving of a world, picked by a scheduler, with the properties checked along the way.
import type { Property } from '../world/property.ts';
import { Turns } from '../turns.ts';
import type { Scheduler } from '../world/schedulers.ts';
import { StepChecks } from '../explorer/counterexamples/step-checks.ts';
import type { TraceStep } from '../world/trace.ts';
import { TracedRun } from '../world/trace.ts';
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
 * Runs a world until nothing can happen, a property is violated, or the limit of steps is reached.
 *
 * @param world - the world, from its initial state
 * @param scheduler - picks each step (`createScheduler`)
 * @param properties - what is checked of every state and step; claims about infinite runs are passed over
 * @param maxSteps - steps at most
 * @param signal - its abort ends the run as interrupted
 * @returns the trace, and the first violation where there is one
 * @throws TraceError where the scheduler picks a choice that is not offered
 */
export async function runOnce(
  world: World,
  scheduler: Scheduler,
  properties: readonly Property[],
  maxSteps: number,
  signal?: AbortSignal,
): Promise<SingleRun> {
  const run = new TracedRun(world);
  const turns = new Turns(signal);
  const before = world.initial();
  const after = world.initial();
  const checks = new StepChecks(world, properties, before, after);
  let [broken] = checks.ofState();
  while (broken === undefined) {
    if (run.steps.length >= maxSteps) return { verdict: 'holds', isComplete: false, trace: run.steps };
    if (run.steps.length % LOOK_EVERY === 0 && turns.isDue) await turns.take();
    if (turns.isInterrupted) return { verdict: 'holds', isComplete: false, isInterrupted: true, trace: run.steps };
    const choices = run.choices();
    if (choices.length === 0) {
      [broken] = checks.ofEnd();
      if (broken === undefined) return { verdict: 'holds', isComplete: true, trace: run.steps };
      break;
    }
    const chosen = scheduler(run.row, choices);
    const event = choices[chosen]?.event ?? -1;
    before.set(run.row);
    const { observations } = run.take(chosen);
    after.set(run.row);
    [broken] = checks.ofStep(event, observations);
  }
  return violated(run, broken.property, broken.message);
}

function violated(run: TracedRun, property: string, message: string): SingleRun {
  return {
    verdict: 'violated',
    violation: { property, message, step: run.steps.length },
    isComplete: true,
    trace: run.steps,
  };
}
