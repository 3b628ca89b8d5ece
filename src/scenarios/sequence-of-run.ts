// A run of a world as a sequence diagram, with what the model knows of it: locks, and what of it is a fault.
import type { Observation } from '../engine/actors/effects.ts';
import type { Sequence } from '../engine/diagrams/sequence.ts';
import { sequenceOf } from '../engine/traces/sequence-of.ts';
import type { TraceStep } from '../engine/world/trace.ts';
import { TracedRun } from '../engine/world/trace.ts';
import type { World } from '../engine/world/world.ts';
import type { LockState } from './locks-of-world.ts';
import { locksIn } from './locks-of-world.ts';

/** What the kernel reports when something is wrong. */
const faults: ReadonlySet<string> = new Set(['warn', 'corruption', 'use-after-free', 'splat', 'oops']);

/** Is what was observed a fault: a warning, corrupted memory, a sanitizer's or lockdep's report? */
export function isFault({ kind }: Observation): boolean {
  return faults.has(kind);
}

/** Is what is delivered a fault: a callback or call that answers an error, node allocations or try_module_get() that fail? */
export function isFaulty(message: TraceStep['message']): boolean {
  const { answer } = message;
  return (typeof answer === 'number' && answer < 0) || Object.values(message).includes('fails');
}

/**
 * The locks after each step of a run.
 *
 * @param world - the world
 * @param trace - a run of it, from its initial state
 * @returns as many lists as there are steps
 * @throws TraceError where the world does not offer what was chosen
 */
export function locksAlong(
  world: World,
  trace: readonly Pick<TraceStep, 'choice'>[],
): readonly (readonly LockState[])[] {
  const run = new TracedRun(world);
  return trace.map(({ choice }) => {
    run.take(choice);
    return locksIn(world, run.row);
  });
}

/** What a run does not say by itself. */
export interface SequenceOfRunOptions {
  readonly title?: string | undefined;
  readonly violation?: Sequence['violation'];
  /** The locks after each step, where they are known already. */
  readonly locks?: readonly (readonly LockState[])[] | undefined;
}

/**
 * A run as a sequence: a lane for each actor that takes part, in the order of the scenario.
 *
 * @param world - the world that was run
 * @param trace - the run, from its initial state
 * @param options - title, what is violated
 * @returns plain data, for `sequenceMermaid` and `sequenceSvg`
 * @throws TraceError where the world does not offer what was chosen
 */
export function sequenceOfRun(world: World, trace: readonly TraceStep[], options: SequenceOfRunOptions = {}): Sequence {
  const { title, violation, locks = locksAlong(world, trace) } = options;
  const names = world.definition.actors.map(({ name }) => name);
  // Threads first: they are where everything begins.
  const threads = names.filter((name) => world.actors[world.actor(name)]?.actsByItself === true);
  const actors = [...threads, ...names.filter((name) => !threads.includes(name))];
  return sequenceOf(world.language, trace, { title, actors, locks, isFault, isFaulty, violation });
}
